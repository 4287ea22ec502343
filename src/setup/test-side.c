/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/test-side-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "auth/sasl.h"
#include "auth/vault-given.h"
#include "base/limits.h"
#include "discover/probe.h"
#include "engine/trial.h"
#include "imap/imap-session.h"
#include "net/net-error.h"
#include "pop3/pop3-session.h"
#include "setup/test-step-private.h"
#include "setup/test-words-private.h"
#include "smtp/smtp-session.h"

typedef enum
{
  GATE_OPEN, /* the password may be tried */
  GATE_HELD, /* not before somebody else has */
  GATE_SHUT, /* not at all */
} TestGate;

struct _PostsealTestSide
{
  PostsealAccount *account; /* owned */
  PostsealEndpoint *endpoint; /* borrowed from the account */
  gboolean is_sending;
  GPtrArray *steps; /* owned */
  PostsealVault *vault; /* owned, or NULL */

  TestGate gate;
  gboolean waits_at_gate;
  PostsealTestJudgedFunc judged; /* NULL: nobody wants to know, or knows already */
  gpointer judged_data;
  PostsealTestUseFunc use; /* nullable */
  gpointer use_data;

  GTask *task; /* owned while it runs */
  PostsealTranscript *transcript; /* owned once it runs, likewise below */
  PostsealTestRecord *record;
  PostsealTrial *trial;
  PostsealSeal *seal;
  GError *error; /* NULL: nothing went wrong, likewise below */
  PostsealTrouble *trouble;
};

static void
add_step (PostsealTestSide *self, PostsealTestKind kind)
{
  g_ptr_array_add (
      self->steps,
      _postseal_test_step_new (kind, self->is_sending,
                               _postseal_test_words_title (kind, self->account, self->is_sending)));
}

PostsealTestSide *
_postseal_test_side_new (PostsealAccount *account, gboolean sending, PostsealCredential *secret)
{
  PostsealTestSide *self = g_new0 (PostsealTestSide, 1);

  self->account = postseal_account_ref (account);
  self->endpoint = sending ? account->send : account->receive;
  self->is_sending = sending;
  self->vault = secret != NULL ? postseal_vault_given_new (secret) : NULL;
  self->steps = g_ptr_array_new_with_free_func (g_object_unref);
  add_step (self, POSTSEAL_TEST_RESOLVE);
  add_step (self, POSTSEAL_TEST_CONNECT);
  add_step (self, POSTSEAL_TEST_SEAL);
  if (postseal_trial_signs_in (account, sending))
    add_step (self, POSTSEAL_TEST_SIGN_IN);
  add_step (self, sending ? POSTSEAL_TEST_ENVELOPE : POSTSEAL_TEST_MAILBOX);
  return self;
}

void
_postseal_test_side_free (PostsealTestSide *self)
{
  if (self == NULL)
    return;
  g_assert (self->task == NULL);
  g_clear_pointer (&self->trial, postseal_trial_free);
  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  g_clear_pointer (&self->record, _postseal_test_record_free);
  g_clear_pointer (&self->seal, postseal_seal_unref);
  g_clear_error (&self->error);
  g_clear_pointer (&self->trouble, postseal_trouble_free);
  g_clear_object (&self->vault);
  g_ptr_array_unref (self->steps);
  postseal_account_unref (self->account);
  g_free (self);
}

/* --- the steps --- */

/* Returns: (nullable): NULL where this side has no such step */
static PostsealTestStep *
find_step (PostsealTestSide *self, PostsealTestKind kind)
{
  for (guint i = 0; i < self->steps->len; i++)
    if (postseal_test_step_get_kind (self->steps->pdata[i]) == kind)
      return self->steps->pdata[i];
  return NULL;
}

static void
tell (PostsealTestSide *self, PostsealTestKind kind, const char *detail)
{
  PostsealTestStep *step = find_step (self, kind);

  if (step != NULL)
    _postseal_test_step_tell (step, detail);
}

static void
begin_if_waiting (PostsealTestStep *step)
{
  if (postseal_test_step_get_state (step) == POSTSEAL_TEST_WAITING)
    _postseal_test_step_begin (step);
}

