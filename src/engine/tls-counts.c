/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/tls-counts.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/lock-file.h"
#include "net/tls-result.h"

/* A file begins and ends with a line that says so: one that was cut is damaged. Between them stand
   "DAY DIRECTION SERVER POLICY REASON CONNECTIONS LAST". */
#define HEAD "postseal-tls-counts 1"
#define TAIL "end"
#define N_FIELDS 7
#define SEALED "sealed" /* in place of a reason */

#define MOST_DAYS 60
#define MOST_LINES 600
#define LONGEST_FILE (512 * 1024)
#define LOCK_MS 1000 /* others hold it for a read and a write */

static const char *const policies[] = {
  [POSTSEAL_TLS_COUNT_CA] = "ca",
  [POSTSEAL_TLS_COUNT_PIN] = "pin",
  [POSTSEAL_TLS_COUNT_DANE] = "dane",
  [POSTSEAL_TLS_COUNT_OPPORTUNISTIC] = "opportunistic",
};

struct _PostsealTlsCounts
{
  GHashTable *lines; /* owned: first fields of the line -> PostsealTlsCount, both owned */
};

const char *
postseal_tls_count_policy_name (PostsealTlsCountPolicy policy)
{
  g_return_val_if_fail (policy < G_N_ELEMENTS (policies), NULL);

  return policies[policy];
}

static void
free_count (gpointer data)
{
  PostsealTlsCount *count = data;

  g_free (count->day);
  g_free (count->server);
  g_free (count);
}

PostsealTlsCounts *
postseal_tls_counts_new (void)
{
  PostsealTlsCounts *self = g_new0 (PostsealTlsCounts, 1);

  self->lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_count);
  return self;
}

void
postseal_tls_counts_free (PostsealTlsCounts *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->lines);
  g_free (self);
}

gboolean
postseal_tls_counts_is_empty (const PostsealTlsCounts *self)
{
  g_return_val_if_fail (self != NULL, TRUE);

  return g_hash_table_size (self->lines) == 0;
}

/* --- lines --- */

/* The fields that tell one from another. */
static char *
make_key (const PostsealTlsCount *count)
{
  g_autofree char *server = g_uri_escape_string (count->server, ":[]", FALSE);

  return g_strdup_printf ("%s %s %s %s %s", count->day, count->is_sending ? "send" : "receive",
                          server, policies[count->policy],
                          count->reason != NULL ? count->reason : SEALED);
}

/* Takes over what @count holds. */
static void
merge (PostsealTlsCounts *self, PostsealTlsCount count)
{
  g_autofree char *key = make_key (&count);
  PostsealTlsCount *known = g_hash_table_lookup (self->lines, key);

  if (known == NULL)
    {
      g_hash_table_insert (self->lines, g_steal_pointer (&key), g_memdup2 (&count, sizeof count));
      return;
    }
  if (!g_uint64_checked_add (&known->connections, known->connections, count.connections))
    known->connections = G_MAXUINT64;
  known->last = MAX (known->last, count.last);
  g_free (count.day);
  g_free (count.server);
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Returns: (transfer container) (element-type utf8): sorted */
static GPtrArray *
list_keys (const PostsealTlsCounts *self)
{
  GPtrArray *keys = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->lines);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (keys, key);
  g_ptr_array_sort (keys, compare_keys);
  return keys;
}

GPtrArray *
postseal_tls_counts_list (const PostsealTlsCounts *self)
{
  g_autoptr (GPtrArray) keys = NULL;
  GPtrArray *counts = g_ptr_array_new ();

  g_return_val_if_fail (self != NULL, NULL);

  keys = list_keys (self);
  for (guint i = 0; i < keys->len; i++)
    g_ptr_array_add (counts, g_hash_table_lookup (self->lines, keys->pdata[i]));
  return counts;
}

/* By the days themselves and not by today's: a clock that was wrong for a while costs nothing. */
static void
drop_oldest (PostsealTlsCounts *self)
{
  g_autoptr (GPtrArray) keys = list_keys (self);
  const char *day = "";
  guint n_days = 0;

  for (guint i = keys->len; i > 0; i--)
    {
      const PostsealTlsCount *count = g_hash_table_lookup (self->lines, keys->pdata[i - 1]);

      if (!g_str_equal (count->day, day))
        n_days++;
      day = count->day;
      if (n_days <= MOST_DAYS && keys->len - i < MOST_LINES)
        continue;
      for (guint k = 0; k < i; k++)
        g_hash_table_remove (self->lines, keys->pdata[k]);
      return;
    }
}

