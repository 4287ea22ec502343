/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A message of the outbox as a dictionary. */
#include "engine/outbox-service.h"

#include "net/seal.h"

static void
add (GVariantBuilder *builder, const char *key, GVariant *value)
{
  g_variant_builder_add (builder, "{sv}", key, value);
}

/* Addresses and reasons may be of any octets. */
static void
add_text (GVariantBuilder *builder, const char *key, const char *text)
{
  if (text != NULL)
    add (builder, key, g_variant_new_take_string (g_utf8_make_valid (text, -1)));
}

static const char *
name_progress (PostsealOutboxProgress progress)
{
  switch (progress)
    {
    case POSTSEAL_OUTBOX_DELIVERED:
      return "delivered";
    case POSTSEAL_OUTBOX_REFUSED:
      return "refused";
    case POSTSEAL_OUTBOX_REPORTED:
      return "reported";
    case POSTSEAL_OUTBOX_PENDING:
    default:
      return "pending";
    }
}

static GVariant *
describe_recipient (const PostsealOutboxRecipient *recipient)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  add_text (&builder, "address", recipient->recipient->address);
  add_text (&builder, "state", name_progress (recipient->progress));
  add (&builder, "code", g_variant_new_uint32 (recipient->code));
  add_text (&builder, "status", recipient->status);
  add_text (&builder, "text", recipient->text);
  add (&builder, "time", g_variant_new_int64 (recipient->time));
  return g_variant_builder_end (&builder);
}

static GVariant *
describe_recipients (const PostsealOutboxEntry *entry)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; i < entry->n_recipients; i++)
    g_variant_builder_add_value (&builder, describe_recipient (&entry->recipients[i]));
  return g_variant_builder_end (&builder);
}

/* When it is tried by itself, 0 when it is not. */
static gint64
find_next_attempt (const PostsealOutboxEntry *entry)
{
  gint64 held_until = entry->envelope != NULL ? entry->envelope->hold_until : 0;

  if (entry->state != POSTSEAL_OUTBOX_QUEUED && entry->state != POSTSEAL_OUTBOX_IN_DOUBT
      && entry->state != POSTSEAL_OUTBOX_BLOCKED)
    return 0;
  return MAX (MAX (entry->next_attempt, entry->arrived), held_until);
}

static void
add_progress (GVariantBuilder *builder, const PostsealOutboxEntry *entry)
{
  add (builder, "attempts", g_variant_new_uint32 (entry->attempts));
  add (builder, "last-attempt", g_variant_new_int64 (entry->last_attempt));
  add (builder, "next-attempt", g_variant_new_int64 (find_next_attempt (entry)));
  add_text (builder, "reason", entry->reason);
  add (builder, "clear", g_variant_new_boolean (entry->was_clear));
  add (builder, "doubtful", g_variant_new_boolean (entry->is_doubtful));
  if (entry->seal != NULL)
    {
      g_autoptr (PostsealSeal) seal = postseal_seal_parse (entry->seal);

      if (seal != NULL)
        add (builder, "seal", postseal_seal_to_variant (seal));
    }
}

GVariant *
postseal_outbox_entry_to_variant (const PostsealOutboxEntry *entry)
{
  GVariantBuilder builder;

  g_return_val_if_fail (entry != NULL, NULL);

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  add_text (&builder, "id", entry->id);
  add_text (&builder, "account", entry->account);
  add_text (&builder, "state", postseal_outbox_state_name (entry->state));
  add_text (&builder, "sender", entry->sender);
  add_text (&builder, "subject", entry->subject);
  add_text (&builder, "message-id", entry->message_id);
  add (&builder, "arrived", g_variant_new_int64 (entry->arrived));
  add (&builder, "size", g_variant_new_uint64 (entry->length));
  if (entry->envelope != NULL)
    {
      add_text (&builder, "origin", entry->envelope->origin);
      add (&builder, "hold-until", g_variant_new_int64 (entry->envelope->hold_until));
    }
  add_progress (&builder, entry);
  add (&builder, "recipients", describe_recipients (entry));
  return g_variant_builder_end (&builder);
}
