/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/delivery-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail/sink-private.h"

#define CHUNK 65536

/* What a crashed run was about to deliver. */
typedef struct
{
  PostsealLedgerMessage row; /* its strings are the next fields */
  char *uidl; /* owned */
  char *name; /* owned */
  char *staged; /* owned */
  char *path; /* owned; NULL when the sink is no Maildir */
  guint8 digest[POSTSEAL_DIGEST_LENGTH];
  gboolean is_recent;
  gboolean is_delivered; /* else it is fetched again */
} Intent;

typedef struct
{
  PostsealLedger *ledger; /* borrowed */
  GPtrArray *intents; /* owned (element-type Intent) */
  GHashTable *places; /* owned: Maildir path -> set of the keys of names in new/ and cur/ */
} Recovery;

static void
free_intent (gpointer data)
{
  Intent *intent = data;

  g_free (intent->uidl);
  g_free (intent->name);
  g_free (intent->staged);
  g_free (intent->path);
  g_free (intent);
}

static void
on_intent (const PostsealLedgerMessage *message, gboolean is_recent, gpointer user_data)
{
  GPtrArray *intents = user_data;
  Intent *intent = g_new0 (Intent, 1);

  intent->uidl = g_strdup (message->uidl);
  intent->name = g_strdup (message->name);
  intent->staged = g_strdup (message->staged);
  intent->path = g_strdup (message->path);
  memcpy (intent->digest, message->digest, sizeof intent->digest);
  intent->row = *message;
  intent->row.uidl = intent->uidl;
  intent->row.name = intent->name;
  intent->row.staged = intent->staged;
  intent->row.path = intent->path;
  intent->row.digest = intent->digest;
  intent->is_recent = is_recent;
  g_ptr_array_add (intents, intent);
}

/* --- looking for it --- */

static void
add_keys (GHashTable *keys, const char *maildir, const char *folder)
{
  g_autofree char *path = g_build_filename (maildir, folder, NULL);
  DIR *dir = opendir (path);
  struct dirent *entry;

  if (dir == NULL)
    return;
  while ((entry = readdir (dir)) != NULL)
    {
      char *key = _postseal_message_name_get_key (entry->d_name);

      if (key != NULL)
        g_hash_table_add (keys, key);
    }
  closedir (dir);
}

/* The directories are read once for all intents: new/ first, as a reader may move files from there
 * to cur/ meanwhile. */
static gboolean
is_in_maildir (Recovery *self, const Intent *intent)
{
  g_autofree char *key = _postseal_message_name_get_key (intent->name);
  GHashTable *keys = g_hash_table_lookup (self->places, intent->path);

  if (keys == NULL)
    {
      keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      add_keys (keys, intent->path, "new");
      add_keys (keys, intent->path, "cur");
      g_hash_table_insert (self->places, g_strdup (intent->path), keys);
    }
  return key != NULL && g_hash_table_contains (keys, key);
}

static gboolean
has_right_content (int fd, const guint8 *wanted)
{
  g_autofree guint8 *buffer = g_malloc (CHUNK);
  PostsealDigest *digest = postseal_digest_new ();
  guint8 value[POSTSEAL_DIGEST_LENGTH];
  gssize n;

  while ((n = read (fd, buffer, CHUNK)) > 0)
    postseal_digest_update (digest, buffer, (gsize)n);
  postseal_digest_finish (digest, value);
  return n == 0 && memcmp (value, wanted, sizeof value) == 0;
}

/* --- deciding --- */

/* The staged file is there and whole: the delivery is finished now. */
static gboolean
finish_delivery (Intent *intent)
{
  g_autofree char *new_path = g_build_filename (intent->path, "new", NULL);
  g_autofree char *name = g_strdup (intent->name);
  int new_fd = open (new_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean is_placed;

  if (new_fd < 0)
    return FALSE;
  is_placed = _postseal_maildir_place (intent->staged, intent->path, new_fd, &name, NULL);
  close (new_fd);
  return is_placed;
}

static gboolean
has_tmp (const Intent *intent)
{
  g_autofree char *dir = g_path_get_dirname (intent->staged);

  return g_file_test (dir, G_FILE_TEST_IS_DIR);
}

/* Gone from tmp/ means delivered, whatever a mail reader did with it since, as long as nobody else
   can have removed it: not after a power cut, not after so long that readers clear tmp/, not with
   the whole Maildir gone. */
static void
decide (Recovery *self, Intent *intent)
{
  int fd;

  if (intent->path == NULL)
    return;
  fd = open (intent->staged, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd >= 0)
    {
      gboolean is_whole = has_right_content (fd, intent->digest);

      close (fd);
      intent->is_delivered = is_whole && finish_delivery (intent);
    }
  else if (errno == ENOENT && has_tmp (intent))
    intent->is_delivered = intent->is_recent || is_in_maildir (self, intent);
}

/* Also what was renamed by the crashed run may not be on the disk yet. */
static gboolean
sync_places (Recovery *self, GError **error)
{
  g_autoptr (GHashTable) synced = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->intents->len; i++)
    {
      Intent *intent = g_ptr_array_index (self->intents, i);
      g_autofree char *path = NULL;
      int fd;

      if (!intent->is_delivered || !g_hash_table_add (synced, intent->path))
        continue;
      path = g_build_filename (intent->path, "new", NULL);
      fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (fd < 0 || fsync (fd) != 0)
        {
          _postseal_sink_fail (error, errno, _ ("Cannot write “%s” to disk"), path);
          if (fd >= 0)
            close (fd);
          return FALSE;
        }
      close (fd);
    }
  return TRUE;
}

