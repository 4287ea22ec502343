/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/vault-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "auth/credential-private.h"
#include "base/durable-file.h"
#include "base/limits.h"
#include "base/paths.h"

/* file:PATH. The first line of a file of the user's own, which nobody else can read. */
#define POSTSEAL_TYPE_VAULT_FILE (postseal_vault_file_get_type ())
G_DECLARE_FINAL_TYPE (PostsealVaultFile, postseal_vault_file, POSTSEAL, VAULT_FILE, GObject)

struct _PostsealVaultFile
{
  GObject parent_instance;
  char *path; /* owned */
};

/* What a worker thread owns. */
typedef struct
{
  char *path; /* owned */
  char *account; /* owned */
  PostsealCredential *secret; /* owned, nullable */
} FileJob;

static void
set_errno_error (GError **error, const char *path, int number)
{
  gboolean is_absent = number == ENOENT || number == ENOTDIR;

  g_set_error (error, POSTSEAL_VAULT_ERROR,
               is_absent ? POSTSEAL_VAULT_ERROR_ABSENT : POSTSEAL_VAULT_ERROR_DENIED,
               _ ("Cannot read the password from %s: %s"), path, g_strerror (number));
}

/* The rules are held on the opened file, so that nothing can be swapped in between. */
static gboolean
check_private (int fd, const char *path, gboolean allow_root, GError **error)
{
  struct stat status;

  if (fstat (fd, &status) < 0)
    {
      set_errno_error (error, path, errno);
      return FALSE;
    }
  if (!S_ISREG (status.st_mode))
    g_set_error (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                 _ ("The password file %s is not a regular file"), path);
  else if (status.st_uid != geteuid () && !(allow_root && status.st_uid == 0))
    g_set_error (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                 _ ("The password file %s belongs to somebody else. Make it your own"), path);
  else if ((status.st_mode & 077) != 0)
    g_set_error (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                 _ ("Others may read the password file %s (mode %04o). Run “chmod 600” on it"),
                 path, (guint)(status.st_mode & 07777));
  else
    return TRUE;
  return FALSE;
}

static PostsealCredential *
read_first_line (int fd, const char *path, GError **error)
{
  g_autoptr (PostsealCredential) line = _postseal_credential_new_sized (POSTSEAL_LIMIT_SECRET + 1);
  gsize filled = 0;

  while (filled < POSTSEAL_LIMIT_SECRET + 1)
    {
      ssize_t n = read (fd, _postseal_credential_peek (line) + filled,
                        POSTSEAL_LIMIT_SECRET + 1 - filled);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          set_errno_error (error, path, errno);
          return NULL;
        }
      if (n == 0)
        break;
      filled += (gsize)n;
    }
  if (!_postseal_credential_keep_first_line (line, filled))
    g_set_error (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                 _ ("The first line of the password file %s is not a password: it is too long, or "
                    "has a NUL byte"),
                 path);
  else if (postseal_credential_get_length (line) == 0)
    g_set_error (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT,
                 _ ("The first line of the password file %s is empty"), path);
  else
    return g_steal_pointer (&line);
  return NULL;
}

PostsealCredential *
_postseal_vault_read_private_file (const char *path, gboolean allow_root, GError **error)
{
  PostsealCredential *line = NULL;
  /* Not blocking: opening a FIFO would wait for a writer. */
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

  if (fd < 0)
    {
      set_errno_error (error, path, errno);
      return NULL;
    }
  if (check_private (fd, path, allow_root, error))
    line = read_first_line (fd, path, error);
  close (fd);
  return line;
}

static void
file_job_free (FileJob *job)
{
  g_free (job->path);
  g_free (job->account);
  g_clear_pointer (&job->secret, postseal_credential_unref);
  g_free (job);
}

static GTask *
new_job (PostsealVault *vault,
         const char *account,
         GCancellable *cancellable,
         GAsyncReadyCallback callback,
         gpointer user_data)
{
  PostsealVaultFile *self = POSTSEAL_VAULT_FILE (vault);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  FileJob *job = g_new0 (FileJob, 1);

  job->path = postseal_paths_expand_home (self->path);
  job->account = g_strdup (account);
  g_task_set_source_tag (task, new_job);
  g_task_set_task_data (task, job, (GDestroyNotify)file_job_free);
  return task;
}

