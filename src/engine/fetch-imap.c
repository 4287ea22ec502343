/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The IMAP conversation of one retrieval run: signing in, then rounds of visits to the mailboxes
   that have work. */
#include "engine/fetch-imap-private.h"

#include <glib/gi18n-lib.h>

#include "engine/fetch-plan-private.h"
#include "engine/fetch-watch-private.h"

/* A server that always has news of nothing, or ends each wait at once, must not keep us asking. */
#define MOST_FRUITLESS 20
#define AT_ONCE_US G_USEC_PER_SEC

typedef enum
{
  STATE_SIGNING_IN,
  STATE_ROUND,
  STATE_WAITING,
  STATE_OVER,
} State;

struct _FetchImap
{
  PostsealFetchJob *job; /* owned */
  PostsealImapSession *session; /* owned */
  PostsealAuthenticator *auth; /* owned */
  State state;
  GPtrArray *boxes; /* owned (element-type FetchBox) */
  GPtrArray *plans; /* owned (element-type FetchPlan): what is left of this round */
  FetchScope scope; /* of this round */
  FetchScope wanted; /* of the next, as far as is known */
  PostsealMailboxVisit *visit; /* owned, nullable: under way, or the last one */
  FetchBox *visited; /* borrowed from boxes, nullable: what it is of */
  FetchWatch *watch; /* owned, nullable: the job stays */
  guint n_alerts; /* told */
  guint n_fruitless; /* looks in a row that followed each other at once and brought nothing */
  guint64 brought; /* by this round, up to the last look */
  gint64 ended_us; /* the last round, monotonic; 0: none has */
  gboolean is_at_once; /* this round followed it */
};

static void visit_next (FetchImap *self);
static void end_round (FetchImap *self);

static void
free_box (gpointer data)
{
  FetchBox *box = data;

  postseal_imap_mailbox_free (box->mailbox);
  g_free (box);
}

static void
free_plan (gpointer data)
{
  _postseal_fetch_plan_free (data);
}

static void
clear_fetch_imap (gpointer data)
{
  FetchImap *self = data;

  g_clear_pointer (&self->visit, _postseal_mailbox_visit_free);
  g_clear_object (&self->session);
  g_clear_pointer (&self->auth, postseal_authenticator_unref);
  g_clear_pointer (&self->plans, g_ptr_array_unref);
  g_clear_pointer (&self->boxes, g_ptr_array_unref);
  g_clear_object (&self->job);
}

FetchImap *
_postseal_fetch_imap_ref (FetchImap *self)
{
  return g_rc_box_acquire (self);
}

void
_postseal_fetch_imap_unref (FetchImap *self)
{
  g_rc_box_release_full (self, clear_fetch_imap);
}

PostsealFetchJob *
_postseal_fetch_imap_get_job (FetchImap *self)
{
  return self->job;
}

PostsealImapSession *
_postseal_fetch_imap_get_session (FetchImap *self)
{
  return self->session;
}

const GPtrArray *
_postseal_fetch_imap_get_boxes (FetchImap *self)
{
  return self->boxes;
}

FetchBox *
_postseal_fetch_imap_get_home (FetchImap *self)
{
  for (guint i = 0; i < self->boxes->len; i++)
    {
      FetchBox *box = g_ptr_array_index (self->boxes, i);

      if (box->mailbox->is_selectable && !box->is_shut)
        return box;
    }
  return NULL;
}

FetchWatch *
_postseal_fetch_imap_get_watch (FetchImap *self)
{
  return self->watch;
}

static void
note_alerts (FetchImap *self)
{
  const GPtrArray *alerts = postseal_imap_session_get_alerts (self->session);

  for (; alerts != NULL && self->n_alerts < alerts->len; self->n_alerts++)
    _postseal_fetch_job_note (self->job, _ ("The server says: “%s”"),
                              (const char *)g_ptr_array_index (alerts, self->n_alerts));
}

static void
conclude (FetchImap *self)
{
  if (self->state == STATE_OVER)
    return;
  self->state = STATE_OVER;
  note_alerts (self);
  g_clear_pointer (&self->watch, _postseal_fetch_watch_free);
  postseal_imap_session_logout (self->session);
  _postseal_fetch_job_conclude (self->job);
  _postseal_fetch_imap_unref (self); /* the conversation's */
}

static void
conclude_with (FetchImap *self, GError *error)
{
  _postseal_fetch_job_take_fatal (self->job, error);
  conclude (self);
}

static void
count_look (FetchImap *self, gboolean is_at_once)
{
  guint64 brought = self->job->progress.messages_done + self->job->progress.deleted;

  self->n_fruitless = is_at_once && brought == self->brought ? self->n_fruitless + 1 : 0;
  self->brought = brought;
}

/* --- one mailbox after the other --- */

