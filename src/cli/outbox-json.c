/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/outbox-json.h"

#include "cli/outbox-words.h"
#include "cli/report.h"
#include "cli/seal-json.h"

static const char *
name_progress (PostsealOutboxProgress progress)
{
  switch (progress)
    {
    case POSTSEAL_OUTBOX_DELIVERED:
      return "delivered";
    case POSTSEAL_OUTBOX_REFUSED:
    case POSTSEAL_OUTBOX_REPORTED:
      return "refused";
    case POSTSEAL_OUTBOX_PENDING:
    default:
      return "pending";
    }
}

static void
add_recipient (JsonBuilder *builder, const PostsealOutboxRecipient *recipient)
{
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "address", recipient->recipient->address);
  postseal_report_add_string (builder, "state", name_progress (recipient->progress));
  json_builder_set_member_name (builder, "code");
  if (recipient->code != 0)
    json_builder_add_int_value (builder, recipient->code);
  else
    json_builder_add_null_value (builder);
  postseal_report_add_string (builder, "status", recipient->status);
  postseal_report_add_string (builder, "text", recipient->text);
  postseal_report_add_time (builder, "time", recipient->time);
  json_builder_end_object (builder);
}

void
postseal_outbox_json_add_members (JsonBuilder *builder, const PostsealOutboxEntry *entry)
{
  g_autoptr (PostsealSeal) seal = entry->seal != NULL ? postseal_seal_parse (entry->seal) : NULL;

  postseal_report_add_string (builder, "id", entry->id);
  postseal_report_add_string (builder, "account", entry->account);
  postseal_report_add_string (builder, "state", postseal_outbox_state_name (entry->state));
  postseal_report_add_string (builder, "sender", entry->sender);
  json_builder_set_member_name (builder, "recipients");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < entry->n_recipients; i++)
    add_recipient (builder, &entry->recipients[i]);
  json_builder_end_array (builder);
  postseal_report_add_string (builder, "subject", entry->subject);
  postseal_report_add_string (builder, "message-id",
                              entry->envelope != NULL ? entry->envelope->message_id : NULL);
  postseal_report_add_number (builder, "size", entry->length);
  postseal_report_add_time (builder, "arrived", entry->arrived);
  postseal_report_add_number (builder, "attempts", entry->attempts);
  postseal_report_add_time (builder, "last-attempt", entry->last_attempt);
  postseal_report_add_time (builder, "next-attempt", postseal_outbox_words_next (entry));
  postseal_report_add_string (builder, "reason", entry->reason);
  postseal_report_add_boolean (builder, "in-clear", entry->was_clear);
  postseal_report_add_boolean (builder, "may-be-doubled", entry->is_doubtful);
  json_builder_set_member_name (builder, "seal");
  postseal_seal_add_to_json (seal, builder);
}

void
postseal_outbox_json_print (const GPtrArray *entries)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < entries->len; i++)
    {
      json_builder_begin_object (builder);
      postseal_outbox_json_add_members (builder, g_ptr_array_index (entries, i));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  postseal_report_json (builder);
}
