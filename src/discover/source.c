/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/source-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

PostsealSearchContext *
_postseal_search_context_new (const char *address)
{
  PostsealSearchContext *self = g_atomic_rc_box_new0 (PostsealSearchContext);

  self->address = g_strdup (address);
  self->domain = strrchr (self->address, '@') + 1;
  self->settings = postseal_discovery_settings_load ();
  self->providers = _postseal_provider_table_load ();
  return self;
}

PostsealSearchContext *
_postseal_search_context_ref (PostsealSearchContext *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_context (gpointer data)
{
  PostsealSearchContext *self = data;

  g_free (self->address);
  postseal_discovery_settings_free (self->settings);
  _postseal_provider_table_free (self->providers);
  g_clear_pointer (&self->lookup, postseal_lookup_unref);
}

void
_postseal_search_context_unref (PostsealSearchContext *self)
{
  g_atomic_rc_box_release_full (self, clear_context);
}

PostsealSourceAnswer *
_postseal_source_answer_new (PostsealSourceState state, char *text)
{
  PostsealSourceAnswer *self = g_new0 (PostsealSourceAnswer, 1);

  self->state = state;
  self->text = text;
  self->proposals = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_proposal_unref);
  return self;
}

void
_postseal_source_answer_free (PostsealSourceAnswer *self)
{
  if (self == NULL)
    return;
  g_free (self->text);
  g_ptr_array_unref (self->proposals);
  g_free (self);
}

/* What the provider may be asked for: the usual port of its protocol. */
char *
_postseal_source_describe_in_clear (const PostsealEndpoint *endpoint)
{
  const char *protocol = postseal_protocol_name (endpoint->protocol);
  g_autoptr (PostsealEndpoint) wanted
      = postseal_endpoint_new (endpoint->protocol, POSTSEAL_TLS_START_IMPLICIT, endpoint->host, 0);

  return g_strdup_printf (_ ("%s, port %u (%s), offers no encryption: password and mail could be "
                             "read on the way, so it is not used; ask the provider for %s with "
                             "TLS, usually on port %u"),
                          endpoint->host, endpoint->port, protocol, protocol, wanted->port);
}

PostsealSourceAnswer *
_postseal_source_ask_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
