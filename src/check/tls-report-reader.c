/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/tls-report.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/printable.h"

/* The parser calls itself for each level, and every value takes some hundred bytes of memory: a
   real report is five deep, and has ten values for each kind of failure. */
#define MOST_LEVELS 16
#define MOST_VALUES 262144
#define MOST_SESSIONS (G_GINT64_CONSTANT (1) << 53) /* more than readers of JSON hold */

static gboolean fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Returns: FALSE */
static gboolean
fail (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, POSTSEAL_TLS_REPORT_ERROR, POSTSEAL_TLS_REPORT_ERROR_SHAPE, message);
  return FALSE;
}

/* --- before the parser sees it --- */

static gboolean
is_json_character (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("{}[],:+-.", c) != NULL);
}

typedef enum
{
  TEXT_FINE,
  TEXT_ELSE, /* no JSON */
  TEXT_TOO_MUCH,
} TextVerdict;

/* What stands outside of strings is counted, and held to what JSON knows: with the comments and the
   quotation marks that the parser knows besides, it could see another text than we do, and of
   several values on top it forgets to free the first. */
static TextVerdict
judge_text (const char *data, gsize length)
{
  gboolean is_string = FALSE;
  gboolean is_over = FALSE;
  guint depth = 0;
  guint n_values = 0;

  for (gsize i = 0; i < length; i++)
    {
      if (is_string && data[i] == '\\')
        i++;
      else if (is_string || g_ascii_isspace (data[i]))
        is_string = is_string && data[i] != '"';
      else if (is_over || (depth == 0 && data[i] != '{' && data[i] != '['))
        return TEXT_ELSE;
      else if (data[i] == '"')
        is_string = TRUE;
      else if (!is_json_character (data[i]))
        return TEXT_ELSE;
      else
        {
          n_values += strchr ("{[,:", data[i]) != NULL;
          depth += data[i] == '{' || data[i] == '[';
          depth -= data[i] == '}' || data[i] == ']';
          is_over = depth == 0;
          if (depth > MOST_LEVELS || n_values > MOST_VALUES)
            return TEXT_TOO_MUCH;
        }
    }
  return is_over ? TEXT_FINE : TEXT_ELSE;
}

static gboolean
check_text (const char *data, gsize length, GError **error)
{
  TextVerdict verdict = TEXT_ELSE;

  if (length > 0 && memchr (data, '\0', length) == NULL && g_utf8_validate (data, length, NULL))
    verdict = judge_text (data, length);
  if (verdict == TEXT_ELSE)
    g_set_error_literal (error, POSTSEAL_TLS_REPORT_ERROR, POSTSEAL_TLS_REPORT_ERROR_SYNTAX,
                         _ ("it is no JSON text, or not all of one"));
  else if (verdict == TEXT_TOO_MUCH)
    return fail (error, _ ("it is nested too deeply, or too large, for a report"));
  return verdict == TEXT_FINE;
}

/* --- members --- */

/* NULL where it is missing, or is null. Returns: (transfer none) */
static JsonNode *
get_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node == NULL || JSON_NODE_HOLDS_NULL (node) ? NULL : node;
}

static char *
read_string_node (JsonNode *node)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return postseal_printable (json_node_get_string (node), -1);
}

/* Printable. NULL where it is missing, or no text. Returns: (transfer full) (nullable) */
static char *
read_string (JsonObject *object, const char *name)
{
  return read_string_node (get_member (object, name));
}

/* The same, and an error instead of NULL. */
static char *
demand_string (JsonObject *object, const char *name, GError **error)
{
  char *text = read_string (object, name);

  if (text == NULL)
    fail (error, _ ("“%s” is missing, or no text"), name);
  return text;
}

/* Old reporters write a single text where the RFC has a list. Takes the place of @ret_strings. */
static void
read_strings (JsonObject *object, const char *name, char ***ret_strings)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonNode *node = get_member (object, name);
  g_autofree char *single = read_string_node (node);
  JsonArray *array = NULL;

  if (single != NULL)
    g_strv_builder_add (builder, single);
  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    array = json_node_get_array (node);
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      g_autofree char *text = read_string_node (json_array_get_element (array, i));

      if (text != NULL)
        g_strv_builder_add (builder, text);
    }
  g_strfreev (*ret_strings);
  *ret_strings = g_strv_builder_end (builder);
}

static gboolean
read_count (JsonObject *object, const char *name, guint64 *ret_count, GError **error)
{
  JsonNode *node = get_member (object, name);
  gint64 count;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_INT64)
    return fail (error, _ ("“%s” is missing, or no number"), name);
  count = json_node_get_int (node);
  if (count < 0 || count > MOST_SESSIONS)
    return fail (error, _ ("“%s” is no number of connections"), name);
  *ret_count = (guint64)count;
  return TRUE;
}

static JsonObject *
demand_object (JsonObject *object, const char *name, GError **error)
{
  JsonNode *node = get_member (object, name);

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  fail (error, _ ("“%s” is missing, or no object"), name);
  return NULL;
}

/* NULL where it is missing and may be, or with @error. */
static JsonArray *
read_array (JsonObject *object, const char *name, gboolean is_needed, GError **error)
{
  JsonNode *node = get_member (object, name);

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    return json_node_get_array (node);
  if (node != NULL || is_needed)
    fail (error, _ ("“%s” is missing, or no list"), name);
  return NULL;
}