/* --- counting --- */

static PostsealTlsCountPolicy
find_policy (const PostsealTlsPolicy *policy, const PostsealSeal *seal, const char *type)
{
  if (policy->dane == POSTSEAL_DANE_REQUIRE || (seal != NULL && postseal_seal_has_dane (seal))
      || g_strcmp0 (type, "tlsa-invalid") == 0)
    return POSTSEAL_TLS_COUNT_DANE;
  if (policy->level == POSTSEAL_TLS_OPPORTUNISTIC)
    return POSTSEAL_TLS_COUNT_OPPORTUNISTIC;
  return policy->pins != NULL ? POSTSEAL_TLS_COUNT_PIN : POSTSEAL_TLS_COUNT_CA;
}

static char *
format_day (gint64 time)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (time);

  return date != NULL ? g_date_time_format (date, "%Y-%m-%d") : g_strdup ("1970-01-01");
}

void
postseal_tls_counts_add (PostsealTlsCounts *self,
                         const char *server,
                         gboolean is_sending,
                         const PostsealTlsPolicy *policy,
                         const PostsealSeal *seal,
                         const GError *error,
                         gint64 now)
{
  const char *reason = error != NULL ? postseal_tls_result_get_reason (error) : NULL;

  g_return_if_fail (self != NULL && server != NULL && policy != NULL);
  g_return_if_fail ((seal == NULL) != (error == NULL));

  if (policy->level == POSTSEAL_TLS_LOOPBACK || (error != NULL && reason == NULL))
    return;
  if (seal != NULL && seal->tls_version == NULL)
    reason = POSTSEAL_TLS_RESULT_IN_CLEAR;
  merge (self, (PostsealTlsCount){
                   .day = format_day (now),
                   .is_sending = is_sending,
                   .server = g_strdup (server),
                   .policy = find_policy (
                       policy, seal, reason != NULL ? postseal_tls_result_get_type (reason) : NULL),
                   .reason = reason,
                   .connections = 1,
                   .last = now,
               });
  drop_oldest (self);
}

/* --- the file --- */

static gboolean
parse_day (const char *text)
{
  static const char shape[] = "dddd-dd-dd";

  for (gsize i = 0; i < sizeof shape; i++)
    if (shape[i] == 'd' ? !g_ascii_isdigit (text[i]) : text[i] != shape[i])
      return FALSE;
  return TRUE;
}

static gboolean
parse_policy (const char *text, PostsealTlsCountPolicy *ret_policy)
{
  for (gsize i = 0; i < G_N_ELEMENTS (policies); i++)
    if (strcmp (policies[i], text) == 0)
      {
        *ret_policy = i;
        return TRUE;
      }
  return FALSE;
}

/* The word as ours, which lives for ever. */
static gboolean
parse_reason (const char *text, const char **ret_reason)
{
  if (strcmp (text, SEALED) == 0)
    *ret_reason = NULL;
  else if (postseal_tls_result_get_type (text) != NULL)
    *ret_reason = g_intern_string (text);
  else
    return FALSE;
  return TRUE;
}

static gboolean
parse_line (PostsealTlsCounts *self, const char *line)
{
  g_auto (GStrv) fields = g_strsplit (line, " ", N_FIELDS + 1);
  PostsealTlsCount count = { 0 };
  guint64 last;

  if (g_strv_length (fields) != N_FIELDS || !parse_day (fields[0])
      || (strcmp (fields[1], "send") != 0 && strcmp (fields[1], "receive") != 0)
      || !parse_policy (fields[3], &count.policy) || !parse_reason (fields[4], &count.reason)
      || !g_ascii_string_to_unsigned (fields[5], 10, 1, G_MAXUINT64, &count.connections, NULL)
      || !g_ascii_string_to_unsigned (fields[6], 10, 0, G_MAXINT64, &last, NULL))
    return FALSE;
  count.server = g_uri_unescape_string (fields[2], NULL);
  if (count.server == NULL || *count.server == '\0')
    {
      g_free (count.server);
      return FALSE;
    }
  count.day = g_strdup (fields[0]);
  count.is_sending = strcmp (fields[1], "send") == 0;
  count.last = (gint64)last;
  merge (self, count);
  return TRUE;
}

