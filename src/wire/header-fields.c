/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/header-fields.h"

#include <string.h>

/* Returns: the length of the line that @text begins with, its end included; @ret_length: without */
static gsize
measure_line (const char *text, gsize length, gsize *ret_length)
{
  const char *feed = memchr (text, '\n', length);
  gsize n_line = feed != NULL ? (gsize)(feed - text) : length;

  *ret_length = feed != NULL && n_line > 0 && text[n_line - 1] == '\r' ? n_line - 1 : n_line;
  return feed != NULL ? n_line + 1 : length;
}

gboolean
postseal_header_fields_find_end (const char *block,
                                 gsize length,
                                 gsize *ret_header_length,
                                 gsize *ret_body_start)
{
  gsize n_line = 0;

  for (gsize start = 0; start < length; start += n_line)
    {
      gsize n_text = 0;

      n_line = measure_line (block + start, length - start, &n_text);
      if (n_text == 0)
        {
          *ret_header_length = start;
          *ret_body_start = start + n_line;
          return TRUE;
        }
    }
  return FALSE;
}

/* Graphic ASCII but ":", then white space that old programs left (RFC 5322 sections 2.2 and 4.5),
   then ":". Returns: FALSE when the line is not the first of a field */
static gboolean
parse_name (const char *line, gsize length, gsize *ret_name_length, gsize *ret_value_start)
{
  gsize n_name = 0;
  gsize colon;

  while (n_name < length && g_ascii_isgraph (line[n_name]) && line[n_name] != ':')
    n_name++;
  for (colon = n_name; colon < length && (line[colon] == ' ' || line[colon] == '\t');)
    colon++;
  if (n_name == 0 || colon == length || line[colon] != ':')
    return FALSE;
  *ret_name_length = n_name;
  *ret_value_start = colon + 1;
  return TRUE;
}

GArray *
postseal_header_fields_split (const char *header, gsize length)
{
  GArray *fields = g_array_new (FALSE, FALSE, sizeof (PostsealHeaderField));
  PostsealHeaderField *last = NULL;
  gsize n_line = 0;

  for (gsize start = 0; start < length; start += n_line)
    {
      PostsealHeaderField field = { .start = start, .value_start = start };
      gsize n_text = 0;

      n_line = measure_line (header + start, length - start, &n_text);
      if (last != NULL && last->name_length > 0 && n_text > 0
          && (header[start] == ' ' || header[start] == '\t'))
        {
          last->length += n_line;
          last->value_length = start + n_text - last->value_start;
          continue;
        }
      if (parse_name (header + start, n_text, &field.name_length, &field.value_start))
        field.value_start += start;
      field.length = n_line;
      field.value_length = start + n_text - field.value_start;
      g_array_append_val (fields, field);
      last = &g_array_index (fields, PostsealHeaderField, fields->len - 1);
    }
  return fields;
}

gboolean
postseal_header_field_is (const PostsealHeaderField *field, const char *header, const char *name)
{
  return field->name_length > 0 && field->name_length == strlen (name)
         && g_ascii_strncasecmp (header + field->start, name, field->name_length) == 0;
}
