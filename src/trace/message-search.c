/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trace/message-search.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire/header-fields.h"

#define MOST_READ 65536 /* of a file: where a Message-ID stands */
#define MOST_DEPTH 16 /* of folders in folders */

typedef struct
{
  gint64 time; /* by its name */
  const char *folder; /* borrowed from the search */
  char *name; /* owned */
} Candidate;

typedef struct
{
  GStringChunk *folders; /* owned */
  GArray *candidates; /* owned: (element-type Candidate) */
  guint most;
  gboolean has_dropped;
} Search;

static void
clear_candidate (gpointer data)
{
  g_free (((Candidate *)data)->name);
}

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *first = a;
  const Candidate *second = b;

  return (second->time > first->time) - (second->time < first->time);
}

/* Keeps the newest. */
static void
trim (Search *self)
{
  g_array_sort (self->candidates, compare_candidates);
  if (self->candidates->len <= self->most)
    return;
  g_array_set_size (self->candidates, self->most);
  self->has_dropped = TRUE;
}

static void
add_folder (Search *self, const char *maildir, const char *part)
{
  g_autofree char *path = g_build_filename (maildir, part, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *folder = dir != NULL ? g_string_chunk_insert (self->folders, path) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      Candidate candidate
          = { .time = g_ascii_strtoll (name, NULL, 10), .folder = folder, .name = g_strdup (name) };

      g_array_append_val (self->candidates, candidate);
      if (self->candidates->len / 2 >= self->most)
        trim (self);
    }
}

static void
add_maildirs (Search *self, const char *root, guint depth)
{
  g_autoptr (GDir) dir = g_dir_open (root, 0, NULL);
  const char *name;

  if (dir == NULL || depth > MOST_DEPTH)
    return;
  add_folder (self, root, "new");
  add_folder (self, root, "cur");
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (root, name, NULL);

      if (strcmp (name, "new") != 0 && strcmp (name, "cur") != 0 && strcmp (name, "tmp") != 0
          && g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        add_maildirs (self, path, depth + 1);
    }
}

/* Returns: how much was read */
static gsize
read_beginning (const char *path, char *block)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat status;
  gssize length = 0;

  if (fd < 0)
    return 0;
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode))
    do
      length = read (fd, block, MOST_READ);
    while (length < 0 && errno == EINTR);
  close (fd);
  return (gsize)MAX (length, 0);
}

static gboolean
has_message_id (const char *path, const char *message_id, char *block)
{
  gsize length = read_beginning (path, block);
  gsize header = 0, body = 0;
  g_autoptr (GArray) fields = NULL;

  if (!postseal_header_fields_find_end (block, length, &header, &body))
    header = length;
  fields = postseal_header_fields_split (block, header);
  for (guint i = 0; i < fields->len; i++)
    {
      const PostsealHeaderField *field = &g_array_index (fields, PostsealHeaderField, i);

      if (postseal_header_field_is (field, block, "Message-ID"))
        {
          g_autofree char *value
              = g_strstrip (g_strndup (block + field->value_start, field->value_length));

          return strcmp (value, message_id) == 0;
        }
    }
  return FALSE;
}

static char *
find (Search *self, const char *message_id, guint *ret_looked)
{
  g_autofree char *block = g_malloc (MOST_READ);

  for (*ret_looked = 0; *ret_looked < self->candidates->len; (*ret_looked)++)
    {
      const Candidate *candidate = &g_array_index (self->candidates, Candidate, *ret_looked);
      g_autofree char *path = g_build_filename (candidate->folder, candidate->name, NULL);

      if (has_message_id (path, message_id, block))
        return g_steal_pointer (&path);
    }
  return NULL;
}

char *
postseal_message_search (const char *const *roots,
                         const char *message_id,
                         guint most,
                         guint *ret_looked,
                         gboolean *ret_all)
{
  Search search = { .most = most };
  char *path;

  g_return_val_if_fail (roots != NULL, NULL);
  g_return_val_if_fail (message_id != NULL, NULL);

  search.folders = g_string_chunk_new (4096);
  search.candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
  g_array_set_clear_func (search.candidates, clear_candidate);
  for (gsize i = 0; roots[i] != NULL; i++)
    add_maildirs (&search, roots[i], 0);
  trim (&search);
  path = find (&search, message_id, ret_looked);
  *ret_all = !search.has_dropped;
  g_array_unref (search.candidates);
  g_string_chunk_free (search.folders);
  return path;
}
