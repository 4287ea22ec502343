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
deliver (PostsealSink *sink, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
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

/* The intent, on the disk before anything is in the sink. Whoever still waits for the message goes
   on waiting. */
static gboolean
note_intent (PostsealOutbox *outbox, PostsealSendItem *item, GError **error)
{
  PostsealOutboxOutcome outcome = item->outcome;

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
  g_autofree char *name = NULL;
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
  name = make_name (item, item->outcome.time);
  path = sink != NULL ? make_staged_path (sink, account, name) : NULL;
  if (path == NULL || !postseal_bounce_write (&bounce, path, &local))
    {
      g_debug ("Cannot write a report: %s", local->message);
      return TRUE;
    }
  g_free (item->bounce);
  item->bounce = g_steal_pointer (&path);
  /* It stays: what could not be synced may be on the disk all the same, and then the next run takes
     a report that is gone for one that has been delivered. */
  if (!note_intent (outbox, item, error))
    return FALSE;
  /* What a run before could not deliver is out of date. */
  if (item->entry->bounce != NULL && strcmp (item->entry->bounce, item->bounce) != 0)
    g_unlink (item->entry->bounce);
  if (deliver (sink, item->bounce))
    {
      _postseal_send_item_set_reported (item);
      g_unlink (item->bounce);
    }
  else
    item->outcome.bounce = item->bounce; /* it stays staged, and the next run delivers it */
  return TRUE;
}

/* A report that was staged for another sink than the account has now is made anew for this one. */
static gboolean
redo (PostsealOutbox *outbox, PostsealAccount *account, PostsealSendItem *item, GError **error)
{
  item->outcome.time = g_get_real_time () / G_USEC_PER_SEC;
  if (!_postseal_send_report_failure (outbox, account, item, NULL, error))
    return FALSE;
  /* This one cannot take it either: the old one stays, and another run tries again. */
  if (_postseal_send_item_has_refused (item) && item->outcome.bounce == NULL)
    return TRUE;
  return postseal_outbox_commit (outbox, &item->outcome, 1, NULL, 0, NULL, error);
}

static gboolean
recover_one (PostsealOutbox *outbox,
             PostsealAccount *account,
             PostsealOutboxEntry *entry,
             GError **error)
{
  g_autoptr (PostsealSendItem) item = _postseal_send_item_new (entry);
  g_autoptr (PostsealSink) sink = account->deliver != NULL ? open_sink (account, NULL) : NULL;
  g_autofree char *name = g_path_get_basename (entry->bounce);
  g_autofree char *path = NULL;
  gboolean is_staged = g_file_test (entry->bounce, G_FILE_TEST_EXISTS);

  if (sink == NULL)
    return TRUE;
  path = make_staged_path (sink, account, name);
  item->outcome = (PostsealOutboxOutcome){
    .id = entry->id,
    .state = entry->state,
    .recipients = entry->recipients,
    .n_recipients = entry->n_recipients,
    .time = entry->last_attempt,
    .next_attempt = entry->next_attempt,
    .reason = entry->reason,
    .was_clear = entry->was_clear,
  };
  if (is_staged && strcmp (path, entry->bounce) != 0)
    return redo (outbox, account, item, error);
  if (is_staged && !deliver (sink, entry->bounce))
    return TRUE;
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