static gboolean
is_open (FetchImap *self, const FetchBox *box)
{
  return self->visit != NULL && self->visited == box
         && _postseal_mailbox_visit_is_open (self->visit, NULL, NULL);
}

static void
visit (FetchImap *self, FetchBox *box)
{
  box->has_news = FALSE;
  if (self->scope != POSTSEAL_FETCH_WHOLE && is_open (self, box))
    {
      _postseal_mailbox_visit_repeat (self->visit);
      return;
    }
  g_clear_pointer (&self->visit, _postseal_mailbox_visit_free);
  self->visited = box;
  self->visit = _postseal_mailbox_visit_new (self, box->mailbox);
}

void
_postseal_fetch_imap_mailbox_done (FetchImap *self, gboolean is_alive)
{
  FetchBox *box = self->visited;
  gboolean is_stale;

  box->is_shut = !_postseal_mailbox_visit_is_open (self->visit, &box->uid_validity, &box->next_uid);
  is_stale = self->job->stays && !box->is_shut && _postseal_mailbox_visit_is_stale (self->visit);
  if (is_stale)
    count_look (self, TRUE);
  if (!is_alive || self->job->is_leaving)
    conclude (self);
  else if (is_stale && self->n_fruitless <= MOST_FRUITLESS)
    _postseal_mailbox_visit_repeat (self->visit);
  else
    visit_next (self);
}

static void
visit_next (FetchImap *self)
{
  if (self->job->is_leaving)
    {
      conclude (self);
      return;
    }
  while (self->plans->len > 0)
    {
      FetchPlan *plan = g_ptr_array_steal_index (self->plans, 0);
      gboolean has_work = _postseal_fetch_plan_has_work (plan);
      FetchBox *box = plan->box;

      if (!has_work)
        {
          box->uid_validity = plan->uid_validity;
          box->next_uid = plan->next_uid;
        }
      free_plan (plan);
      if (has_work)
        {
          visit (self, box);
          return;
        }
    }
  end_round (self);
}

/* --- rounds --- */

static gboolean
is_in_scope (FetchImap *self, const FetchBox *box)
{
  switch (self->scope)
    {
    case POSTSEAL_FETCH_POLL:
      return box->has_news || self->watch == NULL
             || !_postseal_fetch_watch_covers (self->watch, box);
    case POSTSEAL_FETCH_WHOLE:
      return TRUE;
    case POSTSEAL_FETCH_NEWS:
    default:
      return box->has_news;
    }
}

static void
plan_box (FetchImap *self, FetchBox *box)
{
  PostsealFetchJob *job = self->job;
  FetchPlan *plan;

  if (!box->mailbox->is_selectable && self->scope != POSTSEAL_FETCH_WHOLE)
    return;
  if (!box->mailbox->is_selectable)
    {
      _postseal_fetch_job_take_error (
          job, g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_GONE,
                            _ ("Account %s: there is no mailbox “%s” on %s; see the key "
                               "“folders”"),
                            job->account->name, box->mailbox->title, job->account->receive->host));
      return;
    }
  plan = g_new0 (FetchPlan, 1);
  plan->box = box;
  /* Never STATUS of the open one (RFC 9051 section 6.3.11): SELECT says as much. */
  plan->is_asked = !box->has_news && !is_open (self, box);
  g_ptr_array_add (self->plans, plan);
}

static void
plan_visits (FetchImap *self)
{
  g_ptr_array_set_size (self->plans, 0);
  for (guint i = 0; i < self->boxes->len; i++)
    {
      FetchBox *box = g_ptr_array_index (self->boxes, i);

      if (is_in_scope (self, box))
        plan_box (self, box);
      box->is_shut = FALSE;
    }
  /* A single one is selected without asking, likewise. */
  if (self->scope == POSTSEAL_FETCH_WHOLE && self->plans->len == 1)
    ((FetchPlan *)g_ptr_array_index (self->plans, 0))->is_asked = FALSE;
  _postseal_fetch_plan_ask (self, self->plans, visit_next);
}

static void list_mailboxes (FetchImap *self);

static void
begin_round (FetchImap *self)
{
  self->state = STATE_ROUND;
  self->scope = self->wanted;
  self->wanted = POSTSEAL_FETCH_NEWS;
  self->brought = 0;
  self->is_at_once = self->ended_us != 0 && g_get_monotonic_time () - self->ended_us < AT_ONCE_US;
  _postseal_fetch_job_begin_round (self->job);
  /* Whoever asks from here on asks for the next one. */
  _postseal_fetch_job_set_activity (self->job, "listing", NULL);
  if (self->scope == POSTSEAL_FETCH_WHOLE)
    list_mailboxes (self);
  else
    plan_visits (self);
}

static gboolean
has_news (FetchImap *self)
{
  for (guint i = 0; i < self->boxes->len; i++)
    if (((FetchBox *)g_ptr_array_index (self->boxes, i))->has_news)
      return TRUE;
  return FALSE;
}

