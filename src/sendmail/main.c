/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sendmail/modes.h"

static void
print_help (void)
{
  g_print (_ ("Usage: postseal-sendmail [OPTION…] [RECIPIENT…] < MESSAGE\n"
              "Puts a message into the outbox of Postseal, which sends it.\n\n"
              "  -t            recipients from To, Cc and Bcc, too\n"
              "  -i            a line that is only a dot does not end the message\n"
              "  -f ADDRESS    envelope sender; it chooses the account\n"
              "  -F NAME       full name for a From that is missing\n"
              "  -N, -R, -V    what reports of delivery are wanted (RFC 3461)\n"
              "  -v            sends at once and shows how\n"
              "  -bp, mailq    lists the outbox\n"
              "  -bs           speaks SMTP on standard input and output\n"
              "  -bv           says what would become of the addresses\n"
              "  -q            sends all that waits\n"
              "  -C FILE       another file of accounts\n"
              "  --help, --version\n\n"
              "See postseal-sendmail(1) for the others.\n"));
}

static int
run (const PostsealSendmailArguments *arguments)
{
  switch (arguments->mode)
    {
    case POSTSEAL_SENDMAIL_SPEAK_SMTP:
      return postseal_sendmail_speak_smtp (arguments);
    case POSTSEAL_SENDMAIL_LIST_QUEUE:
      return postseal_sendmail_list_queue (arguments);
    case POSTSEAL_SENDMAIL_RUN_QUEUE:
      return postseal_sendmail_run_queue (arguments);
    case POSTSEAL_SENDMAIL_VERIFY:
      return postseal_sendmail_verify (arguments);
    case POSTSEAL_SENDMAIL_NEW_ALIASES: /* there are none */
      return 0;
    case POSTSEAL_SENDMAIL_HELP:
      print_help ();
      return 0;
    case POSTSEAL_SENDMAIL_VERSION:
      g_print ("postseal-sendmail %s\n", POSTSEAL_VERSION);
      return 0;
    case POSTSEAL_SENDMAIL_SEND:
    default:
      return postseal_sendmail_send (arguments);
    }
}

/* A file of the outbox must not come to stand where input or output is expected. What is put there
   instead swallows output and cannot be read. */
static void
hold_standard_descriptors (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_WRONLY) != fd)
      exit (71);
}

int
main (int argc, char **argv)
{
  g_auto (PostsealSendmailArguments) arguments = { 0 };
  g_autoptr (GError) error = NULL;
  int status;

  hold_standard_descriptors ();
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN); /* a limit on files is a full disk, not a death */
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, POSTSEAL_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  if (!postseal_sendmail_arguments_parse (&arguments, argc, argv, &error))
    return postseal_sendmail_complain (error);
  status = run (&arguments);

  /* What was not written was not said: the reader of a pipe must not take half for all. */
  if (fflush (stdout) != 0 || ferror (stdout))
    {
      g_printerr (_ ("postseal-sendmail: Cannot write to standard output: %s\n"),
                  g_strerror (errno));
      return status != 0 ? status : 74;
    }
  return status;
}
