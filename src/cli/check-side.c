/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/check-side.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/limits.h"
#include "base/loop.h"
#include "imap/imap-session.h"
#include "net/net-error.h"
#include "pop3/pop3-session.h"
#include "smtp/smtp-session.h"

#define TALK_MS 5000 /* for greeting and capabilities within TLS */
#define PATIENCE_MS 3000 /* then the server is examined beside the connection that it holds up */

PostsealCheckSide *
postseal_check_side_new (PostsealAccount *account,
                         gboolean is_sending,
                         gboolean signs_in,
                         gboolean is_verbose)
{
  PostsealCheckSide *self = g_new0 (PostsealCheckSide, 1);

  self->account = postseal_account_ref (account);
  self->is_sending = is_sending;
  self->endpoint = is_sending ? account->send : account->receive;
  self->policy = is_sending ? account->send_policy : account->receive_policy;
  self->signs_in = signs_in;
  self->is_verbose = is_verbose;
  self->n_messages = -1;
  postseal_trial_steps_init (&self->steps, self->endpoint->start == POSTSEAL_TLS_START_UPGRADE);
  return self;
}

void
postseal_check_side_free (PostsealCheckSide *self)
{
  if (self == NULL)
    return;
  g_assert (self->task == NULL);
  g_clear_pointer (&self->trial, postseal_trial_free);
  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  postseal_trial_steps_clear (&self->steps);
  g_free (self->greeting);
  g_clear_pointer (&self->seal, postseal_seal_unref);
  g_clear_error (&self->error);
  g_clear_pointer (&self->capabilities, postseal_capabilities_free);
  g_clear_error (&self->talk_error);
  g_free (self->ticket);
  g_clear_pointer (&self->second_seal, postseal_seal_unref);
  g_clear_error (&self->login_error);
  g_clear_error (&self->use_error);
  g_free (self->remark);
  g_clear_pointer (&self->probe, postseal_probe_free);
  g_clear_pointer (&self->exam, postseal_check_exam_free);
  postseal_account_unref (self->account);
  g_free (self);
}

void
postseal_check_side_order (PostsealCheckSide *first, PostsealCheckSide *second)
{
  first->after = second;
  second->before = first;
}

/* --- what is heard --- */

static void
on_line (PostsealTranscriptKind kind, const char *line, gpointer user_data)
{
  static const char marks[] = {
    [POSTSEAL_TRANSCRIPT_NOTE] = '*',
    [POSTSEAL_TRANSCRIPT_SENT] = '>',
    [POSTSEAL_TRANSCRIPT_RECEIVED] = '<',
  };
  PostsealCheckSide *self = user_data;

  if (!self->is_second)
    {
      if (kind == POSTSEAL_TRANSCRIPT_RECEIVED && self->greeting == NULL
          && self->steps.current == POSTSEAL_STEP_GREETING && self->seal == NULL)
        self->greeting = g_strdup (line);
      postseal_trial_steps_hear_line (&self->steps, kind);
    }
  if (self->is_verbose)
    g_printerr ("%s %s %c %s\n", self->account->name, self->is_sending ? "send" : "receive",
                marks[kind], line);
}

/* Of the second connection only what the first cannot tell. */
static void
take_second_fact (PostsealCheckSide *self, const char *name, const char *value)
{
  gboolean is_late = self->policy->dane != POSTSEAL_DANE_OFF
                     && postseal_trial_steps_get_fact (&self->steps, "second-dane") == NULL;

  if (strcmp (name, "dane") == 0)
    postseal_trial_steps_hear_fact (&self->steps, "second-dane", value);
  else if (strcmp (name, "ticket") == 0)
    {
      g_free (self->ticket);
      self->ticket = g_strdup (is_late ? "late" : value);
    }
  else if (strcmp (name, "stage") == 0 && strcmp (value, "handshake") == 0)
    postseal_trial_steps_enter (&self->steps, POSTSEAL_STEP_RESUMPTION);
  else if (strcmp (name, "stage") == 0 && strcmp (value, "verify") == 0)
    postseal_trial_steps_end (&self->steps, POSTSEAL_TRIAL_OK);
  else if (strcmp (name, "said") == 0)
    postseal_trial_steps_hear_fact (&self->steps, name, value);
}