/* @kind has begun, so whatever stands before it has passed. */
static void
enter (PostsealTestSide *self, PostsealTestKind kind)
{
  PostsealTestStep *wanted = find_step (self, kind);

  if (wanted == NULL || _postseal_test_step_is_over (wanted))
    return;
  for (guint i = 0; self->steps->pdata[i] != wanted; i++)
    {
      PostsealTestStep *step = self->steps->pdata[i];

      begin_if_waiting (step);
      if (!_postseal_test_step_is_over (step))
        _postseal_test_step_end (step, POSTSEAL_TEST_PASSED, NULL);
    }
  begin_if_waiting (wanted);
}

static void
pass (PostsealTestSide *self, PostsealTestKind kind, const char *detail)
{
  PostsealTestStep *step = find_step (self, kind);

  enter (self, kind);
  if (step != NULL && !_postseal_test_step_is_over (step))
    _postseal_test_step_end (step, POSTSEAL_TEST_PASSED, detail);
}

/* All that are not over end: the first as @state, with @detail, the others as skipped. */
static void
end_steps (PostsealTestSide *self, PostsealTestState state, const char *detail)
{
  for (guint i = 0; i < self->steps->len; i++)
    {
      PostsealTestStep *step = self->steps->pdata[i];

      if (_postseal_test_step_is_over (step))
        continue;
      if (state == POSTSEAL_TEST_FAILED)
        begin_if_waiting (step);
      _postseal_test_step_end (step, state, detail);
      state = POSTSEAL_TEST_SKIPPED;
      detail = NULL;
    }
}

/* --- what is heard --- */

static void
on_line (PostsealTranscriptKind kind, const char *line, gpointer user_data)
{
  PostsealTestSide *self = user_data;

  _postseal_test_record_line (self->record, kind, line);
}

static void
take_stage (PostsealTestSide *self, const char *stage)
{
  static const struct
  {
    const char *stage;
    PostsealTestKind kind;
  } kinds[] = {
    { "resolve", POSTSEAL_TEST_RESOLVE }, { "connect", POSTSEAL_TEST_CONNECT },
    { "upgrade", POSTSEAL_TEST_SEAL },    { "handshake", POSTSEAL_TEST_SEAL },
    { "verify", POSTSEAL_TEST_SEAL },     { "sign-in", POSTSEAL_TEST_SIGN_IN },
    { "mailbox", POSTSEAL_TEST_MAILBOX }, { "envelope", POSTSEAL_TEST_ENVELOPE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (stage, kinds[i].stage))
      enter (self, kinds[i].kind);
}

/* "192.0.2.1:993", "[2001:db8::1]:993" */
static void
take_address (PostsealTestSide *self, const char *address)
{
  const char *colon = strrchr (address, ':');
  g_autofree char *host = g_strndup (address, colon != NULL ? (gsize)(colon - address) : 0);

  tell (self, POSTSEAL_TEST_RESOLVE, host);
  pass (self, POSTSEAL_TEST_CONNECT, address);
}

static void
on_fact (const char *name, const char *value, gpointer user_data)
{
  PostsealTestSide *self = user_data;

  _postseal_test_record_fact (self->record, name, value);
  if (g_str_equal (name, "stage"))
    take_stage (self, value);
  else if (g_str_equal (name, "address"))
    take_address (self, value);
  else if (g_str_equal (name, "tls-version"))
    tell (self, POSTSEAL_TEST_SEAL, value);
  else if (g_str_equal (name, "mechanism"))
    tell (self, POSTSEAL_TEST_SIGN_IN, value);
}

/* --- the end --- */

static void
tell_judged (PostsealTestSide *self, gboolean is_refused)
{
  PostsealTestJudgedFunc judged = self->judged;

  self->judged = NULL;
  if (judged != NULL)
    judged (is_refused, self->judged_data);
}

/* The connection is no more; what it says to the end is for nobody. */
static void
let_go (PostsealTestSide *self)
{
  postseal_trial_leave (self->trial);
  postseal_transcript_set_heard (self->transcript, FALSE);
  postseal_transcript_set_fact_func (self->transcript, NULL);
}

/* @error: (transfer full) (nullable): that it was cancelled */
static void
conclude (PostsealTestSide *self, gboolean is_passed, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, is_passed);
}