/* After a round, or a wait. */
static void
go_on (FetchImap *self)
{
  if (self->job->is_leaving)
    conclude (self);
  else if (self->wanted != POSTSEAL_FETCH_NEWS || has_news (self))
    begin_round (self);
  else if (self->watch != NULL)
    {
      self->state = STATE_WAITING;
      _postseal_fetch_watch_wait (self->watch);
    }
  else
    conclude (self);
}

/* It is asked at intervals then. */
static gboolean
is_restless (FetchImap *self)
{
  if (self->n_fruitless <= MOST_FRUITLESS)
    return FALSE;
  _postseal_fetch_job_note (self->job,
                            _ ("The server %s tells of news again and again where there are none; "
                               "it is asked at intervals instead"),
                            self->job->account->receive->host);
  return TRUE;
}

/* A job that stays waits in the first mailbox that can be opened. */
static void
end_round (FetchImap *self)
{
  FetchBox *home = _postseal_fetch_imap_get_home (self);

  if (self->watch != NULL && home == NULL)
    g_clear_pointer (&self->watch, _postseal_fetch_watch_free);
  if (self->watch != NULL && !is_open (self, home))
    {
      visit (self, home);
      return;
    }
  if (self->n_fruitless <= MOST_FRUITLESS)
    count_look (self, self->is_at_once);
  if ((self->watch == NULL && self->wanted == POSTSEAL_FETCH_NEWS) || is_restless (self))
    {
      conclude (self); /* tells of the last round, too */
      return;
    }
  self->ended_us = g_get_monotonic_time ();
  note_alerts (self);
  _postseal_fetch_job_end_round (self->job, self->scope == POSTSEAL_FETCH_WHOLE);
  go_on (self);
}

/* --- news --- */

void
_postseal_fetch_imap_want (FetchImap *self, FetchScope scope)
{
  self->wanted = MAX (self->wanted, scope);
  if (self->state == STATE_WAITING)
    _postseal_fetch_watch_wake (self->watch);
}

static FetchBox *
find_box (FetchImap *self, const char *name)
{
  for (guint i = 0; i < self->boxes->len; i++)
    {
      FetchBox *box = g_ptr_array_index (self->boxes, i);

      if (g_str_equal (box->mailbox->name, name)
          || (g_ascii_strcasecmp (name, "INBOX") == 0
              && g_ascii_strcasecmp (box->mailbox->name, "INBOX") == 0))
        return box;
    }
  return NULL;
}

void
_postseal_fetch_imap_take_news (FetchImap *self, const char *name, const PostsealImapStatus *status)
{
  FetchBox *box = find_box (self, name);

  if (box == NULL || !box->mailbox->is_selectable
      || (status != NULL && status->uid_next != 0 && status->uid_next == box->next_uid
          && (status->uid_validity == 0 || status->uid_validity == box->uid_validity)))
    return;
  box->has_news = TRUE;
  _postseal_fetch_imap_want (self, POSTSEAL_FETCH_NEWS);
}

void
_postseal_fetch_imap_woke (FetchImap *self, GError *error)
{
  FetchBox *home = self->visited;

  if (error != NULL)
    {
      conclude_with (self, error);
      return;
    }
  /* When nobody else woke it, it was the open mailbox. */
  if ((self->wanted == POSTSEAL_FETCH_NEWS && !has_news (self))
      || _postseal_mailbox_visit_is_stale (self->visit))
    home->has_news = TRUE;
  go_on (self);
}

void
_postseal_fetch_imap_give_up_waiting (FetchImap *self)
{
  conclude (self);
}

/* --- which mailboxes there are --- */

static FetchBox *
take_box (GPtrArray *boxes, const char *title)
{
  for (guint i = 0; i < boxes->len; i++)
    {
      FetchBox *box = g_ptr_array_index (boxes, i);

      if (g_str_equal (box->mailbox->title, title))
        return g_ptr_array_steal_index (boxes, i);
    }
  return g_new0 (FetchBox, 1);
}

