/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/vault-private.h"

#include <glib/gi18n-lib.h>

#include "auth/secret-process-private.h"
#include "base/paths.h"

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

static void
on_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const char *program = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (PostsealCredential) line = _postseal_secret_process_run_finish (result, &error);

  if (line == NULL)
    g_task_return_error (task, error);
  else if (postseal_credential_get_length (line) == 0)
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT,
                             _ ("The password command %s printed nothing"), program);
  else
    g_task_return_pointer (task, g_steal_pointer (&line),
                           (GDestroyNotify)postseal_credential_unref);
}

static void
look_up (PostsealVault *vault,
         const char *account,
         GCancellable *cancellable,
         GAsyncReadyCallback callback,
         gpointer user_data)
{
  PostsealVaultCommand *self = POSTSEAL_VAULT_COMMAND (vault);
  GTask *task = g_task_new (self, NULL, callback, user_data);
  g_auto (GStrv) argv = NULL;
  GError *error = NULL;
  char *program = NULL;

  g_task_set_source_tag (task, look_up);
  if (!g_shell_parse_argv (self->command_line, NULL, &argv, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  program = postseal_paths_expand_home (argv[0]);
  g_free (argv[0]);
  argv[0] = program;
  g_task_set_task_data (task, g_strdup (program), g_free);
  _postseal_secret_process_run_async ((const char *const *)argv, POSTSEAL_SECRET_PROCESS_FIRST_LINE,
                                      NULL, cancellable, on_run, task);
}

static char *
explain_read_only (PostsealVault *vault)
{
  return g_strdup (
      _ ("The password comes from a command, which Postseal only reads. Change it with the program "
         "that the key “password” of the account names"));
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
  iface->explain_read_only = explain_read_only;
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
