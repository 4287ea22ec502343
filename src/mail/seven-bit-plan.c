/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>
#include <gmime/gmime.h>
#include <string.h>

#include "base/limits.h"
#include "mail/mime-library.h"
#include "mail/seven-bit-private.h"

#define FIELD_NAME "Content-Transfer-Encoding"
#define FIELD_CHUNK 1024

typedef struct
{
  int fd;
  guint64 start; /* of the message */
  guint64 end;
  GMimeObject *top; /* borrowed: the message's own part */
  GArray *edits; /* borrowed */
} Planner;

static void
clear_edit (gpointer data)
{
  g_free (((SevenBitEdit *)data)->text);
}

static void
add_text (Planner *self, guint64 start, guint64 end, char *text)
{
  SevenBitEdit edit = { SEVEN_BIT_TEXT, start, end, text };

  g_array_append_val (self->edits, edit);
}

static gboolean
refuse_structure (GError **error)
{
  return _postseal_seven_bit_refuse (error, _ ("its structure cannot be understood"));
}

/* --- the field Content-Transfer-Encoding --- */

/* Where the field that begins at @start ends, behind its last line. */
static gboolean
find_field_end (Planner *self, guint64 start, guint64 *ret_end, GError **error)
{
  char chunk[FIELD_CHUNK];
  gsize length = MIN (sizeof chunk, self->end - start);

  if (start >= self->end || !_postseal_seven_bit_read (self->fd, start, chunk, length, error))
    return start < self->end ? FALSE : refuse_structure (error);
  if (length < strlen (FIELD_NAME)
      || g_ascii_strncasecmp (chunk, FIELD_NAME, strlen (FIELD_NAME)) != 0)
    return refuse_structure (error);
  for (gsize i = 0; i + 1 < length; i++)
    if (chunk[i] == '\n' && chunk[i + 1] != ' ' && chunk[i + 1] != '\t')
      {
        *ret_end = start + i + 1;
        return TRUE;
      }
  return refuse_structure (error);
}

/* The only such field of @object. @ret_field: (out) (nullable): NULL when there is none */
static gboolean
find_field (GMimeObject *object, GMimeHeader **ret_field, GError **error)
{
  GMimeHeaderList *list = g_mime_object_get_header_list (object);
  GMimeHeader *found = NULL;

  for (int i = 0; i < g_mime_header_list_get_count (list); i++)
    {
      GMimeHeader *field = g_mime_header_list_get_header_at (list, i);

      if (g_ascii_strcasecmp (g_mime_header_get_name (field), FIELD_NAME) != 0)
        continue;
      if (found != NULL)
        return refuse_structure (error);
      found = field;
    }
  *ret_field = found;
  return TRUE;
}

static gboolean
replace_field (Planner *self, GMimeHeader *field, const char *encoding, GError **error)
{
  guint64 start = (guint64)g_mime_header_get_offset (field);
  guint64 end;

  if (!find_field_end (self, start, &end, error))
    return FALSE;
  add_text (self, start, end, g_strdup_printf (FIELD_NAME ": %s\r\n", encoding));
  return TRUE;
}

/* --- one part --- */

static void
get_bounds (Planner *self, GMimePart *part, guint64 *ret_start, guint64 *ret_end)
{
  GMimeDataWrapper *content = g_mime_part_get_content (part);
  GMimeStream *stream = content != NULL ? g_mime_data_wrapper_get_stream (content) : NULL;

  *ret_start = stream != NULL ? (guint64)stream->bound_start : self->end;
  *ret_end = stream != NULL && stream->bound_end >= 0 ? (guint64)stream->bound_end : self->end;
}

