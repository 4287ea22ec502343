/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/send-item.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "engine/send-job.h"
#include "outbox/retry-schedule.h"

/* RFC 5321 section 4.5.3.1.10: a server that says "too many recipients" says 452, old ones 552. */
#define CODE_TOO_MANY 452
#define CODE_TOO_MANY_OLD 552
/* RFC 4954 section 6: a log-in, or TLS, is wanted: our settings are wrong, not the message. */
#define CODE_AUTH_WANTED 530
#define CODE_TLS_WANTED 538
/* RFC 3463 section 3.5: delivery time expired */
#define STATUS_EXPIRED "4.4.7"

PostsealSendItem *
_postseal_send_item_new (PostsealOutboxEntry *entry)
{
  PostsealSendItem *self = g_new0 (PostsealSendItem, 1);

  self->entry = entry;
  self->fd = -1;
  return self;
}

void
_postseal_send_item_free (PostsealSendItem *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_clear_pointer (&self->content, g_bytes_unref);
  g_clear_pointer (&self->result, postseal_smtp_result_free);
  g_clear_error (&self->error);
  g_free (self->recipients);
  g_free (self->indexes);
  g_free (self->reason);
  g_free (self->bounce);
  postseal_outbox_entry_free (self->entry);
  g_free (self);
}

/* --- the question --- */

static const char *
get_domain (const char *address)
{
  const char *at = strrchr (address, '@');

  return at != NULL ? at + 1 : "";
}

/* FALSE when @address would bring one domain more than the server takes in one transaction. */
static gboolean
fits_domains (GHashTable *domains, guint max, const char *address)
{
  g_autofree char *domain = NULL;

  if (max == 0)
    return TRUE;
  domain = g_ascii_strdown (get_domain (address), -1);
  if (!g_hash_table_contains (domains, domain) && g_hash_table_size (domains) >= max)
    return FALSE;
  g_hash_table_add (domains, g_steal_pointer (&domain));
  return TRUE;
}

static void
choose_recipients (PostsealSendItem *self, const PostsealSendLimits *limits)
{
  PostsealOutboxEntry *entry = self->entry;
  g_autoptr (GHashTable) domains
      = limits->recipient_domains_max > 0
            ? g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL)
            : NULL;
  gsize n = 0;

  self->recipients = g_new0 (PostsealSmtpRecipient, entry->n_recipients);
  self->indexes = g_new0 (gsize, entry->n_recipients);
  self->is_partial = FALSE;
  for (gsize i = 0; i < entry->n_recipients; i++)
    {
      const PostsealEnvelopeRecipient *recipient = entry->recipients[i].recipient;

      if (entry->recipients[i].progress != POSTSEAL_OUTBOX_PENDING)
        continue;
      if ((limits->recipients_max > 0 && n >= limits->recipients_max)
          || !fits_domains (domains, limits->recipient_domains_max, recipient->address))
        {
          self->is_partial = TRUE;
          continue;
        }
      self->recipients[n].address = recipient->address;
      self->recipients[n].notify = recipient->notify;
      self->recipients[n].original = recipient->original;
      self->indexes[n] = i;
      n++;
    }
  self->message.recipients = self->recipients;
  self->message.n_recipients = n;
}

void
_postseal_send_item_prepare (PostsealSendItem *self, const PostsealSendLimits *limits, gint64 now)
{
  const PostsealEnvelope *envelope = self->entry->envelope;
  PostsealSmtpMessage *message = &self->message;

  g_assert (self->recipients == NULL);

  choose_recipients (self, limits);
  message->sender = envelope->sender;
  message->mail.body = envelope->body;
  message->mail.smtputf8 = envelope->is_international;
  message->mail.ret = envelope->ret;
  message->mail.envid = envelope->envid;
  message->mail.requiretls = envelope->requiretls;
  message->mail.deliver_by
      = envelope->deliver_by_mode != 0 ? envelope->deliver_by - (now - envelope->arrived) : 0;
  message->mail.deliver_by_mode = envelope->deliver_by_mode;
  message->mail.deliver_by_trace = envelope->deliver_by_trace;
  if (envelope->hold_until > now)
    message->mail.hold_for = envelope->hold_until - now;
  message->length = self->entry->length;
  message->fd = -1;
}