static gboolean
parse (PostsealTlsCounts *self, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", MOST_LINES + 4);
  guint n_lines = g_strv_length (lines);

  /* With the empty one behind the last line end. */
  if (n_lines < 3 || n_lines > MOST_LINES + 3 || strcmp (lines[0], HEAD) != 0
      || strcmp (lines[n_lines - 2], TAIL) != 0 || *lines[n_lines - 1] != '\0')
    return FALSE;
  for (guint i = 1; i < n_lines - 2; i++)
    if (!parse_line (self, lines[i]))
      return FALSE;
  return TRUE;
}

PostsealTlsCounts *
postseal_tls_counts_load (const char *path, GError **error)
{
  g_autoptr (PostsealTlsCounts) self = postseal_tls_counts_new ();
  g_autoptr (GError) local = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;

  g_return_val_if_fail (path != NULL, NULL);

  if (!g_file_get_contents (path, &text, &length, &local))
    {
      if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return g_steal_pointer (&self);
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  /* Without its content a file comes out of a power cut: nothing was counted. */
  if (length == 0)
    return g_steal_pointer (&self);
  if (length > LONGEST_FILE || strlen (text) != length || !parse (self, text))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   _ ("%s is damaged; the connections are counted anew"), path);
      return NULL;
    }
  return g_steal_pointer (&self);
}

static char *
format (const PostsealTlsCounts *self)
{
  g_autoptr (GPtrArray) keys = list_keys (self);
  GString *text = g_string_new (HEAD "\n");

  for (guint i = 0; i < keys->len; i++)
    {
      const PostsealTlsCount *count = g_hash_table_lookup (self->lines, keys->pdata[i]);

      g_string_append_printf (text, "%s %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT "\n",
                              (const char *)keys->pdata[i], count->connections, count->last);
    }
  g_string_append (text, TAIL "\n");
  return g_string_free (text, FALSE);
}

/* Replaces @path as a whole, but does not wait for the disk: these are only numbers, and a
   connection must not cost a sync. */
static gboolean
write_file (const char *path, const char *text, GError **error)
{
  g_autofree char *fresh = g_strconcat (path, ".new", NULL);

  if (!g_file_set_contents_full (fresh, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, error))
    return FALSE;
  if (g_rename (fresh, path) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path,
               g_strerror (errno));
  g_unlink (fresh);
  return FALSE;
}

static void
copy_lines (const PostsealTlsCounts *self, PostsealTlsCounts *target)
{
  g_autoptr (GPtrArray) counts = postseal_tls_counts_list (self);

  for (guint i = 0; i < counts->len; i++)
    {
      PostsealTlsCount copy = *(const PostsealTlsCount *)counts->pdata[i];

      copy.day = g_strdup (copy.day);
      copy.server = g_strdup (copy.server);
      merge (target, copy);
    }
}

gboolean
postseal_tls_counts_keep (PostsealTlsCounts *self, const char *path, GError **error)
{
  g_autofree char *lock_path = g_strconcat (path, ".lock", NULL);
  g_autoptr (PostsealLockFile) lock = NULL;
  g_autoptr (PostsealTlsCounts) all = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *text = NULL;

  g_return_val_if_fail (self != NULL && path != NULL, FALSE);

  if (postseal_tls_counts_is_empty (self))
    return TRUE;
  lock = postseal_lock_file_await (lock_path, "postseal", LOCK_MS, error);
  if (lock == NULL)
    return FALSE;
  all = postseal_tls_counts_load (path, &local);
  if (all == NULL && !g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_INVAL))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (all == NULL)
    {
      g_warning ("%s", local->message);
      all = postseal_tls_counts_new ();
    }
  copy_lines (self, all);
  drop_oldest (all);
  text = format (all);
  if (!write_file (path, text, error))
    return FALSE;
  g_hash_table_remove_all (self->lines);
  return TRUE;
}
