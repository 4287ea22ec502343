/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/trial.h"

#include "base/limits.h"
#include "base/paths.h"
#include "engine/job-access-private.h"
#include "imap/imap-session.h"
#include "net/dial.h"
#include "pop3/pop3-session.h"
#include "smtp/smtp-session.h"

struct _PostsealTrial
{
  PostsealAccount *account; /* owned */
  gboolean is_sending;
  PostsealEndpoint *endpoint; /* borrowed from the account, likewise below */
  PostsealTlsPolicy *policy;
  PostsealVault *vault; /* owned, or NULL */
  PostsealTranscript *transcript; /* owned, or NULL */
  PostsealLatches *latches; /* owned once loaded */
  PostsealAuthenticator *auth; /* owned, or NULL */
  GPtrArray *secrets; /* owned: what has been used to sign in */
  PostsealSealedLink *link; /* owned between connect and log-in */
  PostsealSeal *seal; /* owned once sealed */
  GObject *session; /* owned from the log-in until the end */
};

gboolean
postseal_trial_signs_in (PostsealAccount *account, gboolean sending)
{
  return !sending || !account->auth_none;
}

PostsealTrial *
postseal_trial_new (PostsealAccount *account,
                    gboolean sending,
                    PostsealVault *vault,
                    PostsealTranscript *transcript)
{
  PostsealTrial *self;

  g_return_val_if_fail (account != NULL, NULL);
  g_return_val_if_fail ((sending ? account->send : account->receive) != NULL, NULL);

  self = g_new0 (PostsealTrial, 1);
  self->account = postseal_account_ref (account);
  self->endpoint = sending ? account->send : account->receive;
  self->policy = sending ? account->send_policy : account->receive_policy;
  self->is_sending = sending;
  self->vault = vault != NULL ? g_object_ref (vault) : NULL;
  self->transcript = postseal_transcript_ref (transcript);
  self->secrets = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_credential_unref);
  return self;
}

void
postseal_trial_free (PostsealTrial *self)
{
  if (self == NULL)
    return;
  postseal_trial_leave (self);
  g_clear_object (&self->vault);
  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  g_clear_pointer (&self->latches, postseal_latches_unref);
  g_clear_pointer (&self->auth, postseal_authenticator_unref);
  g_clear_pointer (&self->seal, postseal_seal_unref);
  g_ptr_array_unref (self->secrets);
  postseal_account_unref (self->account);
  g_free (self);
}

PostsealSeal *
postseal_trial_get_seal (PostsealTrial *self)
{
  return self->seal;
}

const GPtrArray *
postseal_trial_get_secrets (PostsealTrial *self)
{
  return self->secrets;
}

gpointer
postseal_trial_get_session (PostsealTrial *self)
{
  return self->session;
}

void
postseal_trial_leave (PostsealTrial *self)
{
  g_autoptr (GObject) session = g_steal_pointer (&self->session);

  g_clear_pointer (&self->link, postseal_sealed_link_free);
  if (POSTSEAL_IS_IMAP_SESSION (session))
    postseal_imap_session_logout (POSTSEAL_IMAP_SESSION (session));
  else if (POSTSEAL_IS_POP3_SESSION (session))
    postseal_pop3_session_leave (POSTSEAL_POP3_SESSION (session));
  else if (POSTSEAL_IS_SMTP_SESSION (session))
    postseal_smtp_session_leave (POSTSEAL_SMTP_SESSION (session));
}

PostsealChannel *
postseal_trial_hand_over (PostsealTrial *self,
                          const PostsealChannelHandler *handler,
                          gpointer user_data)
{
  g_autoptr (GObject) session = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  session = g_steal_pointer (&self->session);
  if (POSTSEAL_IS_IMAP_SESSION (session))
    return postseal_imap_session_hand_over (POSTSEAL_IMAP_SESSION (session), handler, user_data);
  if (POSTSEAL_IS_POP3_SESSION (session))
    return postseal_pop3_session_hand_over (POSTSEAL_POP3_SESSION (session), handler, user_data);
  if (POSTSEAL_IS_SMTP_SESSION (session))
    return postseal_smtp_session_hand_over (POSTSEAL_SMTP_SESSION (session), handler, user_data);
  if (self->link == NULL)
    return NULL;
  return postseal_channel_new (g_steal_pointer (&self->link), 0, self->transcript, handler,
                               user_data);
}

