/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/seven-bit-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "mail/quoted-printable.h"
#include "outbox/outbox-error.h"
#include "outbox/scratch-file.h"

#define CHUNK (57 * 1024) /* whole lines of base64 */
#define BASE64_LINE 57 /* octets that make 76 */

/* --- reading --- */

gboolean
_postseal_seven_bit_refuse (GError **error, const char *reason)
{
  g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_MESSAGE,
               _ ("The server takes 7-bit mail only (it has no 8BITMIME), and the message cannot "
                  "be converted: %s"),
               reason);
  return FALSE;
}

gboolean
_postseal_seven_bit_read (int fd, guint64 offset, void *data, gsize length, GError **error)
{
  char *at = data;

  while (length > 0)
    {
      gssize n = pread (fd, at, length, (off_t)offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_INPUT,
                       _ ("Cannot read the queued message: %s"),
                       n < 0 ? g_strerror (errno) : _ ("it is shorter than it was"));
          return FALSE;
        }
      at += n;
      offset += (guint64)n;
      length -= (gsize)n;
    }
  return TRUE;
}

/* --- examining --- */

typedef struct
{
  PostsealQuotedPrintable quoted;
  GString *scratch; /* owned */
  guint8 last; /* octet before this chunk */
  guint column;
  guint n_more; /* octets that the UTF-8 character under way still needs */
  gunichar character;
  gunichar least; /* value below which the character under way would be too long */
} Examination;

/* RFC 3629 section 4. */
static gboolean
take_utf8 (Examination *self, guint8 octet)
{
  if (self->n_more > 0)
    {
      self->character = self->character << 6 | (octet & 0x3f);
      self->n_more--;
      return octet >> 6 == 2
             && (self->n_more > 0
                 || (self->character >= self->least && g_unichar_validate (self->character)));
    }
  if (octet < 0x80)
    return TRUE;
  self->n_more = octet >> 5 == 6 ? 1 : octet >> 4 == 14 ? 2 : octet >> 3 == 30 ? 3 : 0;
  self->character = octet & (0x3f >> self->n_more);
  self->least = self->n_more == 1 ? 0x80 : self->n_more == 2 ? 0x800 : 0x10000;
  return self->n_more > 0;
}

static void
examine_octet (Examination *self, guint8 octet, SevenBitFacts *facts)
{
  gboolean is_lone = (octet == '\n') != (self->last == '\r');

  self->column = octet == '\n' || octet == '\r' ? 0 : self->column + 1;
  if (octet >= 0x80 || octet == '\0' || is_lone || self->column > POSTSEAL_LIMIT_TEXT_LINE)
    facts->needs_encoding = TRUE;
  facts->is_utf8 = facts->is_utf8 && take_utf8 (self, octet);
  facts->ends_line = octet == '\n' && self->last == '\r';
  self->last = octet;
}

gboolean
_postseal_seven_bit_examine (
    int fd, guint64 start, guint64 end, SevenBitFacts *ret_facts, GError **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK);
  g_autoptr (GString) scratch = g_string_new (NULL);
  guint64 length = end > start ? end - start : 0;
  Examination self = { .scratch = scratch };
  SevenBitFacts facts = { .is_utf8 = TRUE };

  while (start < end)
    {
      gsize n = MIN (CHUNK, end - start);

      if (!_postseal_seven_bit_read (fd, start, chunk, n, error))
        return FALSE;
      for (gsize i = 0; i < n; i++)
        examine_octet (&self, chunk[i], &facts);
      g_string_truncate (scratch, 0);
      _postseal_quoted_printable_append (&self.quoted, chunk, n, scratch);
      facts.quoted_length += scratch->len;
      start += n;
    }
  facts.needs_encoding = facts.needs_encoding || self.last == '\r';
  facts.is_utf8 = facts.is_utf8 && self.n_more == 0;
  facts.base64_length = (length + 2) / 3 * 4 + (length + BASE64_LINE - 1) / BASE64_LINE * 2;
  *ret_facts = facts;
  return TRUE;
}

/* --- writing --- */

typedef struct
{
  int in;
  int out;
  guint64 end; /* of the message */
  guint64 length; /* written */
} Writer;