static void
on_fact (const char *name, const char *value, gpointer user_data)
{
  PostsealCheckSide *self = user_data;

  if (self->is_second)
    take_second_fact (self, name, value);
  else
    postseal_trial_steps_hear_fact (&self->steps, name, value);
}

/* --- the end --- */

static void
end_question (PostsealCheckSide *self)
{
  g_autoptr (GTask) task = NULL;

  if (--self->n_open > 0)
    return;
  task = g_steal_pointer (&self->task);
  g_task_return_boolean (task, TRUE);
}

static void
on_exam_over (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealCheckSide *self = user_data;

  self->exam = postseal_check_exam_finish (result);
  end_question (self);
}

/* Once, and only where somebody answered. What an account does not demand is no fault of its
   server. */
static void
examine (PostsealCheckSide *self)
{
  const char *address = postseal_trial_steps_get_fact (&self->steps, "address");

  postseal_loop_clear (&self->patience);
  if (self->is_examined || address == NULL || self->policy->level != POSTSEAL_TLS_ENFORCED)
    return;
  self->is_examined = TRUE;
  self->n_open++;
  postseal_check_exam_async (self->endpoint, address,
                             postseal_trial_steps_get_fact (&self->steps, "dane"), on_exam_over,
                             self);
}

static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealCheckSide *self = user_data;

  self->probe = postseal_probe_finish (result, NULL);
  end_question (self);
}

/* Once. */
static void
search_better (PostsealCheckSide *self)
{
  if (self->is_searched || self->policy->level != POSTSEAL_TLS_ENFORCED)
    return;
  self->is_searched = TRUE;
  self->n_open++;
  postseal_probe_async (self->endpoint, self->policy,
                        MIN (self->account->timeout_ms, POSTSEAL_LIMIT_PROBE_SILENCE_MS), NULL,
                        on_probed, self);
}

/* A person waits: what a server that keeps silent is to be asked, it is asked meanwhile. */
static gboolean
on_patience_over (gpointer user_data)
{
  PostsealCheckSide *self = user_data;

  postseal_loop_clear (&self->patience);
  if (self->seal != NULL || postseal_trial_steps_get_fact (&self->steps, "address") == NULL)
    return G_SOURCE_REMOVE;
  examine (self);
  search_better (self);
  return G_SOURCE_REMOVE;
}

static void begin_second (PostsealCheckSide *self);

/* Whoever waits for the verdict on the password goes on. */
static void
tell_judged (PostsealCheckSide *self)
{
  PostsealCheckSide *after = self->after;

  self->is_judged = TRUE;
  if (after == NULL || !after->is_waiting)
    return;
  after->is_waiting = FALSE;
  begin_second (after);
}

/* Where another port, or another start of TLS, might do. */
static gboolean
is_about_port (const PostsealCheckSide *self)
{
  static const int codes[] = {
    POSTSEAL_TLS_ERROR_NOT_OFFERED, POSTSEAL_TLS_ERROR_REFUSED,   POSTSEAL_TLS_ERROR_VESTIBULE,
    POSTSEAL_TLS_ERROR_WRONG_START, POSTSEAL_TLS_ERROR_HANDSHAKE, POSTSEAL_TLS_ERROR_INTERRUPTED,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (self->error, POSTSEAL_TLS_ERROR, codes[i]))
      return TRUE;
  return g_error_matches (self->error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT);
}

/* The connections are over. */
static void
look_further (PostsealCheckSide *self)
{
  postseal_transcript_set_heard (self->transcript, FALSE);
  postseal_transcript_set_fact_func (self->transcript, NULL);
  tell_judged (self);
  examine (self);
  if (is_about_port (self))
    search_better (self);
  end_question (self);
}

