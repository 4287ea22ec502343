/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/rc-section.h"

#include <stdarg.h>
#include <string.h>

static void
free_setting (gpointer data)
{
  PostsealRcSetting *self = data;

  g_free (self->name);
  g_ptr_array_unref (self->values);
  g_clear_pointer (&self->secret, postseal_credential_unref);
  g_free (self);
}

static void
free_section (gpointer data)
{
  postseal_rc_section_free (data);
}

PostsealRcSection *
postseal_rc_section_new (const char *kind, const char *name, guint line)
{
  PostsealRcSection *self = g_new0 (PostsealRcSection, 1);

  self->kind = g_utf8_make_valid (kind, -1);
  self->name = name != NULL ? g_utf8_make_valid (name, -1) : NULL;
  self->line = line;
  self->settings = g_ptr_array_new_with_free_func (free_setting);
  return self;
}

void
postseal_rc_section_free (PostsealRcSection *self)
{
  if (self == NULL)
    return;
  g_free (self->kind);
  g_free (self->name);
  g_ptr_array_unref (self->settings);
  g_free (self);
}

PostsealRcSetting *
postseal_rc_section_add (PostsealRcSection *self, const char *name, guint line)
{
  PostsealRcSetting *setting = g_new0 (PostsealRcSetting, 1);

  setting->name = g_utf8_make_valid (name, -1);
  setting->line = line;
  setting->values = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->settings, setting);
  return setting;
}

void
postseal_rc_section_append (PostsealRcSection *self, const PostsealRcSection *other)
{
  guint n_settings = other->settings->len;

  for (guint i = 0; i < n_settings; i++)
    {
      const PostsealRcSetting *setting = g_ptr_array_index (other->settings, i);
      PostsealRcSetting *copy = postseal_rc_section_add (self, setting->name, setting->line);

      copy->is_negated = setting->is_negated;
      copy->secret = setting->secret != NULL ? postseal_credential_ref (setting->secret) : NULL;
      for (guint j = 0; j < setting->values->len; j++)
        postseal_rc_setting_add (copy, g_ptr_array_index (setting->values, j), -1);
    }
}

const PostsealRcSetting *
postseal_rc_section_find (const PostsealRcSection *self, const char *name)
{
  for (guint i = self->settings->len; i > 0; i--)
    {
      const PostsealRcSetting *setting = g_ptr_array_index (self->settings, i - 1);

      if (g_str_equal (setting->name, name))
        return setting;
    }
  return NULL;
}

void
postseal_rc_setting_add (PostsealRcSetting *self, const char *value, gssize length)
{
  g_ptr_array_add (self->values, g_utf8_make_valid (value, length));
}

void
postseal_rc_setting_set_secret (PostsealRcSetting *self, const char *secret, gssize length)
{
  g_clear_pointer (&self->secret, postseal_credential_unref);
  self->secret = postseal_credential_new (secret, length);
}

const char *
postseal_rc_setting_get (const PostsealRcSetting *self)
{
  return self->values->len > 0 ? g_ptr_array_index (self->values, 0) : "";
}

GPtrArray *
postseal_rc_sections_new (void)
{
  return g_ptr_array_new_with_free_func (free_section);
}

gboolean
postseal_rc_fail (GError **error, guint line, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, POSTSEAL_IMPORT_ERROR, POSTSEAL_IMPORT_ERROR_SYNTAX, "%u: %s", line, message);
  return FALSE;
}

void
postseal_rc_wipe_text (char *text, gsize length)
{
  postseal_wipe (text, length);
  g_free (text);
}
