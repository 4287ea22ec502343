/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/sending.h"

#include <compose.h>
#include <folder.h>

#include <common/hooks.h>
#include <common/utils.h>

#include "claws/letter.h"
#include "claws/queue-folder.h"

#define RECORDS "postseal-sending"
/* Until the outbox is asked again when it could not be. */
#define PAUSE_S 3
/* Until what the host is doing is over. */
#define INSPECTION_MS 20

struct _PostsealClawsSending
{
  PostsealClawsFront *front; /* owned */
  char *directory; /* owned: of records */
  GPtrArray *letters; /* owned (element-type PostsealClawsLetter) */
  GCancellable *cancellable; /* owned */
  gboolean is_looking;
  gboolean is_to_look_again;
  GVariant *pending; /* owned, nullable: while looking */
  guint timer;
  gulong folder_hook;
  gulong compose_hook;
  guint inspection; /* source: the user may have done something to a message */
};

static void look (gpointer user_data);

/* --- what the outbox has --- */

static gboolean
on_pause_over (gpointer user_data)
{
  PostsealClawsSending *self = user_data;

  self->timer = 0;
  look (self);
  return G_SOURCE_REMOVE;
}

/* @done: (nullable): the outbox could not be asked */
static void
end_round (PostsealClawsSending *self, GVariant *done)
{
  g_autoptr (GVariant) pending = g_steal_pointer (&self->pending);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  self->is_looking = FALSE;
  /* None goes away meanwhile: files come first. */
  for (guint i = 0; done != NULL && i < self->letters->len; i++)
    {
      PostsealClawsLetter *letter = g_ptr_array_index (self->letters, i);
      g_autoptr (PostsealClawsVerdict) verdict = postseal_claws_verdict_new (
          postseal_claws_letter_get_record (letter), pending, done, now);

      postseal_claws_letter_judge (letter, verdict);
    }
  if (done == NULL && self->timer == 0)
    self->timer = g_timeout_add_seconds (PAUSE_S, on_pause_over, self);
  if (self->is_to_look_again)
    look (self);
}

/* Returns: FALSE when nobody is there any more */
static gboolean
take_answer (gpointer source, GAsyncResult *result, GVariant **ret_answer)
{
  g_autoptr (GError) error = NULL;

  *ret_answer = postseal_claws_front_request_finish (POSTSEAL_CLAWS_FRONT (source), result, &error);
  return !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) done = NULL;

  if (take_answer (source, result, &done))
    end_round (user_data, done);
}

static void
on_pending (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealClawsSending *self = user_data;
  GVariant *pending;
  GVariantDict arguments;

  if (!take_answer (source, result, &pending))
    return;
  if (pending == NULL)
    {
      end_round (self, NULL);
      return;
    }
  self->pending = pending;
  g_variant_dict_init (&arguments, NULL);
  g_variant_dict_insert (&arguments, "done", "b", TRUE);
  postseal_claws_front_request_async (self->front, POSTSEAL_SERVICE_QUEUE_LIST,
                                      g_variant_dict_end (&arguments), NULL, self->cancellable,
                                      on_done, self);
}

static void
look (gpointer user_data)
{
  PostsealClawsSending *self = user_data;
  gboolean is_wanted = FALSE;

  self->is_to_look_again = self->is_looking;
  if (self->is_looking)
    return;
  for (guint i = 0; i < self->letters->len; i++)
    is_wanted |= postseal_claws_letter_begin_round (g_ptr_array_index (self->letters, i));
  if (!is_wanted)
    return;
  self->is_looking = TRUE;
  postseal_claws_front_request_async (self->front, POSTSEAL_SERVICE_QUEUE_LIST, NULL, NULL,
                                      self->cancellable, on_pending, self);
}

/* --- what the user does in the Queue --- */

/* The host runs its main loop inside of functions that work on folders and windows. */
static gboolean
on_inspection (gpointer user_data)
{
  PostsealClawsSending *self = user_data;

  if (g_main_depth () > 1)
    return G_SOURCE_CONTINUE;
  self->inspection = 0;
  /* None goes away meanwhile. */
  for (guint i = 0; i < self->letters->len; i++)
    {
      PostsealClawsLetter *letter = g_ptr_array_index (self->letters, i);
      g_autoptr (PostsealClawsSentRecord) record
          = postseal_claws_sent_record_copy (postseal_claws_letter_get_record (letter));

      if (postseal_claws_queue_folder_is_gone (record)
          || postseal_claws_queue_folder_is_edited (record))
        postseal_claws_letter_withdraw (letter);
    }
  return G_SOURCE_REMOVE;
}

