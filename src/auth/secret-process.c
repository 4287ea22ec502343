/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/secret-process-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "auth/credential-private.h"
#include "auth/vault.h"
#include "base/limits.h"
#include "base/printable.h"

#define DISCARD_LENGTH 4096
#define DISCARD_MAX (16 * POSTSEAL_LIMIT_SECRET) /* what a command may say after its first line */
#define HINT_LENGTH 512
#define INPUT_MAX 60000 /* fits into a pipe that nobody reads yet */

typedef enum
{
  OUTPUT_WANTED, /* it is being read */
  OUTPUT_DISCARD, /* what follows is read and wiped, so that the program can end */
  OUTPUT_END,
} OutputState;

/* One run of the program. Referenced by each operation under way. */
typedef struct
{
  grefcount references;
  GTask *task; /* owned; NULL once returned */
  GSubprocess *process; /* owned */
  GPid pid; /* also its process group */
  char *program; /* owned: for messages */
  GCancellable *stop; /* owned: ends the reads that nobody needs any more */
  GCancellable *cancellable; /* owned: of the caller, nullable */
  gulong cancelled; /* its handler, or 0 */
  gboolean has_exited;

  PostsealSecretProcessOutput wanted;
  OutputState output;
  PostsealCredential *line; /* owned: or all of the output */
  gsize filled;
  gsize discarded;
  gboolean is_line_bad;
  char spill[DISCARD_LENGTH];

  gboolean is_hint_complete;
  char hint[HINT_LENGTH]; /* the start of what it says on standard error */
  gsize hint_filled;
  char hint_spill[DISCARD_LENGTH];
} Run;

static void read_output (Run *run);
static void read_hint (Run *run);

static Run *
run_ref (Run *run)
{
  g_ref_count_inc (&run->references);
  return run;
}

static void
run_unref (Run *run)
{
  if (!g_ref_count_dec (&run->references))
    return;
  g_clear_object (&run->task);
  g_clear_object (&run->process);
  g_clear_object (&run->stop);
  g_clear_object (&run->cancellable);
  g_clear_pointer (&run->line, postseal_credential_unref);
  g_free (run->program);
  postseal_wipe (run, sizeof *run);
  g_free (run);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Run, run_unref)

/* Takes the task; nothing is returned or read after this. */
static GTask *
end_run (Run *run)
{
  gulong handler = run->cancelled;

  run->cancelled = 0;
  if (handler != 0)
    g_cancellable_disconnect (run->cancellable, handler);
  g_cancellable_cancel (run->stop);
  return g_steal_pointer (&run->task);
}

/* With all that it has started: a password program may be waiting for its agent. */
static void
kill_run (Run *run)
{
  if (run->pid > 0)
    (void)kill (-run->pid, SIGKILL);
}

/* At once, not from the loop: at the limit the caller may be about to end the process. */
static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Run *run = user_data;

  run->cancelled = 0; /* a handler that disconnects itself waits for itself */
  kill_run (run);
  g_autoptr (GTask) task = end_run (run);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Cancelled"));
}

/* What the program said about its failure, unless that holds what it printed as the password. */
static char *
describe_hint (Run *run)
{
  const char *end = memchr (run->hint, '\n', run->hint_filled);
  gsize length = end != NULL ? (gsize)(end - run->hint) : run->hint_filled;
  gsize secret
      = run->output == OUTPUT_WANTED ? run->filled : postseal_credential_get_length (run->line);

  if (length == 0
      || (secret > 0
          && memmem (run->hint, length, postseal_credential_get (run->line), secret) != NULL))
    return g_strdup (_ ("it did not say why"));
  return postseal_printable (run->hint, (gssize)length);
}

static void
return_failure (Run *run, GTask *task)
{
  g_autofree char *hint = describe_hint (run);

  if (g_subprocess_get_if_signaled (run->process))
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                             _ ("The command %s was ended by signal %d: %s"), run->program,
                             g_subprocess_get_term_sig (run->process), hint);
  else
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                             _ ("The command %s failed with status %d: %s"), run->program,
                             g_subprocess_get_exit_status (run->process), hint);
}

/* Returns once all is known that decides. A program that leaves a child with its output open (an
   agent it started) is not waited for. */
static void
conclude (Run *run)
{
  if (run->task == NULL || !run->has_exited)
    return;

  gboolean is_good = g_subprocess_get_successful (run->process);
  if (is_good ? run->output == OUTPUT_WANTED : !run->is_hint_complete)
    return;

  g_autoptr (GTask) task = end_run (run);
  if (!is_good)
    return_failure (run, task);
  else if (run->is_line_bad)
    g_task_return_new_error (
        task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
        _ ("What the command %s prints is not a password: its first line is too "
           "long, or has a NUL byte"),
        run->program);
  else
    g_task_return_pointer (task, postseal_credential_ref (run->line),
                           (GDestroyNotify)postseal_credential_unref);
}

static void
stop_talker (Run *run)
{
  g_autoptr (GTask) task = end_run (run);

  kill_run (run);
  g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                           _ ("The command %s prints far more than a secret"), run->program);
}

static void
end_wanted (Run *run)
{
  if (run->wanted == POSTSEAL_SECRET_PROCESS_FIRST_LINE)
    run->is_line_bad = !_postseal_credential_keep_first_line (run->line, run->filled);
  else
    _postseal_credential_truncate (run->line, run->filled);
  run->output = OUTPUT_DISCARD;
}