/* Something failed, and is looked into. */
typedef struct
{
  PostsealTestSide *side; /* borrowed: it runs */
  GError *error; /* owned */
  PostsealProbe *probe; /* owned, nullable */
} Search;

static void
free_search (Search *self)
{
  g_error_free (self->error);
  g_clear_pointer (&self->probe, postseal_probe_free);
  g_free (self);
}

/* Nothing is heard any more, so that nobody writes the facts meanwhile. */
static void
make_trouble_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Search *search = task_data;
  PostsealTestSide *self = search->side;
  PostsealTrouble *trouble
      = postseal_trouble_new (search->error, self->account, self->endpoint, self->record->facts,
                              search->probe != NULL ? search->probe->better : NULL);

  trouble->is_sending = self->is_sending;
  g_task_return_pointer (task, trouble, (GDestroyNotify)postseal_trouble_free);
}

/* What is publicly known of providers stands in files. @search: (transfer full): the task's data */
static void
make_trouble (Search *search, GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, search->side);

  g_task_set_source_tag (task, make_trouble);
  g_task_set_task_data (task, search, (GDestroyNotify)free_search);
  g_task_run_in_thread (task, make_trouble_in_thread);
}

static void
take_trouble (PostsealTestSide *self, GAsyncResult *result)
{
  g_clear_pointer (&self->trouble, postseal_trouble_free);
  self->trouble = g_task_propagate_pointer (G_TASK (result), NULL);
}

static void
on_better_trouble (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealTestSide *self = user_data;

  take_trouble (self, result);
  conclude (self, FALSE, NULL);
}

static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Search *search = user_data;
  PostsealTestSide *self = search->side;
  GError *cancelled = NULL;

  search->probe = postseal_probe_finish (result, &cancelled);
  if (search->probe != NULL && search->probe->better != NULL)
    {
      /* What was only silent for the test, the probe has an explanation for. */
      if (g_error_matches (search->probe->error, POSTSEAL_TLS_ERROR,
                           POSTSEAL_TLS_ERROR_WRONG_START))
        {
          g_error_free (search->error);
          search->error = g_error_copy (search->probe->error);
        }
      make_trouble (search, on_better_trouble);
      return;
    }
  free_search (search);
  conclude (self, FALSE, cancelled);
}

/* Where another port, or another start of TLS, might do. */
static gboolean
is_about_port (PostsealTestSide *self, const GError *error)
{
  static const int codes[] = {
    POSTSEAL_TLS_ERROR_NOT_OFFERED, POSTSEAL_TLS_ERROR_REFUSED,   POSTSEAL_TLS_ERROR_VESTIBULE,
    POSTSEAL_TLS_ERROR_WRONG_START, POSTSEAL_TLS_ERROR_HANDSHAKE, POSTSEAL_TLS_ERROR_INTERRUPTED,
  };
  const PostsealTlsPolicy *policy
      = self->is_sending ? self->account->send_policy : self->account->receive_policy;

  if (policy->level != POSTSEAL_TLS_ENFORCED)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (error, POSTSEAL_TLS_ERROR, codes[i]))
      return TRUE;
  return g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT);
}

/* Returns: (transfer full) */
static Search *
begin_search (PostsealTestSide *self, const GError *error)
{
  Search *search = g_new0 (Search, 1);

  search->side = self;
  search->error = g_error_copy (error);
  return search;
}

static void
search_better (PostsealTestSide *self, const GError *error)
{
  Search *search = begin_search (self, error);

  postseal_probe_async (
      self->endpoint, self->is_sending ? self->account->send_policy : self->account->receive_policy,
      MIN (self->account->timeout_ms, POSTSEAL_LIMIT_PROBE_SILENCE_MS),
      g_task_get_cancellable (self->task), on_probed, search);
}

