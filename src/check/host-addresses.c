/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/host-addresses.h"

#include <glib/gi18n-lib.h>

#include "base/loop.h"
#include "net/net-error.h"

typedef struct
{
  char *host; /* owned */
  GCancellable *question; /* owned: ended with the time */
  GSource *timer; /* owned, nullable */
  GSource *canceller; /* owned, nullable */
} Search;

static void
free_search (gpointer data)
{
  Search *self = data;

  postseal_loop_clear (&self->timer);
  postseal_loop_clear (&self->canceller);
  g_free (self->host);
  g_object_unref (self->question);
  g_free (self);
}

static gboolean
on_time_over (gpointer user_data)
{
  Search *self = user_data;

  postseal_loop_clear (&self->timer);
  g_cancellable_cancel (self->question);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Search *self = user_data;

  g_cancellable_cancel (self->question);
  return G_SOURCE_REMOVE;
}

/* Adds those of @addresses that are of @family. */
static void
take (GPtrArray *self, GList *addresses, GSocketFamily family)
{
  for (GList *l = addresses; l != NULL; l = l->next)
    if (g_inet_address_get_family (l->data) == family)
      g_ptr_array_add (self, g_object_ref (l->data));
}

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Search *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (source), result, &error);
  GPtrArray *found = NULL;

  if (g_task_return_error_if_cancelled (task))
    {
      g_resolver_free_addresses (addresses);
      return;
    }
  if (addresses == NULL)
    {
      g_task_return_new_error (
          task, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_RESOLVE,
          _ ("There is no address for “%s”; check the name and the network (%s)"), self->host,
          g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
              ? _ ("nobody has answered in time")
              : error->message);
      return;
    }
  found = g_ptr_array_new_with_free_func (g_object_unref);
  take (found, addresses, G_SOCKET_FAMILY_IPV4);
  take (found, addresses, G_SOCKET_FAMILY_IPV6);
  g_resolver_free_addresses (addresses);
  g_task_return_pointer (task, found, (GDestroyNotify)g_ptr_array_unref);
}

void
postseal_host_addresses_find_async (const char *host,
                                    guint limit_ms,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GInetAddress) literal = g_inet_address_new_from_string (host);
  g_autoptr (GResolver) resolver = NULL;
  Search *self = NULL;

  g_task_set_source_tag (task, postseal_host_addresses_find_async);
  if (literal != NULL)
    {
      GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);

      g_ptr_array_add (found, g_steal_pointer (&literal));
      g_task_return_pointer (task, found, (GDestroyNotify)g_ptr_array_unref);
      return;
    }
  self = g_new0 (Search, 1);
  g_task_set_task_data (task, self, free_search);
  self->host = g_strdup (host);
  self->question = g_cancellable_new ();
  self->timer = postseal_loop_add_timeout (limit_ms, on_time_over, self);
  self->canceller = postseal_loop_add_cancellable (cancellable, on_cancelled, self);
  resolver = g_resolver_get_default ();
  g_resolver_lookup_by_name_async (resolver, host, self->question, on_resolved,
                                   g_object_ref (task));
}

GPtrArray *
postseal_host_addresses_find_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