static void
take_output (Run *run, gsize n)
{
  if (run->output == OUTPUT_DISCARD)
    {
      postseal_wipe (run->spill, n);
      run->discarded += n;
      return;
    }

  const char *fresh = postseal_credential_get (run->line) + run->filled;
  gboolean has_line_end
      = run->wanted == POSTSEAL_SECRET_PROCESS_FIRST_LINE && memchr (fresh, '\n', n) != NULL;

  run->filled += n;
  if (has_line_end || run->filled == postseal_credential_get_length (run->line))
    end_wanted (run);
}

static void
on_output (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Run) run = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (run->task == NULL)
    return;
  if (n > 0)
    {
      take_output (run, (gsize)n);
      if (run->discarded > DISCARD_MAX
          || (run->wanted == POSTSEAL_SECRET_PROCESS_ALL && run->output == OUTPUT_DISCARD))
        stop_talker (run);
      else
        read_output (run);
    }
  else
    {
      if (run->output == OUTPUT_WANTED)
        end_wanted (run);
      run->output = OUTPUT_END;
    }
  conclude (run);
}

static void
read_output (Run *run)
{
  gboolean is_wanted = run->output == OUTPUT_WANTED;
  char *to = is_wanted ? _postseal_credential_peek (run->line) + run->filled : run->spill;
  gsize room
      = is_wanted ? postseal_credential_get_length (run->line) - run->filled : DISCARD_LENGTH;

  g_input_stream_read_async (g_subprocess_get_stdout_pipe (run->process), to, room,
                             G_PRIORITY_DEFAULT, run->stop, on_output, run_ref (run));
}

static void
on_hint (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Run) run = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (run->task == NULL)
    return;
  if (n > 0 && run->hint_filled < HINT_LENGTH)
    run->hint_filled += (gsize)n;
  else if (n > 0)
    run->discarded += (gsize)n;
  run->is_hint_complete = n <= 0 || run->hint_filled == HINT_LENGTH
                          || memchr (run->hint, '\n', run->hint_filled) != NULL;
  if (n > 0 && run->discarded > DISCARD_MAX)
    stop_talker (run);
  else if (n > 0)
    read_hint (run);
  conclude (run);
}

/* What follows the start is thrown away, so that the program can end. */
static void
read_hint (Run *run)
{
  GInputStream *pipe = g_subprocess_get_stderr_pipe (run->process);
  gsize room = HINT_LENGTH - run->hint_filled;
  char *to = room > 0 ? run->hint + run->hint_filled : run->hint_spill;

  g_input_stream_read_async (pipe, to, room > 0 ? room : DISCARD_LENGTH, G_PRIORITY_DEFAULT,
                             run->stop, on_hint, run_ref (run));
}

static void
on_process_exit (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Run) run = user_data;

  (void)g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  run->has_exited = TRUE;
  conclude (run);
}

/* A pipe that holds all of @input already: nothing has to be written while the program runs, and a
   program that does not read ends nobody by SIGPIPE. Returns: the end to read from, or -1 */
static int
fill_pipe (PostsealCredential *input, GError **error)
{
  gsize length = postseal_credential_get_length (input);
  int ends[2] = { -1, -1 };
  gboolean is_written = FALSE;

  if (length <= INPUT_MAX && pipe2 (ends, O_CLOEXEC | O_NONBLOCK) == 0)
    is_written = write (ends[1], postseal_credential_get (input), length) == (gssize)length;
  if (!is_written)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("its input does not fit into a pipe"));
  if (ends[1] >= 0)
    close (ends[1]);
  if (is_written && fcntl (ends[0], F_SETFL, 0) == 0)
    return ends[0];
  if (ends[0] >= 0)
    close (ends[0]);
  return -1;
}

/* A session of its own: a group that can be ended as a whole, and no terminal to ask on. */
static void
detach_child (gpointer user_data)
{
  (void)setsid ();
}

static GSubprocess *
spawn (const char *const *argv, PostsealCredential *input, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);

  if (input != NULL)
    {
      int end = fill_pipe (input, error);

      if (end < 0)
        return NULL;
      g_subprocess_launcher_take_stdin_fd (launcher, end);
    }
  g_subprocess_launcher_set_child_setup (launcher, detach_child, NULL, NULL);
  return g_subprocess_launcher_spawnv (launcher, argv, error);
}

static void
start_run (Run *run, GCancellable *cancellable)
{
  const char *identifier = g_subprocess_get_identifier (run->process);

  run->pid = identifier != NULL ? (GPid)g_ascii_strtoll (identifier, NULL, 10) : 0;
  run->stop = g_cancellable_new ();
  run->line = _postseal_credential_new_sized (POSTSEAL_LIMIT_SECRET + 1);
  read_output (run);
  read_hint (run);
  g_subprocess_wait_async (run->process, NULL, on_process_exit, run_ref (run));
  if (cancellable == NULL)
    return;
  run->cancellable = g_object_ref (cancellable);
  run->cancelled = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), run, NULL);
}

void
_postseal_secret_process_run_async (const char *const *argv,
                                    PostsealSecretProcessOutput output,
                                    PostsealCredential *input,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (Run) run = g_new0 (Run, 1);

  g_ref_count_init (&run->references);
  g_task_set_source_tag (task, _postseal_secret_process_run_async);
  run->wanted = output;
  run->program = g_strdup (argv[0]);
  run->process = spawn (argv, input, &error);
  if (run->process == NULL)
    {
      g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                               _ ("Cannot run the command %s: %s"), argv[0], error->message);
      return;
    }
  run->task = g_steal_pointer (&task);
  start_run (run, cancellable);
}

PostsealCredential *
_postseal_secret_process_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