static void
on_trouble (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealTestSide *self = user_data;
  const Search *search = g_task_get_task_data (G_TASK (result));
  const GError *error = search->error;

  take_trouble (self, result);
  self->error = g_error_copy (error);
  end_steps (self, POSTSEAL_TEST_FAILED, self->trouble->title);
  tell_judged (self, g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED));
  if (is_about_port (self, error))
    search_better (self, error);
  else
    conclude (self, FALSE, NULL);
}

/* @error: (transfer full) */
static void
fail (PostsealTestSide *self, GError *error)
{
  g_autoptr (GError) owned = error;

  let_go (self);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      end_steps (self, POSTSEAL_TEST_SKIPPED, NULL);
      tell_judged (self, FALSE);
      conclude (self, FALSE, g_steal_pointer (&owned));
      return;
    }
  make_trouble (begin_search (self, error), on_trouble);
}

static void
succeed (PostsealTestSide *self, PostsealTestKind kind, const char *detail)
{
  pass (self, kind, detail);
  let_go (self);
  conclude (self, TRUE, NULL);
}

/* --- what a signed-in user can do --- */

static void
on_examined (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealTestSide *self = user_data;
  GError *error = NULL;
  PostsealImapStatus *status
      = postseal_imap_session_select_finish (POSTSEAL_IMAP_SESSION (source), result, &error);
  g_autofree char *detail = NULL;

  if (status == NULL)
    {
      fail (self, error);
      return;
    }
  detail = _postseal_test_words_messages (status->exists);
  postseal_imap_status_free (status);
  succeed (self, POSTSEAL_TEST_MAILBOX, detail);
}

static void
on_stat (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealTestSide *self = user_data;
  GError *error = NULL;
  gint64 count = postseal_pop3_session_stat_finish (POSTSEAL_POP3_SESSION (source), result, &error);
  g_autofree char *detail = NULL;

  if (count < 0)
    {
      fail (self, error);
      return;
    }
  detail = _postseal_test_words_messages ((guint64)count);
  succeed (self, POSTSEAL_TEST_MAILBOX, detail);
}

static void
on_rehearsed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealTestSide *self = user_data;
  GError *error = NULL;
  g_autoptr (PostsealSmtpRehearsal) answers
      = postseal_smtp_session_rehearse_finish (POSTSEAL_SMTP_SESSION (source), result, &error);
  g_autofree char *remark = NULL;

  if (answers != NULL)
    error = _postseal_test_words_sender_error (answers, self->account);
  if (error != NULL)
    {
      fail (self, error);
      return;
    }
  remark = _postseal_test_words_envelope (answers);
  succeed (self, POSTSEAL_TEST_ENVELOPE, remark);
}

static void
use_session (PostsealTestSide *self)
{
  GCancellable *cancellable = g_task_get_cancellable (self->task);
  gpointer session = postseal_trial_get_session (self->trial);

  postseal_transcript_fact (self->transcript, "stage", self->is_sending ? "envelope" : "mailbox");
  if (self->use != NULL)
    self->use (session, self->use_data);
  else if (POSTSEAL_IS_IMAP_SESSION (session))
    postseal_imap_session_select_async (session, "INBOX", TRUE, NULL, cancellable, on_examined,
                                        self);
  else if (POSTSEAL_IS_POP3_SESSION (session))
    postseal_pop3_session_stat_async (session, cancellable, on_stat, self);
  else
    postseal_smtp_session_rehearse_async (session, self->account->address, self->account->address,
                                          cancellable, on_rehearsed, self);
}

void
_postseal_test_side_end_use (PostsealTestSide *self, GError *error)
{
  if (error != NULL)
    fail (self, error);
  else
    succeed (self, POSTSEAL_TEST_MAILBOX, NULL);
}

/* --- as far as that --- */

