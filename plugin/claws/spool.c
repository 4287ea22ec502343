/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/durable-file.h"
#include "base/paths.h"

#define FOLDER_NAME "claws"
#define COMPARED_BYTES 65536 /* of each file at once */

struct _PostsealClawsSpool
{
  GObject parent;

  char *path; /* owned */
  GFileMonitor *monitor; /* owned, nullable */
  gboolean has_told; /* of what has arrived since it was looked at last */
  GCancellable *end; /* owned */
  GPtrArray *listing; /* owned, nullable (element-type filename): names in "new" that were seen and
                         not yet taken, the oldest last; NULL while a thread has it */
};

G_DEFINE_FINAL_TYPE (PostsealClawsSpool, postseal_claws_spool, G_TYPE_OBJECT)

static guint signal_arrived;

/* One thread at a time works on spools: what the last one has begun is done, or never will be, when
   a plugin that was unloaded and loaded again looks at the same spool. */
static GMutex at_work;

/* --- taken messages --- */

PostsealClawsTaken *
postseal_claws_taken_new (const char *path, const char *filed)
{
  PostsealClawsTaken *self = g_new0 (PostsealClawsTaken, 1);

  self->path = g_strdup (path);
  self->filed = g_strdup (filed);
  return self;
}

void
postseal_claws_taken_free (PostsealClawsTaken *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self->filed);
  g_free (self);
}

/* --- files, in worker threads --- */

static gboolean
fail (GError **error, const char *what, const char *path)
{
  int code = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s %s: %s", what, path,
               g_strerror (code));
  return FALSE;
}

/* Delivered names begin with the time. */
static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)b, *(char *const *)a);
}

/* Returns: (transfer full) (element-type filename): the oldest last; NULL with error */
static GPtrArray *
list_names (const char *folder, GError **error)
{
  g_autoptr (GDir) directory = g_dir_open (folder, 0, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (directory == NULL)
    return NULL;
  while ((name = g_dir_read_name (directory)) != NULL)
    if (*name != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_newest_first);
  return g_steal_pointer (&names);
}

gboolean
postseal_claws_spool_is_same (const char *path, const char *other)
{
  g_autofree char *bytes = g_malloc (2 * COMPARED_BYTES);
  struct stat a, b;
  FILE *files[2];
  gboolean is_same = FALSE;

  if (stat (path, &a) != 0 || stat (other, &b) != 0 || a.st_size != b.st_size)
    return FALSE;
  if (a.st_dev == b.st_dev && a.st_ino == b.st_ino)
    return TRUE;
  files[0] = fopen (path, "rbe");
  files[1] = fopen (other, "rbe");
  while (files[0] != NULL && files[1] != NULL)
    {
      gsize n = fread (bytes, 1, COMPARED_BYTES, files[0]);
      gsize m = fread (bytes + COMPARED_BYTES, 1, COMPARED_BYTES, files[1]);

      is_same = n == m && memcmp (bytes, bytes + COMPARED_BYTES, n) == 0 && !ferror (files[0])
                && !ferror (files[1]);
      if (!is_same || n < COMPARED_BYTES)
        break;
    }
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    if (files[i] != NULL)
      fclose (files[i]);
  return is_same;
}

/* Begins in a thread. Returns: FALSE, and nothing is to be done, after the end */
static gboolean
begin_work (GTask *task)
{
  PostsealClawsSpool *self = g_task_get_source_object (task);
  GError *error = NULL;

  g_mutex_lock (&at_work);
  if (!g_cancellable_set_error_if_cancelled (self->end, &error))
    return TRUE;
  g_mutex_unlock (&at_work);
  g_task_return_error (task, error);
  return FALSE;
}

/* --- taking --- */

typedef struct
{
  char *path; /* owned: the spool */
  guint limit;
  GPtrArray *listing; /* owned */
} Take;

static void
free_take (Take *self)
{
  g_free (self->path);
  g_clear_pointer (&self->listing, g_ptr_array_unref);
  g_free (self);
}

/* One that is gone, or that there are two of, is left alone. */
static gboolean
take_one (Take *self, const char *name, GPtrArray *taken, GError **error)
{
  g_autofree char *from = g_build_filename (self->path, "new", name, NULL);
  g_autofree char *to = g_build_filename (self->path, "cur", name, NULL);
  int code = renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);

  /* Some file systems only know how to replace. */
  if (code != 0 && errno == EINVAL && access (to, F_OK) != 0)
    code = rename (from, to);
  if (code == 0)
    g_ptr_array_add (taken, g_steal_pointer (&to));
  else if (errno != ENOENT && errno != EEXIST)
    return fail (error, "Cannot take", from);
  return TRUE;
}

