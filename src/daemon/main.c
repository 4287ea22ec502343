/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/event-log.h"

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

/* Worker threads come and go and do little: two arenas are enough for all, where the C library
   would make eight for each processor and keep what each has ever needed. Large blocks are given
   back at once; fixing the limits ends their growth. */
static void
spare_memory (void)
{
  mallopt (M_ARENA_MAX, 2);
  mallopt (M_MMAP_THRESHOLD, 128 * 1024);
  mallopt (M_TRIM_THRESHOLD, 128 * 1024);
}

/* Returns: TRUE to go on, else *ret_status is what to end with */
static gboolean
parse_options (int argc, char **argv, PostsealDaemonOptions *options, int *ret_status)
{
  static char *config;
  gboolean is_verbose = FALSE;
  gboolean is_version = FALSE;
  const GOptionEntry entries[] = {
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &config, N_ ("Another file of accounts"),
      N_ ("FILE") },
    { "session", 0, 0, G_OPTION_ARG_NONE, &options->ends_with_session,
      N_ ("End when the session bus does"), NULL },
    { "verbose", 0, 0, G_OPTION_ARG_NONE, &is_verbose, N_ ("Tell of everything that happens"),
      NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &is_version, N_ ("Print the version"), NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (
      context, _ ("Receives mail as soon as it arrives and sends what is in the outbox."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  *ret_status = EX_USAGE;
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_printerr (_ ("postseald: %s\n"), error->message);
  else if (argc > 1)
    g_printerr (_ ("postseald: There is nothing to be done with “%s”\n"), argv[1]);
  else if (is_version)
    {
      g_print ("postseald %s\n", POSTSEAL_VERSION);
      *ret_status = 0;
    }
  else
    {
      options->config = config;
      postseal_event_log_start (is_verbose ? POSTSEAL_EVENT_LOG_VERBOSE : POSTSEAL_EVENT_LOG_USUAL);
      return TRUE;
    }
  return FALSE;
}

static int
run (const PostsealDaemonOptions *options)
{
  g_autoptr (PostsealSupervisor) supervisor = postseal_supervisor_new ();
  g_autoptr (PostsealDaemon) daemon = postseal_daemon_new (options, supervisor);

  return postseal_daemon_run (daemon);
}

/* A thread may still be at work, such as one that reads the system's authorities: what GnuTLS and
   others tidy up at the end of a process would be taken away from under it. */
static int
leave (int status)
{
  fflush (NULL);
#ifndef __SANITIZE_ADDRESS__ /* which looks for leaks there */
  _exit (status);
#endif
  return status;
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) environment = g_get_environ ();
  PostsealDaemonOptions options = { .environment = (const char *const *)environment };
  int status;

  forbid_dumps ();
  spare_memory ();
  umask (077);
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_IGN); /* a limit on files is a full disk, not a death */
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, POSTSEAL_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("postseald");

  if (!parse_options (argc, argv, &options, &status))
    return status;
  /* Our files are local: no need of gvfs, its threads and its bus traffic. */
  g_setenv ("GIO_USE_VFS", "local", TRUE);
  return leave (run (&options));
}
