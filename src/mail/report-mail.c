/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/report-mail.h"

#include <gmime/gmime.h>
#include <string.h>

#include "base/printable.h"
#include "mail/mime-library.h"

/* The parser calls itself for each part within a part, and no part goes deeper without a field of
   this name. A report has three. */
#define DEPTH_FIELD "content-type"
#define MOST_FIELDS 200

static gboolean
is_shallow (const char *data, gsize length)
{
  const gsize width = strlen (DEPTH_FIELD);
  guint n_fields = 0;

  for (gsize i = 0; i + width <= length; i++)
    if ((data[i] == 'c' || data[i] == 'C')
        && g_ascii_strncasecmp (data + i, DEPTH_FIELD, width) == 0 && ++n_fields > MOST_FIELDS)
      return FALSE;
  return TRUE;
}

/* RFC 8460 sections 6.4 and 6.5 */
static gboolean
has_type (GMimeObject *part)
{
  GMimeContentType *type = g_mime_object_get_content_type (part);

  return g_mime_content_type_is_type (type, "application", "tlsrpt+json")
         || g_mime_content_type_is_type (type, "application", "tlsrpt+gzip");
}

/* Section 5.1: "….json" or "….json.gz"; some send these as any bytes. */
static gboolean
has_name (GMimeObject *part)
{
  const char *name = g_mime_part_get_filename (GMIME_PART (part));
  g_autofree char *lower = name != NULL ? g_ascii_strdown (name, -1) : NULL;

  return lower != NULL
         && (g_str_has_suffix (lower, ".json") || g_str_has_suffix (lower, ".json.gz"));
}

/* What has been found. */
typedef struct
{
  GMimeObject *by_type; /* borrowed: the message's */
  GMimeObject *by_name; /* the same */
} Found;

static void on_part (GMimeObject *parent, GMimeObject *part, gpointer user_data);

/* One that was forwarded. */
static void
look_into (GMimeMessagePart *part, Found *found)
{
  GMimeMessage *message = g_mime_message_part_get_message (part);

  if (message != NULL)
    g_mime_message_foreach (message, on_part, found);
}

static void
on_part (GMimeObject *parent, GMimeObject *part, gpointer user_data)
{
  Found *found = user_data;

  if (GMIME_IS_MESSAGE_PART (part))
    look_into (GMIME_MESSAGE_PART (part), found);
  if (!GMIME_IS_PART (part))
    return;
  if (found->by_type == NULL && has_type (part))
    found->by_type = part;
  if (found->by_name == NULL && has_name (part))
    found->by_name = part;
}

/* Returns: (transfer full) (nullable) */
static GBytes *
decode (GMimeObject *part)
{
  GMimeDataWrapper *content = g_mime_part_get_content (GMIME_PART (part));
  GMimeStream *stream = NULL;
  GByteArray *bytes = NULL;

  if (content == NULL)
    return NULL;
  stream = g_mime_stream_mem_new ();
  g_mime_data_wrapper_write_to_stream (content, stream);
  bytes = g_mime_stream_mem_get_byte_array (GMIME_STREAM_MEM (stream));
  g_mime_stream_mem_set_owner (GMIME_STREAM_MEM (stream), FALSE);
  g_object_unref (stream);
  return g_byte_array_free_to_bytes (bytes);
}

static char *
read_field (GMimeMessage *message, const char *name)
{
  const char *value = g_mime_object_get_header (GMIME_OBJECT (message), name);

  return value != NULL ? postseal_printable (value, -1) : NULL;
}

static PostsealReportMail *
read_message (GMimeMessage *message)
{
  Found found = { NULL, NULL };
  PostsealReportMail *self = NULL;
  GBytes *content = NULL;

  g_mime_message_foreach (message, on_part, &found);
  if (found.by_type != NULL || found.by_name != NULL)
    content = decode (found.by_type != NULL ? found.by_type : found.by_name);
  if (content == NULL)
    return NULL;
  self = g_new0 (PostsealReportMail, 1);
  self->content = content;
  self->domain = read_field (message, "TLS-Report-Domain");
  self->submitter = read_field (message, "TLS-Report-Submitter");
  return self;
}

PostsealReportMail *
postseal_report_mail_parse (const char *data, gsize length)
{
  PostsealReportMail *self = NULL;
  GMimeStream *stream = NULL;
  GMimeParser *parser = NULL;
  GMimeMessage *message = NULL;

  g_return_val_if_fail (data != NULL || length == 0, NULL);

  if (length == 0 || !is_shallow (data, length))
    return NULL;
  _postseal_mime_library_ensure ();
  stream = g_mime_stream_mem_new_with_buffer (data, length);
  parser = g_mime_parser_new_with_stream (stream);
  message = g_mime_parser_construct_message (parser, NULL);
  if (message != NULL)
    self = read_message (message);
  g_clear_object (&message);
  g_object_unref (parser);
  g_object_unref (stream);
  return self;
}

void
postseal_report_mail_free (PostsealReportMail *self)
{
  if (self == NULL)
    return;
  g_bytes_unref (self->content);
  g_free (self->domain);
  g_free (self->submitter);
  g_free (self);
}