void
_postseal_send_item_refuse (PostsealSendItem *self, const char *status, const GError *error)
{
  PostsealSmtpResult *result = g_new0 (PostsealSmtpResult, 1);

  result->n_recipients = self->message.n_recipients;
  result->recipients = g_new0 (PostsealSmtpAnswer, result->n_recipients);
  for (gsize i = 0; i < result->n_recipients; i++)
    {
      result->recipients[i].verdict = POSTSEAL_SMTP_PERMANENT;
      result->recipients[i].status = g_strdup (status);
      result->recipients[i].text = g_strdup (error->message);
    }
  g_clear_pointer (&self->result, postseal_smtp_result_free);
  self->result = result;
}

/* --- the answer --- */

static gboolean
is_any_accepted (const PostsealSmtpResult *result)
{
  for (gsize i = 0; i < result->n_recipients; i++)
    if (result->recipients[i].verdict == POSTSEAL_SMTP_ACCEPTED)
      return TRUE;
  return FALSE;
}

/* Somebody of those who were asked about is done with. */
static gboolean
is_any_settled (const PostsealSendItem *self)
{
  for (gsize i = 0; i < self->message.n_recipients; i++)
    if (self->entry->recipients[self->indexes[i]].progress != POSTSEAL_OUTBOX_PENDING)
      return TRUE;
  return FALSE;
}

static void
record_answer (PostsealOutboxRecipient *recipient, const PostsealSmtpAnswer *answer, gint64 now)
{
  recipient->code = answer->code;
  recipient->time = now;
  g_free (recipient->status);
  recipient->status = g_strdup (answer->status);
  g_free (recipient->text);
  recipient->text = g_strdup (answer->text);
}

static void
apply_answer (PostsealSendItem *self,
              PostsealOutboxRecipient *recipient,
              const PostsealSmtpAnswer *answer,
              gboolean others_accepted,
              gint64 now)
{
  if (answer->verdict == POSTSEAL_SMTP_UNDECIDED)
    return;
  record_answer (recipient, answer, now);

  /* Where the message was accepted for others, this was the answer to RCPT. */
  if (others_accepted && (answer->code == CODE_TOO_MANY || answer->code == CODE_TOO_MANY_OLD))
    self->goes_on = TRUE;
  else if (answer->code == CODE_AUTH_WANTED || answer->code == CODE_TLS_WANTED)
    self->is_blocked = TRUE;
  else if (answer->verdict == POSTSEAL_SMTP_ACCEPTED)
    recipient->progress = POSTSEAL_OUTBOX_DELIVERED;
  else if (answer->verdict == POSTSEAL_SMTP_PERMANENT)
    recipient->progress = POSTSEAL_OUTBOX_REFUSED;
}

/* The first recipient with that progress, or NULL. */
static const PostsealOutboxRecipient *
find_recipient (const PostsealOutboxEntry *entry, PostsealOutboxProgress progress)
{
  for (gsize i = 0; i < entry->n_recipients; i++)
    if (entry->recipients[i].progress == progress)
      return &entry->recipients[i];
  return NULL;
}

gboolean
_postseal_send_item_has_refused (const PostsealSendItem *self)
{
  return find_recipient (self->entry, POSTSEAL_OUTBOX_REFUSED) != NULL;
}

/* The state of a message of which nobody waits any more. */
static PostsealOutboxState
find_final_state (const PostsealOutboxEntry *entry)
{
  if (find_recipient (entry, POSTSEAL_OUTBOX_REFUSED) != NULL)
    return POSTSEAL_OUTBOX_FAILED;
  return find_recipient (entry, POSTSEAL_OUTBOX_REPORTED) != NULL ? POSTSEAL_OUTBOX_BOUNCED
                                                                  : POSTSEAL_OUTBOX_SENT;
}

static void
give_up (PostsealSendItem *self, gint64 now)
{
  for (gsize i = 0; i < self->entry->n_recipients; i++)
    {
      PostsealOutboxRecipient *recipient = &self->entry->recipients[i];

      if (recipient->progress != POSTSEAL_OUTBOX_PENDING)
        continue;
      recipient->progress = POSTSEAL_OUTBOX_REFUSED;
      recipient->time = now;
      if (recipient->text == NULL)
        recipient->text = g_strdup (self->reason);
      if (recipient->status == NULL)
        recipient->status = g_strdup (STATUS_EXPIRED);
    }
  self->is_expired = TRUE;
}

/* Counted from the first effort on: a computer that was off has tried nothing. One that lies in the
   future was made while the clock was wrong. */
