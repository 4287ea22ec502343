/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "smtp/smtp-transaction-private.h"

#include <glib/gi18n-lib.h>

#include "net/net-error.h"

#define CODE_LOG_IN_WANTED 530 /* RFC 4954 section 6 */

/* --- answers --- */

PostsealSmtpResult *
_postseal_smtp_result_new (gsize n_recipients)
{
  PostsealSmtpResult *self = g_new0 (PostsealSmtpResult, 1);

  self->recipients = g_new0 (PostsealSmtpAnswer, n_recipients);
  self->n_recipients = n_recipients;
  for (gsize i = 0; i < n_recipients; i++)
    self->recipients[i].verdict = POSTSEAL_SMTP_UNDECIDED;
  return self;
}

void
_postseal_smtp_answer_clear (PostsealSmtpAnswer *self)
{
  g_free (self->status);
  g_free (self->text);
  *self = (PostsealSmtpAnswer){ .verdict = POSTSEAL_SMTP_UNDECIDED };
}

void
postseal_smtp_result_free (PostsealSmtpResult *self)
{
  if (self == NULL)
    return;
  for (gsize i = 0; i < self->n_recipients; i++)
    _postseal_smtp_answer_clear (&self->recipients[i]);
  g_free (self->recipients);
  g_clear_error (&self->error);
  g_free (self);
}

void
_postseal_smtp_answer_refuse (PostsealSmtpAnswer *self,
                              PostsealSmtpVerdict verdict,
                              const char *status,
                              char *text)
{
  _postseal_smtp_answer_clear (self);
  self->verdict = verdict;
  self->status = g_strdup (status);
  self->text = text;
}

static char *
explain_reply (const PostsealSmtpReply *reply)
{
  g_autofree char *words = _postseal_smtp_reply_get_words (reply);

  /* Translators: the server's words follow. */
  if (reply->code == CODE_LOG_IN_WANTED)
    return g_strdup_printf (_ ("The server wants a log-in: %s"), words);
  return g_steal_pointer (&words);
}

void
_postseal_smtp_answer_take (PostsealSmtpAnswer *self, const PostsealSmtpReply *reply)
{
  _postseal_smtp_answer_clear (self);
  self->verdict = reply->code < 300   ? POSTSEAL_SMTP_ACCEPTED
                  : reply->code < 500 ? POSTSEAL_SMTP_TEMPORARY
                                      : POSTSEAL_SMTP_PERMANENT;
  self->code = reply->code;
  self->status = postseal_smtp_reply_get_status (reply);
  self->text = explain_reply (reply);
}

/* --- the conclusion --- */

static gboolean
is_refusal (const PostsealSmtpAnswer *answer)
{
  return answer->verdict == POSTSEAL_SMTP_TEMPORARY || answer->verdict == POSTSEAL_SMTP_PERMANENT;
}

gboolean
_postseal_smtp_transaction_is_refused (PostsealSmtpTransaction *self)
{
  return is_refusal (&self->answer) || self->n_recipients == 0;
}

static gboolean
is_all_decided (PostsealSmtpTransaction *self)
{
  for (gsize i = 0; i < self->result->n_recipients; i++)
    if (self->result->recipients[i].verdict == POSTSEAL_SMTP_UNDECIDED)
      return FALSE;
  return TRUE;
}

static void
end (PostsealSmtpTransaction *self)
{
  PostsealSmtpResult *result = NULL;
  g_autoptr (GTask) task = NULL;

  if (is_all_decided (self))
    g_clear_error (&self->result->error);
  result = g_steal_pointer (&self->result);
  task = _postseal_smtp_operation_end (&self->base);
  g_task_return_pointer (task, result, (GDestroyNotify)postseal_smtp_result_free);
}

void
_postseal_smtp_transaction_conclude (PostsealSmtpTransaction *self)
{
  const PostsealSmtpAnswer *whole = &self->answer;

  for (gsize i = 0; i < self->result->n_recipients; i++)
    {
      PostsealSmtpAnswer *answer = &self->result->recipients[i];
      /* After a refused MAIL all else is refused for want of one (503), which means nothing. */
      gboolean is_spoken_for = answer->verdict != POSTSEAL_SMTP_UNDECIDED
                               && (answer->code == 0 || !self->is_sender_refused);

      if (is_spoken_for || whole->verdict == POSTSEAL_SMTP_UNDECIDED)
        continue;
      _postseal_smtp_answer_clear (answer);
      *answer = (PostsealSmtpAnswer){ whole->verdict, whole->code, g_strdup (whole->status),
                                      g_strdup (whole->text) };
    }
  end (self);
}

static gboolean
is_cut (const GError *error)
{
  return g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

void
_postseal_smtp_transaction_give_up (PostsealSmtpTransaction *self, const GError *error)
{
  PostsealSmtpSession *session = self->base.session;

  if (is_refusal (&self->answer) || is_all_decided (self))
    {
      _postseal_smtp_transaction_conclude (self);
      return;
    }
  self->result->was_begun = self->phase != POSTSEAL_SMTP_PHASE_WAITING;
  self->result->was_cut = is_cut (error);
  if (self->result->error != NULL)
    ; /* it knows better */
  else if (self->phase == POSTSEAL_SMTP_PHASE_SENT && !session->is_dismissed)
    self->result->error
        = g_error_new (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_IN_DOUBT,
                       _ ("Server “%s” has all of the message and did not answer, so it may have "
                          "accepted it: sent again, it may arrive more than once. %s"),
                       session->host, error->message);
  else
    self->result->error = g_error_copy (error);
  _postseal_smtp_answer_clear (&self->answer);
  _postseal_smtp_transaction_conclude (self);
}
