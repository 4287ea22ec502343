/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/bounce-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/printable.h"

#define LINE_CHARACTERS 72

/* Appends @text as lines of LINE_CHARACTERS, each behind @indent spaces, broken at spaces. */
static void
append_wrapped (GString *out, guint indent, const char *text)
{
  guint column = 0;

  while (*text != '\0')
    {
      gsize length = strcspn (text, " ");
      guint width = (guint)g_utf8_strlen (text, (gssize)length);

      if (column > 0 && column + 1 + width > LINE_CHARACTERS)
        {
          g_string_append_c (out, '\n');
          column = 0;
        }
      g_string_append_printf (out, "%*s", column > 0 ? 1 : (int)indent, "");
      g_string_append_len (out, text, (gssize)length);
      column += width + (column > 0 ? 1 : indent);
      text += length;
      text += strspn (text, " ");
    }
  g_string_append_c (out, '\n');
}

static void
append_paragraph (GString *out, const char *text)
{
  if (out->len > 0)
    g_string_append_c (out, '\n');
  append_wrapped (out, 0, text);
}

static char *
format_time (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (seconds);
  char *text = time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M %z") : NULL;

  return text != NULL ? text : g_strdup ("?");
}

/* Takes @line. */
static void
append_fact (GString *out, char *line)
{
  append_wrapped (out, 2, line);
  g_free (line);
}

static void
append_message_facts (GString *out, const PostsealOutboxEntry *entry)
{
  const PostsealEnvelope *envelope = entry->envelope;
  g_autofree char *arrived = format_time (entry->arrived);

  g_string_append_c (out, '\n');
  if (envelope->subject != NULL && *envelope->subject != '\0')
    append_fact (out, g_strdup_printf (_ ("Subject: %s"), envelope->subject));
  append_fact (out, g_strdup_printf (_ ("Sent as: %s"), entry->sender));
  if (envelope->origin != NULL && *envelope->origin != '\0')
    append_fact (out, g_strdup_printf (_ ("Handed over: %s by %s"), arrived, envelope->origin));
  else
    append_fact (out, g_strdup_printf (_ ("Handed over: %s"), arrived));
  if (envelope->message_id != NULL && *envelope->message_id != '\0')
    append_fact (out, g_strdup_printf (_ ("Message-ID: %s"), envelope->message_id));
}

/* "550 5.1.1 No such user" */
static char *
format_answer (const PostsealOutboxRecipient *recipient)
{
  g_autofree char *words = postseal_printable (recipient->text, -1);
  GString *answer = g_string_new (NULL);

  g_string_append_printf (answer, "%u", recipient->code);
  if (recipient->status != NULL && !g_str_has_suffix (recipient->status, ".0.0"))
    g_string_append_printf (answer, " %s", recipient->status);
  if (*words != '\0')
    g_string_append_printf (answer, " %s", words);
  return g_string_free (answer, FALSE);
}

/* Why @recipient did not get it. */
static char *
explain (const PostsealBounce *bounce, const PostsealOutboxRecipient *recipient)
{
  const char *server = bounce->server != NULL ? bounce->server : _ ("The server");
  const char *own = recipient->text != NULL ? recipient->text : bounce->entry->reason;
  gboolean is_refused = !_postseal_bounce_is_given_up (recipient);
  g_autofree char *answer = format_answer (recipient);
  g_autofree char *reason = postseal_printable (own, -1);

  if (recipient->code != 0 && is_refused)
    return g_strdup_printf (_ ("%s refused it for good: “%s”"), server, answer);
  if (recipient->code != 0)
    return g_strdup_printf (_ ("%s did not take it yet, and said last: “%s”"), server, answer);
  if (*reason != '\0' && is_refused)
    return g_strdup_printf (_ ("It cannot be sent: %s"), reason);
  if (*reason != '\0')
    return g_strdup_printf (_ ("It could not be sent so far: %s"), reason);
  return g_strdup (is_refused ? _ ("It was refused without a word")
                              : _ ("No server could be asked in all that time"));
}

/* Those that the report is about, each with the reason. */
static void
append_failed (GString *out, const PostsealBounce *bounce)
{
  append_paragraph (out, _ ("It did not reach:"));
  for (gsize i = 0; i < bounce->entry->n_recipients; i++)
    {
      const PostsealOutboxRecipient *recipient = &bounce->entry->recipients[i];
      g_autofree char *why = NULL;

      if (!_postseal_bounce_tells_of (recipient, bounce->is_expired))
        continue;
      why = explain (bounce, recipient);
      g_string_append_c (out, '\n');
      append_wrapped (out, 2, recipient->recipient->address);
      append_wrapped (out, 4, why);
    }
}

static gsize
count (const PostsealOutboxEntry *entry, PostsealOutboxProgress progress)
{
  gsize n = 0;

  for (gsize i = 0; i < entry->n_recipients; i++)
    n += entry->recipients[i].progress == progress ? 1 : 0;
  return n;
}

/* Lists those with @progress under @title, where there are any. */
static void
append_others (GString *out,
               const PostsealOutboxEntry *entry,
               PostsealOutboxProgress progress,
               const char *title)
{
  if (count (entry, progress) == 0)
    return;
  append_paragraph (out, title);
  g_string_append_c (out, '\n');
  for (gsize i = 0; i < entry->n_recipients; i++)
    if (entry->recipients[i].progress == progress)
      append_wrapped (out, 2, entry->recipients[i].recipient->address);
}

/* What was tried, and for how long. */
static void
append_trials (GString *out, const PostsealBounce *bounce)
{
  const PostsealOutboxEntry *entry = bounce->entry;
  g_autofree char *arrived = format_time (entry->arrived);
  g_autofree char *last = format_time (entry->last_attempt);
  g_autoptr (GString) told = g_string_new (NULL);

  if (bounce->is_expired)
    g_string_append_printf (
        told, _ ("It has waited since %s, which is so long that it is given up. "), arrived);
  if (entry->attempts > 0)
    g_string_append_printf (told,
                            ngettext ("It was tried %u time, last at %s, and is not tried again.",
                                      "It was tried %u times, last at %s, and is not tried again.",
                                      entry->attempts),
                            entry->attempts, last);
  else
    g_string_append (told, _ ("It is not tried again."));
  append_paragraph (out, told->str);
  if (entry->is_doubtful)
    append_paragraph (out, _ ("Once the connection broke just after all of it had been sent, so "
                              "that it may have arrived all the same."));
}

char *
_postseal_bounce_text_make (const PostsealBounce *bounce, gboolean is_header_only)
{
  const PostsealOutboxEntry *entry = bounce->entry;
  GString *out = g_string_new (NULL);

  append_paragraph (
      out, count (entry, POSTSEAL_OUTBOX_DELIVERED) > 0
               ? _ ("This is Postseal, the program that sends your mail from this computer. A "
                    "message of yours could be sent to some of its recipients only.")
               : _ ("This is Postseal, the program that sends your mail from this computer. A "
                    "message of yours could not be sent."));
  append_message_facts (out, entry);
  append_failed (out, bounce);
  append_trials (out, bounce);
  append_others (out, entry, POSTSEAL_OUTBOX_DELIVERED,
                 _ ("The server accepted it for, and you need not send it again to:"));
  if (!bounce->is_expired)
    append_others (out, entry, POSTSEAL_OUTBOX_PENDING, _ ("It is still being tried for:"));
  append_paragraph (out, is_header_only
                             ? _ ("The header of the message is below; its text is not repeated.")
                             : _ ("A copy of the message is below. To try once more, set right "
                                  "what is said above and send it again."));
  return g_string_free (out, FALSE);
}
