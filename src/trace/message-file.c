/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trace/message-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/printable.h"
#include "wire/crlf-codec.h"
#include "wire/encoded-word.h"

#define BLOCK 65536
#define MBOX_MARK "\n\nFrom "

G_DEFINE_QUARK (postseal - message - file - error - quark, postseal_message_file_error)

/* What goes through while the file is read: as it stands there, and with CR LF as LF, for a message
   that another program has saved; each whole and without its first field. */
typedef struct
{
  int fd; /* owned, unless it is standard input */
  const char *shown; /* borrowed: for messages */
  GByteArray *block; /* owned: the beginning */
  PostsealDigest *digests[POSTSEAL_MESSAGE_CONTENTS]; /* owned; NULL: of no use */
  PostsealCrlfDecoder decoders[2];
  guint mark; /* how much of MBOX_MARK stands at the end of what was read */
  gboolean has_more; /* another message of an mbox follows */
} Reader;

static gboolean
fail (const Reader *self, int number, GError **error)
{
  g_autofree char *shown = postseal_printable (self->shown, -1);

  g_set_error (error, POSTSEAL_MESSAGE_FILE_ERROR, POSTSEAL_MESSAGE_FILE_ERROR_UNREADABLE,
               _ ("Cannot read “%s”: %s"), shown, g_strerror (number));
  return FALSE;
}

static gboolean
refuse (const Reader *self, const char *reason, GError **error)
{
  g_autofree char *shown = postseal_printable (self->shown, -1);

  g_set_error (error, POSTSEAL_MESSAGE_FILE_ERROR, POSTSEAL_MESSAGE_FILE_ERROR_NO_MESSAGE,
               _ ("“%s” is no message: %s"), shown, reason);
  return FALSE;
}

/* Never waits for a pipe or a device that a name may stand for. */
static gboolean
open_file (Reader *self, const char *path, GError **error)
{
  struct stat status;

  self->fd = path == NULL ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (self->fd < 0 || fstat (self->fd, &status) != 0)
    return fail (self, errno, error);
  if (S_ISDIR (status.st_mode))
    return refuse (self, _ ("it is a folder; name a file in it"), error);
  if (path != NULL && !S_ISREG (status.st_mode))
    return refuse (self, _ ("it is no plain file"), error);
  return TRUE;
}

static gboolean
read_some (Reader *self, guint8 *data, gsize *ret_length, GError **error)
{
  gssize length;

  do
    length = read (self->fd, data, BLOCK);
  while (length < 0 && errno == EINTR);
  if (length < 0)
    return fail (self, errno, error);
  *ret_length = (gsize)length;
  return TRUE;
}

static gboolean
has_mbox_line (const GByteArray *block)
{
  return block->len > 5 && memcmp (block->data, "From ", 5) == 0;
}

/* Where the message begins, behind an mbox line. */
static gsize
find_begin (const GByteArray *block)
{
  const guint8 *feed = has_mbox_line (block) ? memchr (block->data, '\n', block->len) : NULL;

  return feed != NULL ? (gsize)(feed + 1 - block->data) : 0;
}

/* Until the header has come. @ret_length: of the header; @ret_is_end: nothing follows */
static gboolean
read_header (
    Reader *self, gsize *ret_begin, gsize *ret_length, gboolean *ret_is_end, GError **error)
{
  g_autofree guint8 *data = g_malloc (BLOCK);
  gsize length = 0, body = 0;

  for (;;)
    {
      const char *text;

      if (!read_some (self, data, &length, error))
        return FALSE;
      g_byte_array_append (self->block, data, (guint)length);
      *ret_is_end = length == 0;
      *ret_begin = find_begin (self->block);
      text = (const char *)self->block->data + *ret_begin;
      if (postseal_header_fields_find_end (text, self->block->len - *ret_begin, ret_length, &body))
        return TRUE;
      if (self->block->len > POSTSEAL_LIMIT_HEADER)
        return refuse (self, _ ("it has no end of a header"), error);
      *ret_length = self->block->len - *ret_begin;
      if (length == 0)
        return TRUE;
    }
}

static void
look_for_mark (Reader *self, const guint8 *data, gsize length)
{
  for (gsize i = 0; i < length && !self->has_more; i++)
    {
      if (data[i] == '\r')
        continue;
      if (data[i] == (guint8)MBOX_MARK[self->mark])
        self->mark++;
      else if (data[i] == '\n')
        self->mark = self->mark == 2 ? 2 : 1;
      else
        self->mark = 0;
      self->has_more = MBOX_MARK[self->mark] == '\0';
    }
}

static void
update (Reader *self, guint first, const guint8 *data, gsize length)
{
  guint8 decoded[BLOCK + 1];

  if (self->digests[first] == NULL)
    return;
  postseal_digest_update (self->digests[first], data, length);
  while (length > 0)
    {
      gsize n = MIN (length, (gsize)BLOCK);

      postseal_digest_update (self->digests[first + 1], decoded,
                              postseal_crlf_decode (&self->decoders[first / 2], data, n, decoded));
      data += n;
      length -= n;
    }
}

