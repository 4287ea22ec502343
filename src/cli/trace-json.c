/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/trace-json.h"

#include "cli/outbox-json.h"
#include "cli/report.h"
#include "cli/seal-json.h"

/* What stood in the message may be no UTF-8. */
static void
add_text (JsonBuilder *builder, const char *name, const char *value)
{
  g_autofree char *shown = value != NULL ? postseal_report_make_printable (value) : NULL;

  postseal_report_add_string (builder, name, shown);
}

static void
add_described (JsonBuilder *builder, const PostsealTraceSubject *subject, const char *member)
{
  g_autofree char *text
      = subject->file != NULL ? postseal_message_file_describe (subject->file, member) : NULL;

  postseal_report_add_string (builder, member, text);
}

static void
add_sighting (JsonBuilder *builder, const PostsealSighting *sighting)
{
  json_builder_begin_object (builder);
  add_text (builder, "account", sighting->account);
  add_text (builder, "folder", sighting->mailbox);
  postseal_report_add_time (builder, "time", sighting->time);
  postseal_report_add_string (builder, "known-by", sighting->is_by_name ? "name" : "content");
  json_builder_set_member_name (builder, "seal");
  postseal_seal_add_to_json (sighting->seal, builder);
  json_builder_end_object (builder);
}

static void
add_hop (JsonBuilder *builder, const PostsealTraceSubject *subject, const PostsealHop *hop)
{
  static const char *const ways[] = {
    [POSTSEAL_RECEIVED_UNKNOWN] = "unknown",
    [POSTSEAL_RECEIVED_CLEAR] = "none",
    [POSTSEAL_RECEIVED_ENCRYPTED] = "tls",
    [POSTSEAL_RECEIVED_LOCAL] = "local",
  };
  const PostsealReceived *received = hop->received;
  g_autofree char *field = postseal_trace_subject_get_field (subject, hop->field);

  json_builder_begin_object (builder);
  add_text (builder, "from", received->from);
  add_text (builder, "from-name", received->from_name);
  add_text (builder, "from-address", received->from_address);
  add_text (builder, "by", received->by);
  add_text (builder, "via", received->via);
  add_text (builder, "with", received->with);
  add_text (builder, "id", received->id);
  add_text (builder, "for", received->recipient);
  postseal_report_add_time (builder, "time", received->time);
  postseal_report_add_string (builder, "encryption", ways[received->way]);
  add_text (builder, "tls", received->tls_version);
  add_text (builder, "cipher", received->cipher);
  postseal_report_add_boolean (builder, "trusted", hop->is_trusted);
  postseal_report_add_boolean (builder, "own", hop->is_own);
  postseal_report_add_string (builder, "field", field);
  json_builder_end_object (builder);
}

static void
add_result (JsonBuilder *builder, const PostsealAuthenticationResult *result)
{
  json_builder_begin_object (builder);
  add_text (builder, "method", result->method);
  add_text (builder, "result", result->result);
  add_text (builder, "reason", result->reason);
  json_builder_set_member_name (builder, "properties");
  json_builder_begin_array (builder);
  for (gsize i = 0; result->names[i] != NULL; i++)
    {
      json_builder_begin_object (builder);
      add_text (builder, "name", result->names[i]);
      add_text (builder, "value", result->values[i]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
add_checks (JsonBuilder *builder, const PostsealTraceSubject *subject, const PostsealChecks *checks)
{
  static const char *const trusts[] = {
    [POSTSEAL_CHECKS_TRUSTED] = "trusted",   [POSTSEAL_CHECKS_NOBODY] = "nobody",
    [POSTSEAL_CHECKS_STRANGER] = "stranger", [POSTSEAL_CHECKS_PLACE] = "place",
    [POSTSEAL_CHECKS_REPEATED] = "repeated",
  };
  g_autofree char *field = postseal_trace_subject_get_field (subject, checks->field);
  const GPtrArray *results = checks->results->results;

  json_builder_begin_object (builder);
  add_text (builder, "by", checks->results->authserv_id);
  postseal_report_add_string (builder, "trust", trusts[checks->trust]);
  json_builder_set_member_name (builder, "results");
  json_builder_begin_array (builder);
  for (guint i = 0; i < results->len; i++)
    add_result (builder, g_ptr_array_index (results, i));
  json_builder_end_array (builder);
  postseal_report_add_string (builder, "field", field);
  json_builder_end_object (builder);
}

static void
add_journey (JsonBuilder *builder, const PostsealTraceSubject *subject)
{
  const GPtrArray *hops = subject->journey != NULL ? subject->journey->hops : NULL;
  const GPtrArray *checks = subject->journey != NULL ? subject->journey->checks : NULL;

  json_builder_set_member_name (builder, "hops");
  json_builder_begin_array (builder);
  for (guint i = hops != NULL ? hops->len : 0; i > 0; i--)
    add_hop (builder, subject, g_ptr_array_index (hops, i - 1));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "checks");
  json_builder_begin_array (builder);
  for (guint i = 0; checks != NULL && i < checks->len; i++)
    add_checks (builder, subject, g_ptr_array_index (checks, i));
  json_builder_end_array (builder);
}

void
postseal_trace_json_print (const PostsealTraceSubject *subject)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_text (builder, "file", subject->path);
  add_text (builder, "account", subject->account != NULL ? subject->account->name : NULL);
  add_described (builder, subject, "from");
  add_described (builder, subject, "subject");
  add_described (builder, subject, "message-id");
  postseal_report_add_time (builder, "date",
                            subject->file != NULL ? postseal_trace_subject_get_date (subject) : 0);
  json_builder_set_member_name (builder, "seen");
  json_builder_begin_array (builder);
  for (guint i = 0; subject->sightings != NULL && i < subject->sightings->len; i++)
    add_sighting (builder, g_ptr_array_index (subject->sightings, i));
  json_builder_end_array (builder);
  add_journey (builder, subject);
  json_builder_set_member_name (builder, "sent");
  json_builder_begin_array (builder);
  for (guint i = 0; i < subject->sent->len; i++)
    {
      json_builder_begin_object (builder);
      postseal_outbox_json_add_members (builder, g_ptr_array_index (subject->sent, i));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  postseal_report_json (builder);
}
