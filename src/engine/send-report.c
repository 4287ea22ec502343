/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/send-report.h"

#include <glib/gstdio.h>
#include <string.h>

#include "base/paths.h"
#include "mail/bounce.h"
#include "mail/sink.h"

static PostsealSink *
open_sink (PostsealAccount *account, GError **error)
{
  return postseal_sink_new (account->deliver, account->layout, NULL, 0, account->address, error);
}

/* Where a report is staged: in the Maildir's own tmp/, else with the account's state. */
static char *
make_staged_path (PostsealSink *sink, PostsealAccount *account, const char *name)
{
  const char *directory = postseal_sink_get_stage_dir (sink);
  g_autofree char *state_dir = NULL;

  if (directory != NULL)
    return g_build_filename (directory, name, NULL);
  state_dir = postseal_paths_account_state_dir (account->name);
  return g_build_filename (state_dir, name, NULL);
}

/* Unique among messages of this machine: no entry is told about twice in one attempt. */
static char *
make_name (const PostsealSendItem *item, gint64 now)
{
  g_autofree char *host = g_strdup (g_get_host_name ());

  for (char *p = host; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != '-' && *p != '.')
      *p = '_';
  return g_strdup_printf ("%" G_GINT64_FORMAT ".R%s_%u_postseal.%s", now, item->entry->id,
                          item->entry->attempts, host);
}

static gboolean
deliver (PostsealSink *sink, char *path, const char *name)
{
  PostsealSinkItem item = { .staged_path = path, .name = name };
  g_autoptr (GError) error = NULL;
  GStatBuf status;
  gboolean is_delivered;

  if (g_stat (path, &status) != 0)
    return FALSE;
  item.length = status.st_size;
  is_delivered = postseal_sink_deliver (sink, &item, 1, &error) && item.error == NULL;
  if (!is_delivered)
    g_debug ("Cannot deliver a report: %s",
             item.error != NULL ? item.error->message : error->message);
  g_free (item.place);
  g_clear_error (&item.error);
  return is_delivered;
}

/* The intent, on the disk before anything is in the sink. */
static gboolean
note_intent (PostsealOutbox *outbox, PostsealSendItem *item, GError **error)
{
  PostsealOutboxOutcome outcome = item->outcome;

  outcome.state = POSTSEAL_OUTBOX_FAILED;
  outcome.bounce = item->bounce;
  outcome.counts_as_attempt = FALSE;
  return postseal_outbox_commit (outbox, &outcome, 1, NULL, 0, NULL, error);
}

gboolean
_postseal_send_report_failure (PostsealOutbox *outbox,
                               PostsealAccount *account,
                               PostsealSendItem *item,
                               const char *server,
                               GError **error)
{
  PostsealBounce bounce = {
    .entry = item->entry,
    .recipient = account->address,
    .full_name = account->full_name,
    .server = server,
    .is_expired = item->is_expired,
    .now = item->outcome.time,
  };
  g_autoptr (PostsealSink) sink = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *path = NULL;

  if (!postseal_bounce_is_wanted (item->entry))
    {
      /* NOTIFY=NEVER is the sender's wish; a message without a sender stays, for people to see. */
      if (*item->entry->sender != '\0')
        _postseal_send_item_set_reported (item);
      return TRUE;
    }
  if (account->deliver == NULL)
    return TRUE;

  sink = open_sink (account, &local);
  if (sink != NULL && item->entry->bounce != NULL)
    {
      /* What a run before could not deliver is out of date. */
      path = make_staged_path (sink, account, item->entry->bounce);
      g_unlink (path);
      g_clear_pointer (&path, g_free);
    }
  g_free (item->bounce);
  item->bounce = make_name (item, item->outcome.time);
  path = sink != NULL ? make_staged_path (sink, account, item->bounce) : NULL;
  if (path == NULL || !postseal_bounce_write (&bounce, path, &local))
    {
      g_debug ("Cannot write a report: %s", local->message);
      return TRUE;
    }
  if (!note_intent (outbox, item, error))
    {
      g_unlink (path);
      return FALSE;
    }
  if (deliver (sink, path, item->bounce))
    {
      _postseal_send_item_set_reported (item);
      g_unlink (path);
    }
  else
    item->outcome.bounce = item->bounce; /* it stays staged, and the next run delivers it */
  return TRUE;
}

static gboolean
recover_one (PostsealOutbox *outbox,
             PostsealAccount *account,
             PostsealOutboxEntry *entry,
             GError **error)
{
  g_autoptr (PostsealSendItem) item = _postseal_send_item_new (entry);
  g_autoptr (PostsealSink) sink = account->deliver != NULL ? open_sink (account, NULL) : NULL;
  g_autofree char *path = NULL;

  if (sink == NULL)
    return TRUE;
  path = make_staged_path (sink, account, entry->bounce);
  if (g_file_test (path, G_FILE_TEST_EXISTS) && !deliver (sink, path, entry->bounce))
    return TRUE;
  item->outcome = (PostsealOutboxOutcome){
    .id = entry->id,
    .state = POSTSEAL_OUTBOX_QUEUED,
    .recipients = entry->recipients,
    .n_recipients = entry->n_recipients,
    .time = entry->last_attempt,
    .next_attempt = entry->next_attempt,
    .reason = entry->reason,
  };
  _postseal_send_item_set_reported (item);
  return postseal_outbox_commit (outbox, &item->outcome, 1, NULL, 0, NULL, error);
}

gboolean
_postseal_send_report_recover (PostsealOutbox *outbox, PostsealAccount *account, GError **error)
{
  g_auto (GStrv) ids = postseal_outbox_list_unfinished_reports (outbox, account->name, error);

  if (ids == NULL)
    return FALSE;
  for (char **id = ids; *id != NULL; id++)
    {
      PostsealOutboxEntry *entry = postseal_outbox_load (outbox, *id, NULL);

      if (entry == NULL || entry->envelope == NULL || entry->bounce == NULL)
        g_clear_pointer (&entry, postseal_outbox_entry_free);
      else if (!recover_one (outbox, account, entry, error))
        return FALSE;
    }
  return TRUE;
}
