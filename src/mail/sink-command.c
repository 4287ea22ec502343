/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/sink-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/printable.h"

#define HEARD_LENGTH 512 /* of what the program says on standard error */

/* Each message is the standard input of one run of a delivery program: the whole file, never a pipe
   that could end early. Argument vector, no shell. Exit status as in sysexits.h: 0 delivered; 75, a
   signal or no end in time: another time; anything else: refused. Environment: ours, with
   RECIPIENT. */
typedef struct
{
  PostsealSink parent;
  char **argv; /* owned */
  char **envp; /* owned */
  guint limit_ms;
} CommandSink;

typedef struct
{
  GPid pid;
  int pid_fd; /* owned; tells the end, -1 when the kernel has none */
  int heard_fd; /* owned; standard error */
  char heard[HEARD_LENGTH];
  gsize n_heard;
} Run;

static guint limit_override_ms;

void
_postseal_sink_command_set_limit (guint limit_ms)
{
  limit_override_ms = limit_ms;
}

/* In the child, between fork and exec: a process group of its own, to be ended with all it started.
 */
static void
leave_group (gpointer user_data)
{
  setpgid (0, 0);
}

static gboolean
start (CommandSink *self, const char *staged_path, Run *ret_run, GError **error)
{
  const GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | G_SPAWN_CLOEXEC_PIPES;
  g_autoptr (GError) local = NULL;
  int message = open (staged_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  int nowhere;
  gboolean is_started;

  if (message < 0)
    return _postseal_sink_fail (error, errno, _ ("Cannot read a message for “%s”"), self->argv[0]);
  nowhere = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  is_started = g_spawn_async_with_pipes_and_fds (
      NULL, (const char *const *)self->argv, (const char *const *)self->envp, flags, leave_group,
      NULL, message, nowhere, -1, NULL, NULL, 0, &ret_run->pid, NULL, NULL, &ret_run->heard_fd,
      &local);
  close (message);
  close (nowhere);
  if (!is_started)
    {
      g_set_error (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_CANNOT_WRITE,
                   _ ("Cannot start the delivery program “%s”: %s"), self->argv[0], local->message);
      return FALSE;
    }
  ret_run->pid_fd = (int)syscall (SYS_pidfd_open, ret_run->pid, 0);
  return TRUE;
}

/* The rest is read and thrown away, so that the program never waits for us. Returns: FALSE at the
 * end */
static gboolean
hear (Run *run)
{
  char surplus[HEARD_LENGTH];
  gsize room = sizeof run->heard - run->n_heard;
  gssize n = room > 0 ? read (run->heard_fd, run->heard + run->n_heard, room)
                      : read (run->heard_fd, surplus, sizeof surplus);

  if (n > 0 && room > 0)
    run->n_heard += (gsize)n;
  return n > 0 || (n < 0 && errno == EINTR);
}

/* Until the program itself ends; what it left in the background may keep its standard error open.
   Returns: FALSE when
   @deadline came first */
static gboolean
wait_for_end (Run *run, gint64 deadline)
{
  struct pollfd fds[] = { { run->pid_fd, POLLIN, 0 }, { run->heard_fd, POLLIN, 0 } };

  for (;;)
    {
      gint64 left_ms = (deadline - g_get_monotonic_time ()) / G_TIME_SPAN_MILLISECOND;

      if (left_ms <= 0)
        return FALSE;
      fds[0].revents = fds[1].revents = 0;
      if (poll (fds, G_N_ELEMENTS (fds), (int)left_ms) < 0 && errno != EINTR)
        return FALSE;
      if (fds[1].revents != 0 && !hear (run))
        {
          fds[1].fd = -1;
          if (run->pid_fd < 0)
            return TRUE;
        }
      else if (fds[0].revents != 0)
        return TRUE;
    }
}

/* What it wrote last before it ended. */
static void
hear_rest (Run *run)
{
  struct pollfd fd = { run->heard_fd, POLLIN, 0 };

  while (run->n_heard < sizeof run->heard && poll (&fd, 1, 0) > 0 && hear (run))
    ;
}

/* The first line, for people. Returns: (transfer full): "" or ": “text”" */
static char *
quote_heard (const Run *run)
{
  const char *end = memchr (run->heard, '\n', run->n_heard);
  g_autofree char *line
      = postseal_printable (run->heard, end != NULL ? end - run->heard : (gssize)run->n_heard);

  return *line != '\0' ? g_strdup_printf (": “%s”", line) : g_strdup ("");
}

/* Returns: NULL when it is delivered */
static GError *
judge (CommandSink *self, const Run *run, gboolean has_ended, int status)
{
  g_autofree char *heard = quote_heard (run);
  const char *program = self->argv[0];

  if (!has_ended)
    return g_error_new (POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_TEMPORARY,
                        _ ("The delivery program “%s” took longer than %u s and was ended%s"),
                        program, self->limit_ms / 1000, heard);
  if (!WIFEXITED (status))
    return g_error_new (POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_TEMPORARY,
                        _ ("The delivery program “%s” was ended by signal %d%s"), program,
                        WTERMSIG (status), heard);
  if (WEXITSTATUS (status) == EX_OK)
    return NULL;
  if (WEXITSTATUS (status) == EX_TEMPFAIL)
    return g_error_new (POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_TEMPORARY,
                        _ ("The delivery program “%s” asks to be tried again later%s"), program,
                        heard);
  return g_error_new (POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_REJECTED,
                      _ ("The delivery program “%s” refused a message with exit status %d; it "
                         "stays on the server%s"),
                      program, WEXITSTATUS (status), heard);
}

/* Returns: FALSE with @error when the program cannot be started at all */
static gboolean
run_program (CommandSink *self, PostsealSinkItem *item, GError **error)
{
  Run run = { 0 };
  gint64 deadline = g_get_monotonic_time () + self->limit_ms * G_TIME_SPAN_MILLISECOND;
  gboolean has_ended;
  int status = 0;

  if (!start (self, item->staged_path, &run, error))
    return FALSE;
  has_ended = wait_for_end (&run, deadline);
  if (!has_ended)
    kill (-run.pid, SIGKILL);
  while (waitpid (run.pid, &status, 0) < 0 && errno == EINTR)
    ;
  hear_rest (&run);
  if (run.pid_fd >= 0)
    close (run.pid_fd);
  close (run.heard_fd);
  item->error = judge (self, &run, has_ended, status);
  if (item->error == NULL)
    item->place = g_strdup (self->argv[0]);
  return TRUE;
}

static gboolean
deliver_command (PostsealSink *sink, PostsealSinkItem *items, gsize n_items, GError **error)
{
  CommandSink *self = (CommandSink *)sink;
  g_autoptr (GError) fatal = NULL;

  for (gsize i = 0; i < n_items && fatal == NULL; i++)
    if (run_program (self, &items[i], &fatal) && items[i].place != NULL)
      unlink (items[i].staged_path);
  if (fatal == NULL)
    return TRUE;
  _postseal_sink_fail_rest (items, n_items, fatal);
  g_propagate_error (error, g_steal_pointer (&fatal));
  return FALSE;
}

static void
clear_command (PostsealSink *sink)
{
  CommandSink *self = (CommandSink *)sink;

  g_strfreev (self->argv);
  g_strfreev (self->envp);
}

static const PostsealSinkClass command_class = { deliver_command, clear_command };

PostsealSink *
_postseal_sink_command_new (const char *command_line, const char *recipient, GError **error)
{
  g_autoptr (GError) local = NULL;
  char **argv = NULL;
  CommandSink *self;

  if (!g_shell_parse_argv (command_line, NULL, &argv, &local))
    {
      g_set_error_literal (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_CANNOT_WRITE,
                           local->message);
      return NULL;
    }
  self = g_new0 (CommandSink, 1);
  self->parent.klass = &command_class;
  self->parent.kind = POSTSEAL_SINK_COMMAND;
  self->argv = argv;
  self->envp = g_environ_setenv (g_get_environ (), "RECIPIENT", recipient, TRUE);
  self->limit_ms = limit_override_ms != 0 ? limit_override_ms : POSTSEAL_LIMIT_DELIVERY_MS;
  return &self->parent;
}