/* Nothing that decodes to something else, and no type that must not be encoded. */
static gboolean
check_encodable (GMimePart *part, GMimeHeader *field, GError **error)
{
  GMimeContentType *type = g_mime_object_get_content_type (GMIME_OBJECT (part));
  const char *subtype = g_mime_content_type_get_media_subtype (type);
  GMimeContentEncoding encoding = g_mime_part_get_content_encoding (part);

  /* RFC 2046 section 5.2, RFC 6533 section 3. */
  if (g_mime_content_type_is_type (type, "message", "*")
      && (subtype == NULL || g_ascii_strncasecmp (subtype, "global-", 7) != 0))
    return _postseal_seven_bit_refuse (error, _ ("a report or message in it must not be encoded"));
  if (encoding == GMIME_CONTENT_ENCODING_7BIT || encoding == GMIME_CONTENT_ENCODING_8BIT
      || encoding == GMIME_CONTENT_ENCODING_BINARY
      || (encoding == GMIME_CONTENT_ENCODING_DEFAULT && field == NULL))
    return TRUE;
  return _postseal_seven_bit_refuse (
      error, _ ("a part in it is not encoded in the way that its header says"));
}

/* The place before the empty line in front of the content. */
static gboolean
check_header_end (Planner *self, guint64 content, GError **error)
{
  char line_ends[4];

  if (content == self->start + 2)
    return TRUE; /* no header at all */
  if (content < self->start + 4)
    return refuse_structure (error);
  if (!_postseal_seven_bit_read (self->fd, content - 4, line_ends, 4, error))
    return FALSE;
  return memcmp (line_ends, "\r\n\r\n", 4) == 0 || refuse_structure (error);
}

/* A message that says nothing of its text is in the only charset it can be, if that is one. */
static const char *
get_type_field (Planner *self, GMimePart *part, const SevenBitFacts *facts)
{
  GMimeHeaderList *list = g_mime_object_get_header_list (GMIME_OBJECT (part));

  if (GMIME_OBJECT (part) != self->top || g_mime_header_list_contains (list, "Content-Type"))
    return "";
  /* RFC 1428 section 3 */
  return facts->is_utf8 ? "Content-Type: text/plain; charset=utf-8\r\n"
                        : "Content-Type: text/plain; charset=unknown-8bit\r\n";
}

static gboolean
plan_part (
    Planner *self, GMimePart *part, gboolean is_fixed, gboolean *ret_is_changed, GError **error)
{
  SevenBitEdit edit = { SEVEN_BIT_BASE64, 0, 0, NULL };
  GMimeHeader *field = NULL;
  SevenBitFacts facts;
  const char *encoding = "base64";
  const char *type_field;

  get_bounds (self, part, &edit.start, &edit.end);
  if (!_postseal_seven_bit_examine (self->fd, edit.start, edit.end, &facts, error))
    return FALSE;
  if (!facts.needs_encoding)
    return TRUE;
  if (is_fixed)
    return _postseal_seven_bit_refuse (error,
                                       _ ("it is signed or encrypted, which would be broken"));
  if (!find_field (GMIME_OBJECT (part), &field, error) || !check_encodable (part, field, error)
      || !check_header_end (self, edit.start, error))
    return FALSE;
  if (facts.quoted_length <= facts.base64_length)
    {
      edit.kind = SEVEN_BIT_QUOTED_PRINTABLE;
      encoding = "quoted-printable";
    }
  type_field = get_type_field (self, part, &facts);
  if (field != NULL && !replace_field (self, field, encoding, error))
    return FALSE;
  if (field == NULL)
    add_text (self, edit.start - 2, edit.start - 2,
              g_strdup_printf ("%s" FIELD_NAME ": %s\r\n", type_field, encoding));
  else if (*type_field != '\0')
    add_text (self, edit.start - 2, edit.start - 2, g_strdup (type_field));
  g_array_append_val (self->edits, edit);
  *ret_is_changed = TRUE;
  return TRUE;
}

/* --- all of them --- */

/* What holds changed parts is no longer 8 bit either (RFC 2045 section 6.4). */
static gboolean
relabel (Planner *self, GMimeObject *object, GError **error)
{
  GMimeHeader *field = NULL;

  if (!find_field (object, &field, error))
    return FALSE;
  return field == NULL || replace_field (self, field, "7bit", error);
}

static gboolean
is_sealed_type (GMimeObject *object)
{
  GMimeContentType *type = g_mime_object_get_content_type (object);

  return g_mime_content_type_is_type (type, "multipart", "signed")
         || g_mime_content_type_is_type (type, "multipart", "encrypted");
}

