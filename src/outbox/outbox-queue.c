/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/printable.h"
#include "outbox/outbox-index-private.h"

/* The files in queue/. */

#define FIRST_READ 4096
#define LONGEST_HEAD 33554432 /* so many recipients with such long addresses */

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  PostsealOutboxNumber one = *(const PostsealOutboxNumber *)a;
  PostsealOutboxNumber other = *(const PostsealOutboxNumber *)b;

  return one < other ? -1 : one > other;
}

static void
note_stranger (GPtrArray *problems, const char *name)
{
  g_autofree char *path = _postseal_outbox_build_entry_path (name);
  g_autofree char *shown = postseal_printable (path, -1);

  g_ptr_array_add (problems,
                   g_strdup_printf (_ ("“%s” is no message of the outbox; move it away"), shown));
}

static void
read_names (DIR *dir, GArray *numbers, GPtrArray *problems)
{
  const struct dirent *file;

  while ((file = readdir (dir)) != NULL)
    {
      PostsealOutboxNumber number;

      if (_postseal_outbox_parse_id (file->d_name, &number))
        g_array_append_val (numbers, number);
      else if (problems != NULL && strcmp (file->d_name, ".") != 0
               && strcmp (file->d_name, "..") != 0)
        note_stranger (problems, file->d_name);
    }
}

GArray *
_postseal_outbox_read_queue (PostsealOutbox *self, GPtrArray *problems, GError **error)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (PostsealOutboxNumber));
  /* One of its own: a duplicate would share its place in the directory. */
  int fd = openat (self->queue_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;

  if (dir == NULL)
    {
      _postseal_outbox_fail_errno (errno, _ ("Cannot read the outbox beside"), self->path, error);
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  read_names (dir, numbers, problems);
  closedir (dir);
  g_array_sort (numbers, compare_numbers);
  return g_steal_pointer (&numbers);
}

gboolean
_postseal_outbox_has_file (PostsealOutbox *self, PostsealOutboxNumber number)
{
  char id[POSTSEAL_OUTBOX_ID_LENGTH + 1];

  _postseal_outbox_format_id (number, id);
  return faccessat (self->queue_fd, id, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

gboolean
_postseal_outbox_remove_file (PostsealOutbox *self, PostsealOutboxNumber number)
{
  char id[POSTSEAL_OUTBOX_ID_LENGTH + 1];

  _postseal_outbox_format_id (number, id);
  return unlinkat (self->queue_fd, id, 0) == 0 || errno == ENOENT;
}

/* --- heads --- */

static PostsealEnvelope *
fail_head (const char *id, const char *reason, GError **error)
{
  g_autofree char *path = _postseal_outbox_build_entry_path (id);

  g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED,
               _ ("The message “%s” in the outbox is damaged: %s. Its file is left alone"), path,
               reason);
  return NULL;
}

/* Reads more and more until the empty line is there. */
static GString *
read_until_empty_line (int fd, off_t size)
{
  GString *text = g_string_sized_new (FIRST_READ + 1);
  gsize wanted = FIRST_READ;

  while (TRUE)
    {
      gsize start = text->len;
      gssize length;

      g_string_set_size (text, wanted);
      length = pread (fd, text->str + start, wanted - start, (off_t)start);
      if (length < 0 && errno == EINTR)
        length = 0;
      else if (length <= 0)
        length = -1;
      g_string_set_size (text, start + (gsize)MAX (length, 0));
      if (length < 0 || (off_t)text->len >= size || wanted >= LONGEST_HEAD
          || memmem (text->str, text->len, "\n\n", 2) != NULL)
        return text;
      if (text->len == wanted)
        wanted *= 4;
    }
}

static PostsealEnvelope *
read_open_head (int fd, const char *id, guint64 *ret_offset, GBytes **ret_beginning, GError **error)
{
  g_autoptr (PostsealEnvelope) envelope = NULL;
  g_autoptr (GError) local = NULL;
  GString *text;
  struct stat status;
  gsize offset = 0;

  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode))
    return fail_head (id, _ ("it is no file"), error);
  text = read_until_empty_line (fd, status.st_size);
  envelope = postseal_envelope_parse (text->str, text->len, &offset, &local);
  if (ret_beginning != NULL && envelope != NULL)
    *ret_beginning = g_bytes_new (text->str, text->len); /* no larger than what is in it */
  g_string_free (text, TRUE);
  if (envelope == NULL)
    return fail_head (id, local->message, error);
  if ((guint64)status.st_size != offset + envelope->length)
    return fail_head (id, _ ("it is not as long as it says"), error);
  if (ret_offset != NULL)
    *ret_offset = offset;
  return g_steal_pointer (&envelope);
}