static void
look_up_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const FileJob *job = task_data;
  GError *error = NULL;
  PostsealCredential *secret = _postseal_vault_read_private_file (job->path, FALSE, &error);

  if (secret != NULL)
    g_task_return_pointer (task, secret, (GDestroyNotify)postseal_credential_unref);
  else
    g_task_return_error (task, error);
}

static void
look_up (PostsealVault *vault,
         const char *account,
         GCancellable *cancellable,
         GAsyncReadyCallback callback,
         gpointer user_data)
{
  g_autoptr (GTask) task = new_job (vault, account, cancellable, callback, user_data);

  g_task_run_in_thread (task, look_up_in_thread);
}

/* The file behind a symbolic link is replaced, not the link. Returns: (transfer full) */
static char *
resolve_link (const char *path)
{
  char *resolved = realpath (path, NULL);
  char *target = g_strdup (resolved != NULL ? resolved : path);

  free (resolved);
  return target;
}

static gboolean
write_secret (const FileJob *job, GError **error)
{
  gsize length = postseal_credential_get_length (job->secret);
  const char *secret = postseal_credential_get (job->secret);

  if (length == 0 || length > POSTSEAL_LIMIT_SECRET || memchr (secret, '\n', length) != NULL
      || memchr (secret, '\0', length) != NULL)
    {
      g_set_error (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                   _ ("Cannot store the password of %s in a file: it is empty, too long, or more "
                      "than one line"),
                   job->account);
      return FALSE;
    }

  g_autoptr (PostsealCredential) line = _postseal_credential_new_sized (length + 1);
  g_autofree char *target = resolve_link (job->path);
  g_autofree char *directory = g_path_get_dirname (target);

  memcpy (_postseal_credential_peek (line), secret, length);
  _postseal_credential_peek (line)[length] = '\n';
  return postseal_durable_make_directory (directory, error)
         && postseal_durable_write (target, postseal_credential_get (line), length + 1, 0600,
                                    error);
}

static void
store_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const FileJob *job = task_data;
  g_autoptr (GError) error = NULL;

  if (write_secret (job, &error))
    g_task_return_boolean (task, TRUE);
  else if (error->domain == POSTSEAL_VAULT_ERROR)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                             _ ("Cannot store the password of %s: %s"), job->account,
                             error->message);
}

static void
store (PostsealVault *vault,
       const char *account,
       PostsealCredential *secret,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  g_autoptr (GTask) task = new_job (vault, account, NULL, callback, user_data);
  FileJob *job = g_task_get_task_data (task);

  job->secret = postseal_credential_ref (secret);
  g_task_run_in_thread (task, store_in_thread);
}

static void
clear_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const FileJob *job = task_data;
  g_autofree char *directory = g_path_get_dirname (job->path);

  /* Nothing to clear is a success: what was asked for holds. */
  if (g_unlink (job->path) < 0 && errno != ENOENT && errno != ENOTDIR)
    {
      g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                               _ ("Cannot remove the password file %s: %s"), job->path,
                               g_strerror (errno));
      return;
    }
  (void)postseal_durable_sync_directory (directory, NULL);
  g_task_return_boolean (task, TRUE);
}

static void
clear (PostsealVault *vault,
       const char *account,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  g_autoptr (GTask) task = new_job (vault, account, NULL, callback, user_data);

  g_task_run_in_thread (task, clear_in_thread);
}

char *
_postseal_vault_file_check (const char *path)
{
  if (g_path_is_absolute (path) || g_str_has_prefix (path, "~/"))
    return NULL;
  return g_strdup (_ ("the password file must be an absolute path, or begin with ~/"));
}

static void
postseal_vault_file_iface_init (PostsealVaultInterface *iface)
{
  iface->lookup_async = look_up;
  iface->store_async = store;
  iface->clear_async = clear;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealVaultFile,
                               postseal_vault_file,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_VAULT,
                                                      postseal_vault_file_iface_init))

static void
postseal_vault_file_finalize (GObject *object)
{
  g_free (POSTSEAL_VAULT_FILE (object)->path);
  G_OBJECT_CLASS (postseal_vault_file_parent_class)->finalize (object);
}

static void
postseal_vault_file_class_init (PostsealVaultFileClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = postseal_vault_file_finalize;
}

static void
postseal_vault_file_init (PostsealVaultFile *self)
{
}

PostsealVault *
_postseal_vault_file_new (const char *path)
{
  PostsealVaultFile *self = g_object_new (POSTSEAL_TYPE_VAULT_FILE, NULL);

  self->path = g_strdup (path);
  return POSTSEAL_VAULT (self);
}
