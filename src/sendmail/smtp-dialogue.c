/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sendmail/smtp-dialogue.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "outbox/outbox-error.h"
#include "outbox/scratch-file.h"
#include "outbox/submission.h"
#include "sendmail/smtp-input.h"
#include "sendmail/smtp-request.h"
#include "wire/smtp-path.h"

typedef struct
{
  PostsealSenders *senders; /* borrowed */
  const char *full_name; /* borrowed */
  const char *origin; /* borrowed */
  PostsealSmtpInput *input; /* owned */
  int out;
  guint n_queued;
  gboolean has_greeted; /* HELO or EHLO */
  gboolean is_over;
  gboolean is_deaf; /* what we say cannot be written */

  /* the transaction */
  char *sender; /* owned: NULL: none */
  GPtrArray *recipients; /* owned (element-type utf8) */
  PostsealSmtpReturn ret;
  char *envid; /* owned */
  gboolean smtputf8;
  guint notify; /* of all recipients */
} Dialogue;

/* --- saying --- */

static void
say (Dialogue *self, const char *line)
{
  g_autofree char *text = g_strconcat (line, "\r\n", NULL);
  const char *at = text;
  gsize length = strlen (text);

  while (length > 0 && !self->is_deaf)
    {
      gssize n = write (self->out, at, length);

      if (n < 0 && errno == EINTR)
        continue;
      self->is_deaf = n < 0;
      at += MAX (n, 0);
      length -= (gsize)MAX (n, 0);
    }
}

/* Replies are ASCII (RFC 6531 section 3.7.4.1 allows more only where it was asked for). */
static void
say_error (Dialogue *self, const char *code, const GError *error)
{
  g_autoptr (GString) line = g_string_new (code);

  g_string_append_c (line, ' ');
  for (const char *at = error->message; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);

      if (character == 0x201c || character == 0x201d)
        g_string_append_c (line, '"');
      else if (character == 0x2026)
        g_string_append (line, "...");
      else
        g_string_append_c (line, character >= 0x20 && character < 0x7f ? (char)character : '?');
    }
  say (self, line->str);
}

static const char *
judge (const GError *error)
{
  if (error->domain != POSTSEAL_OUTBOX_ERROR)
    return "451 4.3.0";
  switch ((PostsealOutboxError)error->code)
    {
    case POSTSEAL_OUTBOX_ERROR_MESSAGE:
      return "554 5.6.0";
    case POSTSEAL_OUTBOX_ERROR_ADDRESS:
      return "553 5.1.3";
    case POSTSEAL_OUTBOX_ERROR_USAGE:
      return "554 5.5.4";
    case POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT:
      return "550 5.7.1";
    case POSTSEAL_OUTBOX_ERROR_DISK:
      return "452 4.3.1";
    case POSTSEAL_OUTBOX_ERROR_CANNOT_WRITE:
    case POSTSEAL_OUTBOX_ERROR_INPUT:
    case POSTSEAL_OUTBOX_ERROR_DAMAGED:
    case POSTSEAL_OUTBOX_ERROR_UNKNOWN:
    case POSTSEAL_OUTBOX_ERROR_BUSY:
      return "451 4.3.0";
    default:
      return "451 4.3.0";
    }
}

/* --- the transaction --- */

static void
forget (Dialogue *self)
{
  g_clear_pointer (&self->sender, g_free);
  g_clear_pointer (&self->envid, g_free);
  g_ptr_array_set_size (self->recipients, 0);
  self->ret = POSTSEAL_SMTP_RETURN_UNSET;
  self->smtputf8 = FALSE;
  self->notify = 0;
}