/* @n_first: octets of the first field; 0: it is to be kept */
static gboolean
digest (Reader *self, gsize begin, gsize n_first, gboolean is_end, GError **error)
{
  g_autofree guint8 *data = g_malloc (BLOCK);
  gsize length = self->block->len - begin;
  const guint8 *text = self->block->data + begin;

  for (guint i = 0; i < (n_first > 0 ? 4 : 2); i++)
    self->digests[i] = postseal_digest_new ();
  update (self, 0, text, length);
  update (self, 2, text + n_first, length - n_first);
  look_for_mark (self, text, length);
  while (!is_end)
    {
      if (!read_some (self, data, &length, error))
        return FALSE;
      update (self, 0, data, length);
      update (self, 2, data, length);
      look_for_mark (self, data, length);
      is_end = length == 0;
    }
  return TRUE;
}

static void
take_contents (Reader *reader, PostsealMessageFile *self)
{
  for (guint i = 0; i < POSTSEAL_MESSAGE_CONTENTS && reader->digests[i] != NULL; i++)
    {
      PostsealMessageContent *content = &self->contents[self->n_contents++];
      guint8 held[1];

      if (i % 2 == 1)
        postseal_digest_update (reader->digests[i], held,
                                postseal_crlf_decode_finish (&reader->decoders[i / 2], held));
      postseal_digest_finish (g_steal_pointer (&reader->digests[i]), content->digest);
      content->is_without_first = i >= 2;
    }
}

/* Some text may look like a field; one of these is in every message. */
static gboolean
is_message (const PostsealMessageFile *self)
{
  static const char *const names[]
      = { "From", "Date", "Received", "Message-ID", "Return-Path", "Delivered-To", NULL };
  gboolean has_any = FALSE;

  for (gsize i = 0; names[i] != NULL && !has_any; i++)
    for (guint j = 0; j < self->fields->len && !has_any; j++)
      has_any = postseal_header_field_is (&g_array_index (self->fields, PostsealHeaderField, j),
                                          self->header, names[i]);
  return has_any && g_array_index (self->fields, PostsealHeaderField, 0).name_length > 0;
}

static PostsealMessageFile *
read_message (Reader *reader, const char *path, GError **error)
{
  g_autoptr (PostsealMessageFile) self = g_new0 (PostsealMessageFile, 1);
  gsize begin = 0, n_first = 0;
  gboolean is_end = FALSE;

  self->name = path != NULL ? g_path_get_basename (path) : NULL;
  self->fields = g_array_new (FALSE, FALSE, sizeof (PostsealHeaderField));
  if (!open_file (reader, path, error)
      || !read_header (reader, &begin, &self->header_length, &is_end, error))
    return NULL;
  self->header = g_malloc (self->header_length + 1);
  if (self->header_length > 0)
    memcpy (self->header, reader->block->data + begin, self->header_length);
  self->header[self->header_length] = '\0';
  g_array_unref (self->fields);
  self->fields = postseal_header_fields_split (self->header, self->header_length);
  if (!is_message (self))
    {
      refuse (reader, _ ("it does not begin with the header of one"), error);
      return NULL;
    }
  if (postseal_header_field_is (&g_array_index (self->fields, PostsealHeaderField, 0), self->header,
                                "Received"))
    n_first = g_array_index (self->fields, PostsealHeaderField, 0).length;
  if (!digest (reader, begin, n_first, is_end, error))
    return NULL;
  if (has_mbox_line (reader->block) && reader->has_more)
    {
      refuse (reader,
              _ ("it is an mbox with several; pipe one from the mail program into “postseal trace "
                 "-”"),
              error);
      return NULL;
    }
  take_contents (reader, self);
  return g_steal_pointer (&self);
}

PostsealMessageFile *
postseal_message_file_read (const char *path, GError **error)
{
  Reader reader = { .fd = -1, .shown = path != NULL ? path : _ ("standard input") };
  PostsealMessageFile *self;

  reader.block = g_byte_array_new ();
  self = read_message (&reader, path, error);
  if (path != NULL && reader.fd >= 0)
    close (reader.fd);
  for (guint i = 0; i < POSTSEAL_MESSAGE_CONTENTS; i++)
    g_clear_pointer (&reader.digests[i], postseal_digest_free);
  g_byte_array_unref (reader.block);
  return self;
}

void
postseal_message_file_free (PostsealMessageFile *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->header);
  g_array_unref (self->fields);
  g_free (self);
}

static const PostsealHeaderField *
find_field (const PostsealMessageFile *self, const char *name)
{
  for (guint i = 0; i < self->fields->len; i++)
    {
      const PostsealHeaderField *field = &g_array_index (self->fields, PostsealHeaderField, i);

      if (postseal_header_field_is (field, self->header, name))
        return field;
    }
  return NULL;
}

char *
postseal_message_file_describe (const PostsealMessageFile *self, const char *name)
{
  const PostsealHeaderField *field;
  g_autofree char *decoded = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  field = find_field (self, name);
  if (field == NULL)
    return NULL;
  decoded = g_strstrip (
      postseal_encoded_word_decode (self->header + field->value_start, field->value_length));
  return postseal_printable (decoded, -1);
}

char *
postseal_message_file_get (const PostsealMessageFile *self, const char *name)
{
  const PostsealHeaderField *field;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  field = find_field (self, name);
  return field != NULL
             ? g_strstrip (g_strndup (self->header + field->value_start, field->value_length))
             : NULL;
}