static void
on_signed_in (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealTestSide *self = user_data;
  GError *error = NULL;

  if (!postseal_trial_sign_in_finish (self->trial, result, &error))
    {
      fail (self, error);
      return;
    }
  pass (self, POSTSEAL_TEST_SIGN_IN, self->seal->mechanism);
  tell_judged (self, FALSE);
  use_session (self);
}

/* Where nobody signs in, the greetings belong to the envelope. */
static void
sign_in (PostsealTestSide *self)
{
  enter (self, postseal_trial_signs_in (self->account, self->is_sending) ? POSTSEAL_TEST_SIGN_IN
                                                                         : POSTSEAL_TEST_ENVELOPE);
  postseal_trial_sign_in_async (self->trial, g_task_get_cancellable (self->task), on_signed_in,
                                self);
}

static void
pass_gate (PostsealTestSide *self)
{
  self->waits_at_gate = self->gate == GATE_HELD;
  if (self->gate == GATE_OPEN)
    sign_in (self);
  else if (self->gate == GATE_SHUT)
    {
      let_go (self);
      end_steps (self, POSTSEAL_TEST_SKIPPED,
                 _ ("Not tried: the same password has just been refused"));
      conclude (self, FALSE, NULL);
    }
}

void
_postseal_test_side_release (PostsealTestSide *self, gboolean is_refused)
{
  self->gate = is_refused ? GATE_SHUT : GATE_OPEN;
  if (self->waits_at_gate)
    pass_gate (self);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealTestSide *self = user_data;
  GError *error = NULL;
  g_autofree char *detail = NULL;

  if (!postseal_trial_connect_finish (self->trial, result, &error))
    {
      fail (self, error);
      return;
    }
  self->seal = postseal_seal_ref (postseal_trial_get_seal (self->trial));
  detail = _postseal_test_words_seal (self->seal, g_get_real_time () / G_USEC_PER_SEC);
  pass (self, POSTSEAL_TEST_SEAL, detail);
  pass_gate (self);
}

void
_postseal_test_side_run_async (PostsealTestSide *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (self->trial == NULL);

  self->task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, _postseal_test_side_run_async);
  self->record = _postseal_test_record_new ();
  self->transcript = postseal_transcript_new (on_line, self, NULL);
  postseal_transcript_set_fact_func (self->transcript, on_fact);
  self->trial = postseal_trial_new (self->account, self->is_sending, self->vault, self->transcript);
  _postseal_test_step_begin (self->steps->pdata[0]);
  postseal_trial_connect_async (self->trial, cancellable, on_connected, self);
}

gboolean
_postseal_test_side_run_finish (PostsealTestSide *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- the rest --- */

void
_postseal_test_side_set_judged_func (PostsealTestSide *self,
                                     PostsealTestJudgedFunc func,
                                     gpointer user_data)
{
  self->judged = func;
  self->judged_data = user_data;
}

void
_postseal_test_side_set_use_func (PostsealTestSide *self,
                                  PostsealTestUseFunc func,
                                  gpointer user_data)
{
  self->use = func;
  self->use_data = user_data;
}

void
_postseal_test_side_hold (PostsealTestSide *self)
{
  self->gate = GATE_HELD;
}

GPtrArray *
_postseal_test_side_get_steps (PostsealTestSide *self)
{
  return self->steps;
}

const GError *
_postseal_test_side_get_error (PostsealTestSide *self)
{
  return self->error;
}

const PostsealTrouble *
_postseal_test_side_get_trouble (PostsealTestSide *self)
{
  return self->trouble;
}

PostsealSeal *
_postseal_test_side_get_seal (PostsealTestSide *self)
{
  return self->seal;
}

PostsealTestRecord *
_postseal_test_side_get_record (PostsealTestSide *self)
{
  return self->record;
}

const GPtrArray *
_postseal_test_side_get_secrets (PostsealTestSide *self)
{
  return self->trial != NULL ? postseal_trial_get_secrets (self->trial) : NULL;
}

void
_postseal_test_side_forget_secrets (PostsealTestSide *self)
{
  g_assert (self->task == NULL);
  g_clear_pointer (&self->trial, postseal_trial_free);
  g_clear_object (&self->vault);
}