/* --- as far as the seal --- */

static void
on_dialled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PostsealTrial *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->link = postseal_dial_finish (result, &error);
  if (self->link == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  self->seal = postseal_seal_ref (postseal_sealed_link_get_seal (self->link));
  g_task_return_boolean (task, TRUE);
}

static void
on_latches (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PostsealTrial *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->latches = _postseal_job_access_load_latches_finish (result, &error);
  if (self->latches == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  postseal_dial_async (self->endpoint, self->policy, self->latches, self->account->name,
                       MIN (self->account->timeout_ms, POSTSEAL_LIMIT_TRIAL_SILENCE_MS),
                       self->transcript, g_task_get_cancellable (task), on_dialled,
                       g_object_ref (task));
}

void
postseal_trial_connect_async (PostsealTrial *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autofree char *state_dir = NULL;
  GTask *task;

  g_return_if_fail (self != NULL);
  g_return_if_fail (self->seal == NULL);

  state_dir = postseal_paths_account_state_dir (self->account->name);
  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_trial_connect_async);
  g_task_set_task_data (task, self, NULL);
  _postseal_job_access_load_latches_async (state_dir, cancellable, on_latches, task);
}

gboolean
postseal_trial_connect_finish (PostsealTrial *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- the log-in --- */

typedef gboolean (*FinishLogin) (gpointer session, GAsyncResult *result, GError **error);

static void
end_login (GObject *source, GAsyncResult *result, gpointer user_data, FinishLogin finish)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (finish (source, result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_imap_login (GObject *source, GAsyncResult *result, gpointer user_data)
{
  end_login (source, result, user_data, (FinishLogin)postseal_imap_session_login_finish);
}

static void
on_pop3_login (GObject *source, GAsyncResult *result, gpointer user_data)
{
  end_login (source, result, user_data, (FinishLogin)postseal_pop3_session_login_finish);
}

static void
on_smtp_login (GObject *source, GAsyncResult *result, gpointer user_data)
{
  end_login (source, result, user_data, (FinishLogin)postseal_smtp_session_login_finish);
}

/* @task: (transfer full) */
static void
log_in (PostsealTrial *self, GTask *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  PostsealSealedLink *link = g_steal_pointer (&self->link);
  guint timeout_ms = self->account->timeout_ms;

  switch (self->endpoint->protocol)
    {
    case POSTSEAL_PROTOCOL_IMAP:
      self->session = G_OBJECT (postseal_imap_session_new (link, timeout_ms, self->transcript));
      postseal_imap_session_login_async (POSTSEAL_IMAP_SESSION (self->session), self->auth, FALSE,
                                         cancellable, on_imap_login, task);
      break;
    case POSTSEAL_PROTOCOL_POP3:
      self->session = G_OBJECT (postseal_pop3_session_new (link, timeout_ms, self->transcript));
      postseal_pop3_session_login_async (POSTSEAL_POP3_SESSION (self->session), self->auth,
                                         cancellable, on_pop3_login, task);
      break;
    case POSTSEAL_PROTOCOL_SMTP:
    default:
      self->session = G_OBJECT (postseal_smtp_session_new (link, timeout_ms, self->transcript));
      postseal_smtp_session_login_async (POSTSEAL_SMTP_SESSION (self->session), self->auth,
                                         cancellable, on_smtp_login, task);
      break;
    }
}

void
postseal_trial_sign_in_async (PostsealTrial *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (self != NULL);
  g_return_if_fail (self->link != NULL);

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_trial_sign_in_async);
  /* A conversation that is over before it begins needs no farewell. */
  if (g_task_return_error_if_cancelled (task))
    return;
  self->auth = _postseal_job_access_make_authenticator (self->account, self->is_sending,
                                                        self->vault, self->latches, &error);
  if (self->auth != NULL)
    postseal_authenticator_set_told (self->auth, self->secrets);
  if (error == NULL)
    log_in (self, g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

gboolean
postseal_trial_sign_in_finish (PostsealTrial *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