/* A name that comes back after a power cut would be a message that is filed twice. */
static gboolean
sync_taken (const char *path, GError **error)
{
  g_autofree char *cur = g_build_filename (path, "cur", NULL);
  g_autofree char *new = g_build_filename (path, "new", NULL);

  return postseal_durable_sync_directory (cur, error)
         && postseal_durable_sync_directory (new, error);
}

static void
take_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  PostsealClawsSpool *spool = source;
  Take *self = data;
  g_autofree char *new = g_build_filename (self->path, "new", NULL);
  g_autoptr (GPtrArray) taken = g_ptr_array_new_with_free_func (g_free);
  gboolean was_listed = FALSE;
  GError *error = NULL;

  if (!begin_work (task))
    return;
  while (error == NULL && !g_cancellable_is_cancelled (spool->end) && taken->len < self->limit
         && !(was_listed && self->listing->len == 0))
    {
      if (self->listing->len == 0)
        {
          GPtrArray *names = list_names (new, &error);

          was_listed = TRUE;
          if (names != NULL)
            {
              g_ptr_array_unref (self->listing);
              self->listing = names;
            }
        }
      else
        {
          g_autofree char *name = g_ptr_array_steal_index (self->listing, self->listing->len - 1);

          take_one (self, name, taken, &error);
        }
    }
  if (taken->len > 0 && error == NULL)
    sync_taken (self->path, &error);
  g_mutex_unlock (&at_work);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&taken), (GDestroyNotify)g_ptr_array_unref);
}

static void
on_taken (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealClawsSpool *self = POSTSEAL_CLAWS_SPOOL (source);
  g_autoptr (GTask) task = user_data;
  Take *take = g_task_get_task_data (G_TASK (result));
  GError *error = NULL;
  GPtrArray *taken = g_task_propagate_pointer (G_TASK (result), &error);

  self->listing = g_steal_pointer (&take->listing);
  if (taken == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, taken, (GDestroyNotify)g_ptr_array_unref);
}

void
postseal_claws_spool_take_async (PostsealClawsSpool *self,
                                 guint limit,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GTask) work = NULL;
  Take *take = g_new0 (Take, 1);

  g_return_if_fail (POSTSEAL_IS_CLAWS_SPOOL (self));
  g_return_if_fail (self->listing != NULL);

  g_task_set_source_tag (task, postseal_claws_spool_take_async);
  /* What was moved is known to the caller, or found by the next one in "cur". */
  g_task_set_check_cancellable (task, FALSE);
  work = g_task_new (self, NULL, on_taken, g_steal_pointer (&task));
  take->path = g_strdup (self->path);
  take->limit = limit;
  take->listing = g_steal_pointer (&self->listing);
  g_task_set_task_data (work, take, (GDestroyNotify)free_take);
  self->has_told = FALSE;
  g_task_run_in_thread (work, take_in_thread);
}

GPtrArray *
postseal_claws_spool_take_finish (PostsealClawsSpool *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- dropping --- */

/* A link is as durable as the file; a copy is not. */
static gboolean
sync_filed (const PostsealClawsTaken *taken, GError **error)
{
  struct stat a, b;
  gboolean is_synced;
  int fd;

  if (stat (taken->path, &a) == 0 && stat (taken->filed, &b) == 0 && a.st_dev == b.st_dev
      && a.st_ino == b.st_ino)
    return TRUE;
  if (!postseal_claws_spool_is_same (taken->path, taken->filed))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s is not in %s", taken->path,
                   taken->filed);
      return FALSE;
    }
  fd = open (taken->filed, O_RDONLY | O_CLOEXEC);
  is_synced = fd >= 0 && fsync (fd) == 0;
  if (!is_synced)
    fail (error, "Cannot sync", taken->filed);
  if (fd >= 0)
    close (fd);
  return is_synced;
}

