/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/seen-file.h"

#include <string.h>

#include "base/limits.h"
#include "import/rc-lines.h"

/* RFC 1939 section 7: 1 to 70 characters from 0x21 to 0x7E. */
static void
add_uidl (GPtrArray *uidls, const char *uidl)
{
  gsize length = strlen (uidl);

  if (length == 0 || length > POSTSEAL_LIMIT_UIDL)
    return;
  for (const char *p = uidl; *p != '\0'; p++)
    if (*p < 0x21 || *p > 0x7e)
      return;
  g_ptr_array_add (uidls, g_strdup (uidl));
}

/* A user's name may hold spaces, and "@". */
GPtrArray *
postseal_seen_file_read_fetchids (const char *text,
                                  gsize length,
                                  const char *user,
                                  const char *host)
{
  GPtrArray *uidls = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *owner = g_strdup_printf ("%s@%s", user, host);
  PostsealRcLines lines;

  postseal_rc_lines_init (&lines, text, length);
  while (postseal_rc_lines_next (&lines))
    {
      char *space;

      g_strchomp (lines.text);
      space = strrchr (lines.text, ' ');
      if (space == NULL)
        continue;
      *space = '\0';
      if (g_ascii_strcasecmp (g_strstrip (lines.text), owner) == 0)
        add_uidl (uidls, space + 1);
    }
  postseal_rc_lines_clear (&lines);
  return uidls;
}

/* " 3 pop.example.org jane" */
static gboolean
is_own_list (char *text, const char *user, const char *host)
{
  postseal_rc_lines_cut_word (&text);
  return g_ascii_strcasecmp (postseal_rc_lines_cut_word (&text), host) == 0
         && g_str_equal (g_strchomp (text), user);
}

GPtrArray *
postseal_seen_file_read_mpop (const char *text, gsize length, const char *user, const char *host)
{
  GPtrArray *uidls = g_ptr_array_new_with_free_func (g_free);
  gboolean is_own = FALSE;
  PostsealRcLines lines;

  postseal_rc_lines_init (&lines, text, length);
  while (postseal_rc_lines_next (&lines))
    if (*lines.text == ' ')
      is_own = is_own_list (lines.text, user, host);
    else if (is_own)
      add_uidl (uidls, lines.text);
  postseal_rc_lines_clear (&lines);
  return uidls;
}

GPtrArray *
postseal_seen_file_read_claws (const char *text, gsize length)
{
  GPtrArray *uidls = g_ptr_array_new_with_free_func (g_free);
  PostsealRcLines lines;

  postseal_rc_lines_init (&lines, text, length);
  while (postseal_rc_lines_next (&lines))
    {
      g_auto (GStrv) fields = g_strsplit (lines.text, "\t", 3);

      if (fields[0] != NULL
          && (fields[1] == NULL || fields[2] == NULL || g_str_equal (g_strchomp (fields[2]), "0")))
        add_uidl (uidls, fields[0]);
    }
  postseal_rc_lines_clear (&lines);
  return uidls;
}

GPtrArray *
postseal_seen_file_read_getmail (const char *text, gsize length)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  PostsealRcLines lines;

  /* The NUL between an ID and its time ends the line for whoever reads it as a string. */
  postseal_rc_lines_init (&lines, text, length);
  while (postseal_rc_lines_next (&lines))
    add_uidl (ids, lines.text);
  postseal_rc_lines_clear (&lines);
  return ids;
}

static gboolean
read_uid (const char *text, guint32 *ret_uid)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT32, &value, NULL))
    return FALSE;
  *ret_uid = (guint32)value;
  return TRUE;
}

static int
compare_uids (gconstpointer a, gconstpointer b)
{
  guint32 first = *(const guint32 *)a;
  guint32 second = *(const guint32 *)b;

  return (first > second) - (first < second);
}

/* Ascending, each once. */
static void
sort_uids (GArray *uids)
{
  guint n = 0;

  g_array_sort (uids, compare_uids);
  for (guint i = 0; i < uids->len; i++)
    if (n == 0 || g_array_index (uids, guint32, n - 1) != g_array_index (uids, guint32, i))
      g_array_index (uids, guint32, n++) = g_array_index (uids, guint32, i);
  g_array_set_size (uids, n);
}