static gboolean
check_request (Dialogue *self, PostsealSmtpRequestProblem problem)
{
  switch (problem)
    {
    case POSTSEAL_SMTP_REQUEST_OK:
      return TRUE;
    case POSTSEAL_SMTP_REQUEST_SYNTAX:
      say (self, "501 5.5.2 An address in angle brackets is wanted");
      return FALSE;
    case POSTSEAL_SMTP_REQUEST_VALUE:
      say (self, "501 5.5.4 A parameter is given twice or has a bad value");
      return FALSE;
    case POSTSEAL_SMTP_REQUEST_PARAMETER:
    default:
      say (self, "555 5.5.4 That parameter was not offered");
      return FALSE;
    }
}

static gboolean
check_alphabet (Dialogue *self, const char *address, gboolean smtputf8)
{
  if (smtputf8 || !postseal_smtp_path_is_international (address))
    return TRUE;
  say (self, "553 5.6.7 Such an address needs SMTPUTF8"); /* RFC 6531 section 3.5 */
  return FALSE;
}

/* One mailbox, or a bare name that the account may know: no list, and nothing that becomes one. */
static gboolean
check_mailbox (Dialogue *self, const char *address, const char *refusal)
{
  PostsealSmtpPathProblem problem = postseal_smtp_path_check (address);
  gboolean is_good = problem == POSTSEAL_SMTP_PATH_OK || problem == POSTSEAL_SMTP_PATH_NO_DOMAIN;

  for (const char *at = address; problem == POSTSEAL_SMTP_PATH_NO_DOMAIN && *at != '\0'; at++)
    is_good = is_good && (g_ascii_isalnum (*at) || strchr ("._+-", *at) != NULL);
  if (!is_good)
    say (self, refusal);
  return is_good;
}

static void
do_mail (Dialogue *self, const char *text)
{
  g_auto (PostsealSmtpRequest) request = { 0 };
  g_autoptr (GError) error = NULL;

  if (!self->has_greeted)
    say (self, "503 5.5.1 EHLO comes first");
  else if (self->sender != NULL)
    say (self, "503 5.5.1 There is a sender already");
  else if (!check_request (self, postseal_smtp_request_parse_mail (&request, text))
           || !check_alphabet (self, request.address, request.smtputf8)
           || (*request.address != '\0'
               && !check_mailbox (self, request.address, "553 5.1.7 That is no mailbox")))
    return;
  else if (request.size > POSTSEAL_LIMIT_MESSAGE)
    say (self, "552 5.3.4 The message is too large"); /* RFC 1870 section 6.1 */
  else if (postseal_senders_choose (self->senders, request.address, &error) == NULL)
    say_error (self, judge (error), error);
  else
    {
      self->sender = g_steal_pointer (&request.address);
      self->envid = g_steal_pointer (&request.envid);
      self->ret = request.ret;
      self->smtputf8 = request.smtputf8;
      say (self, "250 2.1.0 Sender accepted");
    }
}

static void
add_recipient (Dialogue *self, const PostsealSmtpRequest *request)
{
  const char *const recipients[] = { request->address, NULL };
  PostsealSubmission submission = { .sender = self->sender, .recipients = recipients };
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) addresses = NULL;
  const char *account;

  addresses = postseal_submission_resolve (&submission, self->senders, &account, &error);
  if (addresses == NULL)
    {
      say_error (self, judge (error), error);
      return;
    }
  for (gsize i = 0; addresses[i] != NULL; i++)
    g_ptr_array_add (self->recipients, g_strdup (addresses[i]));
  self->notify = request->notify;
  say (self, "250 2.1.5 Recipient accepted");
}

static void
do_rcpt (Dialogue *self, const char *text)
{
  g_auto (PostsealSmtpRequest) request = { 0 };

  if (self->sender == NULL)
    say (self, "503 5.5.1 MAIL comes first");
  else if (!check_request (self, postseal_smtp_request_parse_rcpt (&request, text))
           || !check_alphabet (self, request.address, self->smtputf8)
           || !check_mailbox (self, request.address, "553 5.1.3 That is no mailbox"))
    return;
  else if (self->recipients->len >= POSTSEAL_LIMIT_RECIPIENTS)
    say (self, "452 4.5.3 Too many recipients"); /* RFC 5321 section 4.5.3.1.10 */
  else if (self->recipients->len > 0 && request.notify != self->notify)
    /* The client sends to the others in another transaction. */
    say (self, "452 4.5.3 Another transaction is needed for another NOTIFY");
  else
    add_recipient (self, &request);
}

