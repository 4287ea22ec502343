/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/report.h"

#include <glib/gi18n.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/printable.h"
#include "engine/outcome.h"

#define PIECE 200 /* bytes: postseal_printable() cuts nothing off */

int
postseal_report_error (const GError *error)
{
  g_printerr ("postseal: %s\n", error->message);
  return postseal_outcome_exit_status (error);
}

int
postseal_report_problems (PostsealAccountStore *store)
{
  const GPtrArray *problems = postseal_account_store_get_problems (store);

  for (guint i = 0; i < problems->len; i++)
    g_printerr ("postseal: %s\n", (const char *)g_ptr_array_index (problems, i));
  return problems->len > 0 ? 78 : 0;
}

int
postseal_report_usage (const char *program, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("postseal: %s\n", message);
  g_printerr (_ ("Try “%s --help”\n"), program);
  return 64;
}

static char *
generate (JsonBuilder *builder, gboolean is_pretty)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = json_builder_get_root (builder);

  json_generator_set_pretty (generator, is_pretty);
  json_generator_set_root (generator, root);
  return json_generator_to_data (generator, NULL);
}

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  const char *domain = NULL;
  const char *message = NULL;
  g_autofree char *shown = NULL;

  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "GLIB_DOMAIN") == 0)
      domain = fields[i].value;
    else if (strcmp (fields[i].key, "MESSAGE") == 0)
      message = fields[i].value;
  if (g_strcmp0 (domain, G_LOG_DOMAIN) != 0 || message == NULL
      || (level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE)) == 0)
    return g_log_writer_default (level, fields, n_fields, user_data);
  shown = postseal_report_make_printable (message);
  g_printerr ("postseal: %s\n", shown);
  return G_LOG_WRITER_HANDLED;
}

void
postseal_report_take_log (void)
{
  g_log_set_writer_func (write_log, NULL, NULL);
}

void
postseal_report_json (JsonBuilder *builder)
{
  g_autofree char *text = generate (builder, TRUE);

  /* JSON is UTF-8 in every locale (RFC 8259 section 8.1). */
  puts (text);
}

char *
postseal_report_make_json_line (JsonBuilder *builder)
{
  return generate (builder, FALSE);
}

void
postseal_report_add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
postseal_report_add_number (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64)MIN (value, (guint64)G_MAXINT64));
}

void
postseal_report_add_time (JsonBuilder *builder, const char *name, gint64 seconds)
{
  json_builder_set_member_name (builder, name);
  if (seconds != 0)
    json_builder_add_int_value (builder, seconds);
  else
    json_builder_add_null_value (builder);
}

void
postseal_report_add_boolean (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

void
postseal_report_add_strings (JsonBuilder *builder, const char *name, const char *const *values)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (gsize i = 0; values[i] != NULL; i++)
    json_builder_add_string_value (builder, values[i]);
  json_builder_end_array (builder);
}

char *
postseal_report_format_time (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (seconds);

  return time != NULL ? g_date_time_format (time, "%F %R") : g_strdup ("?");
}

char *
postseal_report_make_printable (const char *text)
{
  GString *printable = g_string_new (NULL);

  while (*text != '\0')
    {
      gsize length = strnlen (text, PIECE);
      g_autofree char *piece = NULL;

      /* Between two characters of UTF-8. */
      while (length > 1 && ((guchar)text[length] & 0xC0) == 0x80)
        length--;
      piece = postseal_printable (text, (gssize)length);
      g_string_append (printable, piece);
      text += length;
    }
  return g_string_free (printable, FALSE);
}

guint
postseal_report_character_columns (gunichar character)
{
  if (g_unichar_iszerowidth (character))
    return 0;
  return g_unichar_iswide (character) ? 2 : 1;
}

glong
postseal_report_count_columns (const char *text)
{
  glong columns = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    columns += postseal_report_character_columns (g_utf8_get_char (text));
  return columns;
}

void
postseal_report_table (const char *const *cells, gsize n_columns)
{
  g_autofree glong *widths = g_new0 (glong, n_columns);

  for (gsize i = 0; cells[i] != NULL; i++)
    widths[i % n_columns] = MAX (widths[i % n_columns], postseal_report_count_columns (cells[i]));
  for (gsize i = 0; cells[i] != NULL; i++)
    {
      gsize column = i % n_columns;
      gboolean is_last = column + 1 == n_columns;
      glong padding = widths[column] - postseal_report_count_columns (cells[i]) + 2;

      g_print ("%s%*s", cells[i], is_last ? 0 : (int)padding, "");
      if (is_last)
        g_print ("\n");
    }
}
