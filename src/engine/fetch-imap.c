/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The IMAP conversation of one retrieval run: which mailboxes have work, and each of those in turn.
 */
#include "engine/fetch-imap-private.h"

#include <glib/gi18n-lib.h>

#include "mail/ledger.h"

struct _FetchImap
{
  PostsealFetchJob *job; /* owned */
  PostsealImapSession *session; /* owned */
  PostsealAuthenticator *auth; /* owned */
  GPtrArray *mailboxes; /* owned (element-type PostsealImapMailbox) */
  GPtrArray *waiting; /* owned (element-type Visit): mailboxes that may have work */
  guint questions; /* STATUS and ledger answers still to come */
};

static void visit_next (FetchImap *self);

static void
clear_fetch_imap (gpointer data)
{
  FetchImap *self = data;

  g_clear_object (&self->session);
  g_clear_pointer (&self->auth, postseal_authenticator_unref);
  g_clear_pointer (&self->mailboxes, g_ptr_array_unref);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  g_clear_object (&self->job);
}

static FetchImap *
ref_fetch_imap (FetchImap *self)
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

static void
conclude (FetchImap *self)
{
  const GPtrArray *alerts = postseal_imap_session_get_alerts (self->session);

  for (guint i = 0; alerts != NULL && i < alerts->len; i++)
    _postseal_fetch_job_note (self->job, _ ("The server says: “%s”"),
                              (const char *)g_ptr_array_index (alerts, i));
  postseal_imap_session_logout (self->session);
  _postseal_fetch_job_conclude (self->job);
}

static void
conclude_with (FetchImap *self, GError *error)
{
  _postseal_fetch_job_take_error (self->job, error);
  conclude (self);
}

/* --- one mailbox after the other --- */

typedef struct
{
  const PostsealImapMailbox *mailbox; /* borrowed: from FetchImap.mailboxes */
  gboolean is_known; /* the ledger has it */
  gboolean has_due_work; /* the ledger has retries or deletions for it */
  guint32 uid_validity; /* the ledger's */
  guint32 next_uid; /* the ledger's */
  PostsealImapStatus *status; /* owned, nullable: not asked for a single mailbox */
} Visit;

static void
free_visit (gpointer data)
{
  Visit *visit = data;

  g_clear_pointer (&visit->status, postseal_imap_status_free);
  g_free (visit);
}

static gboolean
visit_has_work (const Visit *visit)
{
  const PostsealImapStatus *status = visit->status;

  if (status == NULL || !visit->is_known || visit->has_due_work)
    return TRUE;
  return status->uid_next == 0 || status->uid_validity != visit->uid_validity
         || status->uid_next != visit->next_uid;
}

void
_postseal_fetch_imap_mailbox_done (FetchImap *self, gboolean is_alive)
{
  if (!is_alive)
    conclude (self);
  else
    visit_next (self);
  _postseal_fetch_imap_unref (self);
}

static void
visit_next (FetchImap *self)
{
  while (self->waiting->len > 0)
    {
      Visit *visit = g_ptr_array_steal_index (self->waiting, 0);
      gboolean has_work = visit_has_work (visit);
      const PostsealImapMailbox *mailbox = visit->mailbox;

      free_visit (visit);
      if (has_work)
        {
          _postseal_fetch_imap_visit (ref_fetch_imap (self), mailbox);
          return;
        }
    }
  conclude (self);
}

/* --- what is worth a visit: STATUS of all in one flight, held against the ledger --- */

typedef struct
{
  FetchImap *imap; /* owned */
  Visit *visit; /* borrowed: from FetchImap.waiting */
} Question;

static Question *
ask (FetchImap *self, Visit *visit)
{
  Question *question = g_new (Question, 1);

  question->imap = ref_fetch_imap (self);
  question->visit = visit;
  self->questions++;
  return question;
}

