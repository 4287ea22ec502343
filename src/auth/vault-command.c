/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/vault-private.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "auth/credential-private.h"
#include "base/limits.h"
#include "base/paths.h"
#include "base/printable.h"

#define DISCARD_LENGTH 4096
#define DISCARD_MAX (16 * POSTSEAL_LIMIT_SECRET) /* what a command may say after its first line */
#define HINT_LENGTH 512

/* command:ARGV. The first line that a program of the user's prints: pass, gopass, secret-tool ...
 */
#define POSTSEAL_TYPE_VAULT_COMMAND (postseal_vault_command_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealVaultCommand, postseal_vault_command, POSTSEAL, VAULT_COMMAND, GObject)

struct _PostsealVaultCommand
{
  GObject parent_instance;
  char *command_line; /* owned */
};

typedef enum
{
  OUTPUT_LINE, /* the first line is being read */
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

  OutputState output;
  PostsealCredential *line; /* owned */
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
      = run->output == OUTPUT_LINE ? run->filled : postseal_credential_get_length (run->line);

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
                             _ ("The password command %s was ended by signal %d: %s"), run->program,
                             g_subprocess_get_term_sig (run->process), hint);
  else
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                             _ ("The password command %s failed with status %d: %s"), run->program,
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
  if (is_good ? run->output == OUTPUT_LINE : !run->is_hint_complete)
    return;

  g_autoptr (GTask) task = end_run (run);
  if (!is_good)
    return_failure (run, task);
  else if (run->is_line_bad)
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                             _ ("What the password command %s prints is not a password: its first "
                                "line is too long, or has a NUL byte"),
                             run->program);
  else if (postseal_credential_get_length (run->line) == 0)
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT,
                             _ ("The password command %s printed nothing"), run->program);
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
                           _ ("The password command %s prints far more than a password"),
                           run->program);
}

static void
end_line (Run *run)
{
  run->is_line_bad = !_postseal_credential_keep_first_line (run->line, run->filled);
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
  gboolean has_line_end = memchr (fresh, '\n', n) != NULL;

  run->filled += n;
  if (has_line_end || run->filled == postseal_credential_get_length (run->line))
    end_line (run);
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
      if (run->discarded > DISCARD_MAX)
        stop_talker (run);
      else
        read_output (run);
    }
  else
    {
      if (run->output == OUTPUT_LINE)
        end_line (run);
      run->output = OUTPUT_END;
    }
  conclude (run);
}

static void
read_output (Run *run)
{
  gboolean is_line = run->output == OUTPUT_LINE;
  char *to = is_line ? _postseal_credential_peek (run->line) + run->filled : run->spill;
  gsize room = is_line ? postseal_credential_get_length (run->line) - run->filled : DISCARD_LENGTH;

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

/* A session of its own: a group that can be ended as a whole, and no terminal to ask on. */
static void
detach_child (gpointer user_data)
{
  (void)setsid ();
}

static GSubprocess *
spawn (PostsealVaultCommand *self, char **ret_program, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_auto (GStrv) argv = NULL;

  if (!g_shell_parse_argv (self->command_line, NULL, &argv, error))
    return NULL;

  char *program = postseal_paths_expand_home (argv[0]);
  g_free (argv[0]);
  argv[0] = program;
  *ret_program = g_strdup (program);
  g_subprocess_launcher_set_child_setup (launcher, detach_child, NULL, NULL);
  return g_subprocess_launcher_spawnv (launcher, (const char *const *)argv, error);
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

static void
look_up (PostsealVault *vault,
         const char *account,
         GCancellable *cancellable,
         GAsyncReadyCallback callback,
         gpointer user_data)
{
  PostsealVaultCommand *self = POSTSEAL_VAULT_COMMAND (vault);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (Run) run = g_new0 (Run, 1);

  g_ref_count_init (&run->references);
  g_task_set_source_tag (task, look_up);
  run->process = spawn (self, &run->program, &error);
  if (run->process == NULL)
    {
      g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                               _ ("Cannot run the password command of %s: %s"), account,
                               error->message);
      return;
    }
  run->task = g_steal_pointer (&task);
  start_run (run, cancellable);
}

static void
refuse (PostsealVault *vault, GAsyncReadyCallback callback, gpointer user_data)
{
  _postseal_vault_refuse_change (
      vault,
      _ ("The password comes from a command, which Postseal only reads. Change it with the program "
         "that the key “password” of the account names"),
      callback, user_data);
}

static void
store (PostsealVault *vault,
       const char *account,
       PostsealCredential *secret,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  refuse (vault, callback, user_data);
}

static void
clear (PostsealVault *vault,
       const char *account,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  refuse (vault, callback, user_data);
}

char *
_postseal_vault_command_check (const char *command_line)
{
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;

  if (g_shell_parse_argv (command_line, NULL, &argv, &error))
    return NULL;
  if (g_error_matches (error, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
    return g_strdup (_ ("there is no command after “command:”"));
  return g_strdup (_ ("the quotes of the password command do not match"));
}

static void
postseal_vault_command_iface_init (PostsealVaultInterface *iface)
{
  iface->lookup_async = look_up;
  iface->lookup_finish = _postseal_vault_finish_lookup;
  iface->store_async = store;
  iface->store_finish = _postseal_vault_finish_change;
  iface->clear_async = clear;
  iface->clear_finish = _postseal_vault_finish_change;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealVaultCommand,
                               postseal_vault_command,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_VAULT,
                                                      postseal_vault_command_iface_init))

static void
postseal_vault_command_finalize (GObject *object)
{
  g_free (POSTSEAL_VAULT_COMMAND (object)->command_line);
  G_OBJECT_CLASS (postseal_vault_command_parent_class)->finalize (object);
}

static void
postseal_vault_command_class_init (PostsealVaultCommandClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = postseal_vault_command_finalize;
}

static void
postseal_vault_command_init (PostsealVaultCommand *self)
{
}

PostsealVault *
_postseal_vault_command_new (const char *command_line)
{
  PostsealVaultCommand *self = g_object_new (POSTSEAL_TYPE_VAULT_COMMAND, NULL);

  self->command_line = g_strdup (command_line);
  return POSTSEAL_VAULT (self);
}
