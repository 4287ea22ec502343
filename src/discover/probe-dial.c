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

static void
on_fact (const char *name, const char *value, gpointer user_data)
{
  postseal_transcript_keep_fact (user_data, name, value);
}

/* The task data. */
typedef struct
{
  PostsealEndpoint *endpoint; /* owned */
  PostsealTlsPolicy *policy; /* owned: of the connection under way */
  char *ca_file; /* owned, nullable: not yet tried */
  guint limit_ms;
  GHashTable *facts; /* owned */
  gboolean is_second; /* it is the other authorities' turn */
} Dialling;

static void
free_dialling (gpointer data)
{
  Dialling *self = data;

  postseal_endpoint_unref (self->endpoint);
  postseal_tls_policy_unref (self->policy);
  g_free (self->ca_file);
  g_hash_table_unref (self->facts);
  g_free (self);
}

static void dial (GTask *task);

/* An organisation's own authority has to be named by the account, so it comes second. */
static gboolean
try_other_authorities (GTask *task, const GError *error)
{
  Dialling *self = g_task_get_task_data (task);
  PostsealTlsPolicy *policy = NULL;

  if (self->is_second || self->ca_file == NULL
      || !g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED))
    return FALSE;
  self->is_second = TRUE;
  policy = postseal_tls_policy_new (self->policy->level);
  policy->min = self->policy->min;
  policy->dane = self->policy->dane;
  policy->search_ms = self->policy->search_ms;
  policy->ca_file = g_strdup (self->ca_file);
  policy->pins = g_strdupv (self->policy->pins);
  postseal_tls_policy_unref (self->policy);
  self->policy = policy;
  g_hash_table_remove_all (self->facts);
  dial (task);
  return TRUE;
}

static void
on_dialled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Dialling *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealSealedLink) link = postseal_dial_finish (result, &error);
  PostsealProbe *probe = NULL;

  if (g_task_return_error_if_cancelled (task) || try_other_authorities (task, error))
    return;
  probe = g_new0 (PostsealProbe, 1);
  probe->facts = g_hash_table_ref (self->facts);
  probe->error = g_steal_pointer (&error);
  if (link != NULL)
    probe->seal = postseal_seal_ref (postseal_sealed_link_get_seal (link));
  if (link != NULL && self->is_second)
    probe->ca_file = g_strdup (self->ca_file);
  g_task_return_pointer (task, probe, (GDestroyNotify)postseal_probe_free);
}

/* No latch is taught and no ticket kept: nobody has decided for this server yet. */
static void
dial (GTask *task)
{
  Dialling *self = g_task_get_task_data (task);
  g_autoptr (PostsealTranscript) transcript = postseal_transcript_new (
      on_line, g_hash_table_ref (self->facts), (GDestroyNotify)g_hash_table_unref);

  postseal_transcript_set_heard (transcript, FALSE);
  postseal_transcript_set_fact_func (transcript, on_fact);
  postseal_dial_async (self->endpoint, self->policy, NULL, NULL, self->limit_ms, transcript,
                       g_task_get_cancellable (task), on_dialled, g_object_ref (task));
}

void
_postseal_probe_dial_async (PostsealEndpoint *endpoint,
                            PostsealTlsPolicy *policy,
                            const char *ca_file,
                            guint limit_ms,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Dialling *self = g_new0 (Dialling, 1);

  g_task_set_source_tag (task, _postseal_probe_dial_async);
  g_task_set_task_data (task, self, free_dialling);
  self->endpoint = postseal_endpoint_ref (endpoint);
  self->policy = postseal_tls_policy_ref (policy);
  self->ca_file = g_strdup (ca_file);
  self->limit_ms = limit_ms;
  self->facts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  dial (task);
}

PostsealProbe *
_postseal_probe_dial_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
