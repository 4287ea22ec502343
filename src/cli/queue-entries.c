/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/queue-entries.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cli/report.h"
#include "engine/outcome.h"

static void
free_entry (gpointer entry)
{
  postseal_outbox_entry_free (entry);
}

int
postseal_queue_entries_report (const GError *error)
{
  int status = postseal_report_error (error);

  if (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN))
    g_printerr (_ ("“postseal queue list” shows what there is\n"));
  return status;
}

static gboolean
has_entry (const GPtrArray *entries, const char *id)
{
  for (guint i = 0; i < entries->len; i++)
    if (strcmp (((PostsealOutboxEntry *)g_ptr_array_index (entries, i))->id, id) == 0)
      return TRUE;
  return FALSE;
}

GPtrArray *
postseal_queue_entries_load_named (PostsealOutbox *outbox, char **ids, int *ret_status)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (free_entry);

  for (gsize i = 0; ids[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, ids[i], &error);

      if (entry == NULL)
        *ret_status = postseal_outcome_graver (*ret_status, postseal_queue_entries_report (error));
      else if (!has_entry (entries, entry->id))
        g_ptr_array_add (entries, g_steal_pointer (&entry));
    }
  return entries;
}

GPtrArray *
postseal_queue_entries_load (PostsealOutbox *outbox,
                             const char *account,
                             PostsealOutboxFilter filter,
                             int *ret_status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) problems = NULL;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_auto (GStrv) ids = postseal_outbox_list (outbox, account, filter, now, &problems, &error);
  GPtrArray *entries;
  gboolean is_together;

  if (ids == NULL)
    {
      *ret_status = postseal_outcome_graver (*ret_status, postseal_report_error (error));
      return NULL;
    }
  for (guint i = 0; problems != NULL && i < problems->len; i++)
    {
      g_printerr ("postseal: %s\n", (const char *)g_ptr_array_index (problems, i));
      *ret_status = postseal_outcome_graver (*ret_status, 74);
    }
  entries = g_ptr_array_new_with_free_func (free_entry);
  is_together = postseal_outbox_begin_loading (outbox, NULL);
  for (gsize i = 0; ids[i] != NULL; i++)
    {
      g_autoptr (GError) trouble = NULL;
      PostsealOutboxEntry *entry = postseal_outbox_load (outbox, ids[i], &trouble);

      if (entry != NULL)
        g_ptr_array_add (entries, entry);
      /* One that left meanwhile is no trouble. */
      else if (!g_error_matches (trouble, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN))
        *ret_status = postseal_outcome_graver (*ret_status, postseal_report_error (trouble));
    }
  if (is_together)
    postseal_outbox_end_loading (outbox);
  return entries;
}
