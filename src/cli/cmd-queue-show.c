/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/printable.h"
#include "cli/options.h"
#include "cli/outbox-json.h"
#include "cli/outbox-words.h"
#include "cli/queue-entries.h"
#include "cli/report.h"
#include "engine/outcome.h"
#include "net/seal.h"

#define PROGRAM "postseal queue show"
#define LABEL_WIDTH 13
#define BLOCK 65536

/* --- the message itself --- */

static gboolean
copy_rest (int fd, GError **error)
{
  g_autofree char *block = g_malloc (BLOCK);
  gssize length;

  while ((length = read (fd, block, BLOCK)) != 0)
    {
      if (length < 0 && errno == EINTR)
        continue;
      if (length < 0)
        {
          g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DISK,
                       _ ("Cannot read the message: %s"), g_strerror (errno));
          return FALSE;
        }
      if (fwrite (block, 1, length, stdout) != (gsize)length)
        break; /* main() tells */
    }
  return TRUE;
}

static gboolean
print_message (const PostsealOutboxEntry *entry, GError **error)
{
  g_autoptr (GBytes) head = NULL;
  gboolean is_done = FALSE;
  int fd = -1;

  if (entry->envelope == NULL)
    {
      g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN,
                   _ ("The text of %s is no longer there: it was %s"), entry->id,
                   postseal_outbox_words_state (entry->state));
      return FALSE;
    }
  head = postseal_outbox_read (entry, BLOCK, &fd, error);
  if (head == NULL)
    return FALSE;
  fwrite (g_bytes_get_data (head, NULL), 1, g_bytes_get_size (head), stdout);
  is_done = fd < 0 || copy_rest (fd, error);
  if (fd >= 0)
    close (fd);
  return is_done;
}

/* --- what is known of it --- */

static void
print_line (const char *label, const char *text)
{
  glong width = postseal_report_count_columns (label);

  g_print ("%s%*s%s\n", label, (int)MAX (1, LABEL_WIDTH - width), "", text);
}

static void
print_printable (const char *label, const char *text)
{
  g_autofree char *shown = NULL;

  if (text == NULL || *text == '\0')
    return;
  shown = postseal_printable (text, -1);
  print_line (label, shown);
}

static void
print_wishes (const PostsealEnvelope *envelope)
{
  g_autoptr (GPtrArray) wishes = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *until = NULL;
  g_autofree char *text = NULL;

  if (envelope->requiretls)
    g_ptr_array_add (wishes, g_strdup (_ ("authenticated TLS on the whole way")));
  if (envelope->hold_until != 0)
    {
      until = postseal_report_format_time (envelope->hold_until);
      g_ptr_array_add (wishes, g_strdup_printf (_ ("not before %s"), until));
    }
  if (envelope->deliver_by != 0)
    g_ptr_array_add (wishes, g_strdup_printf (envelope->deliver_by_mode == 'R'
                                                  ? _ ("returned unless delivered within %d s")
                                                  : _ ("a report unless delivered within %d s"),
                                              (int)envelope->deliver_by));
  if (envelope->ret == POSTSEAL_SMTP_RETURN_HEADERS)
    g_ptr_array_add (wishes, g_strdup (_ ("reports with its header only")));
  if (envelope->ret == POSTSEAL_SMTP_RETURN_FULL)
    g_ptr_array_add (wishes, g_strdup (_ ("reports with all of it")));
  if (envelope->body == POSTSEAL_SMTP_BODY_BINARY)
    g_ptr_array_add (wishes, g_strdup (_ ("binary")));
  g_ptr_array_add (wishes, NULL);
  text = g_strjoinv ("; ", (char **)wishes->pdata);
  if (*text != '\0')
    print_line (_ ("wishes"), text);
  print_printable (_ ("envelope ID"), envelope->envid);
}

static void
print_origin (const PostsealOutboxEntry *entry)
{
  g_autofree char *arrived = postseal_report_format_time (entry->arrived);
  g_autofree char *size = g_format_size (entry->length);
  const char *origin = entry->envelope != NULL ? entry->envelope->origin : NULL;
  g_autofree char *by = postseal_printable (origin != NULL ? origin : "", -1);
  g_autofree char *text
      = *by != '\0' ? g_strdup_printf (_ ("%s, by %s"), arrived, by) : g_strdup (arrived);

  print_line (_ ("arrived"), text);
  print_line (_ ("size"), size);
}

