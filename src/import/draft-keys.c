/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the settings of other programs become, key by key. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "engine/account-text.h"
#include "import/draft-command.h"
#include "import/import-draft.h"
#include "mail/sink.h"

void
postseal_import_draft_carry (PostsealImportDraft *self,
                             PostsealImportVerdict verdict,
                             const PostsealRcSetting *setting,
                             const char *key,
                             const char *value,
                             const char *text)
{
  g_autofree char *becomes = g_strdup_printf ("%s=%s", key, value);

  postseal_account_form_set (self->account.form, key, value);
  postseal_import_draft_note_setting (self, verdict, setting, becomes, text);
}

/* Returns: (transfer full): absolute, or beginning with "~/" */
static char *
spell_path (const char *path)
{
  const char *home = g_get_home_dir ();
  gsize length = strlen (home);

  if (length > 1 && strncmp (path, home, length) == 0 && path[length] == '/')
    return g_strconcat ("~", path + length, NULL);
  if (g_str_has_prefix (path, "$HOME/"))
    return g_strconcat ("~", path + strlen ("$HOME"), NULL);
  if (*path == '/' || g_str_has_prefix (path, "~/"))
    return g_strdup (path);
  return g_strconcat ("~/", path, NULL);
}

void
postseal_import_draft_carry_path (PostsealImportDraft *self,
                                  const PostsealRcSetting *setting,
                                  const char *key,
                                  const char *path)
{
  g_autofree char *spelled = g_str_has_prefix (path, "pkcs11:") ? g_strdup (path) : NULL;

  if (spelled == NULL)
    spelled = spell_path (path);
  postseal_import_draft_carry (self, POSTSEAL_IMPORT_CARRIED, setting, key, spelled, NULL);
}

void
postseal_import_draft_carry_place (PostsealImportDraft *self,
                                   const PostsealRcSetting *setting,
                                   const char *kind,
                                   const char *path)
{
  g_autofree char *spelled = spell_path (path);
  g_autofree char *value = NULL;

  while (strlen (spelled) > 2 && g_str_has_suffix (spelled, "/"))
    spelled[strlen (spelled) - 1] = '\0';
  value = g_strdup_printf ("%s:%s", kind, spelled);
  postseal_import_draft_carry (self, POSTSEAL_IMPORT_CARRIED, setting, "deliver", value, NULL);
}

/* --- secrets --- */

static void
take_secret (PostsealImportDraft *self, PostsealCredential *secret)
{
  g_clear_pointer (&self->secret, postseal_credential_unref);
  self->secret = postseal_credential_ref (secret);
  self->account.has_secret = postseal_credential_get_length (secret) > 0;
}

void
postseal_import_draft_take_secret (PostsealImportDraft *self, const PostsealRcSetting *setting)
{
  take_secret (self, setting->secret);
  postseal_account_form_set (self->account.form, "password", NULL);
  postseal_import_draft_note_setting (
      self, POSTSEAL_IMPORT_CHANGED, setting, "password=secret-service",
      _ ("The password stood in the file in clear; it goes into the keyring if you say so, and "
         "never into accounts.conf"));
}

/* @argv: of a command that prints the password */
static void
carry_argv (PostsealImportDraft *self,
            const PostsealRcSetting *setting,
            const char *const *argv,
            gboolean is_changed)
{
  const char *echoed = postseal_draft_command_get_echoed (argv);
  g_autofree char *line = NULL;
  g_autofree char *value = NULL;
  g_autofree char *becomes = NULL;

  if (echoed != NULL)
    {
      g_autoptr (PostsealCredential) secret = postseal_credential_new (echoed, -1);

      take_secret (self, secret);
      postseal_account_form_set (self->account.form, "password", NULL);
      postseal_import_draft_note_setting (
          self, POSTSEAL_IMPORT_CHANGED, setting, "password=secret-service",
          _ ("The password stood in the command; it goes into the keyring if you say so"));
      return;
    }
  line = postseal_draft_command_join (argv);
  value = g_strconcat ("command:", line, NULL);
  becomes = g_strdup_printf ("password=command:%s …", argv[0]);
  postseal_account_form_set (self->account.form, "password", value);
  g_clear_pointer (&self->secret, postseal_credential_unref);
  self->account.has_secret = FALSE;
  postseal_import_draft_note_setting (
      self, is_changed ? POSTSEAL_IMPORT_CHANGED : POSTSEAL_IMPORT_CARRIED, setting, becomes,
      is_changed ? _ ("The first line that it prints is the password") : NULL);
}

void
postseal_import_draft_carry_password_argv (PostsealImportDraft *self,
                                           const PostsealRcSetting *setting,
                                           const char *const *argv)
{
  if (argv[0] != NULL)
    carry_argv (self, setting, argv, FALSE);
}

void
postseal_import_draft_carry_password_command (PostsealImportDraft *self,
                                              const PostsealRcSetting *setting,
                                              const char *command_line)
{
  g_autofree char *cut = postseal_draft_command_cut_head (command_line);
  g_auto (GStrv) argv = postseal_draft_command_split (cut);

  if (argv != NULL)
    carry_argv (self, setting, (const char *const *)argv, !g_str_equal (cut, command_line));
  else
    postseal_import_draft_note_setting (
        self, POSTSEAL_IMPORT_IMPOSSIBLE, setting, NULL,
        _ ("The command needs a shell, and commands are run without one here: put it into a script "
           "and write password=command:PATH, or store the password in the keyring"));
}

gboolean
postseal_import_draft_carry_delivery_command (PostsealImportDraft *self,
                                              const PostsealRcSetting *setting,
                                              const char *command_line)
{
  g_auto (GStrv) argv = postseal_draft_command_split (command_line);
  g_autofree char *line = NULL;
  g_autofree char *value = NULL;

  if (argv == NULL)
    {
      postseal_import_draft_note_setting (self, POSTSEAL_IMPORT_IMPOSSIBLE, setting, NULL,
                                          _ ("The command needs a shell, and commands are run "
                                             "without one here: put it into a script "
                                             "and write deliver=command:PATH"));
      return FALSE;
    }
  line = postseal_draft_command_join ((const char *const *)argv);
  value = g_strconcat ("command:", line, NULL);
  postseal_import_draft_carry (self, POSTSEAL_IMPORT_CARRIED, setting, "deliver", value, NULL);
  return TRUE;
}

char *
postseal_import_draft_join_list (const GPtrArray *list)
{
  g_autofree char **elements = g_new0 (char *, list->len + 1); /* borrowed */

  for (guint i = 0; i < list->len; i++)
    elements[i] = g_ptr_array_index (list, i);
  return postseal_account_text_join_list (elements);
}
