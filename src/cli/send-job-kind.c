/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n.h>

#include "cli/job-kind.h"
#include "cli/progress.h"
#include "engine/send-job.h"

/* Below this a message is gone before anybody could read how far it is. */
#define LARGE_BYTES 262144

static void
run_async (gpointer job,
           GCancellable *cancellable,
           GAsyncReadyCallback callback,
           gpointer user_data)
{
  postseal_send_job_run_async (job, cancellable, callback, user_data);
}

static gboolean
run_finish (gpointer job, GAsyncResult *result, GError **error)
{
  return postseal_send_job_run_finish (job, result, error);
}

static const char *
get_name (gpointer job)
{
  return postseal_send_job_get_account (job)->name;
}

static const GPtrArray *
get_notes (gpointer job)
{
  return postseal_send_job_get_notes (job);
}

static guint64
get_bytes (gpointer job)
{
  return postseal_send_job_get_progress (job)->bytes_done;
}

static const char *
translate_activity (const char *activity)
{
  static const struct
  {
    const char *word;
    const char *text;
  } texts[] = {
    { "connecting", N_ ("connecting") },
    { "signing in", N_ ("signing in") },
    { "sending", N_ ("sending") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_strcmp0 (activity, texts[i].word) == 0)
      return _ (texts[i].text);
  return activity;
}

/* "sending: 3 of 20 messages, 3.1 of 25.0 MB, 8.2 MB/s, 5 s left" */
static char *
describe (gpointer job, gint64 elapsed_us)
{
  const PostsealSendProgress *progress = postseal_send_job_get_progress (job);
  g_autofree char *done = NULL;
  g_autofree char *total = NULL;
  GString *text;

  if (progress->activity == NULL || g_strcmp0 (progress->activity, "done") == 0)
    return NULL;
  text = g_string_new (translate_activity (progress->activity));
  if (progress->messages_total > 1)
    {
      g_string_append (text, ": ");
      g_string_append_printf (text, _ ("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " messages"),
                              progress->messages_done, progress->messages_total);
    }
  if (progress->bytes_total < LARGE_BYTES)
    return g_string_free (text, FALSE);

  done = g_format_size (progress->bytes_done);
  total = g_format_size (progress->bytes_total);
  g_string_append (text, ", ");
  /* Translators: sizes, as in "3.1 MB of 44.0 MB" */
  g_string_append_printf (text, _ ("%s of %s"), done, total);
  postseal_progress_append_rate (text, progress->bytes_done, progress->bytes_total, elapsed_us);
  return g_string_free (text, FALSE);
}

const PostsealJobKind postseal_send_job_kind = {
  .run_async = run_async,
  .run_finish = run_finish,
  .get_name = get_name,
  .get_notes = get_notes,
  .get_bytes = get_bytes,
  .describe = describe,
};
