/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/outbox-words.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/printable.h"
#include "cli/report.h"
#include "net/seal.h"

const char *
postseal_outbox_words_state (PostsealOutboxState state)
{
  switch (state)
    {
    case POSTSEAL_OUTBOX_QUEUED:
      return C_ ("message in the outbox", "queued");
    case POSTSEAL_OUTBOX_SENDING:
      return C_ ("message in the outbox", "sending");
    case POSTSEAL_OUTBOX_IN_DOUBT:
      return C_ ("message in the outbox", "in doubt");
    case POSTSEAL_OUTBOX_BLOCKED:
      return C_ ("message in the outbox", "blocked");
    case POSTSEAL_OUTBOX_HELD:
      return C_ ("message in the outbox", "held");
    case POSTSEAL_OUTBOX_FAILED:
      return C_ ("message in the outbox", "failed");
    case POSTSEAL_OUTBOX_SENT:
      return C_ ("message in the outbox", "sent");
    case POSTSEAL_OUTBOX_BOUNCED:
      return C_ ("message in the outbox", "bounced");
    default:
      return postseal_outbox_state_name (state);
    }
}

const char *
postseal_outbox_words_name (const char *state)
{
  for (PostsealOutboxState i = 0; i <= POSTSEAL_OUTBOX_BOUNCED; i++)
    if (strcmp (postseal_outbox_state_name (i), state) == 0)
      return postseal_outbox_words_state (i);
  return state;
}

char *
postseal_outbox_words_when (gint64 time, gint64 now)
{
  gint64 seconds = time - now;
  g_autofree char *moment = NULL;

  if (seconds <= 0)
    return g_strdup (_ ("at once"));
  if (seconds < 60)
    return g_strdup_printf (_ ("in %d s"), (int)seconds);
  if (seconds < 3600)
    return g_strdup_printf (_ ("in %d min"), (int)((seconds + 59) / 60));
  if (seconds < 24 * 3600)
    return g_strdup_printf (_ ("in %d h %d min"), (int)(seconds / 3600),
                            (int)(seconds % 3600 / 60));
  moment = postseal_report_format_time (time);
  return g_strdup_printf (_ ("at %s"), moment);
}

gint64
postseal_outbox_words_next (const PostsealOutboxEntry *entry)
{
  gint64 held_until = entry->envelope != NULL ? entry->envelope->hold_until : 0;

  switch (entry->state)
    {
    case POSTSEAL_OUTBOX_QUEUED:
    case POSTSEAL_OUTBOX_IN_DOUBT:
    case POSTSEAL_OUTBOX_BLOCKED:
      return MAX (MAX (entry->next_attempt, entry->arrived), held_until);
    case POSTSEAL_OUTBOX_SENDING:
    case POSTSEAL_OUTBOX_HELD:
    case POSTSEAL_OUTBOX_FAILED:
    case POSTSEAL_OUTBOX_SENT:
    case POSTSEAL_OUTBOX_BOUNCED:
    default:
      return 0;
    }
}

char *
postseal_outbox_words_answer (const PostsealOutboxRecipient *recipient)
{
  GString *words;

  if (recipient->code == 0)
    return recipient->text != NULL ? postseal_printable (recipient->text, -1) : NULL;
  words = g_string_new (NULL);
  g_string_append_printf (words, "%u", recipient->code);
  if (recipient->status != NULL)
    g_string_append_printf (words, " %s", recipient->status);
  if (recipient->text != NULL && *recipient->text != '\0')
    {
      g_autofree char *text = postseal_printable (recipient->text, -1);

      g_string_append_printf (words, " %s", text);
    }
  return g_string_free (words, FALSE);
}

char *
postseal_outbox_words_reason (const PostsealOutboxEntry *entry)
{
  const PostsealOutboxRecipient *latest = NULL;

  for (gsize i = 0; i < entry->n_recipients; i++)
    {
      const PostsealOutboxRecipient *recipient = &entry->recipients[i];

      if (recipient->time != 0 && (latest == NULL || recipient->time >= latest->time)
          && (recipient->progress != POSTSEAL_OUTBOX_DELIVERED
              || entry->state == POSTSEAL_OUTBOX_SENT))
        latest = recipient;
    }
  if (entry->reason != NULL && *entry->reason != '\0')
    return postseal_printable (entry->reason, -1);
  return latest != NULL ? postseal_outbox_words_answer (latest) : NULL;
}

static char *
describe_state (const PostsealOutboxEntry *entry, gint64 now)
{
  g_autofree char *when = NULL;
  g_autofree char *moment = NULL;

  switch (entry->state)
    {
    case POSTSEAL_OUTBOX_SENDING:
      return g_strdup (_ ("being sent now"));
    case POSTSEAL_OUTBOX_HELD:
      return g_strdup (_ ("until it is released"));
    case POSTSEAL_OUTBOX_FAILED:
      return g_strdup (_ ("not again by itself"));
    case POSTSEAL_OUTBOX_SENT:
    case POSTSEAL_OUTBOX_BOUNCED:
      moment = postseal_report_format_time (entry->last_attempt);
      return g_strdup_printf (_ ("at %s"), moment);
    case POSTSEAL_OUTBOX_QUEUED:
    case POSTSEAL_OUTBOX_IN_DOUBT:
    case POSTSEAL_OUTBOX_BLOCKED:
    default:
      return postseal_outbox_words_when (postseal_outbox_words_next (entry), now);
    }
}

char *
postseal_outbox_words_prospect (const PostsealOutboxEntry *entry, gint64 now)
{
  g_autofree char *state = describe_state (entry, now);
  g_autofree char *reason = postseal_outbox_words_reason (entry);

  return reason != NULL ? g_strdup_printf ("%s: %s", state, reason) : g_steal_pointer (&state);
}

char *
postseal_outbox_words_recipients (const PostsealOutboxEntry *entry)
{
  g_autofree char *first = NULL;
  gulong others;

  if (entry->n_recipients == 0)
    return g_strdup ("-");
  first = postseal_printable (entry->recipients[0].recipient->address, -1);
  others = entry->n_recipients - 1;
  if (others == 0)
    return g_steal_pointer (&first);
  /* Translators: the first recipient, and how many more there are */
  return g_strdup_printf (ngettext ("%s and %lu more", "%s and %lu more", others), first, others);
}

GPtrArray *
postseal_outbox_words_warnings (const PostsealOutboxEntry *entry)
{
  GPtrArray *warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (PostsealSeal) seal = entry->seal != NULL ? postseal_seal_parse (entry->seal) : NULL;

  if (entry->was_clear && seal != NULL && seal->voucher == POSTSEAL_VOUCHER_LOOPBACK)
    g_ptr_array_add (warnings, g_strdup (_ ("It went in clear, without TLS, to a server on this "
                                            "machine")));
  else if (entry->was_clear)
    g_ptr_array_add (warnings, g_strdup (_ ("It went in clear, without TLS: everybody on the way "
                                            "could read and change it")));
  if (entry->is_doubtful)
    g_ptr_array_add (warnings,
                     g_strdup (entry->state == POSTSEAL_OUTBOX_IN_DOUBT
                                   ? _ ("The connection was lost before the server's last word: it "
                                        "may have arrived, and may arrive twice, with the same "
                                        "Message-ID")
                                   : _ ("It was in doubt once: it may arrive twice, with the same "
                                        "Message-ID")));
  return warnings;
}