static void
print_attempts (const PostsealOutboxEntry *entry, gint64 now)
{
  g_autofree char *prospect = postseal_outbox_words_prospect (entry, now);
  g_autofree char *last = postseal_report_format_time (entry->last_attempt);
  g_autofree char *attempts
      = entry->last_attempt != 0 ? g_strdup_printf (_ ("%u, the last at %s"), entry->attempts, last)
                                 : g_strdup (_ ("none yet"));

  print_line (_ ("attempts"), attempts);
  if (postseal_outbox_words_next (entry) != 0)
    print_line (_ ("next"), prospect);
  else if (entry->state == POSTSEAL_OUTBOX_HELD || entry->state == POSTSEAL_OUTBOX_FAILED)
    print_line (_ ("kept"), prospect);
  else
    print_printable (_ ("reason"), entry->reason);
}

static const char *
name_progress (PostsealOutboxProgress progress)
{
  switch (progress)
    {
    case POSTSEAL_OUTBOX_DELIVERED:
      return _ ("accepted");
    case POSTSEAL_OUTBOX_REFUSED:
    case POSTSEAL_OUTBOX_REPORTED:
      return _ ("refused");
    case POSTSEAL_OUTBOX_PENDING:
    default:
      return _ ("waiting");
    }
}

static void
print_recipient (const PostsealOutboxRecipient *recipient)
{
  g_autofree char *answer = postseal_outbox_words_answer (recipient);
  g_autofree char *time
      = recipient->time != 0 ? postseal_report_format_time (recipient->time) : NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "%s, %s", recipient->recipient->address,
                          name_progress (recipient->progress));
  if (time != NULL)
    g_string_append_printf (text, " %s", time);
  if (answer != NULL)
    g_string_append_printf (text, ": %s", answer);
  print_line (_ ("to"), text->str);
}

static void
print_entry (const PostsealOutboxEntry *entry, gint64 now)
{
  g_autoptr (PostsealSeal) seal = entry->seal != NULL ? postseal_seal_parse (entry->seal) : NULL;
  g_autoptr (GPtrArray) warnings = postseal_outbox_words_warnings (entry);

  print_line (_ ("id"), entry->id);
  print_line (_ ("state"), postseal_outbox_words_state (entry->state));
  print_line (_ ("account"), entry->account);
  print_line (_ ("from"), *entry->sender != '\0' ? entry->sender : "<>");
  for (gsize i = 0; i < entry->n_recipients; i++)
    print_recipient (&entry->recipients[i]);
  print_printable (_ ("subject"), entry->subject);
  if (entry->envelope != NULL)
    print_printable (_ ("message-id"), entry->envelope->message_id);
  print_origin (entry);
  print_attempts (entry, now);
  if (entry->envelope != NULL)
    print_wishes (entry->envelope);
  if (seal != NULL)
    {
      g_autofree char *evidence = postseal_seal_to_string (seal, now);

      print_line (_ ("seal"), evidence);
    }
  for (guint i = 0; i < warnings->len; i++)
    print_line (_ ("beware"), g_ptr_array_index (warnings, i));
}

/* --- the command --- */

static int
print_entries (const GPtrArray *entries, gboolean wants_message, int status)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  for (guint i = 0; i < entries->len; i++)
    {
      const PostsealOutboxEntry *entry = g_ptr_array_index (entries, i);
      g_autoptr (GError) error = NULL;

      if (!wants_message)
        {
          if (i > 0)
            g_print ("\n");
          print_entry (entry, now);
        }
      else if (!print_message (entry, &error))
        status = postseal_outcome_graver (status, postseal_queue_entries_report (error));
    }
  return status;
}

int
postseal_cmd_queue_show (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_autoptr (PostsealOutbox) outbox = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;
  gboolean wants_message = FALSE;
  const GOptionEntry option_entries[] = {
    { "message", 0, 0, G_OPTION_ARG_NONE, &wants_message,
      N_ ("The message itself, as it is sent, and nothing else"), NULL },
    { NULL },
  };
  int status = 0;

  if (!postseal_options_parse (&options, PROGRAM, _ ("ID…"),
                               _ ("Show all that is known of messages in the outbox, or that "
                                  "have left it in the last days."),
                               option_entries, &argc, &argv, &status))
    return status;
  if (argc < 2)
    return postseal_report_usage (PROGRAM, _ ("name a message by its ID"));
  outbox = postseal_outbox_open (&error);
  if (outbox == NULL)
    return postseal_report_error (error);
  entries = postseal_queue_entries_load_named (outbox, argv + 1, &status);
  if (options.json && !wants_message)
    postseal_outbox_json_print (entries);
  else
    status = print_entries (entries, wants_message, status);
  return status;
}