/* "UIDVALIDITY/UID", and before getmail 4.22 "UIDVALIDITY/MAILBOX/UID" */
static gboolean
split_id (const char *id, guint32 *ret_uid_validity, guint32 *ret_uid)
{
  const char *first = strchr (id, '/');
  const char *last = strrchr (id, '/');
  g_autofree char *validity = first != NULL ? g_strndup (id, first - id) : NULL;

  return validity != NULL && read_uid (validity, ret_uid_validity) && read_uid (last + 1, ret_uid);
}

static guint32
find_usual_validity (const GPtrArray *ids)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (NULL, NULL);
  guint32 usual = 0;
  guint most = 0;

  for (guint i = 0; i < ids->len; i++)
    {
      guint32 validity;
      guint32 uid;
      guint count;

      if (!split_id (g_ptr_array_index (ids, i), &validity, &uid))
        continue;
      count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, GUINT_TO_POINTER (validity))) + 1;
      g_hash_table_insert (counts, GUINT_TO_POINTER (validity), GUINT_TO_POINTER (count));
      if (count >= most)
        {
          most = count;
          usual = validity;
        }
    }
  return usual;
}

GArray *
postseal_seen_file_split_getmail (const GPtrArray *ids, guint32 *ret_uid_validity)
{
  GArray *uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 usual = find_usual_validity (ids);

  for (guint i = 0; i < ids->len; i++)
    {
      guint32 validity;
      guint32 uid;

      if (split_id (g_ptr_array_index (ids, i), &validity, &uid) && validity == usual)
        g_array_append_val (uids, uid);
    }
  sort_uids (uids);
  *ret_uid_validity = usual;
  return uids;
}

void
postseal_mbsync_state_free (PostsealMbsyncState *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->uids);
  g_array_unref (self->waiting);
  g_free (self);
}

/* "FarUidValidity 12"; isync 1.3 said "MasterUidValidity", isync 1.0 "1:2 …", which is not read. */
static void
read_mbsync_header (PostsealMbsyncState *self, char *text)
{
  const char *name = postseal_rc_lines_cut_word (&text);
  guint32 value;

  if (!read_uid (g_strchomp (text), &value))
    return;
  if (g_str_equal (name, "FarUidValidity") || g_str_equal (name, "MasterUidValidity"))
    self->uid_validity = value;
  else if (g_str_equal (name, "MaxPulledUid"))
    self->highest = value;
}

/* "FAR-UID NEAR-UID FLAGS": 0 for a side that has not got it; "X" before the flags of one that has
   expired there, ">", "^" and the like before those of one that is still to come, or was left out
   for its size. */
static void
read_mbsync_entry (PostsealMbsyncState *self, char *text)
{
  const char *far_uid = postseal_rc_lines_cut_word (&text);
  const char *near_uid = postseal_rc_lines_cut_word (&text);
  gboolean is_expired = *text == 'X' || *text == '~';
  guint32 uid;
  guint32 other;

  if (!read_uid (far_uid, &uid))
    return;
  if (is_expired || (read_uid (near_uid, &other) && strpbrk (text, "^<>") == NULL))
    g_array_append_val (self->uids, uid);
  else
    g_array_append_val (self->waiting, uid);
}

PostsealMbsyncState *
postseal_seen_file_read_mbsync (const char *text, gsize length)
{
  g_autoptr (PostsealMbsyncState) self = g_new0 (PostsealMbsyncState, 1);
  gboolean is_header = TRUE;
  PostsealRcLines lines;

  self->uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->waiting = g_array_new (FALSE, FALSE, sizeof (guint32));
  postseal_rc_lines_init (&lines, text, length);
  while (postseal_rc_lines_next (&lines))
    if (*lines.text == '\0')
      is_header = FALSE;
    else if (is_header)
      read_mbsync_header (self, lines.text);
    else
      read_mbsync_entry (self, lines.text);
  postseal_rc_lines_clear (&lines);
  sort_uids (self->uids);
  sort_uids (self->waiting);
  return self->uid_validity != 0 ? g_steal_pointer (&self) : NULL;
}
