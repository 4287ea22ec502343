/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/sent-record.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/durable-file.h"

#define GROUP "message"

static const char *const stage_names[] = {
  [POSTSEAL_CLAWS_HANDING_OVER] = "handing-over",
  [POSTSEAL_CLAWS_HANDED_OVER] = "handed-over",
  [POSTSEAL_CLAWS_FILING] = "filing",
  [POSTSEAL_CLAWS_GIVING_BACK] = "giving-back",
};

PostsealClawsSentRecord *
postseal_claws_sent_record_new (const char *account, const char *folder, int number)
{
  PostsealClawsSentRecord *self = g_new0 (PostsealClawsSentRecord, 1);
  gint64 now_us = g_get_real_time ();
  g_autofree char *unique = g_uuid_string_random ();

  g_return_val_if_fail (account != NULL && folder != NULL, NULL);

  /* By name they are in order of time. */
  self->name = g_strdup_printf ("%016" G_GINT64_MODIFIER "x-%s", now_us, unique);
  self->account = g_strdup (account);
  self->folder = g_strdup (folder);
  self->number = number;
  self->message_id = g_strdup ("");
  self->written = now_us / G_USEC_PER_SEC;
  return self;
}

PostsealClawsSentRecord *
postseal_claws_sent_record_copy (const PostsealClawsSentRecord *self)
{
  PostsealClawsSentRecord *copy = g_new0 (PostsealClawsSentRecord, 1);

  g_return_val_if_fail (self != NULL, NULL);

  copy->name = g_strdup (self->name);
  copy->stage = self->stage;
  copy->account = g_strdup (self->account);
  copy->folder = g_strdup (self->folder);
  copy->number = self->number;
  copy->message_id = g_strdup (self->message_id);
  copy->written = self->written;
  copy->outbox_id = g_strdup (self->outbox_id);
  copy->reason = g_strdup (self->reason);
  return copy;
}

void
postseal_claws_sent_record_free (PostsealClawsSentRecord *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->account);
  g_free (self->folder);
  g_free (self->message_id);
  g_free (self->outbox_id);
  g_free (self->reason);
  g_free (self);
}

/* --- reading --- */

/* Returns: FALSE for one that there is not */
static gboolean
parse_stage (const char *name, PostsealClawsStage *ret_stage)
{
  for (gsize i = 0; i < G_N_ELEMENTS (stage_names); i++)
    if (g_strcmp0 (name, stage_names[i]) == 0)
      {
        *ret_stage = (PostsealClawsStage)i;
        return TRUE;
      }
  return FALSE;
}

/* Returns: (transfer full) (nullable) */
static PostsealClawsSentRecord *
load (const char *path, const char *name)
{
  g_autofree char *stage = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (PostsealClawsSentRecord) self = g_new0 (PostsealClawsSentRecord, 1);

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return NULL;
  self->name = g_strdup (name);
  stage = g_key_file_get_string (file, GROUP, "stage", NULL);
  self->account = g_key_file_get_string (file, GROUP, "account", NULL);
  self->folder = g_key_file_get_string (file, GROUP, "folder", NULL);
  self->number = g_key_file_get_integer (file, GROUP, "number", NULL);
  self->message_id = g_key_file_get_string (file, GROUP, "message-id", NULL);
  self->written = g_key_file_get_int64 (file, GROUP, "written", NULL);
  self->outbox_id = g_key_file_get_string (file, GROUP, "outbox-id", NULL);
  self->reason = g_key_file_get_string (file, GROUP, "reason", NULL);
  if (!parse_stage (stage, &self->stage) || self->account == NULL || self->folder == NULL
      || self->number <= 0 || self->message_id == NULL
      || (self->stage != POSTSEAL_CLAWS_HANDING_OVER && self->outbox_id == NULL))
    return NULL;
  return g_steal_pointer (&self);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const PostsealClawsSentRecord *const *left = a;
  const PostsealClawsSentRecord *const *right = b;

  return strcmp ((*left)->name, (*right)->name);
}

GPtrArray *
postseal_claws_sent_record_load_all (const char *directory)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_claws_sent_record_free);
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      /* One with a dot is what a crash has left of writing another one. */
      gboolean is_left = strchr (name, '.') != NULL;
      g_autofree char *path = g_build_filename (directory, name, NULL);
      PostsealClawsSentRecord *record = is_left ? NULL : load (path, name);

      if (is_left)
        g_unlink (path);
      if (record != NULL)
        g_ptr_array_add (all, record);
    }
  g_ptr_array_sort (all, compare_names);
  return all;
}

/* --- writing --- */

gboolean
postseal_claws_sent_record_store (const PostsealClawsSentRecord *self,
                                  const char *directory,
                                  GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = g_build_filename (directory, self->name, NULL);
  g_autofree char *text = NULL;
  gsize length;

  g_return_val_if_fail (self->stage < G_N_ELEMENTS (stage_names), FALSE);

  g_key_file_set_string (file, GROUP, "stage", stage_names[self->stage]);
  g_key_file_set_string (file, GROUP, "account", self->account);
  g_key_file_set_string (file, GROUP, "folder", self->folder);
  g_key_file_set_integer (file, GROUP, "number", self->number);
  g_key_file_set_string (file, GROUP, "message-id", self->message_id);
  g_key_file_set_int64 (file, GROUP, "written", self->written);
  if (self->outbox_id != NULL)
    g_key_file_set_string (file, GROUP, "outbox-id", self->outbox_id);
  if (self->reason != NULL)
    g_key_file_set_string (file, GROUP, "reason", self->reason);
  text = g_key_file_to_data (file, &length, NULL);
  return postseal_durable_make_directory (directory, error)
         && postseal_durable_write (path, text, length, 0600, error);
}

gboolean
postseal_claws_sent_record_remove (const PostsealClawsSentRecord *self,
                                   const char *directory,
                                   GError **error)
{
  g_autofree char *path = g_build_filename (directory, self->name, NULL);

  if (g_unlink (path) == 0)
    return postseal_durable_sync_directory (directory, error);
  if (errno == ENOENT)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path,
               g_strerror (errno));
  return FALSE;
}