static void
inspect (PostsealClawsSending *self)
{
  if (self->inspection == 0 && self->letters->len > 0)
    self->inspection = g_timeout_add (INSPECTION_MS, on_inspection, self);
}

static gboolean
on_folder_update (gpointer source, gpointer user_data)
{
  const FolderItemUpdateData *update = source;

  if (update->item->stype == F_QUEUE && (update->update_flags & F_ITEM_UPDATE_REMOVEMSG) != 0)
    inspect (user_data);
  return FALSE;
}

static gboolean
on_compose_created (gpointer source, gpointer user_data)
{
  inspect (user_data);
  return FALSE;
}

/* --- letters --- */

static void
on_letter_ended (PostsealClawsLetter *letter, gpointer user_data)
{
  PostsealClawsSending *self = user_data;

  g_ptr_array_remove (self->letters, letter);
}

/* @record: (transfer full) */
static void
start_letter (PostsealClawsSending *self, PostsealClawsSentRecord *record, gboolean is_old)
{
  static const PostsealClawsLetterKeeper keeper = { look, on_letter_ended };
  PostsealClawsLetter *letter
      = postseal_claws_letter_new (record, is_old, self->directory, self->front, &keeper, self);

  g_ptr_array_add (self->letters, letter);
  postseal_claws_letter_start (letter);
}

void
postseal_claws_sending_send (PostsealClawsSending *self,
                             const char *account,
                             const char *folder,
                             int number)
{
  g_return_if_fail (self != NULL);

  start_letter (self, postseal_claws_sent_record_new (account, folder, number), FALSE);
}

gboolean
postseal_claws_sending_has (PostsealClawsSending *self, const char *folder, int number)
{
  g_return_val_if_fail (self != NULL, FALSE);

  for (guint i = 0; i < self->letters->len; i++)
    {
      const PostsealClawsSentRecord *record
          = postseal_claws_letter_get_record (g_ptr_array_index (self->letters, i));

      if (record->number == number && g_str_equal (record->folder, folder))
        return TRUE;
    }
  return FALSE;
}

PostsealClawsSending *
postseal_claws_sending_new (PostsealClawsFront *front)
{
  PostsealClawsSending *self = g_new0 (PostsealClawsSending, 1);
  g_autoptr (GPtrArray) records = NULL;

  self->front = g_object_ref (front);
  self->directory = g_build_filename (get_rc_dir (), RECORDS, NULL);
  self->cancellable = g_cancellable_new ();
  self->letters = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_claws_letter_free);
  for (const char *const *name
       = (const char *const[]){ "notify::service", "message-tried", "queue-changed", NULL };
       *name != NULL; name++)
    g_signal_connect_swapped (front, *name, G_CALLBACK (look), self);
  self->folder_hook = hooks_register_hook (FOLDER_ITEM_UPDATE_HOOKLIST, on_folder_update, self);
  self->compose_hook = hooks_register_hook (COMPOSE_CREATED_HOOKLIST, on_compose_created, self);
  records = postseal_claws_sent_record_load_all (self->directory);
  g_ptr_array_set_free_func (records, NULL);
  for (guint i = 0; i < records->len; i++)
    start_letter (self, g_ptr_array_index (records, i), TRUE);
  inspect (self);
  return self;
}

void
postseal_claws_sending_free (PostsealClawsSending *self)
{
  if (self == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->front, self);
  hooks_unregister_hook (FOLDER_ITEM_UPDATE_HOOKLIST, self->folder_hook);
  hooks_unregister_hook (COMPOSE_CREATED_HOOKLIST, self->compose_hook);
  g_clear_handle_id (&self->inspection, g_source_remove);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_ptr_array_unref (self->letters);
  g_clear_pointer (&self->pending, g_variant_unref);
  g_object_unref (self->cancellable);
  g_object_unref (self->front);
  g_free (self->directory);
  g_free (self);
}
