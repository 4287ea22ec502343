/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/probe-dial-private.h"

#include "net/dial.h"
#include "net/net-error.h"

void
postseal_probe_free (PostsealProbe *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->seal, postseal_seal_unref);
  g_clear_error (&self->error);
  g_hash_table_unref (self->facts);
  g_clear_pointer (&self->better, postseal_endpoint_unref);
  g_free (self->ca_file);
  g_free (self);
}

PostsealProbe *
_postseal_probe_copy (const PostsealProbe *self)
{
  PostsealProbe *copy = g_new0 (PostsealProbe, 1);

  copy->seal = self->seal != NULL ? postseal_seal_ref (self->seal) : NULL;
  copy->error = self->error != NULL ? g_error_copy (self->error) : NULL;
  copy->facts = g_hash_table_ref (self->facts);
  copy->better = self->better != NULL ? postseal_endpoint_ref (self->better) : NULL;
  copy->ca_file = g_strdup (self->ca_file);
  return copy;
}

gboolean
_postseal_probe_is_in_clear (const GError *error)
{
  return g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_NOT_OFFERED)
         || g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_REFUSED);
}

gboolean
_postseal_probe_is_absent (const GError *error)
{
  return g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_RESOLVE)
         || g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT)
         || g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_VESTIBULE)
         || g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_INTERRUPTED);
}

static void
on_line (PostsealTranscriptKind kind, const char *line, gpointer user_data)
{
}

/* Several names of one certificate are one list. */
static void
on_fact (const char *name, const char *value, gpointer user_data)
{
  GHashTable *facts = user_data;
  const char *before = g_hash_table_lookup (facts, name);
  gboolean is_list = g_str_equal (name, "cert-name") && before != NULL;

  g_hash_table_replace (facts, g_strdup (name),
                        is_list ? g_strconcat (before, ", ", value, NULL) : g_strdup (value));
}

static void
on_dialled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (PostsealProbe) probe = g_new0 (PostsealProbe, 1);
  g_autoptr (PostsealSealedLink) link = postseal_dial_finish (result, &probe->error);

  probe->facts = g_hash_table_ref (g_task_get_task_data (task));
  if (g_task_return_error_if_cancelled (task))
    return;
  if (link != NULL)
    probe->seal = postseal_seal_ref (postseal_sealed_link_get_seal (link));
  g_task_return_pointer (task, g_steal_pointer (&probe), (GDestroyNotify)postseal_probe_free);
}

void
_postseal_probe_dial_async (PostsealEndpoint *endpoint,
                            PostsealTlsPolicy *policy,
                            guint limit_ms,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  GHashTable *facts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (PostsealTranscript) transcript = postseal_transcript_new (
      on_line, g_hash_table_ref (facts), (GDestroyNotify)g_hash_table_unref);

  g_task_set_source_tag (task, _postseal_probe_dial_async);
  g_task_set_task_data (task, facts, (GDestroyNotify)g_hash_table_unref);
  postseal_transcript_set_heard (transcript, FALSE);
  postseal_transcript_set_fact_func (transcript, on_fact);
  /* No latch is taught and no ticket kept: nobody has decided for this server yet. */
  postseal_dial_async (endpoint, policy, NULL, NULL, limit_ms, transcript, cancellable, on_dialled,
                       task);
}

PostsealProbe *
_postseal_probe_dial_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
