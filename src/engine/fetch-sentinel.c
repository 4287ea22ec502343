/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/fetch-sentinel-private.h"

#include "base/backoff.h"
#include "base/limits.h"
#include "engine/job-access-private.h"

typedef enum
{
  STATE_WAITING, /* for the latches */
  STATE_CONNECTING,
  STATE_WATCHING,
  STATE_RESTING, /* after a failure */
  STATE_GIVEN_UP,
  STATE_OVER,
} State;

struct _FetchSentinel
{
  PostsealFetchJob *job; /* borrowed: outlives it; operations under way hold it */
  char *name; /* owned */
  char *title; /* owned */
  const FetchSentinelHandler *handler; /* borrowed: static */
  gpointer user_data;
  State state;
  gboolean has_connection; /* taken from the account's */
  gboolean holds_latches;
  GCancellable *cancellable; /* owned: of the connection */
  PostsealImapSession *session; /* owned, nullable */
  PostsealAuthenticator *auth; /* owned, nullable: as long as it signs in */
  PostsealBackoff backoff;
  GSource *rest; /* owned, nullable */
  gint64 watching_us; /* since when, monotonic */
};

static void connect_again (FetchSentinel *self);

static void
clear_sentinel (gpointer data)
{
  FetchSentinel *self = data;

  g_clear_object (&self->cancellable);
  g_clear_object (&self->session);
  g_clear_pointer (&self->auth, postseal_authenticator_unref);
  g_free (self->name);
  g_free (self->title);
}

/* For an operation under way; the job's, too. */
static FetchSentinel *
hold (FetchSentinel *self)
{
  g_object_ref (self->job);
  return g_rc_box_acquire (self);
}

static void
let_go (FetchSentinel *self)
{
  PostsealFetchJob *job = self->job;

  g_rc_box_release_full (self, clear_sentinel);
  g_object_unref (job);
}

/* --- what it borrows --- */

static gboolean
take_connection (FetchSentinel *self)
{
  if (!self->has_connection)
    self->has_connection = _postseal_fetch_job_take_connection (self->job);
  return self->has_connection;
}

/* Not before what uses them has ended, even if nobody waits for that any more. */
static void
release_latches (FetchSentinel *self)
{
  if (self->holds_latches)
    _postseal_fetch_job_release_latches (self->job);
  self->holds_latches = FALSE;
}

static void
disconnect (FetchSentinel *self)
{
  g_clear_pointer (&self->auth, postseal_authenticator_unref);
  if (self->session != NULL)
    postseal_imap_session_logout (self->session);
  g_clear_object (&self->session);
  if (self->has_connection)
    _postseal_fetch_job_give_back_connection (self->job);
  self->has_connection = FALSE;
}

/* --- failure --- */

static gboolean
on_rested (gpointer user_data)
{
  FetchSentinel *self = user_data;

  g_clear_pointer (&self->rest, g_source_unref);
  connect_again (self);
  if (self->state == STATE_GIVEN_UP)
    self->handler->changed (self, self->user_data);
  return G_SOURCE_REMOVE;
}

static void
rest (FetchSentinel *self)
{
  self->rest = g_timeout_source_new (postseal_backoff_next (&self->backoff));
  g_source_set_callback (self->rest, on_rested, self, NULL);
  g_source_attach (self->rest, g_main_context_get_thread_default ());
}

/* Whether it makes sense to come back: not when the server has enough of us, or will not. */
static gboolean
is_passing (const GError *error)
{
  return error->domain == POSTSEAL_NET_ERROR || error->domain == POSTSEAL_TLS_ERROR
         || error->domain == G_IO_ERROR
         || g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_BUSY)
         || g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_PROTOCOL);
}

/* Takes @error: the conversation that stays tells what is wrong with the server. */
static void
fail (FetchSentinel *self, GError *error)
{
  gboolean is_back_soon = is_passing (error);

  g_debug ("The watch in %s ended: %s", self->title, error->message);
  if (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_LIMIT))
    _postseal_fetch_job_report_limit (self->job);
  g_error_free (error);
  if (self->state == STATE_WATCHING
      && g_get_monotonic_time () - self->watching_us
             >= POSTSEAL_RETRY_STEADY_MS * G_TIME_SPAN_MILLISECOND)
    postseal_backoff_reset (&self->backoff);
  disconnect (self);
  if (is_back_soon)
    rest (self);
  self->state = is_back_soon ? STATE_RESTING : STATE_GIVEN_UP;
  self->handler->changed (self, self->user_data);
}

/* --- the conversation: sign in, open, wait, and wait again --- */

static void wait_for_news (FetchSentinel *self);

static void
on_idle (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchSentinel *self = user_data;
  GError *error = NULL;
  gboolean is_well
      = postseal_imap_session_idle_finish (POSTSEAL_IMAP_SESSION (source), result, &error);

  if (self->state == STATE_OVER)
    g_clear_error (&error);
  else if (!is_well)
    fail (self, error);
  else
    {
      wait_for_news (self);
      self->handler->news (self, NULL, self->user_data);
    }
  let_go (self);
}

