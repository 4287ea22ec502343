/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/queue-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire/address-list.h"
#include "wire/header-fields.h"

/* Both headers: some ten thousand recipients. */
#define LONGEST_BEGINNING (1024 * 1024)

G_DEFINE_QUARK (postseal - claws - queue - file - error - quark, postseal_claws_queue_file_error)

static PostsealClawsQueueFile *
fail (GError **error)
{
  g_set_error_literal (error, POSTSEAL_CLAWS_QUEUE_FILE_ERROR,
                       POSTSEAL_CLAWS_QUEUE_FILE_ERROR_BROKEN,
                       _ ("its file in the Queue is damaged; edit it and send it again"));
  return NULL;
}

/* --- the host's lines --- */

static gboolean
set_recipients (PostsealClawsQueueFile *self, const char *value)
{
  return postseal_address_list_parse (value, strlen (value), self->recipients);
}

/* "FOLDER TAB NUMBER TAB MESSAGE-ID" */
static gboolean
set_reference (PostsealClawsReference *reference, const char *value)
{
  g_auto (GStrv) parts = g_strsplit (value, "\t", 3);

  if (g_strv_length (parts) < 3 || reference->folder != NULL)
    return TRUE;
  reference->folder = g_strdup (parts[0]);
  reference->number = atoi (parts[1]);
  reference->message_id = g_strdup (parts[2]);
  return TRUE;
}

static gboolean
set_once (char **field, const char *value)
{
  if (*field == NULL)
    *field = g_strdup (value);
  return TRUE;
}

/* "<jane@example.org>" as well as the bare address. */
static gboolean
set_sender (PostsealClawsQueueFile *self, const char *value)
{
  g_autofree char *bare = g_strstrip (g_strdup (value));
  gsize length = strlen (bare);

  if (length >= 2 && bare[0] == '<' && bare[length - 1] == '>')
    {
      bare[length - 1] = '\0';
      return set_once (&self->sender, bare + 1);
    }
  return set_once (&self->sender, bare);
}

/* @value: the line behind its name. Returns: FALSE when it cannot be understood */
static gboolean
use_line (PostsealClawsQueueFile *self, const char *name, const char *value)
{
  if (g_str_equal (name, "S"))
    return set_sender (self, value);
  if (g_str_equal (name, "R"))
    return set_recipients (self, value);
  if (g_str_equal (name, "SCF"))
    return set_once (&self->sent_folder, value);
  if (g_str_equal (name, "RMID"))
    return set_reference (&self->replied, value);
  if (g_str_equal (name, "FMID"))
    return set_reference (&self->forwarded, value);
  if (g_str_equal (name, "MAID"))
    self->account = atoi (value);
  else if (g_str_equal (name, "NG"))
    self->has_news |= *value != '\0';
  else if (g_str_equal (name, "X-Claws-Encrypt") || g_str_equal (name, "X-Sylpheed-Encrypt"))
    self->is_clear |= atoi (value) != 0;
  return TRUE;
}

/* Returns: FALSE when there is no end of the host's lines */
static gboolean
use_lines (PostsealClawsQueueFile *self, const char *data, gsize length)
{
  const char *at = data;
  const char *feed;

  while ((feed = memchr (at, '\n', length - (gsize)(at - data))) != NULL)
    {
      g_autofree char *line = g_strndup (at, (gsize)(feed - at));
      char *colon = strchr (line, ':');

      at = feed + 1;
      self->offset = at - data;
      if (colon == NULL)
        return FALSE;
      *colon = '\0';
      g_strchomp (colon + 1);
      if (g_str_equal (line, "X-Claws-End-Special-Headers")
          || g_str_equal (line, "X-Sylpheed-End-Special-Headers"))
        return TRUE;
      if (!use_line (self, line, colon + 1))
        return FALSE;
    }
  return FALSE;
}

/* --- the message proper --- */

static void
find_message_id (PostsealClawsQueueFile *self, const char *message, gsize length)
{
  gsize header_length = length;
  gsize body_start;
  g_autoptr (GArray) fields = NULL;

  postseal_header_fields_find_end (message, length, &header_length, &body_start);
  fields = postseal_header_fields_split (message, header_length);
  for (guint i = 0; i < fields->len && self->message_id == NULL; i++)
    {
      const PostsealHeaderField *field = &g_array_index (fields, PostsealHeaderField, i);

      if (postseal_header_field_is (field, message, "Message-ID"))
        self->message_id
            = g_strstrip (g_strndup (message + field->value_start, field->value_length));
    }
}

PostsealClawsQueueFile *
postseal_claws_queue_file_parse (const char *data, gsize length, GError **error)
{
  g_autoptr (PostsealClawsQueueFile) self = g_new0 (PostsealClawsQueueFile, 1);

  g_return_val_if_fail (data != NULL, NULL);

  self->recipients = g_ptr_array_new_with_free_func (g_free);
  if (!use_lines (self, data, length) || self->sender == NULL)
    return fail (error);
  g_ptr_array_add (self->recipients, NULL);
  find_message_id (self, data + self->offset, length - (gsize)self->offset);
  return g_steal_pointer (&self);
}

void
postseal_claws_queue_file_free (PostsealClawsQueueFile *self)
{
  if (self == NULL)
    return;
  g_free (self->sender);
  g_ptr_array_unref (self->recipients);
  g_free (self->sent_folder);
  g_free (self->replied.folder);
  g_free (self->replied.message_id);
  g_free (self->forwarded.folder);
  g_free (self->forwarded.message_id);
  g_free (self->message_id);
  g_free (self);
}

/* --- the file --- */

static void
fail_reading (const char *path, GError **error)
{
  int code = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path,
               g_strerror (code));
}

/* Returns: (transfer full): NULL with errno */
static GByteArray *
read_beginning (int fd)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gssize got = 1;

  while (got > 0 && bytes->len < LONGEST_BEGINNING)
    {
      char buffer[16384];

      got = pread (fd, buffer, sizeof buffer, bytes->len);
      if (got < 0 && errno == EINTR)
        got = 1;
      else if (got < 0)
        return NULL;
      else
        g_byte_array_append (bytes, (const guint8 *)buffer, (guint)got);
    }
  return g_steal_pointer (&bytes);
}

PostsealClawsQueueFile *
postseal_claws_queue_file_open (const char *path, int *ret_fd, GError **error)
{
  g_autoptr (PostsealClawsQueueFile) self = NULL;
  g_autoptr (GByteArray) beginning = NULL;
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  g_return_val_if_fail (ret_fd != NULL, NULL);

  if (fd >= 0)
    beginning = read_beginning (fd);
  if (beginning == NULL)
    fail_reading (path, error);
  else
    self = postseal_claws_queue_file_parse ((const char *)beginning->data, beginning->len, error);
  if (self != NULL && lseek (fd, self->offset, SEEK_SET) < 0)
    {
      fail_reading (path, error);
      g_clear_pointer (&self, postseal_claws_queue_file_free);
    }
  if (self != NULL)
    *ret_fd = fd;
  else if (fd >= 0)
    close (fd);
  return g_steal_pointer (&self);
}