/* --- the message --- */

static void
submit (Dialogue *self, int spool)
{
  PostsealSubmission submission = {
    .sender = self->sender,
    .full_name = self->full_name,
    .notify = self->notify,
    .ret = self->ret,
    .envid = self->envid,
    .origin = self->origin,
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_autofree char *line = NULL;

  if (lseek (spool, 0, SEEK_SET) != 0)
    {
      say (self, "451 4.3.0 The message cannot be read back");
      return;
    }
  g_ptr_array_add (self->recipients, NULL);
  submission.recipients = (const char *const *)self->recipients->pdata;
  if (!postseal_submission_run (&submission, self->senders, spool, &id, &error))
    {
      say_error (self, judge (error), error);
      return;
    }
  self->n_queued++;
  line = g_strdup_printf ("250 2.0.0 Queued as %s", id);
  say (self, line);
}

static void
take_message (Dialogue *self, int spool)
{
  switch (postseal_smtp_input_read_data (self->input, spool, POSTSEAL_LIMIT_MESSAGE))
    {
    case POSTSEAL_SMTP_INPUT_OK:
      submit (self, spool);
      return;
    case POSTSEAL_SMTP_INPUT_BARE:
      say (self,
           "554 5.6.0 A line ends with CR LF, and neither CR nor LF nor NUL may be elsewhere");
      return;
    case POSTSEAL_SMTP_INPUT_LONG:
      say (self, "552 5.3.4 The message is too large");
      return;
    case POSTSEAL_SMTP_INPUT_DISK:
      say (self, "452 4.3.1 There is no room for the message");
      return;
    case POSTSEAL_SMTP_INPUT_SILENCE:
      say (self, "421 4.4.2 Nothing was said for too long");
      break;
    case POSTSEAL_SMTP_INPUT_END: /* half a message is none */
    default:
      break;
    }
  self->is_over = TRUE;
}

static void
do_data (Dialogue *self, const char *text)
{
  int spool;

  if (self->recipients->len == 0)
    {
      say (self, "503 5.5.1 MAIL and RCPT come first");
      return;
    }
  spool = postseal_scratch_file_open ();
  if (spool < 0)
    {
      say (self, "451 4.3.0 There is no place for the message");
      return;
    }
  say (self, "354 End with a line that is only a dot");
  take_message (self, spool);
  close (spool);
  forget (self);
}

/* --- the other commands --- */

static void
do_helo (Dialogue *self, const char *text)
{
  forget (self);
  self->has_greeted = TRUE;
  say (self, "250 localhost");
}

static void
do_ehlo (Dialogue *self, const char *text)
{
  g_autofree char *size = g_strdup_printf ("250-SIZE %" G_GINT64_FORMAT, POSTSEAL_LIMIT_MESSAGE);

  forget (self);
  self->has_greeted = TRUE;
  say (self, "250-localhost");
  say (self, "250-8BITMIME");
  say (self, size);
  say (self, "250-DSN");
  say (self, "250-SMTPUTF8");
  say (self, "250 ENHANCEDSTATUSCODES");
}

static void
do_rset (Dialogue *self, const char *text)
{
  forget (self);
  say (self, "250 2.0.0 Forgotten");
}

static void
do_noop (Dialogue *self, const char *text)
{
  say (self, "250 2.0.0 Yes");
}

static void
do_vrfy (Dialogue *self, const char *text)
{
  say (self, "252 2.5.2 Try to send"); /* RFC 5321 section 3.5.3 */
}

static void
do_help (Dialogue *self, const char *text)
{
  say (self, "214-2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT");
  say (self, "214 2.0.0 See postseal-sendmail(1)");
}

static void
do_quit (Dialogue *self, const char *text)
{
  say (self, "221 2.0.0 Goodbye");
  self->is_over = TRUE;
}

static void
do_nothing (Dialogue *self, const char *text)
{
  say (self, "502 5.5.1 That command is not for here");
}

typedef enum
{
  STANDS_ALONE,
  TAKES_TEXT,
  MAY_TAKE_TEXT,
} Manner;

typedef struct
{
  const char *verb; /* with what follows it in any case */
  Manner manner;
  void (*run) (Dialogue *self, const char *text);
} Command;

static const Command commands[] = {
  { "HELO", TAKES_TEXT, do_helo },       { "EHLO", TAKES_TEXT, do_ehlo },
  { "MAIL FROM:", TAKES_TEXT, do_mail }, { "RCPT TO:", TAKES_TEXT, do_rcpt },
  { "DATA", STANDS_ALONE, do_data },     { "RSET", STANDS_ALONE, do_rset },
  { "NOOP", MAY_TAKE_TEXT, do_noop },    { "VRFY", TAKES_TEXT, do_vrfy },
  { "HELP", MAY_TAKE_TEXT, do_help },    { "QUIT", STANDS_ALONE, do_quit },
  { "EXPN", MAY_TAKE_TEXT, do_nothing }, { "TURN", MAY_TAKE_TEXT, do_nothing },
  { "AUTH", MAY_TAKE_TEXT, do_nothing }, { "STARTTLS", MAY_TAKE_TEXT, do_nothing },
  { "BDAT", MAY_TAKE_TEXT, do_nothing }, { "ETRN", MAY_TAKE_TEXT, do_nothing },
};

static void
obey (Dialogue *self, const char *line)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      const Command *command = &commands[i];
      gsize length = strlen (command->verb);
      const char *text = line + length;
      gboolean is_whole = g_ascii_strncasecmp (line, command->verb, length) == 0
                          && (command->verb[length - 1] == ':' || *text == '\0' || *text == ' ');

      if (!is_whole)
        continue;
      text += strspn (text, " ");
      if ((command->manner == STANDS_ALONE && *text != '\0')
          || (command->manner == TAKES_TEXT && *text == '\0'))
        say (self, "501 5.5.4 That command is written in another way");
      else
        command->run (self, text);
      return;
    }
  say (self, "500 5.5.1 There is no such command");
}

