/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/latches.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/durable-file.h"
#include "base/lock-file.h"

/* The first group of every file: an empty or cut file does not have it, and is damaged. */
#define HEAD_GROUP "latches"
#define HEAD_KEY "format"
#define HEAD_FORMAT "1"

#define TLS_NAME "tls"
#define KEYS_NAME "keys"
#define SINCE_SUFFIX "-since"
#define BY_SUFFIX "-by"
#define KEYS_SUFFIX "-keys"

/* Others hold the file's lock for a write and an fsync. */
#define LOCK_MS 5000

struct _PostsealLatches
{
  GMutex mutex; /* save runs in a worker thread */
  GKeyFile *values; /* owned */
  GKeyFile *lessons; /* owned: what was set since it was loaded */
  gboolean is_changed;
};

PostsealLatches *
postseal_latches_new (void)
{
  PostsealLatches *self = g_atomic_rc_box_new0 (PostsealLatches);

  g_mutex_init (&self->mutex);
  self->values = g_key_file_new ();
  self->lessons = g_key_file_new ();
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
  g_key_file_unref (self->lessons);
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

static PostsealLockFile *
wait_for_lock (const char *path, GError **error)
{
  g_autofree char *lock_path = g_strconcat (path, ".lock", NULL);

  return postseal_lock_file_await (lock_path, "postseal", LOCK_MS, error);
}

/* Takes over one lesson. Another run may have learned more meanwhile. */
static void
merge_lesson (GKeyFile *target, const char *group, const char *name, const char *value)
{
  g_autofree char *there = g_key_file_get_string (target, group, name, NULL);
  g_autofree char *merged = NULL;

  if (there != NULL && g_str_equal (name, TLS_NAME) && strcmp (there, value) > 0)
    return;
  if (there != NULL && g_str_equal (name, KEYS_NAME))
    {
      g_autoptr (GPtrArray) all = postseal_key_history_parse (there);
      g_autoptr (GPtrArray) mine = postseal_key_history_parse (value);

      postseal_key_history_merge (all, mine);
      value = merged = postseal_key_history_format (all);
    }
  g_key_file_set_string (target, group, name, value);
}

static void
copy_lessons (PostsealLatches *self, PostsealLatches *target)
{
  g_auto (GStrv) groups = NULL;

  g_mutex_lock (&self->mutex);
  groups = g_key_file_get_groups (self->lessons, NULL);
  for (char **group = groups; *group != NULL; group++)
    {
      g_auto (GStrv) names = g_key_file_get_keys (self->lessons, *group, NULL, NULL);

      for (char **name = names; *name != NULL; name++)
        {
          g_autofree char *value = g_key_file_get_string (self->lessons, *group, *name, NULL);

          if (value != NULL)
            merge_lesson (target->values, *group, *name, value);
        }
    }
  g_mutex_unlock (&self->mutex);
}

gboolean
postseal_latches_teach (PostsealLatches *self, const char *path, GError **error)
{
  g_autoptr (PostsealLockFile) lock = NULL;
  g_autoptr (PostsealLatches) current = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  lock = wait_for_lock (path, error);
  if (lock == NULL)
    return FALSE;
  current = postseal_latches_load (path, error);
  if (current == NULL)
    return FALSE;
  copy_lessons (self, current);
  if (!postseal_latches_save (current, path, error))
    return FALSE;
  g_mutex_lock (&self->mutex);
  self->is_changed = FALSE;
  g_key_file_unref (self->lessons);
  self->lessons = g_key_file_new ();
  g_mutex_unlock (&self->mutex);
  return TRUE;
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

char *
postseal_latches_dup (PostsealLatches *self, const char *endpoint, const char *name)
{
  g_autofree char *group = NULL;
  char *value = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (endpoint != NULL && name != NULL, NULL);

  group = escape_endpoint (endpoint);
  g_mutex_lock (&self->mutex);
  value = g_key_file_get_string (self->values, group, name, NULL);
  g_mutex_unlock (&self->mutex);
  return value;
}

const char *
postseal_latches_get (PostsealLatches *self, const char *endpoint, const char *name)
{
  g_autofree char *value = postseal_latches_dup (self, endpoint, name);

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
      g_key_file_set_string (self->lessons, group, name, value);
      self->is_changed = TRUE;
    }
  g_mutex_unlock (&self->mutex);
}

/* "192.0.2.7:993, TLS 1.3, AES-256-GCM" */
static char *
describe_connection (const PostsealSeal *seal)
{
  GString *text = g_string_new (seal->address != NULL ? seal->address : "?");

  if (seal->tls_version != NULL)
    g_string_append_printf (text, ", %s", seal->tls_version);
  if (seal->cipher != NULL)
    g_string_append_printf (text, ", %s", seal->cipher);
  return g_string_free (text, FALSE);
}

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

void
postseal_latches_learn (PostsealLatches *self,
                        const char *endpoint,
                        const PostsealSeal *seal,
                        const char *name,
                        const char *value)
{
  g_autofree char *old = NULL;
  g_autofree char *since_name = g_strconcat (name, SINCE_SUFFIX, NULL);
  g_autofree char *by_name = g_strconcat (name, BY_SUFFIX, NULL);
  g_autofree char *since = NULL;
  g_autofree char *by = NULL;

  g_return_if_fail (self != NULL);
  g_return_if_fail (endpoint != NULL && seal != NULL);

  old = postseal_latches_dup (self, endpoint, name);
  if (g_strcmp0 (old, value) == 0)
    return;
  since = g_strdup_printf ("%" G_GINT64_FORMAT, get_now ());
  by = describe_connection (seal);
  postseal_latches_set (self, endpoint, name, value);
  postseal_latches_set (self, endpoint, since_name, since);
  postseal_latches_set (self, endpoint, by_name, by);
}

/* --- keys --- */

GPtrArray *
postseal_latches_list_keys (PostsealLatches *self, const char *endpoint)
{
  g_autofree char *text = postseal_latches_dup (self, endpoint, KEYS_NAME);

  return postseal_key_history_parse (text);
}

PostsealKeyNews
postseal_latches_meet_key (PostsealLatches *self,
                           const PostsealSeal *seal,
                           gboolean is_pinned,
                           gint64 *ret_since)
{
  g_autoptr (GPtrArray) keys = postseal_latches_list_keys (self, seal->endpoint);
  const PostsealKeyEntry *known = postseal_key_history_find (keys, seal->spki, seal->issuer);
  g_autofree char *text = NULL;
  PostsealKeyNews news;

  if (known != NULL)
    {
      *ret_since = known->since;
      return known->news;
    }
  news = postseal_key_history_judge (keys, seal->spki, seal->issuer, is_pinned);
  *ret_since = get_now ();
  postseal_key_history_add (keys, *ret_since, news, seal->spki, seal->issuer);
  text = postseal_key_history_format (keys);
  postseal_latches_set (self, seal->endpoint, KEYS_NAME, text);
  return news;
}

/* --- to forget --- */

char **
postseal_latches_list_endpoints (PostsealLatches *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) groups = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  g_mutex_lock (&self->mutex);
  groups = g_key_file_get_groups (self->values, NULL);
  g_mutex_unlock (&self->mutex);
  for (char **group = groups; *group != NULL; group++)
    {
      g_autofree char *endpoint = g_uri_unescape_string (*group, NULL);

      if (endpoint != NULL && g_strcmp0 (*group, HEAD_GROUP) != 0)
        g_strv_builder_add (builder, endpoint);
    }
  return g_strv_builder_end (builder);
}