/* --- what a signed-in user can do --- */

/* @error: (transfer full) (nullable) */
static void
end_use (PostsealCheckSide *self, GError *error)
{
  self->use_error = error;
  postseal_trial_steps_end (&self->steps,
                            error == NULL ? POSTSEAL_TRIAL_OK : POSTSEAL_TRIAL_FAILED);
  postseal_trial_leave (self->trial);
  look_further (self);
}

static void
on_examined (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealCheckSide *self = user_data;
  GError *error = NULL;
  PostsealImapStatus *status
      = postseal_imap_session_select_finish (POSTSEAL_IMAP_SESSION (source), result, &error);

  if (status != NULL)
    self->n_messages = status->exists;
  g_clear_pointer (&status, postseal_imap_status_free);
  end_use (self, error);
}

static void
on_stat (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealCheckSide *self = user_data;
  GError *error = NULL;

  self->n_messages
      = postseal_pop3_session_stat_finish (POSTSEAL_POP3_SESSION (source), result, &error);
  end_use (self, error);
}

/* Returns: (transfer full) */
static char *
quote_answer (const PostsealSmtpAnswer *answer)
{
  if (answer->code == 0)
    return g_strdup (answer->text);
  return g_strdup_printf ("%u %s %s", answer->code, answer->status, answer->text);
}

/* RFC 3463: 5.7.x is about who may, 5.1.7 and 5.1.8 about the sender's address. */
static gboolean
is_sender_refused (const PostsealSmtpRehearsal *answers)
{
  const char *status = answers->recipient.status;

  if (answers->sender.verdict == POSTSEAL_SMTP_PERMANENT)
    return TRUE;
  return answers->recipient.verdict == POSTSEAL_SMTP_PERMANENT && status != NULL
         && (g_str_has_prefix (status, "5.7.") || g_str_equal (status, "5.1.7")
             || g_str_equal (status, "5.1.8"));
}

static void
on_rehearsed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealCheckSide *self = user_data;
  GError *error = NULL;
  g_autoptr (PostsealSmtpRehearsal) answers
      = postseal_smtp_session_rehearse_finish (POSTSEAL_SMTP_SESSION (source), result, &error);
  g_autofree char *words = NULL;

  if (answers == NULL)
    {
      end_use (self, error);
      return;
    }
  words = quote_answer (answers->sender.verdict == POSTSEAL_SMTP_ACCEPTED ? &answers->recipient
                                                                          : &answers->sender);
  if (is_sender_refused (answers))
    error = g_error_new (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_REFUSED,
                         _ ("Server “%s” does not let this account send as %s: “%s”"),
                         self->endpoint->host, self->account->address, words);
  else if (answers->recipient.verdict != POSTSEAL_SMTP_ACCEPTED)
    self->remark = g_steal_pointer (&words);
  end_use (self, error);
}

/* EXAMINE, not SELECT: the latter takes \Recent from messages that the user's programs have not
   seen yet (RFC 3501 section 6.3.2). No DATA, so that nothing is sent. */
static void
use_session (PostsealCheckSide *self)
{
  gpointer session = postseal_trial_get_session (self->trial);

  postseal_trial_steps_enter (&self->steps, POSTSEAL_STEP_USE);
  if (POSTSEAL_IS_IMAP_SESSION (session))
    postseal_imap_session_select_async (session, "INBOX", TRUE, NULL, NULL, on_examined, self);
  else if (POSTSEAL_IS_POP3_SESSION (session))
    postseal_pop3_session_stat_async (session, NULL, on_stat, self);
  else
    postseal_smtp_session_rehearse_async (session, self->account->address, self->account->address,
                                          NULL, on_rehearsed, self);
}

/* --- the second connection: resumed, and signed in on --- */