static void
wait_for_news (FetchSentinel *self)
{
  postseal_imap_session_idle_async (self->session, POSTSEAL_LIMIT_IDLE_MS, self->cancellable,
                                    on_idle, hold (self));
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchSentinel *self = user_data;
  GError *error = NULL;
  PostsealImapStatus *status
      = postseal_imap_session_select_finish (POSTSEAL_IMAP_SESSION (source), result, &error);

  if (self->state == STATE_OVER)
    g_clear_error (&error);
  else if (status == NULL)
    fail (self, error);
  else
    {
      wait_for_news (self);
      self->state = STATE_WATCHING;
      self->watching_us = g_get_monotonic_time ();
      self->handler->changed (self, self->user_data);
      self->handler->news (self, status, self->user_data);
    }
  g_clear_pointer (&status, postseal_imap_status_free);
  let_go (self);
}

static void
on_logged_in (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchSentinel *self = user_data;
  GError *error = NULL;
  gboolean is_well
      = postseal_imap_session_login_finish (POSTSEAL_IMAP_SESSION (source), result, &error);

  release_latches (self);
  if (self->state == STATE_OVER)
    g_clear_error (&error);
  else if (!is_well)
    fail (self, error);
  else
    {
      g_clear_pointer (&self->auth, postseal_authenticator_unref);
      postseal_imap_session_select_async (self->session, self->name, TRUE, NULL, self->cancellable,
                                          on_opened, hold (self));
    }
  let_go (self);
}

/* Takes @link. */
static void
sign_in (FetchSentinel *self, PostsealSealedLink *link)
{
  PostsealAccount *account = self->job->account;

  self->session = postseal_imap_session_new (link, account->timeout_ms, NULL);
  self->auth = _postseal_fetch_job_make_authenticator (self->job);
  postseal_imap_session_login_async (self->session, self->auth, account->compress,
                                     self->cancellable, on_logged_in, hold (self));
}

static void
on_dialled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchSentinel *self = user_data;
  GError *error = NULL;
  PostsealSealedLink *link = _postseal_job_access_dial_finish (self->job->account, FALSE,
                                                               self->job->counts, result, &error);

  if (link != NULL && self->state != STATE_OVER)
    sign_in (self, link);
  else
    release_latches (self);
  if (link != NULL && self->state == STATE_OVER)
    postseal_sealed_link_free (link);
  else if (link == NULL && self->state == STATE_OVER)
    g_error_free (error);
  else if (link == NULL)
    fail (self, error);
  let_go (self);
}

static void
connect_again (FetchSentinel *self)
{
  PostsealFetchJob *job = self->job;

  if (!take_connection (self))
    {
      self->state = STATE_GIVEN_UP;
      return;
    }
  self->holds_latches = _postseal_fetch_job_hold_latches (job);
  if (!self->holds_latches)
    {
      self->state = STATE_WAITING;
      return;
    }
  self->state = STATE_CONNECTING;
  _postseal_job_access_dial_async (job->account, FALSE, job->latches, NULL, self->cancellable,
                                   on_dialled, hold (self));
}

/* --- its owner's side --- */

FetchSentinel *
_postseal_fetch_sentinel_new (PostsealFetchJob *job,
                              const PostsealImapMailbox *mailbox,
                              const FetchSentinelHandler *handler,
                              gpointer user_data)
{
  const PostsealBackoff backoff
      = POSTSEAL_BACKOFF_INIT (POSTSEAL_LIMIT_TROUBLE_FIRST_MS, POSTSEAL_LIMIT_TROUBLE_LONGEST_MS);
  FetchSentinel *self = g_rc_box_new0 (FetchSentinel);

  self->job = g_object_ref (job);
  self->name = g_strdup (mailbox->name);
  self->title = g_strdup (mailbox->title);
  self->handler = handler;
  self->user_data = user_data;
  self->backoff = backoff;
  self->cancellable = g_cancellable_new ();
  connect_again (self);
  return self;
}

void
_postseal_fetch_sentinel_free (FetchSentinel *self)
{
  self->state = STATE_OVER;
  if (self->rest != NULL)
    g_source_destroy (self->rest);
  g_clear_pointer (&self->rest, g_source_unref);
  if (self->session == NULL)
    g_cancellable_cancel (self->cancellable);
  disconnect (self);
  let_go (self);
}

const char *
_postseal_fetch_sentinel_get_title (FetchSentinel *self)
{
  return self->title;
}

const char *
_postseal_fetch_sentinel_get_name (FetchSentinel *self)
{
  return self->name;
}

gboolean
_postseal_fetch_sentinel_is_watching (FetchSentinel *self)
{
  return self->state == STATE_WATCHING;
}

gboolean
_postseal_fetch_sentinel_has_given_up (FetchSentinel *self)
{
  return self->state == STATE_GIVEN_UP;
}

void
_postseal_fetch_sentinel_resume (FetchSentinel *self)
{
  if (self->state == STATE_WAITING)
    connect_again (self);
}

static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) ignored = NULL; /* what is under way has heard it */

  postseal_imap_session_probe_finish (POSTSEAL_IMAP_SESSION (source), result, &ignored);
}

void
_postseal_fetch_sentinel_probe (FetchSentinel *self, guint limit_ms)
{
  if (self->state == STATE_WATCHING)
    postseal_imap_session_probe_async (self->session, limit_ms, NULL, on_probed, NULL);
  else if (self->state == STATE_RESTING)
    {
      /* What failed before may work now. */
      g_source_destroy (self->rest);
      g_clear_pointer (&self->rest, g_source_unref);
      postseal_backoff_reset (&self->backoff);
      rest (self);
    }
}