/* NAME, NAME-since, NAME-by and NAME-keys. */
static gboolean
belongs_to (const char *key, const char *name)
{
  gsize length = strlen (name);

  return strncmp (key, name, length) == 0
         && (key[length] == '\0' || strcmp (key + length, SINCE_SUFFIX) == 0
             || strcmp (key + length, BY_SUFFIX) == 0 || strcmp (key + length, KEYS_SUFFIX) == 0);
}

/* What of @group is called @name, or all when NULL, goes from @self to @target. */
static void
move_group (PostsealLatches *self, PostsealLatches *target, const char *group, const char *name)
{
  g_auto (GStrv) keys = g_key_file_get_keys (self->values, group, NULL, NULL);
  gsize n_left = 0;

  for (char **key = keys; key != NULL && *key != NULL; key++)
    {
      g_autofree char *value = g_key_file_get_string (self->values, group, *key, NULL);

      if (name != NULL && !belongs_to (*key, name))
        {
          n_left++;
          continue;
        }
      g_key_file_set_string (target->values, group, *key, value != NULL ? value : "");
      g_key_file_remove_key (self->values, group, *key, NULL);
    }
  if (n_left == 0)
    g_key_file_remove_group (self->values, group, NULL);
}

PostsealLatches *
postseal_latches_forget (const char *path, const char *endpoint, const char *name, GError **error)
{
  g_autoptr (PostsealLatches) forgotten = postseal_latches_new ();
  g_autoptr (PostsealLatches) current = NULL;
  g_autoptr (PostsealLockFile) lock = NULL;
  g_autofree char *wanted = endpoint != NULL ? escape_endpoint (endpoint) : NULL;
  g_auto (GStrv) groups = NULL;
  gboolean is_all = endpoint == NULL && name == NULL;

  g_return_val_if_fail (path != NULL, NULL);

  lock = wait_for_lock (path, error);
  if (lock == NULL)
    return NULL;
  /* Where all is to be forgotten, it need not be readable. */
  current = postseal_latches_load (path, is_all ? NULL : error);
  if (current == NULL && is_all)
    current = postseal_latches_new ();
  if (current == NULL)
    return NULL;
  groups = g_key_file_get_groups (current->values, NULL);
  for (char **group = groups; *group != NULL; group++)
    if (!g_str_equal (*group, HEAD_GROUP) && (wanted == NULL || g_str_equal (*group, wanted)))
      move_group (current, forgotten, *group, name);
  if (!postseal_latches_save (current, path, error))
    return NULL;
  return g_steal_pointer (&forgotten);
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
