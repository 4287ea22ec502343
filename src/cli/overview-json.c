/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/overview-json.h"

#include "cli/direction.h"
#include "cli/report.h"
#include "cli/seal-json.h"

static void
add_text (JsonBuilder *builder, const char *name, const char *value)
{
  postseal_report_add_string (builder, name, *value != '\0' ? value : NULL);
}

static void
add_progress (JsonBuilder *builder, const PostsealDirection *direction)
{
  json_builder_set_member_name (builder, "progress");
  if (direction->state != POSTSEAL_ACCOUNT_WORKING)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  postseal_report_add_number (builder, "messages", direction->messages_done);
  postseal_report_add_number (builder, "messages-total", direction->messages_total);
  postseal_report_add_number (builder, "bytes", direction->bytes_done);
  postseal_report_add_number (builder, "bytes-total", direction->bytes_total);
  json_builder_end_object (builder);
}

/* null where there is no server for it. */
static void
add_direction (JsonBuilder *builder, const char *name, const PostsealDirection *direction)
{
  json_builder_set_member_name (builder, name);
  if (!direction->is_served && direction->state == POSTSEAL_ACCOUNT_OFF)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "state", postseal_account_state_name (direction->state));
  postseal_report_add_time (builder, "since", direction->since);
  add_text (builder, "activity", direction->activity);
  if (!direction->is_sending)
    {
      add_text (builder, "mailbox", direction->mailbox);
      postseal_report_add_strings (builder, "watched", (const char *const *)direction->watched);
    }
  add_progress (builder, direction);
  postseal_report_add_number (builder, "status", (guint64)MAX (0, direction->status));
  add_text (builder, "error", direction->error);
  add_text (builder, "advice", direction->advice);
  postseal_report_add_strings (builder, "changes", (const char *const *)direction->changes);
  postseal_report_add_time (builder, "last", direction->last);
  postseal_report_add_time (builder, "next", direction->next);
  json_builder_set_member_name (builder, "seal");
  postseal_seal_add_to_json (direction->seal, builder);
  json_builder_end_object (builder);
}

static void
add_run (JsonBuilder *builder, const PostsealAccountFacts *facts)
{
  json_builder_set_member_name (builder, "last-run");
  if (!facts->has_run)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  postseal_report_add_time (builder, "time", facts->run.time);
  postseal_report_add_number (builder, "status", (guint64)MAX (0, facts->run.status));
  postseal_report_add_string (builder, "error", facts->run.error);
  postseal_report_add_number (builder, "delivered", facts->run.delivered);
  postseal_report_add_number (builder, "deleted", facts->run.deleted);
  postseal_report_add_number (builder, "failed", facts->run.failed);
  postseal_report_add_number (builder, "bytes", facts->run.bytes);
  json_builder_end_object (builder);
}

static void
add_latches (JsonBuilder *builder,
             const PostsealAccountFacts *facts,
             const PostsealEndpoint *endpoint)
{
  g_autofree char *place = NULL;
  const char *tls;
  const char *dane;
  const char *mechanism;

  if (endpoint == NULL || facts->latches == NULL)
    return;
  place = postseal_endpoint_to_string (endpoint);
  tls = postseal_latches_get (facts->latches, place, "tls");
  dane = postseal_latches_get (facts->latches, place, "dane");
  mechanism = postseal_latches_get (facts->latches, place, "mechanism");
  if (tls == NULL && mechanism == NULL)
    return;
  json_builder_set_member_name (builder, place);
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "tls", tls);
  postseal_report_add_string (builder, "dane", dane);
  postseal_report_add_string (builder, "mechanism", mechanism);
  json_builder_end_object (builder);
}

static void
add_delivered (JsonBuilder *builder, const PostsealAccountFacts *facts)
{
  json_builder_set_member_name (builder, "delivered");
  json_builder_begin_object (builder);
  postseal_report_add_number (builder, "messages", facts->has_ledger ? facts->ledger.delivered : 0);
  postseal_report_add_time (builder, "last",
                            facts->has_ledger ? facts->ledger.last_delivered_at : 0);
  json_builder_end_object (builder);
}

static void
add_outbox (JsonBuilder *builder, const PostsealOutboxDigest *outbox)
{
  json_builder_set_member_name (builder, "outbox");
  json_builder_begin_object (builder);
  postseal_report_add_number (builder, "messages", outbox->total);
  postseal_report_add_number (builder, "waiting", outbox->waiting);
  postseal_report_add_number (builder, "in-doubt", outbox->in_doubt);
  postseal_report_add_number (builder, "blocked", outbox->blocked);
  postseal_report_add_number (builder, "held", outbox->held);
  postseal_report_add_number (builder, "failed", outbox->failed);
  postseal_report_add_string (builder, "reason", outbox->reason);
  json_builder_set_member_name (builder, "seal");
  postseal_seal_add_to_json (outbox->seal, builder);
  json_builder_end_object (builder);
}

void
postseal_overview_json_add (JsonBuilder *builder, const PostsealOverviewAccount *self)
{
  const PostsealAccountFacts *facts = self->facts;
  g_autoptr (PostsealDirection) receiving = postseal_direction_read (self->status, FALSE);
  g_autoptr (PostsealDirection) sending = postseal_direction_read (self->status, TRUE);
  g_autofree char *address = NULL;

  g_object_get (self->status, "address", &address, NULL);
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "account", postseal_account_status_get_name (self->status));
  postseal_report_add_string (builder, "address", address);
  postseal_report_add_boolean (builder, "daemon", self->is_live);
  add_direction (builder, "receive", receiving);
  add_direction (builder, "send", sending);
  add_run (builder, facts);
  json_builder_set_member_name (builder, "seal");
  postseal_seal_add_to_json (receiving->seal != NULL ? receiving->seal : facts->seal, builder);
  add_delivered (builder, facts);
  add_outbox (builder, &facts->outbox);
  json_builder_set_member_name (builder, "latches");
  json_builder_begin_object (builder);
  if (self->account != NULL)
    {
      add_latches (builder, facts, self->account->receive);
      add_latches (builder, facts, self->account->send);
    }
  json_builder_end_object (builder);
  json_builder_set_member_name (builder, "troubles");
  json_builder_begin_array (builder);
  for (guint i = 0; i < facts->troubles->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (facts->troubles, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}
