/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/fetch-watch-private.h"

#include "base/limits.h"
#include "base/loop.h"
#include "engine/fetch-sentinel-private.h"

struct _FetchWatch
{
  FetchImap *imap; /* borrowed: has it */
  PostsealFetchJob *job; /* borrowed: from imap */
  gboolean is_told; /* by NOTIFY, of all that are listed */
  char *told; /* owned, nullable: the names, one a line, that it was asked of */
  GPtrArray *sentinels; /* owned (element-type FetchSentinel) */
  GSource *poll_timer; /* owned, nullable: some mailboxes are asked about */
  GSource *round_timer; /* owned, nullable: everything is looked at */
};

static const FetchSentinelHandler sentinel_handler;

static void
free_sentinel (gpointer data)
{
  _postseal_fetch_sentinel_free (data);
}

FetchWatch *
_postseal_fetch_watch_new (FetchImap *imap)
{
  FetchWatch *self = g_new0 (FetchWatch, 1);

  self->imap = imap;
  self->job = _postseal_fetch_imap_get_job (imap);
  self->sentinels = g_ptr_array_new_with_free_func (free_sentinel);
  return self;
}

void
_postseal_fetch_watch_free (FetchWatch *self)
{
  postseal_loop_clear (&self->poll_timer);
  postseal_loop_clear (&self->round_timer);
  g_ptr_array_unref (self->sentinels);
  g_free (self->told);
  g_free (self);
}

/* --- NOTIFY: one connection is told of all mailboxes --- */

/* RFC 5465 section 5.8: the server tells nothing more. */
static void
ask_again (FetchImap *imap)
{
  FetchWatch *self = _postseal_fetch_imap_get_watch (imap);

  if (self != NULL)
    g_clear_pointer (&self->told, g_free);
  _postseal_fetch_imap_want (imap, POSTSEAL_FETCH_WHOLE);
}

static void
on_news (PostsealImapSession *session,
         const char *mailbox,
         const PostsealImapStatus *status,
         gpointer user_data)
{
  FetchImap *imap = user_data;

  if (mailbox != NULL)
    _postseal_fetch_imap_take_news (imap, mailbox, status);
  else
    ask_again (imap);
}

static void
on_notifying (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchImap *imap = user_data;
  g_autoptr (GError) ignored = NULL; /* then there are other ways */
  gboolean is_told
      = postseal_imap_session_notify_finish (POSTSEAL_IMAP_SESSION (source), result, &ignored);
  FetchWatch *self = _postseal_fetch_imap_get_watch (imap);

  if (self != NULL)
    self->is_told = is_told;
  _postseal_fetch_imap_unref (imap);
}

void
_postseal_fetch_watch_prepare (FetchWatch *self)
{
  PostsealImapSession *session = _postseal_fetch_imap_get_session (self->imap);
  const GPtrArray *boxes = _postseal_fetch_imap_get_boxes (self->imap);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *told = NULL;

  for (guint i = 0; i < boxes->len; i++)
    {
      const FetchBox *box = g_ptr_array_index (boxes, i);

      if (box->mailbox->is_selectable)
        g_ptr_array_add (names, box->mailbox->name);
    }
  if (names->len < 2 || !postseal_imap_session_has_capability (session, "NOTIFY"))
    return;
  g_ptr_array_add (names, NULL);
  told = g_strjoinv ("\n", (char **)names->pdata);
  if (g_strcmp0 (told, self->told) == 0)
    return;
  g_free (self->told);
  self->told = g_steal_pointer (&told);
  postseal_imap_session_notify_async (session, (const char *const *)names->pdata, on_news,
                                      self->imap, NULL, on_notifying,
                                      _postseal_fetch_imap_ref (self->imap));
}

/* --- sentinels: a connection each --- */

static FetchSentinel *
find_sentinel (FetchWatch *self, const char *title)
{
  for (guint i = 0; i < self->sentinels->len; i++)
    {
      FetchSentinel *sentinel = g_ptr_array_index (self->sentinels, i);

      if (g_str_equal (_postseal_fetch_sentinel_get_title (sentinel), title))
        return sentinel;
    }
  return NULL;
}

static gboolean
needs_sentinel (FetchWatch *self, const FetchBox *box)
{
  return !self->is_told && box->mailbox->is_selectable
         && box != _postseal_fetch_imap_get_home (self->imap);
}

/* Those of mailboxes that are gone, or watched otherwise by now. */
static void
dismiss_sentinels (FetchWatch *self)
{
  const GPtrArray *boxes = _postseal_fetch_imap_get_boxes (self->imap);

  for (guint i = self->sentinels->len; i-- > 0;)
    {
      const char *title
          = _postseal_fetch_sentinel_get_title (g_ptr_array_index (self->sentinels, i));
      gboolean is_needed = FALSE;

      for (guint j = 0; j < boxes->len && !is_needed; j++)
        {
          const FetchBox *box = g_ptr_array_index (boxes, j);

          is_needed = g_str_equal (box->mailbox->title, title) && needs_sentinel (self, box);
        }
      if (!is_needed)
        g_ptr_array_remove_index (self->sentinels, i);
    }
}

static void
post_sentinels (FetchWatch *self)
{
  const GPtrArray *boxes = _postseal_fetch_imap_get_boxes (self->imap);

  dismiss_sentinels (self);
  for (guint i = 0; i < boxes->len; i++)
    {
      const FetchBox *box = g_ptr_array_index (boxes, i);

      if (needs_sentinel (self, box) && find_sentinel (self, box->mailbox->title) == NULL)
        g_ptr_array_add (self->sentinels, _postseal_fetch_sentinel_new (self->job, box->mailbox,
                                                                        &sentinel_handler, self));
    }
}

