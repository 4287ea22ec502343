/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/mpop-file.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/printable.h"
#include "import/rc-lines.h"

#define MOST_SETTINGS 10000 /* of one account, with what it inherits */

typedef struct
{
  PostsealRcLines lines;
  GPtrArray *accounts; /* owned */
  PostsealRcSection *defaults; /* owned */
  PostsealRcSection *current; /* borrowed, nullable */
} Reader;

static const PostsealRcSection *
find_account (const Reader *self, const char *name)
{
  for (guint i = 0; i < self->accounts->len; i++)
    {
      const PostsealRcSection *account = g_ptr_array_index (self->accounts, i);

      if (g_str_equal (account->name, name))
        return account;
    }
  return NULL;
}

static gboolean
inherit (Reader *self, PostsealRcSection *account, const char *parents, GError **error)
{
  g_auto (GStrv) names = g_strsplit (parents, ",", -1);

  for (gsize i = 0; names[i] != NULL; i++)
    {
      const PostsealRcSection *parent = find_account (self, g_strstrip (names[i]));

      if (parent == NULL)
        {
          g_autofree char *shown = postseal_printable (names[i], -1);

          return postseal_rc_fail (error, account->line, _ ("there is no account “%s” above"),
                                   shown);
        }
      postseal_rc_section_append (account, parent);
      if (account->settings->len > MOST_SETTINGS)
        return postseal_rc_fail (error, account->line, _ ("this account inherits too much"));
    }
  return TRUE;
}

/* "account NAME", "account NAME : OTHER, OTHER" */
static gboolean
begin_account (Reader *self, char *argument, GError **error)
{
  char *colon = strchr (argument, ':');
  PostsealRcSection *account;
  g_autofree char *name = NULL;

  if (colon != NULL)
    *colon = '\0';
  name = g_utf8_make_valid (g_strstrip (argument), -1);
  if (*name == '\0')
    return postseal_rc_fail (error, self->lines.line, _ ("“account” has no name"));
  if (find_account (self, name) != NULL)
    {
      g_autofree char *shown = postseal_printable (name, -1);

      return postseal_rc_fail (error, self->lines.line, _ ("the account “%s” is there twice"),
                               shown);
    }
  account = postseal_rc_section_new (colon != NULL ? "alias" : "account", name, self->lines.line);
  self->current = account;
  postseal_rc_section_append (account, self->defaults);
  if (colon != NULL)
    postseal_rc_setting_add (postseal_rc_section_add (account, "account", self->lines.line),
                             g_strstrip (colon + 1), -1);
  if (colon != NULL && !inherit (self, account, colon + 1, error))
    {
      postseal_rc_section_free (account);
      return FALSE;
    }
  g_ptr_array_add (self->accounts, account);
  return TRUE;
}

static void
begin_defaults (Reader *self)
{
  postseal_rc_section_free (self->defaults);
  self->defaults = postseal_rc_section_new ("defaults", NULL, self->lines.line);
  self->current = self->defaults;
}

/* Quotes around all of it are taken off; there is no other quoting. */
static char *
unquote (char *argument)
{
  gsize length = strlen (argument);

  if (length >= 2 && *argument == '"' && argument[length - 1] == '"')
    {
      argument[length - 1] = '\0';
      return argument + 1;
    }
  return argument;
}

static void
add_setting (Reader *self, const char *name, const char *value)
{
  PostsealRcSetting *setting = postseal_rc_section_add (self->current, name, self->lines.line);

  if (g_str_equal (self->current->kind, "alias"))
    {
      g_free (self->current->kind);
      self->current->kind = g_strdup ("account");
    }
  if (g_str_equal (name, "password"))
    postseal_rc_setting_set_secret (setting, value, -1);
  else
    postseal_rc_setting_add (setting, value, -1);
}

/* It may be a password on a line of its own: it is not repeated. */
static gboolean
is_command (const char *word)
{
  return strspn (word, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen (word);
}

static gboolean
read_line (Reader *self, GError **error)
{
  char *rest = self->lines.text;
  char *command = postseal_rc_lines_cut_word (&rest);
  char *argument;

  if (*command == '\0' || *command == '#')
    return TRUE;
  g_strchomp (rest);
  argument = unquote (rest);
  if (g_str_equal (command, "account"))
    return begin_account (self, argument, error);
  if (g_str_equal (command, "defaults"))
    begin_defaults (self);
  else if (!is_command (command))
    return postseal_rc_fail (error, self->lines.line,
                             _ ("this line does not begin with a command"));
  else if (self->current == NULL)
    return postseal_rc_fail (error, self->lines.line, _ ("“%s” stands before the first account"),
                             command);
  else
    add_setting (self, command, argument);
  return TRUE;
}

GPtrArray *
postseal_mpop_file_parse (const char *text, gsize length, GError **error)
{
  Reader reader = { .accounts = postseal_rc_sections_new (),
                    .defaults = postseal_rc_section_new ("defaults", NULL, 0) };
  gboolean is_done = TRUE;

  postseal_rc_lines_init (&reader.lines, text, length);
  while (is_done && postseal_rc_lines_next (&reader.lines))
    is_done = read_line (&reader, error);
  postseal_rc_lines_clear (&reader.lines);
  postseal_rc_section_free (reader.defaults);
  if (is_done)
    return reader.accounts;
  g_ptr_array_unref (reader.accounts);
  return NULL;
}