static gboolean
sync_all_filed (GPtrArray *taken, GError **error)
{
  g_autoptr (GHashTable) folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer folder;

  for (guint i = 0; i < taken->len; i++)
    {
      const PostsealClawsTaken *one = g_ptr_array_index (taken, i);

      if (!sync_filed (one, error))
        return FALSE;
      g_hash_table_add (folders, g_path_get_dirname (one->filed));
    }
  g_hash_table_iter_init (&iter, folders);
  while (g_hash_table_iter_next (&iter, &folder, NULL))
    if (!postseal_durable_sync_directory (folder, error))
      return FALSE;
  return TRUE;
}

static void
drop_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  PostsealClawsSpool *self = source;
  GPtrArray *taken = data;
  g_autofree char *cur = g_build_filename (self->path, "cur", NULL);
  GError *error = NULL;

  if (!begin_work (task))
    return;
  sync_all_filed (taken, &error);
  for (guint i = 0; i < taken->len && error == NULL; i++)
    {
      const PostsealClawsTaken *one = g_ptr_array_index (taken, i);

      if (unlink (one->path) != 0 && errno != ENOENT)
        fail (&error, "Cannot remove", one->path);
    }
  if (error == NULL)
    postseal_durable_sync_directory (cur, &error);
  g_mutex_unlock (&at_work);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
postseal_claws_spool_drop_async (PostsealClawsSpool *self,
                                 GPtrArray *taken,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_return_if_fail (POSTSEAL_IS_CLAWS_SPOOL (self));

  g_task_set_source_tag (task, postseal_claws_spool_drop_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, taken, (GDestroyNotify)g_ptr_array_unref);
  g_task_run_in_thread (task, drop_in_thread);
}

gboolean
postseal_claws_spool_drop_finish (PostsealClawsSpool *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- recovering --- */

/* A file of the host. */
typedef struct
{
  char *path; /* owned, NULL: it stands for a message already */
  struct stat info;
} HostFile;

static void
free_host_file (HostFile *self)
{
  g_free (self->path);
  g_free (self);
}

/* A folder that is missing has no files. Returns: (transfer full) (element-type HostFile) */
static GPtrArray *
list_host_files (const char *folder)
{
  GPtrArray *files = g_ptr_array_new_with_free_func ((GDestroyNotify)free_host_file);
  g_autoptr (GPtrArray) names = list_names (folder, NULL);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      HostFile *file = g_new0 (HostFile, 1);

      file->path = g_build_filename (folder, names->pdata[i], NULL);
      if (stat (file->path, &file->info) == 0 && S_ISREG (file->info.st_mode))
        g_ptr_array_add (files, file);
      else
        free_host_file (file);
    }
  return files;
}

/* @by_content: else by identity. */
static void
match (PostsealClawsTaken *taken, GPtrArray *files, gboolean by_content)
{
  struct stat info;

  if (taken->filed != NULL || stat (taken->path, &info) != 0)
    return;
  for (guint i = 0; i < files->len && taken->filed == NULL; i++)
    {
      HostFile *file = g_ptr_array_index (files, i);

      if (file->path == NULL || file->info.st_size != info.st_size)
        continue;
      if (by_content ? postseal_claws_spool_is_same (taken->path, file->path)
                     : file->info.st_dev == info.st_dev && file->info.st_ino == info.st_ino)
        taken->filed = g_steal_pointer (&file->path);
    }
}

/* Returns: (transfer full) (nullable) (element-type PostsealClawsTaken) */
static GPtrArray *
find_taken (const char *path, const char *folder, GError **error)
{
  g_autofree char *cur = g_build_filename (path, "cur", NULL);
  g_autoptr (GPtrArray) names = list_names (cur, error);
  g_autoptr (GPtrArray) taken
      = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_claws_taken_free);
  g_autoptr (GPtrArray) files = NULL;

  if (names == NULL)
    return NULL;
  for (guint i = names->len; i > 0; i--)
    {
      g_autofree char *file = g_build_filename (cur, names->pdata[i - 1], NULL);

      g_ptr_array_add (taken, postseal_claws_taken_new (file, NULL));
    }
  files = list_host_files (folder);
  for (guint by_content = 0; by_content < 2; by_content++)
    for (guint i = 0; i < taken->len; i++)
      match (g_ptr_array_index (taken, i), files, by_content == 1);
  return g_steal_pointer (&taken);
}

