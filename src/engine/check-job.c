/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/check-job.h"

#include "base/limits.h"
#include "base/paths.h"
#include "engine/advice.h"
#include "engine/outcome.h"
#include "imap/imap-session.h"
#include "net/dial.h"
#include "pop3/pop3-session.h"
#include "smtp/smtp-session.h"

/* What is known of the servers is obeyed, and dropped at the end: a check teaches nothing. */
typedef struct
{
  PostsealAccount *account; /* owned */
  PostsealEndpoint *endpoint; /* borrowed from the account, likewise below */
  PostsealTlsPolicy *policy;
  const char *user; /* NULL: nobody signs in */
  PostsealTranscript *transcript; /* owned, or NULL */
  PostsealLatches *latches; /* owned once loaded */
  PostsealAuthenticator *auth; /* owned, or NULL */
  PostsealSeal *seal; /* owned once sealed */
} Check;

static void
free_check (gpointer data)
{
  Check *self = data;

  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  g_clear_pointer (&self->latches, postseal_latches_unref);
  g_clear_pointer (&self->auth, postseal_authenticator_unref);
  g_clear_pointer (&self->seal, postseal_seal_unref);
  postseal_account_unref (self->account);
  g_free (self);
}

static GVariant *
describe (const Check *self, const GError *error)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  char *sentence = g_utf8_make_valid (error != NULL ? error->message : "", -1);

  g_variant_dict_insert (&dict, "status", "i", postseal_outcome_exit_status (error));
  g_variant_dict_insert_value (&dict, "error", g_variant_new_take_string (sentence));
  g_variant_dict_insert_value (
      &dict, "advice", g_variant_new_take_string (postseal_advice_for (error, self->account)));
  g_variant_dict_insert_value (&dict, "seal", postseal_seal_to_variant (self->seal));
  return g_variant_dict_end (&dict);
}

/* @error: (transfer full) (nullable) */
static void
conclude (GTask *task, GError *error)
{
  g_autoptr (GError) owned = error;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&owned));
  else
    g_task_return_pointer (task, g_variant_ref_sink (describe (g_task_get_task_data (task), error)),
                           (GDestroyNotify)g_variant_unref);
}

/* --- the conversation, as far as the log-in --- */

static void
on_imap_login (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (PostsealImapSession) session = POSTSEAL_IMAP_SESSION (source);
  GError *error = NULL;

  postseal_imap_session_login_finish (session, result, &error);
  postseal_imap_session_logout (session);
  conclude (task, error);
}

static void
on_pop3_login (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (PostsealPop3Session) session = POSTSEAL_POP3_SESSION (source);
  GError *error = NULL;

  postseal_pop3_session_login_finish (session, result, &error);
  postseal_pop3_session_leave (session);
  conclude (task, error);
}

static void
on_smtp_login (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (PostsealSmtpSession) session = POSTSEAL_SMTP_SESSION (source);
  GError *error = NULL;

  postseal_smtp_session_login_finish (session, result, &error);
  postseal_smtp_session_leave (session);
  conclude (task, error);
}

/* As the jobs do it. Returns: FALSE with @error set; without a user there is none to sign in */
static gboolean
make_authenticator (Check *self, GError **error)
{
  PostsealAccount *account = self->account;
  g_autoptr (PostsealVault) vault = NULL;

  if (self->user == NULL)
    return TRUE;
  if (account->password != NULL)
    {
      vault = postseal_vault_new (account->password, error);
      if (vault == NULL)
        return FALSE;
    }
  self->auth = postseal_authenticator_new (account->name, self->user, vault,
                                           (const char *const *)account->auth, self->latches);
  return TRUE;
}

/* @link: (transfer full). Each session is released by its answer. */
static void
sign_in (GTask *task, PostsealSealedLink *link)
{
  Check *self = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  guint timeout_ms = self->account->timeout_ms;

  switch (self->endpoint->protocol)
    {
    case POSTSEAL_PROTOCOL_IMAP:
      postseal_imap_session_login_async (
          postseal_imap_session_new (link, timeout_ms, self->transcript), self->auth, FALSE,
          cancellable, on_imap_login, g_object_ref (task));
      break;
    case POSTSEAL_PROTOCOL_POP3:
      postseal_pop3_session_login_async (
          postseal_pop3_session_new (link, timeout_ms, self->transcript), self->auth, cancellable,
          on_pop3_login, g_object_ref (task));
      break;
    case POSTSEAL_PROTOCOL_SMTP:
    default:
      postseal_smtp_session_login_async (
          postseal_smtp_session_new (link, timeout_ms, self->transcript), self->auth, cancellable,
          on_smtp_login, g_object_ref (task));
      break;
    }
}

static void
on_dialled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (PostsealSealedLink) link = postseal_dial_finish (result, &error);

  if (link == NULL || !make_authenticator (self, &error))
    {
      conclude (task, error);
      return;
    }
  self->seal = postseal_seal_ref (postseal_sealed_link_get_seal (link));
  sign_in (task, g_steal_pointer (&link));
}

/* --- the beginning --- */

static void
load_latches (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_autofree char *directory = postseal_paths_account_state_dir (task_data);
  g_autofree char *path = g_build_filename (directory, "latches", NULL);
  GError *error = NULL;
  PostsealLatches *latches = postseal_latches_load (path, &error);

  if (latches != NULL)
    g_task_return_pointer (task, latches, (GDestroyNotify)postseal_latches_unref);
  else
    g_task_return_error (task, error);
}

static void
on_latches (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->latches = g_task_propagate_pointer (G_TASK (result), &error);
  if (self->latches == NULL)
    {
      conclude (task, error);
      return;
    }
  postseal_dial_async (self->endpoint, self->policy, self->latches, self->account->name,
                       self->account->timeout_ms, self->transcript, g_task_get_cancellable (task),
                       on_dialled, g_object_ref (task));
}

void
postseal_check_async (PostsealAccount *account,
                      gboolean sending,
                      PostsealTranscript *transcript,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GTask) loading = NULL;
  Check *self;

  g_return_if_fail (account != NULL);
  g_return_if_fail ((sending ? account->send : account->receive) != NULL);

  self = g_new0 (Check, 1);
  self->account = postseal_account_ref (account);
  self->endpoint = sending ? account->send : account->receive;
  self->policy = sending ? account->send_policy : account->receive_policy;
  if (!sending)
    self->user = account->receive_user;
  else if (!account->auth_none)
    self->user = account->send_user;
  self->transcript = postseal_transcript_ref (transcript);
  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_check_async);
  g_task_set_task_data (task, self, free_check);

  loading = g_task_new (NULL, cancellable, on_latches, g_object_ref (task));
  g_task_set_source_tag (loading, load_latches);
  g_task_set_task_data (loading, g_strdup (account->name), g_free);
  g_task_run_in_thread (loading, load_latches);
}

GVariant *
postseal_check_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