static void
on_signed_in (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealCheckSide *self = user_data;

  self->is_signed_in = postseal_trial_sign_in_finish (self->trial, result, &self->login_error);
  postseal_trial_steps_end (&self->steps,
                            self->is_signed_in ? POSTSEAL_TRIAL_OK : POSTSEAL_TRIAL_FAILED);
  tell_judged (self);
  if (self->is_signed_in)
    use_session (self);
  else
    {
      postseal_trial_leave (self->trial);
      look_further (self);
    }
}

static void
on_connected_again (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealCheckSide *self = user_data;
  g_autoptr (GError) error = NULL;

  postseal_trial_steps_end (&self->steps, POSTSEAL_TRIAL_OK);
  if (!postseal_trial_connect_finish (self->trial, result, &error))
    {
      if (self->signs_in)
        self->login_error = g_steal_pointer (&error);
      look_further (self);
      return;
    }
  self->second_seal = postseal_seal_ref (postseal_trial_get_seal (self->trial));
  if (self->signs_in && !self->is_login_spared)
    {
      postseal_trial_steps_enter (&self->steps, POSTSEAL_STEP_SIGN_IN);
      postseal_trial_sign_in_async (self->trial, NULL, on_signed_in, self);
      return;
    }
  postseal_trial_leave (self->trial);
  look_further (self);
}

static gboolean
is_login_refused (const PostsealCheckSide *side)
{
  return g_error_matches (side->login_error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED);
}

static void
begin_second (PostsealCheckSide *self)
{
  const PostsealCheckSide *before = self->before;

  self->is_login_spared = self->signs_in && before != NULL && is_login_refused (before)
                          && g_strcmp0 (self->account->send_user, self->account->receive_user) == 0;
  g_clear_pointer (&self->trial, postseal_trial_free);
  self->is_second = TRUE;
  self->trial = postseal_trial_new (self->account, self->is_sending, NULL, self->transcript);
  postseal_trial_connect_async (self->trial, NULL, on_connected_again, self);
}

/* --- the first: as far as the capabilities --- */

static void
on_talked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealCheckSide *self = user_data;

  self->capabilities = postseal_capability_talk_finish (result, &self->talk_error);
  postseal_trial_steps_end (&self->steps, self->capabilities != NULL ? POSTSEAL_TRIAL_OK
                                                                     : POSTSEAL_TRIAL_UNKNOWN);
  if (self->seal->tls_version == NULL && !self->signs_in)
    look_further (self);
  else if (self->signs_in && self->before != NULL && !self->before->is_judged)
    self->is_waiting = TRUE;
  else
    begin_second (self);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealCheckSide *self = user_data;

  if (!postseal_trial_connect_finish (self->trial, result, &self->error))
    {
      postseal_trial_steps_end (&self->steps, POSTSEAL_TRIAL_FAILED);
      look_further (self);
      return;
    }
  postseal_trial_steps_end (&self->steps, POSTSEAL_TRIAL_OK);
  self->seal = postseal_seal_ref (postseal_trial_get_seal (self->trial));
  postseal_trial_steps_enter (&self->steps, POSTSEAL_STEP_CAPABILITIES);
  postseal_capability_talk_async (self->trial, self->endpoint,
                                  MIN (self->account->timeout_ms, TALK_MS), self->transcript,
                                  on_talked, self);
}

void
postseal_check_side_run_async (PostsealCheckSide *self,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (self->trial == NULL);

  self->task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (self->task, postseal_check_side_run_async);
  self->transcript = postseal_transcript_new (on_line, self, NULL);
  postseal_transcript_set_fact_func (self->transcript, on_fact);
  self->n_open = 1;
  self->patience = postseal_loop_add_timeout (PATIENCE_MS, on_patience_over, self);
  self->steps.steps[POSTSEAL_STEP_DANE].began_us = g_get_monotonic_time ();
  self->trial = postseal_trial_new (self->account, self->is_sending, NULL, self->transcript);
  postseal_trial_connect_async (self->trial, NULL, on_connected, self);
}

void
postseal_check_side_run_finish (PostsealCheckSide *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, NULL));

  g_task_propagate_boolean (G_TASK (result), NULL);
}
