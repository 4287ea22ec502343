/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>

#include "base/printable.h"
#include "cli/options.h"
#include "cli/outbox-json.h"
#include "cli/outbox-words.h"
#include "cli/queue-entries.h"
#include "cli/report.h"

#define PROGRAM "postseal queue list"
#define N_COLUMNS 8
#define SUBJECT_LENGTH 32

static void
print_ids (const GPtrArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const PostsealOutboxEntry *entry = g_ptr_array_index (entries, i);

      g_print ("%s\n", entry->id);
    }
}

static char *
shorten (const char *subject)
{
  g_autofree char *shown = postseal_printable (subject != NULL ? subject : "", -1);
  g_autofree char *head = NULL;

  if (g_utf8_strlen (shown, -1) <= SUBJECT_LENGTH)
    return g_strdup (*shown != '\0' ? shown : "-");
  head = g_utf8_substring (shown, 0, SUBJECT_LENGTH - 1);
  return g_strconcat (head, "…", NULL);
}

static void
add_row (GPtrArray *cells, const PostsealOutboxEntry *entry, gint64 now)
{
  g_ptr_array_add (cells, g_strdup (entry->id));
  g_ptr_array_add (cells, g_strdup (postseal_outbox_words_state (entry->state)));
  g_ptr_array_add (cells, postseal_report_format_time (entry->arrived));
  g_ptr_array_add (cells, g_format_size (entry->length));
  g_ptr_array_add (cells, g_strdup (entry->account));
  g_ptr_array_add (cells, postseal_outbox_words_recipients (entry));
  g_ptr_array_add (cells, shorten (entry->subject));
  g_ptr_array_add (cells, postseal_outbox_words_prospect (entry, now));
}

static void
print_totals (const GPtrArray *entries)
{
  guint counts[POSTSEAL_OUTBOX_BOUNCED + 1] = { 0 };
  guint64 bytes = 0;
  g_autofree char *size = NULL;
  const char *separator = ": ";

  for (guint i = 0; i < entries->len; i++)
    {
      const PostsealOutboxEntry *entry = g_ptr_array_index (entries, i);

      counts[MIN (entry->state, G_N_ELEMENTS (counts) - 1)]++;
      bytes += entry->length;
    }
  size = g_format_size (bytes);
  g_print (g_dngettext (GETTEXT_PACKAGE, "%u message, %s", "%u messages, %s", entries->len),
           entries->len, size);
  for (guint state = 0; state < G_N_ELEMENTS (counts); state++)
    if (counts[state] > 0)
      {
        g_print ("%s%u %s", separator, counts[state], postseal_outbox_words_state (state));
        separator = ", ";
      }
  g_print ("\n");
}

static void
print_table (const GPtrArray *entries, gboolean is_done)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (entries->len == 0)
    {
      g_print ("%s\n", is_done ? _ ("Nothing was sent of late") : _ ("The outbox is empty"));
      return;
    }
  g_ptr_array_add (cells, g_strdup (_ ("ID")));
  g_ptr_array_add (cells, g_strdup (_ ("STATE")));
  g_ptr_array_add (cells, g_strdup (_ ("ARRIVED")));
  g_ptr_array_add (cells, g_strdup (_ ("SIZE")));
  g_ptr_array_add (cells, g_strdup (_ ("ACCOUNT")));
  g_ptr_array_add (cells, g_strdup (_ ("TO")));
  g_ptr_array_add (cells, g_strdup (_ ("SUBJECT")));
  g_ptr_array_add (cells, g_strdup (is_done ? _ ("OUTCOME") : _ ("NEXT")));
  for (guint i = 0; i < entries->len; i++)
    add_row (cells, g_ptr_array_index (entries, i), now);
  g_ptr_array_add (cells, NULL);
  postseal_report_table ((const char *const *)cells->pdata, N_COLUMNS);
  print_totals (entries);
}

int
postseal_cmd_queue_list (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_autoptr (PostsealOutbox) outbox = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_done = FALSE;
  gboolean ids_only = FALSE;
  const GOptionEntry option_entries[] = {
    { "done", 0, 0, G_OPTION_ARG_NONE, &is_done,
      N_ ("What was sent or bounced of late, not what is left"), NULL },
    { "ids", 0, 0, G_OPTION_ARG_NONE, &ids_only, N_ ("Only the IDs, one on a line"), NULL },
    { NULL },
  };
  int status = 0;

  if (!postseal_options_parse (&options, PROGRAM, _ ("[ID…]"),
                               _ ("List the messages in the outbox, or those named."),
                               option_entries, &argc, &argv, &status))
    return status;
  outbox = postseal_outbox_open (&error);
  if (outbox == NULL)
    return postseal_report_error (error);
  if (argc > 1)
    entries = postseal_queue_entries_load_named (outbox, argv + 1, &status);
  else
    entries = postseal_queue_entries_load (
        outbox, NULL, is_done ? POSTSEAL_OUTBOX_DONE : POSTSEAL_OUTBOX_ALL, &status);
  if (entries == NULL)
    return status;

  if (ids_only)
    print_ids (entries);
  else if (options.json)
    postseal_outbox_json_print (entries);
  else if (argc == 1 || entries->len > 0)
    print_table (entries, is_done);
  return status;
}