static gboolean
is_time_over (const PostsealSendItem *self, PostsealAccount *account, gint64 now)
{
  const PostsealEnvelope *envelope = self->entry->envelope;
  gint64 start = MAX (envelope->arrived, envelope->hold_until);
  gint64 since = self->entry->since;

  if (since != 0 && since <= now)
    start = MAX (start, since);
  return since != 0 && postseal_retry_schedule_is_over (start, account->retry_seconds, now);
}

static char *
describe_answer (const PostsealOutboxRecipient *recipient)
{
  if (recipient->code == 0)
    return g_strdup (recipient->text != NULL ? recipient->text : "");
  return g_strdup_printf (
      "%u %s%s%s", recipient->code, recipient->status != NULL ? recipient->status : "",
      recipient->status != NULL ? " " : "", recipient->text != NULL ? recipient->text : "");
}

/* The sentence about the first recipient that has that progress, as the error of this attempt. */
static void
complain (PostsealSendItem *self,
          const PostsealOutboxRecipient *recipient,
          PostsealSendError code,
          const char *server)
{
  g_autofree char *answer = describe_answer (recipient);
  const char *address = recipient->recipient->address;

  g_clear_error (&self->error);
  if (recipient->code == 0)
    {
      g_set_error (&self->error, POSTSEAL_SEND_ERROR, POSTSEAL_SEND_ERROR_UNFIT,
                   _ ("The message for %s cannot be sent through %s: %s"), address, server, answer);
      return;
    }
  if (self->is_expired)
    g_set_error (&self->error, POSTSEAL_SEND_ERROR, POSTSEAL_SEND_ERROR_REFUSED,
                 _ ("The message for %s was tried for too long and is given up; %s said last: "
                    "“%s”"),
                 address, server, answer);
  else if (code == POSTSEAL_SEND_ERROR_REFUSED)
    g_set_error (&self->error, POSTSEAL_SEND_ERROR, code, _ ("%s refused the message for %s: “%s”"),
                 server, address, answer);
  else
    g_set_error (&self->error, POSTSEAL_SEND_ERROR, code,
                 _ ("%s does not take the message for %s now; it will be tried again: “%s”"),
                 server, address, answer);
}

static void
judge_pending (
    PostsealSendItem *self, PostsealAccount *account, const char *server, gint64 now, double random)
{
  PostsealOutboxOutcome *outcome = &self->outcome;
  const PostsealOutboxRecipient *pending = find_recipient (self->entry, POSTSEAL_OUTBOX_PENDING);

  if (self->goes_on && !self->is_blocked)
    {
      outcome->state = POSTSEAL_OUTBOX_QUEUED;
      outcome->counts_as_attempt = FALSE;
      return;
    }
  g_free (self->reason);
  self->reason = describe_answer (pending);
  if (is_time_over (self, account, now))
    {
      give_up (self, now);
      complain (self, pending, POSTSEAL_SEND_ERROR_REFUSED, server);
      return;
    }
  if (self->is_blocked)
    g_set_error (
        &self->error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM,
        account->auth_none
            ? _ ("%s wants a log-in before it takes mail, but account %s has “auth=none”: “%s”")
            : _ ("%s wants another log-in before it takes mail than account %s has: “%s”"),
        server, account->name, self->reason);
  else
    complain (self, pending, POSTSEAL_SEND_ERROR_LATER, server);
  outcome->state = self->is_blocked ? POSTSEAL_OUTBOX_BLOCKED : POSTSEAL_OUTBOX_QUEUED;
  outcome->next_attempt = postseal_retry_schedule_next (self->entry->attempts + 1, now, random);
}

