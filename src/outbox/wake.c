/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/wake.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/lock-file.h"
#include "base/paths.h"

#define PROGRAM "postseal"

extern char **environ;

char *
postseal_wake_find_program (void)
{
  const char *named = g_getenv ("POSTSEAL");
  g_autofree char *self = NULL;
  g_autofree char *beside = NULL;

  if (named != NULL && *named != '\0')
    return g_find_program_in_path (named);
  self = g_file_read_link ("/proc/self/exe", NULL);
  if (self != NULL)
    {
      g_autofree char *dir = g_path_get_dirname (self);

      beside = g_build_filename (dir, PROGRAM, NULL);
      if (access (beside, X_OK) == 0)
        return g_steal_pointer (&beside);
    }
  return g_find_program_in_path (PROGRAM);
}

/* No signal that we ignore or block, no descriptor, no directory that we stand in. */
static void
prepare (posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes)
{
  sigset_t none;
  sigset_t all;

  sigemptyset (&none);
  sigfillset (&all);
  posix_spawn_file_actions_init (actions);
  for (int fd = 0; fd <= 2; fd++)
    posix_spawn_file_actions_addopen (actions, fd, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_addclosefrom_np (actions, 3);
  posix_spawn_file_actions_addchdir_np (actions, "/");
  posix_spawnattr_init (attributes);
  posix_spawnattr_setsigmask (attributes, &none);
  posix_spawnattr_setsigdefault (attributes, &all);
  posix_spawnattr_setflags (attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* The child makes another one and ends, so that nobody has to wait for the one that works. It
   borrows our memory for that instant: a copy of a large program takes longer than all the rest.
   Returns: 0 or an errno */
static int
start (char *const *argv)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  volatile int code = 0;
  pid_t child;

  prepare (&actions, &attributes);
  child = vfork ();
  if (child == 0)
    {
      pid_t worker;

      setsid ();
      code = posix_spawn (&worker, argv[0], &actions, &attributes, argv, environ);
      _exit (0);
    }
  if (child < 0)
    code = errno;
  while (child > 0 && waitpid (child, NULL, 0) < 0 && errno == EINTR)
    ;
  posix_spawnattr_destroy (&attributes);
  posix_spawn_file_actions_destroy (&actions);
  return code;
}

/* It sees a new message by itself: another sender would only find the account's lock taken. A
   daemon that dies right now leaves the message as it leaves all others, on the disk and due: the
   next daemon sends it first thing, and so does the next submission or "postseal queue flush". */
gboolean
postseal_wake_has_daemon (void)
{
  g_autofree char *path = postseal_paths_daemon_lock ();
  g_autofree char *holder = NULL;

  if (!postseal_lock_file_is_held (path))
    return FALSE;
  holder = postseal_lock_file_read_holder (path);
  return g_str_has_prefix (holder, POSTSEAL_WAKE_DAEMON " (");
}

gboolean
postseal_wake (const char *config, GError **error)
{
  g_autofree char *program = postseal_wake_find_program ();
  g_autofree char *absolute = program != NULL ? g_canonicalize_filename (program, NULL) : NULL;
  g_autofree char *file = config != NULL ? g_canonicalize_filename (config, NULL) : NULL;
  char *argv[] = { absolute, "queue", "flush", "--due", NULL, NULL, NULL };
  int code;

  if (config == NULL && postseal_wake_has_daemon ())
    return TRUE;
  if (absolute == NULL)
    {
      g_set_error (error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT,
                   _ ("Cannot find the program “%s” to send the message, which stays in the "
                      "outbox; run “postseal queue flush”"),
                   PROGRAM);
      return FALSE;
    }
  if (file != NULL)
    {
      argv[4] = "--config";
      argv[5] = file;
    }
  code = start (argv);
  if (code == 0)
    return TRUE;
  g_set_error (error, G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED,
               _ ("Cannot start “%s” to send the message, which stays in the outbox: %s"), absolute,
               g_strerror (code));
  return FALSE;
}
