/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "cli/commands.h"
#include "cli/report.h"

static const PostsealCommand commands[] = {
  { "fetch", N_ ("Retrieve new mail now, from all accounts at once"), postseal_cmd_fetch },
  { "send", N_ ("Send the message on standard input"), postseal_cmd_send },
  { "queue", N_ ("Show and change what is in the outbox"), postseal_cmd_queue },
  { "account", N_ ("List, show, add, edit and remove accounts"), postseal_cmd_account },
  { "check", N_ ("Say what the TLS of servers is worth, and what protects mail to a domain"),
    postseal_cmd_check },
  { "password", N_ ("Store, forget and test the password of an account"), postseal_cmd_password },
  { "status", N_ ("Show what the accounts are doing, how they are sealed, and what went wrong"),
    postseal_cmd_status },
  { "trace", N_ ("Tell how a message came, and what of it was encrypted"), postseal_cmd_trace },
  { "report", N_ ("Count how often TLS failed, here and in the reports of others"),
    postseal_cmd_report },
  { "connect", N_ ("Talk to a server by hand, over a sealed connection"), postseal_cmd_connect },
  { NULL, NULL, NULL },
};

/* Secrets are in memory: no core file, and no debugger of another process of the same user. */
static void
forbid_dumps (void)
{
  const struct rlimit none = { 0, 0 };

  setrlimit (RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* its leak check looks into the process as a debugger does */
  prctl (PR_SET_DUMPABLE, 0);
#endif
}

int
main (int argc, char **argv)
{
  int status;

  forbid_dumps ();
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN); /* a limit on files is a full disk, not a death */
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, POSTSEAL_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  postseal_report_take_log ();

  status = postseal_commands_run ("postseal", commands, argc, argv);

  /* What was not written was not said: the reader of a pipe must not take half for all. */
  if (fflush (stdout) != 0 || ferror (stdout))
    {
      g_printerr (_ ("postseal: Cannot write to standard output: %s\n"), g_strerror (errno));
      return status != 0 ? status : 74;
    }
  return status;
}
