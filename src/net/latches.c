/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/latches.h"

#include <errno.h>
#include <glib/gi18n-lib.h>

#include "base/durable-file.h"

/* The first group of every file: an empty or cut file does not have it, and is damaged. */
#define HEAD_GROUP "latches"
#define HEAD_KEY "format"
#define HEAD_FORMAT "1"

struct _PostsealLatches
{
  GMutex mutex; /* save runs in a worker thread */
  GKeyFile *values; /* owned */
  gboolean is_changed;
};

PostsealLatches *
postseal_latches_new (void)
{
  PostsealLatches *self = g_atomic_rc_box_new0 (PostsealLatches);

  g_mutex_init (&self->mutex);
  self->values = g_key_file_new ();
  g_key_file_set_value (self->values, HEAD_GROUP, HEAD_KEY, HEAD_FORMAT);
  return self;
}

PostsealLatches *
postseal_latches_ref (PostsealLatches *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_latches (gpointer data)
{
  PostsealLatches *self = data;

  g_mutex_clear (&self->mutex);
  g_key_file_unref (self->values);
}

void
postseal_latches_unref (PostsealLatches *self)
{
  g_atomic_rc_box_release_full (self, clear_latches);
}

PostsealLatches *
postseal_latches_load (const char *path, GError **error)
{
  g_autoptr (PostsealLatches) self = postseal_latches_new ();
  g_autoptr (GError) local = NULL;
  g_autofree char *format = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  if (!g_key_file_load_from_file (self->values, path, G_KEY_FILE_NONE, &local))
    {
      if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return g_steal_pointer (&self);
      g_propagate_prefixed_error (error, g_steal_pointer (&local),
                                  _ ("Cannot read what is known about the servers from %s: "),
                                  path);
      return NULL;
    }
  format = g_key_file_get_value (self->values, HEAD_GROUP, HEAD_KEY, NULL);
  if (g_strcmp0 (format, HEAD_FORMAT) != 0)
    {
      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_PARSE,
                   _ ("%s is damaged; remove it to forget what is known about the servers"), path);
      return NULL;
    }
  return g_steal_pointer (&self);
}

gboolean
postseal_latches_save (PostsealLatches *self, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  g_mutex_lock (&self->mutex);
  text = g_key_file_to_data (self->values, &length, NULL);
  self->is_changed = FALSE;
  g_mutex_unlock (&self->mutex);

  if (postseal_durable_write (path, text, length, 0600, error))
    return TRUE;

  g_mutex_lock (&self->mutex);
  self->is_changed = TRUE;
  g_mutex_unlock (&self->mutex);
  return FALSE;
}

gboolean
postseal_latches_is_changed (PostsealLatches *self)
{
  gboolean is_changed = FALSE;

  g_return_val_if_fail (self != NULL, FALSE);

  g_mutex_lock (&self->mutex);
  is_changed = self->is_changed;
  g_mutex_unlock (&self->mutex);
  return is_changed;
}

/* Key files have no brackets in group names, and "[::1]:993" has. */
static char *
escape_endpoint (const char *endpoint)
{
  return g_uri_escape_string (endpoint, ":", FALSE);
}

const char *
postseal_latches_get (PostsealLatches *self, const char *endpoint, const char *name)
{
  g_autofree char *group = NULL;
  g_autofree char *value = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (endpoint != NULL && name != NULL, NULL);

  group = escape_endpoint (endpoint);
  g_mutex_lock (&self->mutex);
  value = g_key_file_get_string (self->values, group, name, NULL);
  g_mutex_unlock (&self->mutex);
  return g_intern_string (value); /* a handful of words, the same for all servers */
}

void
postseal_latches_set (PostsealLatches *self,
                      const char *endpoint,
                      const char *name,
                      const char *value)
{
  g_autofree char *group = NULL;
  g_autofree char *old = NULL;

  g_return_if_fail (self != NULL);
  g_return_if_fail (endpoint != NULL && name != NULL && value != NULL);

  group = escape_endpoint (endpoint);
  g_mutex_lock (&self->mutex);
  old = g_key_file_get_string (self->values, group, name, NULL);
  if (g_strcmp0 (old, value) != 0)
    {
      g_key_file_set_string (self->values, group, name, value);
      self->is_changed = TRUE;
    }
  g_mutex_unlock (&self->mutex);
}

/* With the mutex held. */
static void
clear_all (PostsealLatches *self)
{
  g_auto (GStrv) groups = g_key_file_get_groups (self->values, NULL);

  for (char **group = groups; *group != NULL; group++)
    if (g_strcmp0 (*group, HEAD_GROUP) != 0 && g_key_file_remove_group (self->values, *group, NULL))
      self->is_changed = TRUE;
}

void
postseal_latches_clear (PostsealLatches *self, const char *endpoint)
{
  g_autofree char *group = NULL;

  g_return_if_fail (self != NULL);

  group = endpoint != NULL ? escape_endpoint (endpoint) : NULL;
  g_mutex_lock (&self->mutex);
  if (group == NULL)
    clear_all (self);
  else if (g_key_file_remove_group (self->values, group, NULL))
    self->is_changed = TRUE;
  g_mutex_unlock (&self->mutex);
}
