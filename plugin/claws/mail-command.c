/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/mail-command.h"

#include <account.h>
#include <string.h>

#define PROGRAM "postseal-sendmail"
#define KEY_USE "use-mail-command"
#define KEY_COMMAND "mail-command"

struct _PostsealClawsMailCommand
{
  PostsealClawsBindings *bindings; /* owned */
  char *program; /* owned */
  guint source; /* while something may have changed */
};

/* --- the command --- */

/* Returns: (transfer full) */
static char *
find_program (void)
{
  const char *named = g_getenv ("POSTSEAL_SENDMAIL");
  char *path = NULL;

  if (named != NULL && *named != '\0')
    return g_strdup (named);
  if (g_file_test (POSTSEAL_BIN_DIR "/" PROGRAM, G_FILE_TEST_IS_EXECUTABLE))
    return g_strdup (POSTSEAL_BIN_DIR "/" PROGRAM);
  path = g_find_program_in_path (PROGRAM);
  return path != NULL ? path : g_strdup (PROGRAM);
}

/* The host splits at spaces, and takes quotes off that stand around a word. */
static char *
quote (const char *word)
{
  char mark = strchr (word, '"') != NULL ? '\'' : '"';

  return g_strdup_printf ("%c%s%c", mark, word, mark);
}

/* Returns: (transfer full) */
static char *
make_command (PostsealClawsMailCommand *self, const char *account)
{
  g_autofree char *program = quote (self->program);
  g_autofree char *name = quote (account);

  return g_strdup_printf ("%s --undo-dots -t --account %s", program, name);
}

static gboolean
is_ours (const char *command)
{
  return command != NULL && strstr (command, PROGRAM) != NULL
         && strstr (command, " --undo-dots -t --account ") != NULL;
}

/* --- the host's accounts --- */

/* Returns: TRUE when something is different */
static gboolean
set (PrefsAccount *account, gboolean is_used, const char *command)
{
  if (account->use_mail_command == is_used && g_strcmp0 (account->mail_command, command) == 0)
    return FALSE;
  account->use_mail_command = is_used;
  g_free (account->mail_command);
  account->mail_command = g_strdup (command);
  return TRUE;
}

static gboolean
take_over (PostsealClawsMailCommand *self, PrefsAccount *account)
{
  int id = account->account_id;
  g_autofree char *command
      = make_command (self, postseal_claws_bindings_get_account (self->bindings, id));

  if (!is_ours (account->mail_command))
    {
      postseal_claws_bindings_remember (self->bindings, id, KEY_USE,
                                        account->use_mail_command ? "1" : "0");
      postseal_claws_bindings_remember (self->bindings, id, KEY_COMMAND,
                                        account->mail_command != NULL ? account->mail_command : "");
    }
  return set (account, TRUE, command);
}

/* What somebody has changed meanwhile stays. */
static gboolean
give_back (PostsealClawsMailCommand *self, PrefsAccount *account)
{
  int id = account->account_id;
  g_autofree char *use = postseal_claws_bindings_recall (self->bindings, id, KEY_USE);
  g_autofree char *command = postseal_claws_bindings_recall (self->bindings, id, KEY_COMMAND);

  if (use != NULL)
    postseal_claws_bindings_remember (self->bindings, id, KEY_USE, NULL);
  if (command != NULL)
    postseal_claws_bindings_remember (self->bindings, id, KEY_COMMAND, NULL);
  if (!is_ours (account->mail_command))
    return FALSE;
  return set (account, g_strcmp0 (use, "1") == 0, command != NULL ? command : "");
}

static void
adjust_all (PostsealClawsMailCommand *self)
{
  gboolean is_changed = FALSE;

  for (GList *each = account_get_list (); each != NULL; each = each->next)
    {
      PrefsAccount *account = each->data;

      if (postseal_claws_bindings_does (self->bindings, account->account_id, POSTSEAL_CLAWS_SEND))
        is_changed |= take_over (self, account);
      else
        is_changed |= give_back (self, account);
    }
  if (is_changed)
    account_write_config_all ();
}

static gboolean
on_idle (gpointer user_data)
{
  PostsealClawsMailCommand *self = user_data;

  self->source = 0;
  adjust_all (self);
  return G_SOURCE_REMOVE;
}

/* The host's page of the account dialog, which may be open, writes what it shows before. */
static void
on_changed (PostsealClawsMailCommand *self)
{
  if (self->source == 0)
    self->source = g_idle_add (on_idle, self);
}

PostsealClawsMailCommand *
postseal_claws_mail_command_new (PostsealClawsBindings *bindings)
{
  PostsealClawsMailCommand *self = g_new0 (PostsealClawsMailCommand, 1);

  self->bindings = g_object_ref (bindings);
  self->program = find_program ();
  g_signal_connect_swapped (bindings, "changed", G_CALLBACK (on_changed), self);
  adjust_all (self);
  return self;
}

void
postseal_claws_mail_command_free (PostsealClawsMailCommand *self)
{
  if (self == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->bindings, self);
  g_clear_handle_id (&self->source, g_source_remove);
  g_object_unref (self->bindings);
  g_free (self->program);
  g_free (self);
}