static gboolean
plan_object (Planner *self,
             GMimeObject *object,
             guint depth,
             gboolean is_fixed,
             gboolean *ret_is_changed,
             GError **error)
{
  gboolean is_changed = FALSE;

  if (depth > POSTSEAL_LIMIT_NESTING)
    return _postseal_seven_bit_refuse (error, _ ("its parts are nested too deeply"));
  if (GMIME_IS_PART (object))
    return plan_part (self, GMIME_PART (object), is_fixed, ret_is_changed, error);
  if (GMIME_IS_MULTIPART (object))
    {
      is_fixed = is_fixed || is_sealed_type (object);
      for (int i = 0; i < g_mime_multipart_get_count (GMIME_MULTIPART (object)); i++)
        if (!plan_object (self, g_mime_multipart_get_part (GMIME_MULTIPART (object), i), depth + 1,
                          is_fixed, &is_changed, error))
          return FALSE;
    }
  else if (GMIME_IS_MESSAGE_PART (object))
    {
      GMimeMessage *message = g_mime_message_part_get_message (GMIME_MESSAGE_PART (object));
      GMimeObject *inner = message != NULL ? g_mime_message_get_mime_part (message) : NULL;

      if (inner != NULL && !plan_object (self, inner, depth + 1, is_fixed, &is_changed, error))
        return FALSE;
    }
  if (is_changed && !relabel (self, object, error))
    return FALSE;
  *ret_is_changed = *ret_is_changed || is_changed;
  return TRUE;
}

static gboolean
plan_message (Planner *self, GMimeMessage *message, GError **error)
{
  GMimeHeaderList *list = g_mime_object_get_header_list (GMIME_OBJECT (message));
  gboolean is_changed = FALSE;

  self->top = g_mime_message_get_mime_part (message);
  if (self->top != NULL && !plan_object (self, self->top, 0, FALSE, &is_changed, error))
    return FALSE;
  if (!is_changed)
    return TRUE;
  if (g_mime_header_list_contains (list, "DKIM-Signature"))
    return _postseal_seven_bit_refuse (error, _ ("its DKIM signature would be broken"));
  if (!g_mime_header_list_contains (list, "MIME-Version"))
    {
      SevenBitEdit edit
          = { SEVEN_BIT_TEXT, self->start, self->start, g_strdup ("MIME-Version: 1.0\r\n") };

      g_array_prepend_val (self->edits, edit);
    }
  return TRUE;
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const SevenBitEdit *left = a;
  const SevenBitEdit *right = b;

  return left->start < right->start ? -1 : left->start > right->start;
}

/* Nothing is read into memory but headers. Returns: (transfer full) (nullable) */
static GMimeMessage *
parse (int fd, guint64 start, guint64 end)
{
  GMimeStream *stream = g_mime_stream_fs_new_with_bounds (fd, (gint64)start, (gint64)end);
  GMimeParser *parser;
  GMimeMessage *message;

  g_mime_stream_fs_set_owner (GMIME_STREAM_FS (stream), FALSE);
  parser = g_mime_parser_new_with_stream (stream);
  g_mime_parser_set_persist_stream (parser, TRUE);
  message = g_mime_parser_construct_message (parser, NULL);
  g_object_unref (parser);
  g_object_unref (stream);
  return message;
}

GArray *
_postseal_seven_bit_plan (int fd, guint64 start, guint64 end, GError **error)
{
  g_autoptr (GArray) edits = g_array_new (FALSE, FALSE, sizeof (SevenBitEdit));
  Planner self = { .fd = fd, .start = start, .end = end, .edits = edits };
  GMimeMessage *message;
  gboolean is_planned;

  g_array_set_clear_func (edits, clear_edit);
  _postseal_mime_library_ensure ();
  message = parse (fd, start, end);
  if (message == NULL)
    {
      refuse_structure (error);
      return NULL;
    }
  is_planned = plan_message (&self, message, error);
  g_object_unref (message);
  if (!is_planned)
    return NULL;
  g_array_sort (edits, compare_places);
  return g_steal_pointer (&edits);
}
