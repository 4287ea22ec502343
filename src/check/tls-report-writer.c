/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/tls-report.h"

#include <string.h>

/* Nothing where @value is NULL: all that may be missing. */
static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  if (value == NULL)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

/* No number is beyond what JSON readers hold. */
static void
add_number (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64)MIN (value, (guint64)1 << 53));
}

/* RFC 3339 */
static void
add_time (JsonBuilder *builder, const char *name, gint64 time)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (time);
  g_autofree char *text = date != NULL ? g_date_time_format (date, "%Y-%m-%dT%H:%M:%SZ") : NULL;

  add_string (builder, name, text);
}

static void
add_strings (JsonBuilder *builder, const char *name, char *const *values)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (char *const *value = values; *value != NULL; value++)
    json_builder_add_string_value (builder, *value);
  json_builder_end_array (builder);
}

static void
add_failure (JsonBuilder *builder, const PostsealTlsReportFailure *failure)
{
  json_builder_begin_object (builder);
  add_string (builder, "result-type", failure->type);
  add_string (builder, "sending-mta-ip", failure->sending_ip);
  add_string (builder, "receiving-mx-hostname", failure->host);
  add_string (builder, "receiving-ip", failure->receiving_ip);
  add_number (builder, "failed-session-count", failure->sessions);
  add_string (builder, "additional-information", failure->information);
  add_string (builder, "failure-reason-code", failure->reason);
  json_builder_end_object (builder);
}

static void
add_policy (JsonBuilder *builder, const PostsealTlsReportPolicy *policy)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "policy");
  json_builder_begin_object (builder);
  add_string (builder, "policy-type", policy->type);
  if (*policy->strings != NULL)
    add_strings (builder, "policy-string", policy->strings);
  add_string (builder, "policy-domain", policy->domain);
  if (*policy->mx_hosts != NULL)
    add_strings (builder, "mx-host", policy->mx_hosts);
  json_builder_end_object (builder);

  json_builder_set_member_name (builder, "summary");
  json_builder_begin_object (builder);
  add_number (builder, "total-successful-session-count", policy->successful);
  add_number (builder, "total-failure-session-count", policy->failed);
  json_builder_end_object (builder);

  json_builder_set_member_name (builder, "failure-details");
  json_builder_begin_array (builder);
  for (guint i = 0; i < policy->failures->len; i++)
    add_failure (builder, g_ptr_array_index (policy->failures, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

void
postseal_tls_report_write (const PostsealTlsReport *self, JsonBuilder *builder)
{
  g_return_if_fail (self != NULL && builder != NULL);

  json_builder_begin_object (builder);
  add_string (builder, "organization-name", self->organization);
  json_builder_set_member_name (builder, "date-range");
  json_builder_begin_object (builder);
  add_time (builder, "start-datetime", self->start);
  add_time (builder, "end-datetime", self->end);
  json_builder_end_object (builder);
  add_string (builder, "contact-info", self->contact);
  add_string (builder, "report-id", self->id);
  json_builder_set_member_name (builder, "policies");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->policies->len; i++)
    add_policy (builder, g_ptr_array_index (self->policies, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}
