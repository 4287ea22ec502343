/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/account-store-private.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "base/durable-file.h"
#include "base/lock-file.h"
#include "base/printable.h"
#include "base/suggest.h"
#include "engine/account-text.h"

/* accounts.conf while it is changed. */
typedef struct
{
  char *path; /* owned: links followed, so that a linked file stays a link */
  PostsealLockFile *lock; /* owned */
  PostsealAccountStore *old; /* owned: what it said before */
  GPtrArray *lines; /* owned (element-type PostsealAccountLine) */
} Editing;

static void
clear_editing (Editing *self)
{
  g_free (self->path);
  postseal_lock_file_release (self->lock);
  postseal_account_store_free (self->old);
  g_clear_pointer (&self->lines, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Editing, clear_editing)

static char *
follow_links (const char *path)
{
  char *real = realpath (path, NULL);
  char *result = g_strdup (real != NULL ? real : path);

  free (real);
  return result;
}

static gboolean
read_file (Editing *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean is_missing = FALSE;
  gsize length = 0;
  g_autofree char *text
      = _postseal_account_store_read_file (self->path, &length, &is_missing, &local);

  if (text == NULL && !is_missing)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  self->old = _postseal_account_store_parse (self->path, text != NULL ? text : "", length);
  self->lines = postseal_account_text_parse (text != NULL ? text : "", length);
  return TRUE;
}

static gboolean
begin (Editing *self, const char *path, GError **error)
{
  g_autofree char *directory = NULL;
  g_autofree char *base = NULL;
  g_autofree char *lock_name = NULL;
  g_autofree char *lock_path = NULL;

  self->path = follow_links (path);
  directory = g_path_get_dirname (self->path);
  base = g_path_get_basename (self->path);
  lock_name = g_strdup_printf (".%s.lock", base);
  lock_path = g_build_filename (directory, lock_name, NULL);
  if (!postseal_durable_make_directory (directory, error))
    return FALSE;
  self->lock = postseal_lock_file_acquire (lock_path, "postseal account", error);
  if (self->lock == NULL)
    {
      g_prefix_error (error, _ ("Cannot change %s: "), path);
      return FALSE;
    }
  return read_file (self, error);
}

static const PostsealAccountLine *
get_line (const Editing *self, guint index)
{
  return g_ptr_array_index (self->lines, index);
}

static gboolean
is_account (const PostsealAccountLine *line, const char *name)
{
  return line->kind == POSTSEAL_ACCOUNT_LINE_SECTION
         && g_strcmp0 (_postseal_account_store_name_section (line->name), name) == 0;
}

/* The section of @name at or behind @from: @ret_first is its own line, @ret_end the next section's.
 */
static gboolean
find_account (const Editing *self, const char *name, guint from, guint *ret_first, guint *ret_end)
{
  guint end;

  while (from < self->lines->len && !is_account (get_line (self, from), name))
    from++;
  if (from == self->lines->len)
    return FALSE;
  end = from + 1;
  while (end < self->lines->len && get_line (self, end)->kind != POSTSEAL_ACCOUNT_LINE_SECTION)
    end++;
  *ret_first = from;
  *ret_end = end;
  return TRUE;
}

/* As find_account(), with an error when there is none, or more than one to choose from. */
static gboolean
find_only_account (
    const Editing *self, const char *name, guint *ret_first, guint *ret_end, GError **error)
{
  guint first;
  guint end;

  if (!find_account (self, name, 0, ret_first, ret_end))
    {
      postseal_account_store_lookup (self->old, name, error);
      return FALSE;
    }
  if (find_account (self, name, *ret_end, &first, &end))
    {
      g_set_error (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE,
                   _ ("The account “%s” is there twice, in lines %u and %u of %s; remove one of "
                      "the two by hand"),
                   name, *ret_first + 1, first + 1, self->path);
      return FALSE;
    }
  return TRUE;
}

/* What stands before the first section is a comment, or this is not such a file. */
static gboolean
check_is_key_file (const Editing *self, GError **error)
{
  for (guint i = 0; i < self->lines->len; i++)
    {
      const PostsealAccountLine *line = get_line (self, i);

      if (line->kind == POSTSEAL_ACCOUNT_LINE_SECTION)
        break;
      if (line->kind != POSTSEAL_ACCOUNT_LINE_BLANK)
        {
          g_set_error (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_SYNTAX,
                       _ ("%s is not a file of accounts (see its line %u) and is left as it is; "
                          "correct it, or move it away"),
                       self->path, i + 1);
          return FALSE;
        }
    }
  return TRUE;
}

/* Returns: (transfer full) (nullable): up to the last line that is no comment: those may belong to
   what follows, and others add to them */
static char *
cut_section (const Editing *self, const char *name, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint first;
  guint end;

  if (!find_only_account (self, name, &first, &end, error))
    return NULL;
  while (end > first + 1 && get_line (self, end - 1)->kind == POSTSEAL_ACCOUNT_LINE_BLANK)
    end--;
  for (guint i = first; i < end; i++)
    g_string_append (text, get_line (self, i)->text);
  return g_strchomp (g_string_free (g_steal_pointer (&text), FALSE));
}

char *
postseal_account_store_read_section (const char *path, const char *name, GError **error)
{
  g_autoptr (PostsealAccountStore) store = postseal_account_store_load (path, error);
  g_auto (Editing) editing = { .path = follow_links (path) };

  return store != NULL && read_file (&editing, error) ? cut_section (&editing, name, error) : NULL;
}

static const char *
get_line_end (const char *text)
{
  return g_str_has_suffix (text, "\r\n") ? "\r\n" : "\n";
}

static PostsealAccountLine *
make_line (const char *text, const char *line_end)
{
  g_autofree char *whole = g_strconcat (text, line_end, NULL);

  return postseal_account_line_new (whole, strlen (whole));
}

static void
insert_line (Editing *self, guint index, const char *text)
{
  const char *line_end = "\n";

  if (index > 0)
    {
      PostsealAccountLine *before = g_ptr_array_index (self->lines, index - 1);

      line_end = get_line_end (before->text);
      if (!g_str_has_suffix (before->text, "\n"))
        {
          char *closed = g_strconcat (before->text, line_end, NULL);

          g_free (before->text);
          before->text = closed;
        }
    }
  g_ptr_array_insert (self->lines, index, make_line (text, line_end));
}

static char *
format_entry (const char *key, const char *value)
{
  g_autofree char *escaped
      = postseal_account_text_escape (value, postseal_account_reader_is_list (key));

  return g_strdup_printf ("%s=%s", key, escaped);
}

/* Sets @key in the section from @first to @end, or removes it; the number of lines may change. */
static void
change_entry (Editing *self, guint first, guint end, const char *key, const char *value)
{
  g_autofree char *text = value != NULL ? format_entry (key, value) : NULL;
  guint last = first;

  for (guint i = first + 1; i < end; i++)
    {
      const PostsealAccountLine *line = get_line (self, i);

      if (line->kind != POSTSEAL_ACCOUNT_LINE_ENTRY)
        continue;
      last = i;
      if (strcmp (line->name, key) != 0)
        continue;

      /* The first becomes the new one, others with this key go. */
      if (text != NULL)
        {
          PostsealAccountLine *changed = make_line (text, get_line_end (line->text));

          postseal_account_line_free (g_ptr_array_index (self->lines, i));
          g_ptr_array_index (self->lines, i) = changed;
          g_clear_pointer (&text, g_free);
        }
      else
        {
          g_ptr_array_remove_index (self->lines, i);
          i--;
          end--;
          last = i;
        }
    }
  if (text != NULL)
    insert_line (self, last + 1, text);
}

/* A known key, and a value that fits on a line. */
static gboolean
check_key (const char *key, GError **error)
{
  const char *const *keys = postseal_account_store_get_keys ();
  g_autofree char *shown = NULL;
  const char *nearest;

  if (g_strv_contains (keys, key))
    return TRUE;
  shown = postseal_printable (key, -1);
  nearest = postseal_suggest (key, keys);
  if (nearest != NULL)
    g_set_error (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_UNKNOWN,
                 _ ("unknown key “%s”; did you mean “%s”?"), shown, nearest);
  else
    g_set_error (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_UNKNOWN,
                 _ ("unknown key “%s”"), shown);
  return FALSE;
}

/* The new text must make a good account of @name, and must not spoil another. */
static gboolean
check_result (const Editing *self, const GString *text, const char *name, GError **error)
{
  g_autoptr (PostsealAccountStore) result
      = _postseal_account_store_parse (self->path, text->str, text->len);
  const PostsealAccountProblem *problem = _postseal_account_store_find_problem (result, name);
  const GPtrArray *accounts = postseal_account_store_get_accounts (self->old);

  if (problem != NULL)
    {
      g_set_error_literal (error, POSTSEAL_CONFIG_ERROR, problem->code, problem->message);
      return FALSE;
    }
  for (guint i = 0; i < accounts->len; i++)
    {
      const PostsealAccount *account = g_ptr_array_index (accounts, i);

      problem = _postseal_account_store_find_problem (result, account->name);
      if (problem != NULL)
        {
          g_set_error (error, POSTSEAL_CONFIG_ERROR, problem->code,
                       _ ("the account “%s” would become unusable: %s"), account->name,
                       problem->message);
          return FALSE;
        }
    }
  return TRUE;
}

/* @name: the account that must be good now, or NULL */
static gboolean
commit (const Editing *self, const char *name, GError **error)
{
  g_autoptr (GString) text = postseal_account_text_join (self->lines);

  if (name != NULL && !check_result (self, text, name, error))
    return FALSE;
  return postseal_durable_write (self->path, text->str, text->len, 0600, error);
}

gboolean
postseal_account_store_add (const char *path,
                            const char *name,
                            const char *const *keys,
                            const char *const *values,
                            GError **error)
{
  g_auto (Editing) editing = { 0 };
  g_autofree char *complaint = NULL;
  g_autofree char *section = NULL;
  guint first;
  guint end;

  g_return_val_if_fail (path != NULL && name != NULL, FALSE);
  g_return_val_if_fail (keys != NULL && values != NULL, FALSE);

  complaint = postseal_account_reader_check_name (name);
  if (complaint != NULL)
    {
      g_set_error_literal (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE, complaint);
      return FALSE;
    }
  for (gsize i = 0; keys[i] != NULL; i++)
    if (!check_key (keys[i], error))
      return FALSE;
  if (!begin (&editing, path, error) || !check_is_key_file (&editing, error))
    return FALSE;
  if (find_account (&editing, name, 0, &first, &end))
    {
      g_set_error (
          error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE,
          _ ("there is an account “%s” already; change it with “postseal account edit %s”"), name,
          name);
      return FALSE;
    }

  if (editing.lines->len > 0)
    insert_line (&editing, editing.lines->len, "");
  section = g_strdup_printf ("[account %s]", name);
  insert_line (&editing, editing.lines->len, section);
  for (gsize i = 0; keys[i] != NULL; i++)
    {
      g_autofree char *entry = format_entry (keys[i], values[i]);

      insert_line (&editing, editing.lines->len, entry);
    }
  return commit (&editing, name, error);
}

/* Nobody's change is undone unseen. */
static gboolean
check_is_expected (const Editing *self, const char *name, const char *expected, GError **error)
{
  g_autofree char *text = cut_section (self, name, error);

  if (text == NULL)
    return FALSE;
  if (strcmp (text, expected) == 0)
    return TRUE;
  g_set_error (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE,
               _ ("the account “%s” has been changed by somebody else meanwhile, and nothing was "
                  "saved; open it again to see the change"),
               name);
  return FALSE;
}

gboolean
postseal_account_store_edit_expected (const char *path,
                                      const char *name,
                                      const char *expected,
                                      const char *const *keys,
                                      const char *const *values,
                                      gsize n_keys,
                                      GError **error)
{
  g_auto (Editing) editing = { 0 };

  g_return_val_if_fail (path != NULL && name != NULL, FALSE);

  for (gsize i = 0; i < n_keys; i++)
    if (!check_key (keys[i], error))
      return FALSE;
  if (!begin (&editing, path, error) || !check_is_key_file (&editing, error))
    return FALSE;
  if (expected != NULL && !check_is_expected (&editing, name, expected, error))
    return FALSE;
  if (expected != NULL && n_keys == 0)
    return TRUE;
  for (gsize i = 0; i < n_keys; i++)
    {
      guint first;
      guint end;

      if (!find_only_account (&editing, name, &first, &end, error))
        return FALSE;
      change_entry (&editing, first, end, keys[i], values[i]);
    }
  return commit (&editing, name, error);
}

gboolean
postseal_account_store_edit (const char *path,
                             const char *name,
                             const char *const *keys,
                             const char *const *values,
                             gsize n_keys,
                             GError **error)
{
  return postseal_account_store_edit_expected (path, name, NULL, keys, values, n_keys, error);
}

static gboolean
is_empty_line (const Editing *self, guint index)
{
  const PostsealAccountLine *line;

  if (index >= self->lines->len)
    return FALSE;
  line = get_line (self, index);
  return line->kind == POSTSEAL_ACCOUNT_LINE_BLANK && strchr (line->text, '#') == NULL;
}

/* Comments behind the last entry are the section's own up to an empty line; without one they are
   the next section's. */
static guint
find_own_end (const Editing *self, guint first, guint end)
{
  guint entries_end = end;
  guint own_end;

  while (entries_end > first + 1
         && get_line (self, entries_end - 1)->kind == POSTSEAL_ACCOUNT_LINE_BLANK)
    entries_end--;
  own_end = entries_end;
  while (own_end < end && !is_empty_line (self, own_end))
    own_end++;
  return own_end < end || end == self->lines->len ? own_end : entries_end;
}

gboolean
postseal_account_store_remove (const char *path, const char *name, GError **error)
{
  g_auto (Editing) editing = { 0 };
  guint first;
  guint end;

  g_return_val_if_fail (path != NULL && name != NULL, FALSE);

  if (!begin (&editing, path, error) || !find_only_account (&editing, name, &first, &end, error))
    return FALSE;
  end = find_own_end (&editing, first, end);
  if (first > 0 && is_empty_line (&editing, first - 1)
      && (end == editing.lines->len || is_empty_line (&editing, end)))
    first--;
  g_ptr_array_remove_range (editing.lines, first, end - first);
  return commit (&editing, NULL, error);
}
