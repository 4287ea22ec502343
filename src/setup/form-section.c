/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/account-form-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "engine/account-reader.h"
#include "engine/account-text.h"

static void
clear_section (gpointer data)
{
  PostsealFormSection *self = data;

  g_free (self->name);
  g_free (self->text);
  g_clear_pointer (&self->lines, g_ptr_array_unref);
  g_clear_pointer (&self->values, g_hash_table_unref);
}

PostsealFormSection *
_postseal_form_section_ref (PostsealFormSection *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
_postseal_form_section_unref (PostsealFormSection *self)
{
  g_atomic_rc_box_release_full (self, clear_section);
}

const char *
_postseal_form_section_get (PostsealFormSection *self, const char *key)
{
  return self != NULL ? g_hash_table_lookup (self->values, key) : NULL;
}

/* --- finding it --- */

static const PostsealAccountLine *
get_line (const GPtrArray *lines, guint index)
{
  return g_ptr_array_index (lines, index);
}

static gboolean
is_account (const PostsealAccountLine *line, const char *name)
{
  const char *section = line->name;

  if (line->kind != POSTSEAL_ACCOUNT_LINE_SECTION || !g_str_has_prefix (section, "account"))
    return FALSE;
  section += strlen ("account");
  if (!g_ascii_isspace (*section))
    return FALSE;
  while (g_ascii_isspace (*section))
    section++;
  return strcmp (section, name) == 0;
}

static guint
find_account (const GPtrArray *lines, const char *name, guint from)
{
  while (from < lines->len && !is_account (get_line (lines, from), name))
    from++;
  return from;
}

/* Behind the last line that is no comment: those may belong to what follows, and others add to
   them. */
static guint
find_end (const GPtrArray *lines, guint first)
{
  guint end = first + 1;

  while (end < lines->len && get_line (lines, end)->kind != POSTSEAL_ACCOUNT_LINE_SECTION)
    end++;
  while (end > first + 1 && get_line (lines, end - 1)->kind == POSTSEAL_ACCOUNT_LINE_BLANK)
    end--;
  return end;
}

/* What nobody can read is kept as it is written. */
static void
add_value (PostsealFormSection *self, const PostsealAccountLine *line)
{
  char *value = NULL;

  if (line->kind != POSTSEAL_ACCOUNT_LINE_ENTRY || g_hash_table_contains (self->values, line->name)
      || !g_strv_contains (postseal_account_store_get_keys (), line->name))
    return;
  if (!postseal_account_reader_is_list (line->name))
    value = postseal_account_text_unescape (line->value);
  g_hash_table_insert (self->values, g_strdup (line->name),
                       value != NULL ? value : g_strdup (line->value));
}

static PostsealFormSection *
cut_section (const GPtrArray *lines, guint first, const char *name)
{
  PostsealFormSection *self = g_atomic_rc_box_new0 (PostsealFormSection);
  g_autoptr (GString) text = g_string_new (NULL);
  guint end = find_end (lines, first);

  self->name = g_strdup (name);
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = first; i < end; i++)
    {
      g_string_append (text, get_line (lines, i)->text);
      add_value (self, get_line (lines, i));
    }
  self->lines = postseal_account_text_parse (text->str, text->len);
  self->text = g_strchomp (g_string_free (g_steal_pointer (&text), FALSE));
  return self;
}

/* Returns: (transfer full) (nullable): without lines when there is no file */
static GPtrArray *
read_lines (const char *config, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;

  if (g_file_get_contents (config, &text, &length, &local))
    return postseal_account_text_parse (text, length);
  if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return postseal_account_text_parse ("", 0);
  g_set_error_literal (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_FILE, local->message);
  return NULL;
}

PostsealFormSection *
_postseal_form_section_load (const char *config, const char *name, GError **error)
{
  g_autoptr (PostsealAccountStore) store = postseal_account_store_load (config, error);
  g_autoptr (GPtrArray) lines = NULL;
  guint first;

  if (store == NULL)
    return NULL;
  if (!postseal_account_store_has (store, name))
    {
      postseal_account_store_lookup (store, name, error);
      return NULL;
    }
  lines = read_lines (config, error);
  if (lines == NULL)
    return NULL;
  first = find_account (lines, name, 0);
  if (first < lines->len && find_account (lines, name, first + 1) == lines->len)
    return cut_section (lines, first, name);
  g_set_error (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE,
               _ ("the account “%s” is not there exactly once in %s; rename or remove one by hand"),
               name, config);
  return NULL;
}

/* --- writing it --- */

/* What stands before the first section is a comment, or this is not such a file. */
static gboolean
check_is_key_file (const char *config, GError **error)
{
  g_autoptr (GPtrArray) lines = read_lines (config, error);

  if (lines == NULL)
    return FALSE;
  for (guint i = 0; i < lines->len; i++)
    {
      const PostsealAccountLine *line = get_line (lines, i);

      if (line->kind == POSTSEAL_ACCOUNT_LINE_SECTION)
        break;
      if (line->kind != POSTSEAL_ACCOUNT_LINE_BLANK)
        {
          g_set_error (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_SYNTAX,
                       _ ("%s is not a file of accounts (see its line %u) and is left as it is; "
                          "correct it, or move it away"),
                       config, i + 1);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
add_section (const char *config, const char *name, GHashTable *values, GError **error)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();
  const char *const *all = postseal_account_store_get_keys ();

  for (gsize i = 0; all[i] != NULL; i++)
    {
      char *value = g_hash_table_lookup (values, all[i]);

      if (value == NULL)
        continue;
      g_ptr_array_add (keys, (char *)all[i]);
      g_ptr_array_add (texts, value);
    }
  g_ptr_array_add (keys, NULL);
  g_ptr_array_add (texts, NULL);
  return postseal_account_store_add (config, name, (const char *const *)keys->pdata,
                                     (const char *const *)texts->pdata, error);
}

static gboolean
edit_section (const char *config, PostsealFormSection *old, GHashTable *values, GError **error)
{
  const char *const *all = postseal_account_store_get_keys ();
  g_autofree const char **keys = g_new0 (const char *, g_strv_length ((char **)all));
  g_autofree const char **texts = g_new0 (const char *, g_strv_length ((char **)all));
  gsize n_keys = 0;

  for (gsize i = 0; all[i] != NULL; i++)
    {
      const char *value = g_hash_table_lookup (values, all[i]);

      if (g_strcmp0 (value, _postseal_form_section_get (old, all[i])) == 0)
        continue;
      keys[n_keys] = all[i];
      texts[n_keys++] = value;
    }
  /* Nobody's change is undone unseen. */
  return postseal_account_store_edit_expected (config, old->name, old->text, keys, texts, n_keys,
                                               error);
}

PostsealFormSection *
_postseal_form_section_write (const char *config,
                              const char *name,
                              PostsealFormSection *old,
                              GHashTable *values,
                              GError **error)
{
  if (!check_is_key_file (config, error))
    return NULL;
  if (old != NULL ? !edit_section (config, old, values, error)
                  : !add_section (config, name, values, error))
    return NULL;
  return _postseal_form_section_load (config, name, error);
}