static void
answer (Question *question)
{
  FetchImap *self = question->imap;

  g_free (question);
  if (--self->questions == 0)
    visit_next (self);
  _postseal_fetch_imap_unref (self);
}

static void
on_peeked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  Visit *visit = question->visit;
  g_autoptr (GError) error = NULL;

  /* An error shows again, and better, when the mailbox is opened. */
  if (postseal_delivery_peek_mailbox_finish (question->imap->job->delivery, result,
                                             &visit->uid_validity, &visit->next_uid,
                                             &visit->has_due_work, &error))
    visit->is_known = visit->next_uid != 0;
  answer (question);
}

static void
on_status (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (GError) error = NULL;

  /* Likewise: SELECT tells what is wrong with it. */
  question->visit->status
      = postseal_imap_session_status_finish (question->imap->session, result, &error);
  answer (question);
}

static void
plan_visits (FetchImap *self)
{
  PostsealFetchJob *job = self->job;
  gboolean is_single;

  for (guint i = 0; i < self->mailboxes->len; i++)
    {
      PostsealImapMailbox *mailbox = g_ptr_array_index (self->mailboxes, i);
      Visit *visit;

      if (!mailbox->is_selectable)
        {
          _postseal_fetch_job_take_error (
              job, g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_GONE,
                                _ ("Account %s: there is no mailbox “%s” on %s; see the key "
                                   "“folders”"),
                                job->account->name, mailbox->title, job->account->receive->host));
          continue;
        }
      visit = g_new0 (Visit, 1);
      visit->mailbox = mailbox;
      g_ptr_array_add (self->waiting, visit);
    }

  /* One mailbox is selected without asking: SELECT says as much as STATUS. */
  is_single = self->waiting->len <= 1;
  self->questions = 1;
  for (guint i = 0; !is_single && i < self->waiting->len; i++)
    {
      Visit *visit = g_ptr_array_index (self->waiting, i);
      g_autofree char *ledger_name
          = _postseal_fetch_job_get_ledger_name (job, visit->mailbox->title);

      postseal_imap_session_status_async (self->session, visit->mailbox->name, NULL, on_status,
                                          ask (self, visit));
      postseal_delivery_peek_mailbox_async (job->delivery, ledger_name,
                                            _postseal_fetch_job_get_due_before (job), NULL,
                                            on_peeked, ask (self, visit));
    }
  if (--self->questions == 0)
    visit_next (self);
}

/* --- signing in, and which mailboxes there are --- */

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
      self->mailboxes = mailboxes;
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
on_logged_in (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchImap *self = user_data;
  char **folders = self->job->account->folders;
  GError *error = NULL;

  if (!postseal_imap_session_login_finish (self->session, result, &error))
    conclude_with (self, error);
  else if (g_strv_length (folders) == 1 && g_ascii_strcasecmp (folders[0], "INBOX") == 0)
    {
      self->mailboxes = make_inbox_only ();
      plan_visits (self);
    }
  else
    {
      _postseal_fetch_job_set_activity (self->job, "listing", NULL);
      postseal_imap_session_list_async (self->session, (const char *const *)folders, NULL,
                                        on_listed, ref_fetch_imap (self));
    }
  _postseal_fetch_imap_unref (self);
}

void
_postseal_fetch_imap_start (PostsealFetchJob *job, PostsealSealedLink *link)
{
  FetchImap *self = g_rc_box_new0 (FetchImap);

  self->job = g_object_ref (job);
  self->waiting = g_ptr_array_new_with_free_func (free_visit);
  self->session = postseal_imap_session_new (link, job->account->timeout_ms, job->transcript);
  self->auth = _postseal_fetch_job_make_authenticator (job);
  if (self->auth == NULL)
    conclude (self);
  else
    postseal_imap_session_login_async (self->session, self->auth, job->account->compress,
                                       g_task_get_cancellable (job->task), on_logged_in,
                                       ref_fetch_imap (self));
  _postseal_fetch_imap_unref (self);
}