PostsealEnvelope *
_postseal_outbox_read_head (PostsealOutbox *self,
                            PostsealOutboxNumber number,
                            guint64 *ret_offset,
                            GError **error)
{
  return _postseal_outbox_read_beginning (self, number, ret_offset, NULL, error);
}

PostsealEnvelope *
_postseal_outbox_read_beginning (PostsealOutbox *self,
                                 PostsealOutboxNumber number,
                                 guint64 *ret_offset,
                                 GBytes **ret_beginning,
                                 GError **error)
{
  char id[POSTSEAL_OUTBOX_ID_LENGTH + 1];
  PostsealEnvelope *envelope;
  int fd;

  _postseal_outbox_format_id (number, id);
  fd = openat (self->queue_fd, id, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0 && errno == ENOENT)
    g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN,
                 _ ("There is no message “%s” in the outbox"), id);
  else if (fd < 0)
    return fail_head (id, g_strerror (errno), error);
  if (fd < 0)
    return NULL;
  envelope = read_open_head (fd, id, ret_offset, ret_beginning, error);
  close (fd);
  return envelope;
}

/* --- what the user calls them --- */

static void
take_range (PostsealOutboxNumber number,
            PostsealOutboxNumber first,
            PostsealOutboxNumber last,
            GHashTable *found)
{
  if (number >= first && number <= last)
    g_hash_table_add (found, g_memdup2 (&number, sizeof number));
}

static gboolean
find_range (PostsealOutbox *self,
            PostsealOutboxNumber first,
            PostsealOutboxNumber last,
            GHashTable *found,
            GError **error)
{
  g_autoptr (GArray) files = _postseal_outbox_read_queue (self, NULL, error);
  g_autoptr (GError) local = NULL;
  sqlite3_stmt *stmt;

  if (files == NULL)
    return FALSE;
  for (guint i = 0; i < files->len; i++)
    take_range (g_array_index (files, PostsealOutboxNumber, i), first, last, found);
  stmt = postseal_database_bind (&self->db, OUTBOX_SCAN_RANGE, error, "ii", (gint64)first,
                                 (gint64)last);
  if (stmt == NULL)
    return FALSE;
  while (postseal_database_next (&self->db, stmt, &local))
    if (POSTSEAL_OUTBOX_IS_DONE (sqlite3_column_int (stmt, 1)))
      take_range ((PostsealOutboxNumber)sqlite3_column_int64 (stmt, 0), first, last, found);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
_postseal_outbox_resolve_id (PostsealOutbox *self,
                             const char *id,
                             PostsealOutboxNumber *ret_number,
                             GError **error)
{
  g_autoptr (GHashTable) found = NULL;
  g_autofree char *shown = postseal_printable (id, -1);
  PostsealOutboxNumber first = 1;
  PostsealOutboxNumber last = 0;
  GHashTableIter iter;
  gpointer key;

  if (_postseal_outbox_parse_id (id, ret_number))
    return TRUE;
  found = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  if (_postseal_outbox_parse_prefix (id, &first, &last)
      && !find_range (self, first, last, found, error))
    return FALSE;
  if (g_hash_table_size (found) == 1)
    {
      g_hash_table_iter_init (&iter, found);
      g_hash_table_iter_next (&iter, &key, NULL);
      *ret_number = *(PostsealOutboxNumber *)key;
      return TRUE;
    }
  if (g_hash_table_size (found) == 0)
    g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN,
                 _ ("There is no message “%s” in the outbox"), shown);
  else
    g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN,
                 _ ("%u messages in the outbox begin with “%s”; write more of the ID"),
                 g_hash_table_size (found), shown);
  return FALSE;
}
