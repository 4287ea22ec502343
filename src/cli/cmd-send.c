/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal send: a message on standard input into the outbox, then on its way. */
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/send-values.h"
#include "cli/send-wait.h"
#include "outbox/submission.h"

#define PROGRAM "postseal send"

/* The options as they were typed. */
typedef struct
{
  char *account; /* all owned, or NULL */
  char *from;
  char *full_name;
  char *notify;
  char *ret;
  char *envelope_id;
  char *hold_until;
  char *deliver_by;
  char *body;
  gboolean reads_recipients;
  gboolean requires_tls;
  gboolean waits;
} SendOptions;

static void
clear_options (SendOptions *self)
{
  g_free (self->account);
  g_free (self->from);
  g_free (self->full_name);
  g_free (self->notify);
  g_free (self->ret);
  g_free (self->envelope_id);
  g_free (self->hold_until);
  g_free (self->deliver_by);
  g_free (self->body);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SendOptions, clear_options)

static gboolean
parse_options (
    SendOptions *self, PostsealOptions *options, int *argc, char ***argv, int *ret_status)
{
  const GOptionEntry entries[] = {
    { "account", 'a', 0, G_OPTION_ARG_STRING, &self->account,
      N_ ("Send through this account, not the one that the sender belongs to"), N_ ("ACCOUNT") },
    { "from", 'f', 0, G_OPTION_ARG_STRING, &self->from, N_ ("The envelope sender, “<>” for none"),
      N_ ("ADDRESS") },
    { "full-name", 'F', 0, G_OPTION_ARG_STRING, &self->full_name,
      N_ ("The sender's name, where the message has no From"), N_ ("NAME") },
    { "read-recipients", 't', 0, G_OPTION_ARG_NONE, &self->reads_recipients,
      N_ ("To those in To, Cc and Bcc of the message, too"), NULL },
    { "wait", 0, 0, G_OPTION_ARG_NONE, &self->waits, N_ ("Return with the server's answer"), NULL },
    { "notify", 0, 0, G_OPTION_ARG_STRING, &self->notify, N_ ("Reports wanted from the servers"),
      N_ ("never|success,failure,delay") },
    { "return", 0, 0, G_OPTION_ARG_STRING, &self->ret, N_ ("What reports should hold of it"),
      N_ ("full|headers") },
    { "envelope-id", 0, 0, G_OPTION_ARG_STRING, &self->envelope_id,
      N_ ("A name for it, for the reports"), N_ ("ID") },
    { "require-tls", 0, 0, G_OPTION_ARG_NONE, &self->requires_tls,
      N_ ("Every server on the way has to use authenticated TLS"), NULL },
    { "hold-until", 0, 0, G_OPTION_ARG_STRING, &self->hold_until, N_ ("Not before that"),
      N_ ("TIME|+DURATION") },
    { "deliver-by", 0, 0, G_OPTION_ARG_STRING, &self->deliver_by,
      N_ ("By when it has to be delivered, and what else"),
      N_ ("DURATION[:notify|:return][:trace]") },
    { "body", 0, 0, G_OPTION_ARG_STRING, &self->body, N_ ("What the message is made of"),
      N_ ("8bitmime|binarymime") },
    { NULL },
  };

  return postseal_options_parse (
      options, PROGRAM, _ ("[RECIPIENT…]"),
      _ ("Puts the message on standard input into the outbox and has it sent. The exit status is "
         "0 when it is safely there; with --wait, when the server has accepted it."),
      entries, argc, argv, ret_status);
}

static gboolean
read_values (const SendOptions *self, PostsealSubmission *submission, GError **error)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (self->notify != NULL
      && !postseal_send_value_notify (self->notify, &submission->notify, error))
    return FALSE;
  if (self->ret != NULL && !postseal_send_value_return (self->ret, &submission->ret, error))
    return FALSE;
  if (self->body != NULL && !postseal_send_value_body (self->body, &submission->is_binary, error))
    return FALSE;
  if (self->envelope_id != NULL && !postseal_send_value_envelope_id (self->envelope_id, error))
    return FALSE;
  if (self->hold_until != NULL
      && !postseal_send_value_hold_until (self->hold_until, now, &submission->hold_until, error))
    return FALSE;
  if (self->deliver_by != NULL)
    {
      PostsealDeliverBy by;

      if (!postseal_send_value_deliver_by (self->deliver_by, &by, error))
        return FALSE;
      submission->deliver_by = by.seconds;
      submission->deliver_by_mode = by.mode;
      submission->deliver_by_trace = by.has_trace;
    }
  return TRUE;
}

static int
report_error (const GError *error)
{
  if (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_USAGE))
    return postseal_report_usage (PROGRAM, "%s", error->message);
  return postseal_report_error (error);
}

/* What the queue knows of it. Returns: (transfer full) (nullable): NULL when it cannot be read,
   which does not make the message less safe */
static PostsealOutboxEntry *
load_entry (const char *id)
{
  g_autoptr (PostsealOutbox) outbox = postseal_outbox_open (NULL);

  return outbox != NULL ? postseal_outbox_load (outbox, id, NULL) : NULL;
}

/* The message is safe: from here on nothing turns it into a failure, unless the server's word is
   waited for. */
static int
dispatch (const PostsealOptions *options, const char *id, gboolean waits)
{
  if (!options->json)
    {
      g_print (_ ("Queued as %s\n"), id);
      fflush (stdout);
    }
  if (waits)
    return postseal_send_wait (options, id);
  if (options->json)
    {
      g_autoptr (PostsealOutboxEntry) entry = load_entry (id);

      postseal_send_wait_print_json (entry, id, 0, NULL);
    }
  postseal_options_wake_outbox (options);
  return 0;
}

static int
submit (const SendOptions *self, const PostsealOptions *options, char **recipients)
{
  PostsealSubmission submission = {
    .account = self->account,
    .sender = g_strcmp0 (self->from, "<>") == 0 ? "" : self->from,
    .recipients = (const char *const *)recipients,
    .reads_recipients = self->reads_recipients,
    .full_name = self->full_name,
    .envid = self->envelope_id,
    .requiretls = self->requires_tls,
    .origin = PROGRAM,
  };
  g_autoptr (PostsealSenders) senders = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;

  if (!read_values (self, &submission, &error))
    return report_error (error);
  if (recipients[0] == NULL && !self->reads_recipients)
    return postseal_report_usage (
        PROGRAM, _ ("no recipients; name them, or take those in the message with -t"));
  senders = postseal_senders_load (options->config, &error);
  if (senders == NULL)
    return report_error (error);
  if (self->account != NULL && postseal_senders_lookup (senders, self->account, &error) == NULL)
    return report_error (error);
  if (isatty (STDIN_FILENO) == 1)
    g_printerr (_ ("postseal: reading the message from the terminal, end with Ctrl-D\n"));
  if (!postseal_submission_run (&submission, senders, STDIN_FILENO, &id, &error))
    return report_error (error);
  return dispatch (options, id, self->waits);
}

int
postseal_cmd_send (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_auto (SendOptions) self = { 0 };
  int status = 0;

  if (!parse_options (&self, &options, &argc, &argv, &status))
    return status;
  return submit (&self, &options, argv + 1);
}