static JsonObject *
demand_element (JsonArray *array, guint index, const char *name, GError **error)
{
  JsonNode *node = json_array_get_element (array, index);

  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  fail (error, _ ("“%s” has something else than objects"), name);
  return NULL;
}

/* RFC 3339; some write a day only, and some no time zone. */
static gboolean
read_time (JsonObject *object, const char *name, gint64 *ret_time, GError **error)
{
  g_autofree char *text = demand_string (object, name, error);
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) date = NULL;

  if (text == NULL)
    return FALSE;
  date = g_date_time_new_from_iso8601 (text, utc);
  if (date == NULL)
    {
      g_autofree char *midnight = g_strconcat (text, "T00:00:00", NULL);

      date = g_date_time_new_from_iso8601 (midnight, utc);
    }
  if (date == NULL || g_date_time_to_unix (date) < 0)
    return fail (error, _ ("“%s” is no time"), name);
  *ret_time = g_date_time_to_unix (date);
  return TRUE;
}

/* --- the report --- */

static gboolean
read_failure (PostsealTlsReportPolicy *policy, JsonObject *object, GError **error)
{
  g_autofree char *type = demand_string (object, "result-type", error);
  PostsealTlsReportFailure *failure = NULL;
  guint64 sessions = 0;

  if (type == NULL || !read_count (object, "failed-session-count", &sessions, error))
    return FALSE;
  failure = postseal_tls_report_add_failure (policy, type, NULL, NULL, sessions);
  failure->reason = read_string (object, "failure-reason-code");
  failure->host = read_string (object, "receiving-mx-hostname");
  failure->receiving_ip = read_string (object, "receiving-ip");
  failure->sending_ip = read_string (object, "sending-mta-ip");
  failure->information = read_string (object, "additional-information");
  return TRUE;
}

static gboolean
read_policy (PostsealTlsReport *self, JsonObject *object, GError **error)
{
  JsonObject *about = demand_object (object, "policy", error);
  JsonObject *summary = about != NULL ? demand_object (object, "summary", error) : NULL;
  JsonArray *details = NULL;
  g_autofree char *type = NULL;
  g_autofree char *domain = NULL;
  PostsealTlsReportPolicy *policy = NULL;
  GError *local = NULL;

  if (summary == NULL || (type = demand_string (about, "policy-type", error)) == NULL
      || (domain = demand_string (about, "policy-domain", error)) == NULL)
    return FALSE;
  policy = postseal_tls_report_add_policy (self, type, domain);
  read_strings (about, "policy-string", &policy->strings);
  read_strings (about, "mx-host", &policy->mx_hosts);
  if (!read_count (summary, "total-successful-session-count", &policy->successful, error)
      || !read_count (summary, "total-failure-session-count", &policy->failed, error))
    return FALSE;
  details = read_array (object, "failure-details", FALSE, &local);
  if (local != NULL)
    {
      g_propagate_error (error, local);
      return FALSE;
    }
  for (guint i = 0; details != NULL && i < json_array_get_length (details); i++)
    {
      JsonObject *failure = demand_element (details, i, "failure-details", error);

      if (failure == NULL || !read_failure (policy, failure, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_report (PostsealTlsReport *self, JsonObject *object, GError **error)
{
  JsonArray *policies = read_array (object, "policies", TRUE, error);
  JsonObject *range = policies != NULL ? demand_object (object, "date-range", error) : NULL;

  if (range == NULL || !read_time (range, "start-datetime", &self->start, error)
      || !read_time (range, "end-datetime", &self->end, error))
    return FALSE;
  self->organization = read_string (object, "organization-name");
  self->contact = read_string (object, "contact-info");
  self->id = read_string (object, "report-id");
  for (guint i = 0; i < json_array_get_length (policies); i++)
    {
      JsonObject *policy = demand_element (policies, i, "policies", error);

      if (policy == NULL || !read_policy (self, policy, error))
        return FALSE;
    }
  return TRUE;
}

PostsealTlsReport *
postseal_tls_report_parse (const char *data, gsize length, GError **error)
{
  g_autoptr (PostsealTlsReport) self = postseal_tls_report_new ();
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) local = NULL;
  JsonNode *root = NULL;

  g_return_val_if_fail (data != NULL || length == 0, NULL);

  if (length >= 3 && memcmp (data, "\xEF\xBB\xBF", 3) == 0)
    {
      data += 3;
      length -= 3;
    }
  if (!check_text (data, length, error))
    return NULL;
  if (!json_parser_load_from_data (parser, data, (gssize)length, &local))
    {
      g_autofree char *why = postseal_printable (local->message, -1);

      g_set_error (error, POSTSEAL_TLS_REPORT_ERROR, POSTSEAL_TLS_REPORT_ERROR_SYNTAX,
                   _ ("it is no JSON text: %s"), why);
      return NULL;
    }
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      fail (error, _ ("it is JSON, but no object"));
      return NULL;
    }
  if (!read_report (self, json_node_get_object (root), error))
    return NULL;
  return g_steal_pointer (&self);
}