static gboolean
write_decisions (Recovery *self, GError **error)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  gboolean is_done = TRUE;

  if (!postseal_ledger_begin (self->ledger, error))
    return FALSE;
  for (guint i = 0; is_done && i < self->intents->len; i++)
    {
      Intent *intent = g_ptr_array_index (self->intents, i);

      is_done = intent->is_delivered
                    ? postseal_ledger_mark_delivered (self->ledger, &intent->row, now, error)
                    : postseal_ledger_drop_intent (self->ledger, intent->row.intent, error);
    }
  if (is_done)
    return postseal_ledger_commit (self->ledger, error);
  postseal_ledger_rollback (self->ledger);
  return FALSE;
}

/* Their intents have gone; what is left of them is fetched again. */
static void
remove_undelivered (Recovery *self)
{
  for (guint i = 0; i < self->intents->len; i++)
    {
      Intent *intent = g_ptr_array_index (self->intents, i);

      if (!intent->is_delivered)
        unlink (intent->staged);
    }
}

static void
add_notes (Recovery *self, GPtrArray *notes)
{
  guint n_delivered = 0;
  guint n_again = 0;
  guint n_doubtful = 0;

  for (guint i = 0; i < self->intents->len; i++)
    {
      Intent *intent = g_ptr_array_index (self->intents, i);

      if (intent->is_delivered)
        n_delivered++;
      else if (intent->path != NULL)
        n_again++;
      else
        n_doubtful++;
    }
  if (n_delivered > 0)
    g_ptr_array_add (
        notes,
        g_strdup_printf (ngettext ("%u message of an interrupted run was delivered",
                                   "%u messages of an interrupted run were delivered", n_delivered),
                         n_delivered));
  if (n_again > 0)
    g_ptr_array_add (
        notes,
        g_strdup_printf (ngettext ("%u message of an interrupted run is fetched again",
                                   "%u messages of an interrupted run are fetched again", n_again),
                         n_again));
  if (n_doubtful > 0)
    g_ptr_array_add (
        notes,
        g_strdup_printf (ngettext ("%u message of an interrupted run may be delivered twice",
                                   "%u messages of an interrupted run may be delivered twice",
                                   n_doubtful),
                         n_doubtful));
}

gboolean
_postseal_delivery_recover (PostsealLedger *ledger, GPtrArray *notes, GError **error)
{
  Recovery self = {
    .ledger = ledger,
    .intents = g_ptr_array_new_with_free_func (free_intent),
    .places
    = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref),
  };
  gboolean is_done = postseal_ledger_foreach_intent (ledger, on_intent, self.intents, error);

  if (is_done && self.intents->len > 0)
    {
      for (guint i = 0; i < self.intents->len; i++)
        decide (&self, g_ptr_array_index (self.intents, i));
      is_done = sync_places (&self, error) && write_decisions (&self, error);
      if (is_done)
        {
          remove_undelivered (&self);
          add_notes (&self, notes);
        }
    }
  g_hash_table_unref (self.places);
  g_ptr_array_unref (self.intents);
  return is_done;
}

guint
_postseal_delivery_sweep (int dir_fd, const char *owner)
{
  int fd = openat (dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  struct dirent *entry;
  guint n = 0;

  if (dir == NULL)
    {
      if (fd >= 0)
        close (fd);
      return 0;
    }
  while ((entry = readdir (dir)) != NULL)
    if (_postseal_message_name_is_staged_by (entry->d_name, owner)
        && unlinkat (dir_fd, entry->d_name, 0) == 0)
      n++;
  closedir (dir);
  return n;
}