/* The connection was lost: nothing was decided, or worse, nobody knows. */
static void
judge_loss (PostsealSendItem *self, PostsealAccount *account, gint64 now, double random)
{
  PostsealOutboxOutcome *outcome = &self->outcome;
  const GError *loss = self->result->error;
  gboolean is_in_doubt = g_error_matches (loss, POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_IN_DOUBT);
  gboolean is_cancelled = g_error_matches (loss, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_free (self->reason);
  self->reason = g_strdup (loss->message);
  if (!is_cancelled && is_time_over (self, account, now))
    {
      /* In doubt, too: a server that never answers would get it for ever, and might deliver each
         (RFC 5321 section 4.5.4.1). The report says that it may have arrived. */
      self->entry->is_doubtful |= is_in_doubt;
      outcome->is_doubtful = is_in_doubt;
      give_up (self, now);
      self->error = g_error_copy (loss);
      return;
    }
  outcome->state = is_in_doubt ? POSTSEAL_OUTBOX_IN_DOUBT : POSTSEAL_OUTBOX_QUEUED;
  outcome->is_doubtful = is_in_doubt;
  if (is_cancelled)
    outcome->counts_as_attempt = FALSE; /* the user's doing: it is due as before */
  else
    outcome->next_attempt = postseal_retry_schedule_next (self->entry->attempts + 1, now, random);
  if (is_in_doubt)
    g_set_error_literal (&self->error, POSTSEAL_SEND_ERROR, POSTSEAL_SEND_ERROR_IN_DOUBT,
                         loss->message);
  else
    self->error = g_error_copy (loss);
}

static void
finish_outcome (PostsealSendItem *self, gint64 now)
{
  PostsealOutboxOutcome *outcome = &self->outcome;

  if (outcome->counts_as_attempt)
    {
      self->entry->attempts++; /* for the report */
      self->entry->last_attempt = now;
    }
  outcome->id = self->entry->id;
  outcome->recipients = self->entry->recipients;
  outcome->n_recipients = self->entry->n_recipients;
  outcome->time = now;
  outcome->reason = self->reason;
  if (find_recipient (self->entry, POSTSEAL_OUTBOX_PENDING) == NULL)
    {
      outcome->state = find_final_state (self->entry);
      outcome->next_attempt = 0;
    }
  if (outcome->state == POSTSEAL_OUTBOX_SENT)
    outcome->reason = NULL; /* nothing is wrong with it any more */
}

void
_postseal_send_item_judge (PostsealSendItem *self,
                           PostsealAccount *account,
                           const char *server,
                           const char *seal,
                           gint64 now,
                           double random)
{
  const PostsealSmtpResult *result = self->result;
  gboolean is_accepted = is_any_accepted (result);
  const PostsealOutboxRecipient *refused;

  memset (&self->outcome, 0, sizeof self->outcome);
  g_clear_error (&self->error);
  self->outcome.counts_as_attempt = TRUE;
  self->outcome.seal = seal;
  self->goes_on = self->is_partial && is_accepted;
  for (gsize i = 0; i < result->n_recipients; i++)
    apply_answer (self, &self->entry->recipients[self->indexes[i]], &result->recipients[i],
                  is_accepted, now);
  /* That these were refused for good says nothing about those who were not asked about. */
  if (self->is_partial && result->error == NULL && is_any_settled (self))
    self->goes_on = TRUE;

  if (result->error != NULL)
    judge_loss (self, account, now, random);
  else if (find_recipient (self->entry, POSTSEAL_OUTBOX_PENDING) != NULL)
    judge_pending (self, account, server, now, random);
  refused = find_recipient (self->entry, POSTSEAL_OUTBOX_REFUSED);
  if (refused != NULL && result->error == NULL && !self->is_expired)
    {
      complain (self, refused, POSTSEAL_SEND_ERROR_REFUSED, server);
      if (self->reason == NULL)
        self->reason = describe_answer (refused);
    }
  if (self->reason == NULL && self->entry->n_recipients > 0)
    self->reason = describe_answer (&self->entry->recipients[0]);
  finish_outcome (self, now);
}

void
_postseal_send_item_postpone (PostsealSendItem *self,
                              PostsealAccount *account,
                              PostsealOutboxState state,
                              const GError *error,
                              gint64 next_attempt,
                              gint64 now)
{
  memset (&self->outcome, 0, sizeof self->outcome);
  g_clear_error (&self->error);
  self->error = g_error_copy (error);
  g_free (self->reason);
  self->reason = g_strdup (error->message);
  self->outcome.state = state;
  self->outcome.next_attempt = next_attempt;
  self->outcome.was_clear = self->entry->was_clear;
  if (is_time_over (self, account, now))
    give_up (self, now);
  finish_outcome (self, now);
}

void
_postseal_send_item_set_reported (PostsealSendItem *self)
{
  for (gsize i = 0; i < self->entry->n_recipients; i++)
    if (self->entry->recipients[i].progress == POSTSEAL_OUTBOX_REFUSED)
      self->entry->recipients[i].progress = POSTSEAL_OUTBOX_REPORTED;
  if (find_recipient (self->entry, POSTSEAL_OUTBOX_PENDING) == NULL)
    self->outcome.state = find_final_state (self->entry);
}