static void
take_line (Dialogue *self, GString *line)
{
  switch (postseal_smtp_input_read_line (self->input, line))
    {
    case POSTSEAL_SMTP_INPUT_OK:
      obey (self, line->str);
      return;
    case POSTSEAL_SMTP_INPUT_BARE:
      say (self,
           "500 5.5.2 A line ends with CR LF, and neither CR nor LF nor NUL may be elsewhere");
      return;
    case POSTSEAL_SMTP_INPUT_LONG:
      say (self, "500 5.5.2 The line is too long");
      return;
    case POSTSEAL_SMTP_INPUT_SILENCE:
      say (self, "421 4.4.2 Nothing was said for too long");
      break;
    case POSTSEAL_SMTP_INPUT_END:
    case POSTSEAL_SMTP_INPUT_DISK:
    default:
      break;
    }
  self->is_over = TRUE;
}

gboolean
postseal_smtp_dialogue_run (PostsealSenders *senders,
                            const char *full_name,
                            const char *origin,
                            int in,
                            int out,
                            guint *ret_n_queued)
{
  g_autoptr (PostsealSmtpInput) input = postseal_smtp_input_new (in);
  g_autoptr (GPtrArray) recipients = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) line = g_string_new (NULL);
  Dialogue self = {
    .senders = senders,
    .full_name = full_name,
    .origin = origin,
    .input = input,
    .out = out,
    .recipients = recipients,
  };

  say (&self, "220 localhost ESMTP Postseal");
  while (!self.is_over && !self.is_deaf)
    take_line (&self, line);
  forget (&self);
  *ret_n_queued = self.n_queued;
  return !self.is_deaf;
}