static gboolean
write_all (Writer *self, const void *data, gsize length, GError **error)
{
  const char *at = data;

  self->length += length;
  while (length > 0)
    {
      gssize n = write (self->out, at, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DISK,
                       _ ("Cannot write a temporary file for the message: %s"), g_strerror (errno));
          return FALSE;
        }
      at += n;
      length -= (gsize)n;
    }
  return TRUE;
}

static gboolean
copy_plain (Writer *self, const guint8 *data, gsize length, GError **error)
{
  for (gsize i = 0; i < length; i++)
    if (data[i] >= 0x80 || data[i] == '\0')
      return _postseal_seven_bit_refuse (
          error, _ ("there are 8-bit characters in a header or between its parts"));
  return write_all (self, data, length, error);
}

static void
append_base64 (const guint8 *data, gsize length, GString *out)
{
  for (gsize at = 0; at < length; at += BASE64_LINE)
    {
      g_autofree char *line = g_base64_encode (data + at, MIN (length - at, BASE64_LINE));

      g_string_append (out, line);
      g_string_append (out, "\r\n");
    }
}

/* The line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1): base64 needs
   none of its own there, but the message must end with one. */
static gboolean
write_encoded (Writer *self, const SevenBitEdit *edit, GError **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK);
  g_autoptr (GString) encoded = g_string_new (NULL);
  PostsealQuotedPrintable quoted = { 0 };

  for (guint64 at = edit->start; at < edit->end;)
    {
      gsize n = MIN (CHUNK, edit->end - at);
      gboolean is_last = at + n == edit->end;

      if (!_postseal_seven_bit_read (self->in, at, chunk, n, error))
        return FALSE;
      at += n;
      g_string_truncate (encoded, 0);
      if (edit->kind == SEVEN_BIT_BASE64)
        append_base64 (chunk, n, encoded);
      else
        _postseal_quoted_printable_append (&quoted, chunk, n, encoded);
      if (is_last && edit->kind == SEVEN_BIT_QUOTED_PRINTABLE)
        _postseal_quoted_printable_finish (&quoted, at == self->end, encoded);
      else if (is_last && at != self->end)
        g_string_truncate (encoded, encoded->len - 2);
      if (!write_all (self, encoded->str, encoded->len, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_plain (Writer *self, guint64 start, guint64 end, GError **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK);

  while (start < end)
    {
      gsize n = MIN (CHUNK, end - start);

      if (!_postseal_seven_bit_read (self->in, start, chunk, n, error)
          || !copy_plain (self, chunk, n, error))
        return FALSE;
      start += n;
    }
  return TRUE;
}

static gboolean
write_edited (Writer *self, guint64 start, const GArray *edits, GError **error)
{
  for (guint i = 0; i < edits->len; i++)
    {
      const SevenBitEdit *edit = &g_array_index (edits, SevenBitEdit, i);

      if (!write_plain (self, start, edit->start, error))
        return FALSE;
      if (!(edit->kind == SEVEN_BIT_TEXT ? write_all (self, edit->text, strlen (edit->text), error)
                                         : write_encoded (self, edit, error)))
        return FALSE;
      start = edit->end;
    }
  return write_plain (self, start, self->end, error);
}

/* Returns: -1 on failure */
static int
open_scratch (GError **error)
{
  int fd = postseal_scratch_file_open ();

  if (fd < 0)
    g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DISK,
                 _ ("Cannot make a temporary file for the message: %s"), g_strerror (errno));
  return fd;
}

gboolean
postseal_seven_bit_convert (
    int fd, guint64 offset, guint64 length, int *ret_fd, guint64 *ret_length, GError **error)
{
  g_autoptr (GArray) edits = NULL;
  Writer writer = { .in = fd, .out = -1, .end = offset + length };

  g_return_val_if_fail (fd >= 0 && ret_fd != NULL && ret_length != NULL, FALSE);

  edits = _postseal_seven_bit_plan (fd, offset, offset + length, error);
  if (edits == NULL)
    return FALSE;
  writer.out = open_scratch (error);
  if (writer.out < 0)
    return FALSE;
  if (!write_edited (&writer, offset, edits, error))
    {
      close (writer.out);
      return FALSE;
    }
  lseek (writer.out, 0, SEEK_SET);
  *ret_fd = writer.out;
  *ret_length = writer.length;
  return TRUE;
}
