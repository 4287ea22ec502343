/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What of the outbox a sender and a status need to know. */
#include "engine/outbox-service.h"

#include "base/paths.h"
#include "outbox/retry-schedule.h"

static void
free_work (gpointer data)
{
  PostsealOutboxWork *work = data;

  g_free (work->account);
  g_free (work);
}

/* A pause that is longer than any was made while the clock was wrong. */
static gint64
defer (PostsealOutbox *outbox, const PostsealOutboxSummary *summary, gint64 now)
{
  gint64 until = postseal_outbox_get_pause (outbox, summary->account, NULL, NULL, NULL);

  if (summary->next_due < 0 || until <= now || postseal_retry_schedule_is_too_far (until, now))
    return summary->next_due;
  return MAX (summary->next_due, until);
}

static GPtrArray *
look (GError **error)
{
  g_autofree char *directory = postseal_paths_outbox_dir ();
  g_autoptr (GPtrArray) works = g_ptr_array_new_with_free_func (free_work);
  g_autoptr (PostsealOutbox) outbox = NULL;
  g_autoptr (GArray) summaries = NULL;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (!g_file_test (directory, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&works);
  outbox = postseal_outbox_open (error);
  if (outbox != NULL)
    summaries = postseal_outbox_summarize (outbox, now, error);
  if (summaries == NULL)
    return NULL;
  for (guint i = 0; i < summaries->len; i++)
    {
      const PostsealOutboxSummary *summary = &g_array_index (summaries, PostsealOutboxSummary, i);
      PostsealOutboxWork *work = g_new0 (PostsealOutboxWork, 1);

      work->account = g_strdup (summary->account);
      work->next_due = defer (outbox, summary, now);
      work->waiting = summary->waiting;
      work->failed = summary->failed;
      g_ptr_array_add (works, work);
    }
  return g_steal_pointer (&works);
}

static void
survey (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  GPtrArray *works = look (&error);

  if (works != NULL)
    g_task_return_pointer (task, works, (GDestroyNotify)g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

void
postseal_outbox_survey_async (GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, postseal_outbox_survey_async);
  g_task_run_in_thread (task, survey);
}

GPtrArray *
postseal_outbox_survey_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
