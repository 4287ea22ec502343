/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sendmail/modes.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/printable.h"
#include "outbox/outbox-error.h"
#include "outbox/submission.h"
#include "outbox/wake.h"
#include "sendmail/postseal-program.h"
#include "sendmail/queue-table.h"
#include "sendmail/smtp-dialogue.h"

/* sysexits.h names them; the numbers are the contract. */
static const int statuses[] = {
  [POSTSEAL_OUTBOX_ERROR_USAGE] = 64,        [POSTSEAL_OUTBOX_ERROR_MESSAGE] = 65,
  [POSTSEAL_OUTBOX_ERROR_ADDRESS] = 65,      [POSTSEAL_OUTBOX_ERROR_INPUT] = 74,
  [POSTSEAL_OUTBOX_ERROR_CANNOT_WRITE] = 73, [POSTSEAL_OUTBOX_ERROR_DISK] = 74,
  [POSTSEAL_OUTBOX_ERROR_DAMAGED] = 74,      [POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT] = 78,
  [POSTSEAL_OUTBOX_ERROR_UNKNOWN] = 64,      [POSTSEAL_OUTBOX_ERROR_BUSY] = 75,
};

#define STATUS_SOFTWARE 70
#define STATUS_IO 74
#define STATUS_LATER 75

int
postseal_sendmail_complain (const GError *error)
{
  g_printerr ("postseal-sendmail: %s\n", error->message);
  return error->domain == POSTSEAL_OUTBOX_ERROR && error->code >= 0
                 && error->code < (int)G_N_ELEMENTS (statuses)
             ? statuses[error->code]
             : STATUS_SOFTWARE;
}

static PostsealSenders *
load_senders (const PostsealSendmailArguments *arguments, GError **error)
{
  g_autofree char *usual = postseal_paths_config_file ();

  return postseal_senders_load (arguments->config != NULL ? arguments->config : usual, error);
}

static char *
make_origin (void)
{
  return g_strdup_printf ("postseal-sendmail, process %d", (int)getpid ());
}

/* What is queued stays queued, whatever comes of this. */
static void
wake (const PostsealSendmailArguments *arguments)
{
  g_autoptr (GError) error = NULL;

  if (!postseal_wake (arguments->config, &error))
    g_printerr ("postseal-sendmail: %s\n", error->message);
}

/* With -v: sends @id now, for everybody to see. */
static void
send_visibly (const PostsealSendmailArguments *arguments, const char *id)
{
  const char *const command[] = { "queue", "flush", "--verbose", id, NULL };
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_print (_ ("Queued as %s\n"), id);
  fflush (stdout);
  if (!postseal_program_run (arguments->config, command, &status, &error))
    g_printerr (_ ("postseal-sendmail: The message is queued as %s, but sending it cannot be "
                   "started now: %s\n"),
                id, error->message);
  else if (status != 0)
    g_printerr (_ ("postseal-sendmail: The message is not sent yet (status %d); “postseal queue "
                   "show %s” tells more\n"),
                status, id);
}

int
postseal_sendmail_send (const PostsealSendmailArguments *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealSenders) senders = load_senders (arguments, &error);
  g_autofree char *origin = make_origin ();
  g_autofree char *id = NULL;
  PostsealSubmission submission = {
    .account = arguments->account,
    .sender = arguments->sender,
    .reads_recipients = arguments->reads_recipients,
    .dot_ends = !arguments->ignores_dots,
    .undoes_dots = arguments->undoes_dots,
    .full_name = arguments->full_name,
    .is_binary = arguments->is_binary,
    .notify = arguments->notify,
    .ret = arguments->ret,
    .envid = arguments->envid,
    .origin = origin,
  };

  if (senders == NULL)
    return postseal_sendmail_complain (error);
  g_ptr_array_add (arguments->recipients, NULL);
  submission.recipients = (const char *const *)arguments->recipients->pdata;
  if (!postseal_submission_run (&submission, senders, STDIN_FILENO, &id, &error))
    return postseal_sendmail_complain (error);
  if (arguments->is_verbose)
    send_visibly (arguments, id);
  else
    wake (arguments);
  return 0;
}

int
postseal_sendmail_speak_smtp (const PostsealSendmailArguments *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealSenders) senders = load_senders (arguments, &error);
  g_autofree char *origin = make_origin ();
  gboolean is_heard;
  guint n_queued = 0;

  if (senders == NULL)
    {
      fputs ("421 4.3.5 No account here sends mail\r\n", stdout);
      return postseal_sendmail_complain (error);
    }
  is_heard = postseal_smtp_dialogue_run (senders, arguments->full_name, origin, STDIN_FILENO,
                                         STDOUT_FILENO, &n_queued);
  if (n_queued > 0)
    wake (arguments);
  return is_heard ? 0 : STATUS_IO;
}

/* Returns: exit status */
static int
verify_one (PostsealSenders *senders, const char *sender, const char *recipient)
{
  const char *const recipients[] = { recipient, NULL };
  PostsealSubmission submission = { .sender = sender, .recipients = recipients };
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) addresses = NULL;
  const char *account = NULL;

  addresses = postseal_submission_resolve (&submission, senders, &account, &error);
  if (addresses == NULL)
    return postseal_sendmail_complain (error);
  for (gsize i = 0; addresses[i] != NULL; i++)
    {
      g_autofree char *address = postseal_printable (addresses[i], -1);

      g_print (_ ("%s... deliverable: account %s\n"), address, account);
    }
  return 0;
}

int
postseal_sendmail_verify (const PostsealSendmailArguments *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealSenders) senders = load_senders (arguments, &error);
  int status = 0;

  if (senders == NULL)
    return postseal_sendmail_complain (error);
  if (arguments->recipients->len == 0)
    {
      g_set_error_literal (&error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_USAGE,
                           _ ("No addresses are given that -bv could verify"));
      return postseal_sendmail_complain (error);
    }
  for (guint i = 0; i < arguments->recipients->len; i++)
    {
      int one
          = verify_one (senders, arguments->sender, g_ptr_array_index (arguments->recipients, i));

      status = status != 0 ? status : one;
    }
  return status;
}

int
postseal_sendmail_list_queue (const PostsealSendmailArguments *arguments)
{
  g_autoptr (GError) error = NULL;

  return postseal_queue_table_print (&error) ? 0 : postseal_sendmail_complain (error);
}

int
postseal_sendmail_run_queue (const PostsealSendmailArguments *arguments)
{
  const char *command[] = { "queue", "flush", NULL, NULL, NULL };
  g_autoptr (GError) error = NULL;
  gsize n = 2;
  int status = 0;

  if (arguments->is_verbose)
    command[n++] = "--verbose";
  if (arguments->queue_id != NULL)
    command[n++] = arguments->queue_id;
  if (postseal_program_run (arguments->config, command, &status, &error))
    return status;
  g_printerr (_ ("postseal-sendmail: Cannot start “postseal queue flush”: %s\n"), error->message);
  return STATUS_LATER;
}
