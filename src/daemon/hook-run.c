/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/hook-run.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/paths.h"
#include "base/printable.h"
#include "daemon/event-log.h"

#define MOST_LINES 50 /* of what a command prints, in the log */
#define LINE_LENGTH 512
#define MOST_READ (4 * 65536) /* at once, of a command that never stops talking */

typedef enum
{
  STATE_RUNNING,
  STATE_TERMINATED, /* has had SIGTERM */
  STATE_KILLED,
  STATE_OVER, /* ended, or nobody is interested any more */
} State;

/* Referenced by its maker and by what is under way. */
struct _PostsealHookRun
{
  grefcount references;
  State state;
  char *account; /* owned */
  char *program; /* owned */
  guint run_ms;
  guint grace_ms;
  GSubprocess *process; /* owned */
  pid_t group;
  GCancellable *cancellable; /* owned: of the input */
  GSource *output; /* owned, nullable */
  GSource *limit; /* owned, nullable */
  GString *line; /* owned: not complete yet */
  guint lines;
  PostsealHookRunFunc func;
  gpointer user_data;
};

static PostsealHookRun *
ref_run (PostsealHookRun *self)
{
  g_ref_count_inc (&self->references);
  return self;
}

static void
unref_run (PostsealHookRun *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  g_free (self->account);
  g_free (self->program);
  g_clear_object (&self->process);
  g_clear_object (&self->cancellable);
  g_string_free (self->line, TRUE);
  g_free (self);
}

static void
end_run (PostsealHookRun *self)
{
  self->state = STATE_OVER;
  postseal_loop_clear (&self->output);
  postseal_loop_clear (&self->limit);
  g_cancellable_cancel (self->cancellable);
}

static void
log_line (PostsealHookRun *self)
{
  g_autofree char *text = postseal_printable (self->line->str, (gssize)self->line->len);

  g_string_truncate (self->line, 0);
  self->lines++;
  if (self->lines <= MOST_LINES)
    postseal_event_log (G_LOG_LEVEL_INFO, self->account, "hook-output", "%s: %s", self->program,
                        text);
  else if (self->lines == MOST_LINES + 1)
    postseal_event_log (G_LOG_LEVEL_INFO, self->account, "hook-output", _ ("%s prints even more"),
                        self->program);
}

static void
take_output (PostsealHookRun *self, const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (text[i] == '\n')
      log_line (self);
    else if (self->line->len < LINE_LENGTH)
      g_string_append_c (self->line, text[i]);
}

/* What is there now. Returns: FALSE when no more will come */
static gboolean
read_output (PostsealHookRun *self)
{
  GPollableInputStream *pipe
      = G_POLLABLE_INPUT_STREAM (g_subprocess_get_stdout_pipe (self->process));
  char text[4096];

  for (gsize total = 0; total < MOST_READ;)
    {
      g_autoptr (GError) error = NULL;
      gssize n = g_pollable_input_stream_read_nonblocking (pipe, text, sizeof text, NULL, &error);

      if (n <= 0)
        return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
      take_output (self, text, (gsize)n);
      total += (gsize)n;
    }
  return TRUE;
}

static gboolean
on_output (GObject *pipe, gpointer user_data)
{
  PostsealHookRun *self = user_data;

  if (!read_output (self))
    postseal_loop_clear (&self->output);
  return G_SOURCE_CONTINUE;
}

static GError *
judge (PostsealHookRun *self, State state)
{
  if (state != STATE_RUNNING)
    return g_error_new (G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED,
                        _ ("The command %s took longer than %u s and was ended"), self->program,
                        self->run_ms / 1000);
  if (g_subprocess_get_if_signaled (self->process))
    return g_error_new (G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED,
                        _ ("The command %s was ended by signal %d"), self->program,
                        g_subprocess_get_term_sig (self->process));
  if (g_subprocess_get_exit_status (self->process) != 0)
    return g_error_new (G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED,
                        _ ("The command %s failed with exit status %d"), self->program,
                        g_subprocess_get_exit_status (self->process));
  return NULL;
}

static void
on_exited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealHookRun *self = user_data;
  State state = self->state;

  (void)g_subprocess_wait_finish (self->process, result, NULL);
  if (state != STATE_OVER)
    {
      g_autoptr (GError) error = judge (self, state);

      read_output (self);
      if (self->line->len > 0)
        log_line (self);
      end_run (self);
      self->func (error, self->user_data);
    }
  unref_run (self);
}

