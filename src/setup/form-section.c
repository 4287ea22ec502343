/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/account-form-private.h"

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

/* --- reading it --- */

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

PostsealFormSection *
_postseal_form_section_load (const char *config, const char *name, GError **error)
{
  g_autofree char *text = postseal_account_store_read_section (config, name, error);
  PostsealFormSection *self;

  if (text == NULL)
    return NULL;
  self = g_atomic_rc_box_new0 (PostsealFormSection);
  self->name = g_strdup (name);
  self->lines = postseal_account_text_parse (text, strlen (text));
  self->text = g_steal_pointer (&text);
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < self->lines->len; i++)
    add_value (self, g_ptr_array_index (self->lines, i));
  return self;
}

/* --- writing it --- */

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
  if (old != NULL ? !edit_section (config, old, values, error)
                  : !add_section (config, name, values, error))
    return NULL;
  return _postseal_form_section_load (config, name, error);
}
