/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/fetch-plan-private.h"

/* All questions of one round. */
typedef struct
{
  FetchImap *imap; /* owned */
  guint n_open;
  void (*func) (FetchImap *imap);
} Inquiry;

typedef struct
{
  Inquiry *inquiry; /* borrowed: lives until its questions are answered */
  FetchPlan *plan; /* borrowed */
} Question;

void
_postseal_fetch_plan_free (FetchPlan *self)
{
  g_clear_pointer (&self->status, postseal_imap_status_free);
  g_free (self);
}

gboolean
_postseal_fetch_plan_has_work (const FetchPlan *self)
{
  const PostsealImapStatus *status = self->status;

  if (!self->is_asked || status == NULL || !self->is_known || self->has_due_work)
    return TRUE;
  return status->uid_next == 0 || status->uid_validity != self->uid_validity
         || status->uid_next != self->next_uid;
}

static void
close_question (Inquiry *inquiry)
{
  if (--inquiry->n_open > 0)
    return;
  inquiry->func (inquiry->imap);
  _postseal_fetch_imap_unref (inquiry->imap);
  g_free (inquiry);
}

static Question *
ask (Inquiry *inquiry, FetchPlan *plan)
{
  Question *question = g_new (Question, 1);

  question->inquiry = inquiry;
  question->plan = plan;
  inquiry->n_open++;
  return question;
}

static void
on_peeked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  FetchPlan *plan = question->plan;
  g_autoptr (GError) error = NULL;

  /* An error shows again, and better, when the mailbox is opened. */
  if (postseal_delivery_peek_mailbox_finish (POSTSEAL_DELIVERY (source), result,
                                             &plan->uid_validity, &plan->next_uid,
                                             &plan->has_due_work, &error))
    plan->is_known = plan->next_uid != 0;
  close_question (question->inquiry);
}

static void
on_status (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (GError) error = NULL;

  /* Likewise: SELECT tells what is wrong with it. */
  question->plan->status
      = postseal_imap_session_status_finish (POSTSEAL_IMAP_SESSION (source), result, &error);
  close_question (question->inquiry);
}

void
_postseal_fetch_plan_ask (FetchImap *imap, GPtrArray *plans, void (*func) (FetchImap *imap))
{
  PostsealFetchJob *job = _postseal_fetch_imap_get_job (imap);
  Inquiry *inquiry = g_new0 (Inquiry, 1);

  inquiry->imap = _postseal_fetch_imap_ref (imap);
  inquiry->func = func;
  inquiry->n_open = 1;
  for (guint i = 0; i < plans->len; i++)
    {
      FetchPlan *plan = g_ptr_array_index (plans, i);
      const PostsealImapMailbox *mailbox = plan->box->mailbox;
      g_autofree char *ledger_name = NULL;

      if (!plan->is_asked)
        continue;
      ledger_name = _postseal_fetch_job_get_ledger_name (job, mailbox->title);
      postseal_imap_session_status_async (_postseal_fetch_imap_get_session (imap), mailbox->name,
                                          NULL, on_status, ask (inquiry, plan));
      postseal_delivery_peek_mailbox_async (job->delivery, ledger_name,
                                            _postseal_fetch_job_get_due_before (job), NULL,
                                            on_peeked, ask (inquiry, plan));
    }
  close_question (inquiry);
}