static void
recover_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  PostsealClawsSpool *self = source;
  GPtrArray *taken;
  GError *error = NULL;

  if (!begin_work (task))
    return;
  taken = find_taken (self->path, data, &error);
  g_mutex_unlock (&at_work);
  if (taken == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, taken, (GDestroyNotify)g_ptr_array_unref);
}

void
postseal_claws_spool_recover_async (PostsealClawsSpool *self,
                                    const char *folder,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_return_if_fail (POSTSEAL_IS_CLAWS_SPOOL (self));
  g_return_if_fail (folder != NULL);

  g_task_set_source_tag (task, postseal_claws_spool_recover_async);
  g_task_set_task_data (task, g_strdup (folder), g_free);
  g_task_run_in_thread (task, recover_in_thread);
}

GPtrArray *
postseal_claws_spool_recover_finish (PostsealClawsSpool *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- watching --- */

static void
tell (PostsealClawsSpool *self)
{
  if (g_cancellable_is_cancelled (self->end) || self->has_told)
    return;
  self->has_told = TRUE;
  g_signal_emit (self, signal_arrived, 0);
}

static void
on_changed (GFileMonitor *monitor,
            GFile *file,
            GFile *other,
            GFileMonitorEvent event,
            PostsealClawsSpool *self)
{
  if (event == G_FILE_MONITOR_EVENT_CREATED || event == G_FILE_MONITOR_EVENT_MOVED_IN
      || event == G_FILE_MONITOR_EVENT_RENAMED)
    tell (self);
}

static void
make_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  PostsealClawsSpool *self = source;
  static const char *const names[] = { "tmp", "new", "cur" };
  GError *error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names) && error == NULL; i++)
    {
      g_autofree char *folder = g_build_filename (self->path, names[i], NULL);

      postseal_durable_make_directory (folder, &error);
    }
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* Watched first: nothing that comes later is missed. */
static void
on_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealClawsSpool *self = POSTSEAL_CLAWS_SPOOL (source);
  g_autofree char *path = g_build_filename (self->path, "new", NULL);
  g_autoptr (GFile) folder = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;

  if (g_cancellable_is_cancelled (self->end))
    return;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_warning ("%s", error->message);
      return;
    }
  self->monitor = g_file_monitor_directory (folder, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect (self->monitor, "changed", G_CALLBACK (on_changed), self);
  tell (self);
}

char *
postseal_claws_spool_path (const char *account)
{
  g_autofree char *state = postseal_paths_state_dir ();
  g_autofree char *other = postseal_paths_account_state_dir (account);
  g_autofree char *escaped = g_path_get_basename (other);

  return g_build_filename (state, FOLDER_NAME, escaped, NULL);
}

PostsealClawsSpool *
postseal_claws_spool_new (const char *path)
{
  PostsealClawsSpool *self = g_object_new (POSTSEAL_TYPE_CLAWS_SPOOL, NULL);
  g_autoptr (GTask) task = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  self->path = g_strdup (path);
  task = g_task_new (self, NULL, on_made, NULL);
  g_task_run_in_thread (task, make_in_thread);
  return self;
}

void
postseal_claws_spool_stop (PostsealClawsSpool *self)
{
  g_return_if_fail (POSTSEAL_IS_CLAWS_SPOOL (self));

  g_cancellable_cancel (self->end);
  if (self->monitor == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);
}

/* --- GObject --- */

static void
postseal_claws_spool_finalize (GObject *object)
{
  PostsealClawsSpool *self = POSTSEAL_CLAWS_SPOOL (object);

  postseal_claws_spool_stop (self);
  g_clear_pointer (&self->listing, g_ptr_array_unref);
  g_object_unref (self->end);
  g_free (self->path);
  G_OBJECT_CLASS (postseal_claws_spool_parent_class)->finalize (object);
}

static void
postseal_claws_spool_class_init (PostsealClawsSpoolClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = postseal_claws_spool_finalize;
  signal_arrived = g_signal_new ("arrived", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
postseal_claws_spool_init (PostsealClawsSpool *self)
{
  self->listing = g_ptr_array_new_with_free_func (g_free);
  self->end = g_cancellable_new ();
}