static void
signal_group (PostsealHookRun *self, int number)
{
  if (self->group > 0)
    (void)kill (-self->group, number);
}

static gboolean on_limit (gpointer user_data);

static void
start_limit (PostsealHookRun *self, guint limit_ms)
{
  postseal_loop_clear (&self->limit);
  self->limit = postseal_loop_add_timeout (limit_ms, on_limit, self);
}

static gboolean
on_limit (gpointer user_data)
{
  PostsealHookRun *self = user_data;

  if (self->state == STATE_RUNNING)
    {
      self->state = STATE_TERMINATED;
      signal_group (self, SIGTERM);
      start_limit (self, self->grace_ms);
    }
  else
    {
      self->state = STATE_KILLED;
      signal_group (self, SIGKILL);
      postseal_loop_clear (&self->limit);
    }
  return G_SOURCE_REMOVE;
}

/* A command that does not read it all, or at all, is none the worse for it. */
static void
on_input_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GBytes) input = user_data;

  (void)g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  g_output_stream_close (G_OUTPUT_STREAM (source), NULL, NULL);
}

/* In the child, between fork and exec: a group that can be ended as a whole, no terminal, and none
   of the signals that we ignore. */
static void
prepare_child (gpointer user_data)
{
  (void)setsid ();
  (void)signal (SIGXFSZ, SIG_DFL);
}

static GSubprocess *
spawn (const PostsealHookCommand *command, const char *program, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                   | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_auto (GStrv) argv = g_strdupv ((char **)command->argv);
  const char *home = g_get_home_dir ();

  g_free (argv[0]);
  argv[0] = g_strdup (program);
  g_subprocess_launcher_set_cwd (launcher, g_file_test (home, G_FILE_TEST_IS_DIR) ? home : "/");
  g_subprocess_launcher_set_environ (launcher, (char **)command->environment);
  g_subprocess_launcher_set_child_setup (launcher, prepare_child, NULL, NULL);
  return g_subprocess_launcher_spawnv (launcher, (const char *const *)argv, error);
}

static void
connect_pipes (PostsealHookRun *self, GBytes *input)
{
  GInputStream *output = g_subprocess_get_stdout_pipe (self->process);
  gsize length;
  const void *data = g_bytes_get_data (input, &length);

  g_output_stream_write_all_async (g_subprocess_get_stdin_pipe (self->process), data, length,
                                   G_PRIORITY_DEFAULT, self->cancellable, on_input_written,
                                   g_bytes_ref (input));
  self->output = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (output), NULL);
  g_source_set_callback (self->output, G_SOURCE_FUNC (on_output), self, NULL);
  g_source_attach (self->output, g_main_context_get_thread_default ());
}

PostsealHookRun *
postseal_hook_run_start (const PostsealHookCommand *command,
                         GBytes *input,
                         PostsealHookRunFunc func,
                         gpointer user_data,
                         GError **error)
{
  g_autofree char *program = NULL;
  g_autoptr (GSubprocess) process = NULL;
  PostsealHookRun *self;
  const char *identifier;

  g_return_val_if_fail (command != NULL && command->argv[0] != NULL, NULL);
  g_return_val_if_fail (func != NULL, NULL);

  program = postseal_paths_expand_home (command->argv[0]);
  process = spawn (command, program, error);
  if (process == NULL)
    return NULL;

  self = g_new0 (PostsealHookRun, 1);
  g_ref_count_init (&self->references);
  self->account = g_strdup (command->account);
  self->program = g_steal_pointer (&program);
  self->run_ms = command->run_ms;
  self->grace_ms = command->grace_ms;
  self->process = g_steal_pointer (&process);
  identifier = g_subprocess_get_identifier (self->process);
  self->group = identifier != NULL ? (pid_t)g_ascii_strtoll (identifier, NULL, 10) : 0;
  self->cancellable = g_cancellable_new ();
  self->line = g_string_new (NULL);
  self->func = func;
  self->user_data = user_data;
  connect_pipes (self, input);
  start_limit (self, self->run_ms);
  g_subprocess_wait_async (self->process, NULL, on_exited, ref_run (self));
  return self;
}

void
postseal_hook_run_free (PostsealHookRun *self)
{
  if (self == NULL)
    return;
  if (self->state != STATE_OVER)
    {
      signal_group (self, SIGTERM);
      end_run (self);
    }
  unref_run (self);
}
