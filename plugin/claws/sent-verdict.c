/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/sent-verdict.h"

#include "base/limits.h"

/* What has left the outbox is known for so long, less some hours for clocks. */
#define MEMORY_S (POSTSEAL_LIMIT_OUTBOX_MEMORY_S - 6 * 3600)
/* As many addresses are named. */
#define MOST_NAMED 3

/* --- finding it --- */

static const char *
get_string (GVariant *entry, const char *key)
{
  const char *value = "";

  g_variant_lookup (entry, key, "&s", &value);
  return value;
}

static gint64
get_time (GVariant *entry, const char *key)
{
  gint64 value = 0;

  g_variant_lookup (entry, key, "x", &value);
  return value;
}

static gboolean
is_of (GVariant *entry, const PostsealClawsSentRecord *record)
{
  if (record->outbox_id != NULL)
    return g_str_equal (get_string (entry, "id"), record->outbox_id);
  /* Another program, or an earlier time, may have sent one of the same name. */
  return *record->message_id != '\0'
         && g_str_equal (get_string (entry, "message-id"), record->message_id)
         && g_str_equal (get_string (entry, "account"), record->account)
         && get_time (entry, "arrived") >= record->written;
}

/* Returns: (transfer full) (nullable) */
static GVariant *
find_entry (GVariant *list, const PostsealClawsSentRecord *record)
{
  g_autoptr (GVariant) entries
      = g_variant_lookup_value (list, "entries", G_VARIANT_TYPE ("aa{sv}"));

  for (gsize i = 0; entries != NULL && i < g_variant_n_children (entries); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (entries, i);

      if (is_of (entry, record))
        return g_steal_pointer (&entry);
    }
  return NULL;
}

/* --- judging it --- */

/* Who got it, and what the others were told. @ret_text: (transfer full): "" when nobody was
   refused. Returns: TRUE when somebody has it */
static gboolean
count_recipients (GVariant *entry, char **ret_text)
{
  g_autoptr (GVariant) recipients
      = g_variant_lookup_value (entry, "recipients", G_VARIANT_TYPE ("aa{sv}"));
  GString *text = g_string_new ("");
  guint n_refused = 0;
  gboolean is_delivered = FALSE;

  for (gsize i = 0; recipients != NULL && i < g_variant_n_children (recipients); i++)
    {
      g_autoptr (GVariant) recipient = g_variant_get_child_value (recipients, i);
      const char *state = get_string (recipient, "state");

      if (g_str_equal (state, "delivered"))
        is_delivered = TRUE;
      else if (!g_str_equal (state, "pending") && ++n_refused <= MOST_NAMED)
        g_string_append_printf (text, "%s%s: %s", text->len > 0 ? "; " : "",
                                get_string (recipient, "address"), get_string (recipient, "text"));
    }
  if (n_refused > MOST_NAMED)
    g_string_append (text, " …");
  *ret_text = g_string_free (text, FALSE);
  return is_delivered;
}

static void
set_reason (PostsealClawsVerdict *self, GVariant *entry, const char *refusals)
{
  const char *reason = *refusals != '\0' ? refusals : get_string (entry, "reason");

  self->reason = *reason != '\0' ? g_strdup (reason) : NULL;
}

static void
judge_pending (PostsealClawsVerdict *self, GVariant *entry)
{
  const char *state = get_string (entry, "state");
  g_autofree char *refusals = NULL;
  gboolean is_delivered = count_recipients (entry, &refusals);

  self->is_in_outbox = TRUE;
  if (g_str_equal (state, "failed"))
    self->fate = is_delivered ? POSTSEAL_CLAWS_IS_SENT : POSTSEAL_CLAWS_IS_REFUSED;
  /* What some have already must not go to them again. */
  else if (g_str_equal (state, "blocked") && !is_delivered)
    self->fate = POSTSEAL_CLAWS_IS_REFUSED;
  else
    self->fate = POSTSEAL_CLAWS_WAITS;
  set_reason (self, entry, refusals);
  /* Being offline is no attempt, but has a reason. */
  if (self->fate == POSTSEAL_CLAWS_WAITS && self->reason != NULL)
    self->next_attempt = get_time (entry, "next-attempt");
}

static void
judge_done (PostsealClawsVerdict *self, GVariant *entry)
{
  g_autofree char *refusals = NULL;
  gboolean is_delivered = count_recipients (entry, &refusals);

  if (g_str_equal (get_string (entry, "state"), "sent"))
    self->fate = POSTSEAL_CLAWS_IS_SENT;
  else
    {
      self->fate = is_delivered ? POSTSEAL_CLAWS_IS_SENT : POSTSEAL_CLAWS_IS_REFUSED;
      set_reason (self, entry, refusals);
    }
}

static void
judge_missing (PostsealClawsVerdict *self, const PostsealClawsSentRecord *record, gint64 now)
{
  self->outbox_id = g_strdup (record->outbox_id);
  self->reason = g_strdup (record->reason);
  if (record->stage == POSTSEAL_CLAWS_FILING)
    self->fate = POSTSEAL_CLAWS_IS_SENT;
  else if (record->stage == POSTSEAL_CLAWS_GIVING_BACK)
    self->fate = POSTSEAL_CLAWS_IS_REFUSED;
  else if (now - record->written > MEMORY_S)
    self->fate = POSTSEAL_CLAWS_IS_FORGOTTEN;
  else if (record->outbox_id != NULL)
    self->fate = POSTSEAL_CLAWS_WAS_TAKEN_OUT;
  else
    self->fate = POSTSEAL_CLAWS_IS_UNKNOWN;
}

PostsealClawsVerdict *
postseal_claws_verdict_new (const PostsealClawsSentRecord *record,
                            GVariant *pending,
                            GVariant *done,
                            gint64 now)
{
  PostsealClawsVerdict *self = g_new0 (PostsealClawsVerdict, 1);
  g_autoptr (GVariant) entry = find_entry (pending, record);

  if (entry != NULL)
    judge_pending (self, entry);
  else if ((entry = find_entry (done, record)) != NULL)
    judge_done (self, entry);
  else
    judge_missing (self, record, now);
  if (entry != NULL)
    self->outbox_id = g_strdup (get_string (entry, "id"));
  return self;
}

void
postseal_claws_verdict_free (PostsealClawsVerdict *self)
{
  if (self == NULL)
    return;
  g_free (self->outbox_id);
  g_free (self->reason);
  g_free (self);
}