/* There may be more connections by now. */
static void
retry_sentinels (FetchWatch *self)
{
  for (guint i = self->sentinels->len; i-- > 0;)
    if (_postseal_fetch_sentinel_has_given_up (g_ptr_array_index (self->sentinels, i)))
      g_ptr_array_remove_index (self->sentinels, i);
}

gboolean
_postseal_fetch_watch_covers (FetchWatch *self, const FetchBox *box)
{
  FetchSentinel *sentinel;

  if (!needs_sentinel (self, box))
    return TRUE;
  sentinel = find_sentinel (self, box->mailbox->title);
  return sentinel != NULL && _postseal_fetch_sentinel_is_watching (sentinel);
}

/* --- the clock --- */

static GSource *
start_timer (guint after_s, GSourceFunc func, FetchWatch *self)
{
  GSource *timer = g_timeout_source_new_seconds (after_s);

  g_source_set_callback (timer, func, self, NULL);
  g_source_attach (timer, g_main_context_get_thread_default ());
  return timer;
}

static gboolean
on_poll_due (gpointer user_data)
{
  FetchWatch *self = user_data;

  g_clear_pointer (&self->poll_timer, g_source_unref);
  _postseal_fetch_imap_want (self->imap, POSTSEAL_FETCH_POLL);
  return G_SOURCE_REMOVE;
}

static gboolean
on_round_due (gpointer user_data)
{
  FetchWatch *self = user_data;

  g_clear_pointer (&self->round_timer, g_source_unref);
  retry_sentinels (self);
  _postseal_fetch_imap_want (self->imap, POSTSEAL_FETCH_WHOLE);
  return G_SOURCE_REMOVE;
}

/* What is kept for a time only becomes due while nothing comes. */
static guint
get_round_seconds (FetchWatch *self)
{
  guint limit_ms = self->job->account->keep == POSTSEAL_KEEP_FOREVER ? POSTSEAL_LIMIT_ROUND_MS
                                                                     : POSTSEAL_LIMIT_IDLE_MS;

  return limit_ms / 1000;
}

static void
start_timers (FetchWatch *self, gboolean has_uncovered)
{
  if (!has_uncovered)
    postseal_loop_clear (&self->poll_timer);
  else if (self->poll_timer == NULL)
    self->poll_timer = start_timer ((guint)self->job->account->interval_seconds, on_poll_due, self);
  if (self->round_timer == NULL)
    self->round_timer = start_timer (get_round_seconds (self), on_round_due, self);
}

/* --- the wait --- */

static void
update (FetchWatch *self)
{
  const GPtrArray *boxes = _postseal_fetch_imap_get_boxes (self->imap);
  GPtrArray *titles = g_ptr_array_new_with_free_func (g_free);
  gboolean has_uncovered = FALSE;

  for (guint i = 0; i < boxes->len; i++)
    {
      const FetchBox *box = g_ptr_array_index (boxes, i);

      if (!_postseal_fetch_watch_covers (self, box))
        has_uncovered = TRUE;
      else if (box->mailbox->is_selectable)
        g_ptr_array_add (titles, g_strdup (box->mailbox->title));
    }
  _postseal_fetch_job_set_watched (self->job, titles);
  start_timers (self, has_uncovered);
}

static void
on_sentinel_news (FetchSentinel *sentinel, const PostsealImapStatus *status, gpointer user_data)
{
  FetchWatch *self = user_data;

  _postseal_fetch_imap_take_news (self->imap, _postseal_fetch_sentinel_get_name (sentinel), status);
}

static void
on_sentinel_changed (FetchSentinel *sentinel, gpointer user_data)
{
  update (user_data);
}

static const FetchSentinelHandler sentinel_handler = { on_sentinel_news, on_sentinel_changed };

static void
on_idle (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchImap *imap = user_data;
  GError *error = NULL;

  postseal_imap_session_idle_finish (POSTSEAL_IMAP_SESSION (source), result, &error);
  if (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED))
    {
      g_error_free (error);
      _postseal_fetch_imap_give_up_waiting (imap);
    }
  else
    _postseal_fetch_imap_woke (imap, error);
  _postseal_fetch_imap_unref (imap);
}

void
_postseal_fetch_watch_wait (FetchWatch *self)
{
  postseal_imap_session_idle_async (_postseal_fetch_imap_get_session (self->imap),
                                    POSTSEAL_LIMIT_IDLE_MS, self->job->cancellable, on_idle,
                                    _postseal_fetch_imap_ref (self->imap));
  _postseal_fetch_job_set_activity (self->job, "watching", NULL);
  post_sentinels (self);
  update (self);
}

void
_postseal_fetch_watch_wake (FetchWatch *self)
{
  postseal_imap_session_idle_stop (_postseal_fetch_imap_get_session (self->imap));
}

void
_postseal_fetch_watch_resume (FetchWatch *self)
{
  for (guint i = 0; i < self->sentinels->len; i++)
    _postseal_fetch_sentinel_resume (g_ptr_array_index (self->sentinels, i));
}

void
_postseal_fetch_watch_probe (FetchWatch *self, guint limit_ms)
{
  for (guint i = 0; i < self->sentinels->len; i++)
    _postseal_fetch_sentinel_probe (g_ptr_array_index (self->sentinels, i), limit_ms);
}