/* What is known of those that were there before stays known. */
static void
take_mailboxes (FetchImap *self, GPtrArray *mailboxes)
{
  GPtrArray *boxes = g_ptr_array_new_with_free_func (free_box);

  for (guint i = 0; i < mailboxes->len; i++)
    {
      PostsealImapMailbox *mailbox = g_ptr_array_index (mailboxes, i);
      FetchBox *box = take_box (self->boxes, mailbox->title);

      g_clear_pointer (&box->mailbox, postseal_imap_mailbox_free);
      box->mailbox = mailbox;
      g_ptr_array_add (boxes, box);
    }
  g_ptr_array_set_free_func (mailboxes, NULL);
  g_ptr_array_unref (mailboxes);
  if (self->visited != NULL && !g_ptr_array_find (boxes, self->visited, NULL))
    {
      g_clear_pointer (&self->visit, _postseal_mailbox_visit_free);
      self->visited = NULL;
    }
  g_ptr_array_unref (self->boxes);
  self->boxes = boxes;
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchImap *self = user_data;
  GError *error = NULL;
  GPtrArray *mailboxes = postseal_imap_session_list_finish (self->session, result, &error);

  if (mailboxes == NULL)
    conclude_with (self, error);
  else
    {
      take_mailboxes (self, mailboxes);
      if (self->watch != NULL)
        _postseal_fetch_watch_prepare (self->watch);
      plan_visits (self);
    }
  _postseal_fetch_imap_unref (self);
}

/* Everybody has an INBOX (RFC 9051 section 5.1): no need to ask for it. */
static GPtrArray *
make_inbox_only (void)
{
  GPtrArray *mailboxes
      = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_imap_mailbox_free);
  PostsealImapMailbox *inbox = g_new0 (PostsealImapMailbox, 1);

  inbox->name = g_strdup ("INBOX");
  inbox->title = g_strdup ("INBOX");
  inbox->is_selectable = TRUE;
  g_ptr_array_add (mailboxes, inbox);
  return mailboxes;
}

static void
list_mailboxes (FetchImap *self)
{
  char **folders = self->job->account->folders;

  if (g_strv_length (folders) == 1 && g_ascii_strcasecmp (folders[0], "INBOX") == 0)
    {
      take_mailboxes (self, make_inbox_only ());
      plan_visits (self);
      return;
    }
  _postseal_fetch_job_set_activity (self->job, "listing", NULL);
  postseal_imap_session_list_async (self->session, (const char *const *)folders, FALSE,
                                    self->job->cancellable, on_listed,
                                    _postseal_fetch_imap_ref (self));
}

/* --- what it can be told --- */

static void
look (gpointer data)
{
  FetchImap *self = data;

  self->n_fruitless = 0; /* somebody wants it so */
  if (self->state != STATE_SIGNING_IN)
    _postseal_fetch_imap_want (self, POSTSEAL_FETCH_WHOLE);
}

/* Ends what is under way at once, unless that is messages. */
static void
leave (gpointer data)
{
  FetchImap *self = data;

  if (self->state == STATE_SIGNING_IN)
    g_cancellable_cancel (self->job->cancellable);
  else if (self->visit == NULL || !_postseal_mailbox_visit_is_streaming (self->visit))
    postseal_imap_session_logout (self->session);
}

static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) ignored = NULL; /* what is under way has heard it */

  postseal_imap_session_probe_finish (POSTSEAL_IMAP_SESSION (source), result, &ignored);
}

static void
probe (gpointer data, guint limit_ms)
{
  FetchImap *self = data;

  if (self->state == STATE_SIGNING_IN)
    return;
  postseal_imap_session_probe_async (self->session, limit_ms, NULL, on_probed, NULL);
  if (self->watch != NULL)
    _postseal_fetch_watch_probe (self->watch, limit_ms);
}

static void
resume (gpointer data)
{
  FetchImap *self = data;

  if (self->watch != NULL)
    _postseal_fetch_watch_resume (self->watch);
}

static const PostsealFetchConversation imap_conversation = {
  .look = look,
  .leave = leave,
  .probe = probe,
  .resume = resume,
};

/* --- the beginning --- */

static void
on_logged_in (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchImap *self = user_data;
  GError *error = NULL;

  if (!postseal_imap_session_login_finish (self->session, result, &error))
    conclude_with (self, error);
  else
    {
      if (self->job->stays && postseal_imap_session_has_capability (self->session, "IDLE"))
        self->watch = _postseal_fetch_watch_new (self);
      _postseal_fetch_job_keep_latches (self->job);
      self->wanted = POSTSEAL_FETCH_WHOLE;
      begin_round (self);
    }
  _postseal_fetch_imap_unref (self);
}

void
_postseal_fetch_imap_start (PostsealFetchJob *job, PostsealSealedLink *link)
{
  FetchImap *self = g_rc_box_new0 (FetchImap);

  self->job = g_object_ref (job);
  self->boxes = g_ptr_array_new_with_free_func (free_box);
  self->plans = g_ptr_array_new_with_free_func (free_plan);
  self->session = postseal_imap_session_new (link, job->account->timeout_ms, job->transcript);
  self->auth = _postseal_fetch_job_make_authenticator (job);
  _postseal_fetch_job_set_conversation (job, &imap_conversation, self);
  if (self->auth == NULL)
    conclude (self);
  else
    postseal_imap_session_login_async (self->session, self->auth, job->account->compress,
                                       job->cancellable, on_logged_in,
                                       _postseal_fetch_imap_ref (self));
}
