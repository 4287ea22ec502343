/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a sender wants of the outbox besides sending; in worker threads. */
#include "engine/sender-private.h"

#include "base/paths.h"
#include "engine/outbox-service.h"

/* --- changing it --- */

typedef struct
{
  char *account; /* owned */
  guint amendments;
  PostsealSeal *seal; /* owned: result */
} Amending;

static void
free_amending (gpointer data)
{
  Amending *self = data;

  g_free (self->account);
  g_clear_pointer (&self->seal, postseal_seal_unref);
  g_free (self);
}

/* Of the message that left last. Returns: (transfer full) (nullable) */
static PostsealSeal *
recall_seal (PostsealOutbox *outbox, const char *account)
{
  g_auto (GStrv) ids = postseal_outbox_list (outbox, account, POSTSEAL_OUTBOX_DONE, 0, NULL, NULL);
  g_autoptr (PostsealOutboxEntry) entry = NULL;

  if (ids != NULL && ids[0] != NULL)
    entry = postseal_outbox_load (outbox, ids[0], NULL);
  return entry != NULL && entry->seal != NULL ? postseal_seal_parse (entry->seal) : NULL;
}

/* What cannot be changed now shows when it is sent. */
static void
amend (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Amending *self = task_data;
  g_autofree char *directory = postseal_paths_outbox_dir ();
  g_autoptr (PostsealOutbox) outbox = NULL;

  if (g_file_test (directory, G_FILE_TEST_IS_DIR))
    outbox = postseal_outbox_open (NULL);
  if (outbox != NULL)
    {
      if ((self->amendments & SENDER_LIFTS) != 0
          && postseal_outbox_get_pause (outbox, self->account, NULL, NULL, NULL) != 0)
        postseal_outbox_pause_account (outbox, self->account, 0, NULL, NULL);
      if ((self->amendments & SENDER_HASTENS) != 0)
        postseal_outbox_hasten (outbox, self->account, NULL);
      if ((self->amendments & SENDER_RECALLS) != 0)
        self->seal = recall_seal (outbox, self->account);
    }
  g_task_return_boolean (task, TRUE);
}

static void
on_amended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSender) self = user_data;
  Amending *amending = g_task_get_task_data (G_TASK (result));

  if (amending->seal != NULL && self->seal == NULL)
    {
      self->seal = g_steal_pointer (&amending->seal);
      g_object_set (self->status, "send-seal", postseal_seal_to_variant (self->seal), NULL);
    }
  self->phase = SENDER_RESTS;
  self->wants_look = TRUE;
  _postseal_sender_pump (self);
}

void
_postseal_sender_amend (PostsealSender *self)
{
  Amending *amending = g_new0 (Amending, 1);
  /* The thread may be the last to let go of the task, and the sender is not to end there. */
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_amended, g_object_ref (self));

  amending->account = g_strdup (self->account->name);
  amending->amendments = self->amendments;
  self->amendments = 0;
  self->phase = SENDER_AMENDS;
  g_task_set_source_tag (task, _postseal_sender_amend);
  g_task_set_task_data (task, amending, free_amending);
  g_task_run_in_thread (task, amend);
}

/* --- looking at it --- */

static void
take_survey (PostsealSender *self, const GPtrArray *works)
{
  guint waiting = 0;
  guint failed = 0;

  self->next_due = -1;
  for (guint i = 0; i < works->len; i++)
    {
      const PostsealOutboxWork *work = g_ptr_array_index (works, i);

      if (g_strcmp0 (work->account, self->account->name) != 0)
        continue;
      self->next_due = work->next_due;
      waiting = work->waiting;
      failed = work->failed;
    }
  g_object_set (self->status, "waiting", waiting, "failed", failed, NULL);
}

static void
on_surveyed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSender) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) works = postseal_outbox_survey_finish (result, &error);

  self->phase = SENDER_RESTS;
  if (works != NULL)
    take_survey (self, works);
  /* Sending would fare no better, and tell it. */
  _postseal_sender_pump (self);
}

void
_postseal_sender_look (PostsealSender *self)
{
  self->wants_look = FALSE;
  self->phase = SENDER_LOOKS;
  postseal_outbox_survey_async (NULL, on_surveyed, g_object_ref (self));
}
