/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sendmail/queue-table.h"

#include <stdio.h>
#include <time.h>

#include "base/printable.h"
#include "outbox/outbox.h"

#define INDENT 42 /* of recipients: below the sender */

/* "Sat Nov 21 02:04:30", whatever the language: programs read it. */
static char *
format_time (gint64 seconds)
{
  static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
  static const char *const months[]
      = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  time_t time = (time_t)seconds;
  struct tm fields = { 0 };

  localtime_r (&time, &fields);
  return g_strdup_printf ("%s %s %2d %02d:%02d:%02d", days[fields.tm_wday % 7],
                          months[fields.tm_mon % 12], fields.tm_mday, fields.tm_hour, fields.tm_min,
                          fields.tm_sec);
}

static char
get_mark (PostsealOutboxState state)
{
  if (state == POSTSEAL_OUTBOX_SENDING)
    return '*';
  return state == POSTSEAL_OUTBOX_HELD ? '!' : ' ';
}

static void
print_recipients (const PostsealOutboxEntry *entry)
{
  for (gsize i = 0; i < entry->n_recipients; i++)
    {
      const PostsealOutboxRecipient *recipient = &entry->recipients[i];
      g_autofree char *address = NULL;
      g_autofree char *words = NULL;

      if (recipient->progress == POSTSEAL_OUTBOX_DELIVERED)
        continue;
      address = postseal_printable (recipient->recipient->address, -1);
      words = postseal_printable (recipient->text, -1);
      if (recipient->code != 0)
        printf ("%*s(%u %s)\n", INDENT - 2, "", recipient->code, words);
      printf ("%*s%s\n", INDENT, "", address);
    }
}

static void
print_entry (const PostsealOutboxEntry *entry)
{
  g_autofree char *time = format_time (entry->arrived);
  g_autofree char *sender
      = postseal_printable (*entry->sender != '\0' ? entry->sender : "MAILER-DAEMON", -1);
  g_autofree char *reason = postseal_printable (entry->reason, -1);

  printf ("%s%c %8" G_GUINT64_FORMAT " %-20s %s\n", entry->id, get_mark (entry->state),
          entry->length, time, sender);
  if (entry->state != POSTSEAL_OUTBOX_QUEUED && *reason != '\0')
    printf ("(%s: %s)\n", postseal_outbox_state_name (entry->state), reason);
  else if (entry->state != POSTSEAL_OUTBOX_QUEUED)
    printf ("(%s)\n", postseal_outbox_state_name (entry->state));
  else if (*reason != '\0')
    printf ("(%s)\n", reason);
  print_recipients (entry);
  printf ("\n");
}

static void
print_problems (GPtrArray *problems)
{
  for (guint i = 0; problems != NULL && i < problems->len; i++)
    g_printerr ("postseal-sendmail: %s\n", (const char *)g_ptr_array_index (problems, i));
}

gboolean
postseal_queue_table_print (GError **error)
{
  g_autoptr (PostsealOutbox) outbox = postseal_outbox_open (error);
  g_autoptr (GPtrArray) problems = NULL;
  g_auto (GStrv) ids = NULL;
  guint64 octets = 0;
  guint n_entries = 0;

  if (outbox == NULL)
    return FALSE;
  ids = postseal_outbox_list (outbox, NULL, POSTSEAL_OUTBOX_ALL,
                              g_get_real_time () / G_USEC_PER_SEC, &problems, error);
  if (ids == NULL)
    return FALSE;
  for (gsize i = 0; ids[i] != NULL; i++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, ids[i], &local);

      if (entry == NULL)
        {
          /* Unknown: sent or removed a moment ago. */
          if (!g_error_matches (local, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN))
            g_printerr ("postseal-sendmail: %s\n", local->message);
          continue;
        }
      if (n_entries++ == 0)
        printf ("-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n");
      print_entry (entry);
      octets += entry->length;
    }
  print_problems (problems);
  if (n_entries == 0)
    printf ("Mail queue is empty\n");
  else
    printf ("-- %" G_GUINT64_FORMAT " Kbytes in %u Request%s.\n", (octets + 1023) / 1024, n_entries,
            n_entries == 1 ? "" : "s");
  return TRUE;
}
