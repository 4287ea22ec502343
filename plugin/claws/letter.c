/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/letter.h"

#include <gio/gunixfdlist.h>
#include <glib/gi18n-lib.h>

#include <mainwindow.h>
#include <statusbar.h>

#include <common/log.h>

#include "claws/letter-work.h"
#include "claws/queue-folder.h"

/* Until the host, or a reader of the file, is asked again whether it is ready. */
#define PAUSE_MS 300
#define STATUS_LATER 75

typedef enum
{
  STATE_NEW,
  STATE_CLAIMING, /* a thread reads it and writes its record */
  STATE_ASKING, /* whether the outbox has it already */
  STATE_SUBMITTING,
  STATE_NOTING, /* a thread writes that the outbox has it */
  STATE_WAITING, /* for what becomes of it */
  STATE_TURNING, /* a thread writes what has become of it */
  STATE_FILING, /* as soon as the host lets anybody do so */
  STATE_REMOVING, /* out of the outbox */
  STATE_FORGETTING, /* a thread removes the record */
  STATE_ENDED,
} State;

struct _PostsealClawsLetter
{
  State state;
  gboolean is_in_round;
  gboolean is_old; /* another run has begun with it, so that it may have submitted it */
  gboolean may_be_filed; /* likewise */
  gboolean is_for_host; /* sends it when the record is gone */
  gboolean is_in_outbox; /* and has to be taken out */
  gboolean is_unwanted; /* the user changes or has deleted it: it is to be taken out if it can be */
  PostsealClawsSentRecord *record; /* owned */
  PostsealClawsFindings *findings; /* owned, nullable */
  char *subject; /* owned */
  char *told; /* owned, nullable: what was said last */
  char *directory; /* owned */
  PostsealClawsFront *front; /* owned */
  GCancellable *cancellable; /* owned */
  guint timer;
  PostsealClawsLetterKeeper keeper;
  gpointer user_data;
  gboolean is_freed;
};

static void claim (PostsealClawsLetter *self);
static void forget (PostsealClawsLetter *self);

static void
set_state (PostsealClawsLetter *self, State state)
{
  self->state = state;
  self->is_in_round = FALSE;
}

static void
clear_letter (PostsealClawsLetter *self)
{
  postseal_claws_sent_record_free (self->record);
  postseal_claws_findings_free (self->findings);
  g_free (self->subject);
  g_free (self->told);
  g_free (self->directory);
  g_object_unref (self->front);
  g_object_unref (self->cancellable);
}

static void
release (PostsealClawsLetter *self)
{
  g_rc_box_release_full (self, (GDestroyNotify)clear_letter);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealClawsLetter, release)

/* --- words --- */

/* In the host's own places, and never a dialog: nobody may be there. */
static void
tell (PostsealClawsLetter *self, char *line, gboolean is_error)
{
  if (g_strcmp0 (line, self->told) == 0)
    {
      g_free (line);
      return;
    }
  g_free (self->told);
  self->told = line;
  statusbar_print_all ("%s", line);
  if (!is_error)
    {
      log_message (LOG_PROTOCOL, "%s\n", line);
      return;
    }
  log_error (LOG_PROTOCOL, "%s\n", line);
  mainwindow_show_error ();
}

static void
tell_delay (PostsealClawsLetter *self, const PostsealClawsVerdict *verdict)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (verdict->next_attempt);
  g_autofree char *clock = time != NULL ? g_date_time_format (time, "%X") : g_strdup ("");

  tell (self,
        g_strdup_printf (_ ("Postseal: “%s” is tried again at %s: %s"), self->subject, clock,
                         verdict->reason != NULL ? verdict->reason : ""),
        FALSE);
}

static void
tell_failure (PostsealClawsLetter *self, const char *reason)
{
  tell (self,
        g_strdup_printf (_ ("Postseal: “%s” was not sent, and is still in the Queue: %s"),
                         self->subject, reason != NULL ? reason : ""),
        TRUE);
}

/* The user has done what was right for a message that nobody had sent. */
static void
tell_too_late (PostsealClawsLetter *self)
{
  tell (
      self,
      g_strdup_printf (_ ("Postseal: “%s” is being sent, and cannot be taken back"), self->subject),
      TRUE);
}

static void
tell_success (PostsealClawsLetter *self)
{
  if (self->record->reason != NULL)
    tell (self,
          g_strdup_printf (_ ("Postseal: “%s” was sent, but not to everybody: %s"), self->subject,
                           self->record->reason),
          TRUE);
  else
    tell (self, g_strdup_printf (_ ("Postseal: “%s” is sent"), self->subject), FALSE);
}

/* Returns: (transfer full) */
static char *
explain_removal (void)
{
  return g_strdup (_ ("it was taken out of the outbox of Postseal"));
}

/* --- the end --- */

/* Work on the record after which the letter goes on, whether it could be done or not.
   Returns: FALSE when nobody is there any more */
static gboolean
end_work (PostsealClawsLetter *self, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealClawsFindings) nothing = postseal_claws_letter_work_finish (result, &error);

  if (nothing == NULL && !self->is_freed)
    log_error (LOG_PROTOCOL, "Postseal: %s\n", error->message);
  return !self->is_freed;
}

static void
on_forgotten (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsLetter) self = user_data;

  if (!end_work (self, result))
    return;
  set_state (self, STATE_ENDED);
  if (self->is_for_host)
    postseal_claws_queue_folder_send_by_host (self->record);
  if (!self->is_freed)
    self->keeper.ended (self, self->user_data);
}

static void
forget (PostsealClawsLetter *self)
{
  set_state (self, STATE_FORGETTING);
  postseal_claws_letter_work_async (POSTSEAL_CLAWS_REMOVE, self->record, self->directory, NULL,
                                    on_forgotten, g_rc_box_acquire (self));
}

/* --- what has become of it --- */

static void
give_back (PostsealClawsLetter *self)
{
  postseal_claws_queue_folder_lock (self->record, FALSE);
  postseal_claws_queue_folder_save (self->record);
  if (!postseal_claws_queue_folder_is_gone (self->record))
    tell_failure (self, self->record->reason);
  else
    tell (self, g_strdup_printf (_ ("Postseal: “%s” is taken back, and not sent"), self->subject),
          FALSE);
  forget (self);
}

static int
read_change_status (GVariant *answer)
{
  g_autoptr (GVariant) results
      = g_variant_lookup_value (answer, "results", G_VARIANT_TYPE ("aa{sv}"));
  int status = STATUS_LATER;

  if (results != NULL && g_variant_n_children (results) == 1)
    {
      g_autoptr (GVariant) result = g_variant_get_child_value (results, 0);

      g_variant_lookup (result, "status", "i", &status);
    }
  return status;
}

static void
await_fate (PostsealClawsLetter *self)
{
  set_state (self, STATE_WAITING);
  self->keeper.look (self->user_data);
}

static gboolean
on_later (gpointer user_data)
{
  PostsealClawsLetter *self = user_data;

  self->timer = 0;
  await_fate (self);
  return G_SOURCE_REMOVE;
}

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsLetter) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer
      = postseal_claws_front_request_finish (POSTSEAL_CLAWS_FRONT (source), result, &error);
  gboolean is_removed = answer != NULL && read_change_status (answer) == 0;

  if (self->is_freed)
    return;
  if (self->record->stage == POSTSEAL_CLAWS_FILING)
    forget (self);
  else if (is_removed)
    {
      if (self->record->reason == NULL)
        self->record->reason = explain_removal ();
      give_back (self);
    }
  else
    {
      /* It is on its way at this moment. */
      if (self->is_unwanted)
        tell_too_late (self);
      self->timer = g_timeout_add (PAUSE_MS, on_later, self);
    }
}

static void
take_out (PostsealClawsLetter *self)
{
  const char *ids[] = { self->record->outbox_id, NULL };
  GVariantDict arguments;

  set_state (self, STATE_REMOVING);
  g_variant_dict_init (&arguments, NULL);
  g_variant_dict_insert (&arguments, "change", "s", "remove");
  g_variant_dict_insert (&arguments, "ids", "^as", ids);
  postseal_claws_front_request_async (self->front, POSTSEAL_SERVICE_QUEUE_CHANGE,
                                      g_variant_dict_end (&arguments), NULL, self->cancellable,
                                      on_removed, g_rc_box_acquire (self));
}

static gboolean
on_filing_time (gpointer user_data)
{
  PostsealClawsLetter *self = user_data;

  if (postseal_claws_queue_folder_must_wait ())
    return G_SOURCE_CONTINUE;
  self->timer = 0;
  if (self->findings->facts != NULL)
    postseal_claws_queue_folder_file (self->record, self->findings->facts, self->may_be_filed);
  tell_success (self);
  if (self->is_in_outbox)
    take_out (self);
  else
    forget (self);
  return G_SOURCE_REMOVE;
}

static void
file (PostsealClawsLetter *self)
{
  set_state (self, STATE_FILING);
  if (on_filing_time (self) == G_SOURCE_CONTINUE)
    self->timer = g_timeout_add (PAUSE_MS, on_filing_time, self);
}

static void
on_turned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsLetter) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealClawsFindings) findings = postseal_claws_letter_work_finish (result, &error);

  if (self->is_freed)
    return;
  if (findings == NULL)
    tell (self, g_strdup_printf ("Postseal: %s", error->message), TRUE);
  if (findings == NULL && self->record->stage == POSTSEAL_CLAWS_FILING)
    {
      /* It stays as it is, locked, until the outbox is asked again. */
      set_state (self, STATE_WAITING);
      return;
    }
  postseal_claws_findings_free (self->findings);
  self->findings = g_steal_pointer (&findings);
  if (self->record->stage == POSTSEAL_CLAWS_FILING)
    file (self);
  else if (self->is_in_outbox)
    take_out (self);
  else
    give_back (self);
}

/* @stage: what it comes to */
static void
turn (PostsealClawsLetter *self, PostsealClawsStage stage, const PostsealClawsVerdict *verdict)
{
  g_autofree char *path = postseal_claws_queue_folder_find (self->record);
  gboolean is_read = stage == POSTSEAL_CLAWS_FILING && path != NULL;

  set_state (self, STATE_TURNING);
  self->may_be_filed = self->is_old && self->record->stage == stage;
  self->record->stage = stage;
  self->is_in_outbox = verdict->is_in_outbox;
  g_free (self->record->reason);
  self->record->reason = verdict->fate == POSTSEAL_CLAWS_WAS_TAKEN_OUT ? explain_removal ()
                                                                       : g_strdup (verdict->reason);
  postseal_claws_letter_work_async (is_read ? POSTSEAL_CLAWS_READ : POSTSEAL_CLAWS_STORE,
                                    self->record, self->directory, path, on_turned,
                                    g_rc_box_acquire (self));
}

/* --- into the outbox --- */

static void
on_noted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsLetter) self = user_data;

  /* Its Message-ID is written all the same. */
  if (end_work (self, result))
    await_fate (self);
}

/* The outbox has it. */
static void
note (PostsealClawsLetter *self, const char *outbox_id)
{
  set_state (self, STATE_NOTING);
  g_clear_pointer (&self->findings, postseal_claws_findings_free);
  self->record->stage = POSTSEAL_CLAWS_HANDED_OVER;
  g_free (self->record->outbox_id);
  self->record->outbox_id = g_strdup (outbox_id);
  postseal_claws_letter_work_async (POSTSEAL_CLAWS_STORE, self->record, self->directory, NULL,
                                    on_noted, g_rc_box_acquire (self));
}

static gboolean
on_claim_time (gpointer user_data)
{
  PostsealClawsLetter *self = user_data;

  self->timer = 0;
  claim (self);
  return G_SOURCE_REMOVE;
}

/* It may be in the outbox and may be not: as after a crash. */
static void
claim_anew (PostsealClawsLetter *self)
{
  set_state (self, STATE_CLAIMING);
  self->is_old = TRUE;
  g_clear_pointer (&self->findings, postseal_claws_findings_free);
  self->timer = g_timeout_add (PAUSE_MS, on_claim_time, self);
}

static void
fail (PostsealClawsLetter *self, const char *reason)
{
  g_free (self->record->reason);
  self->record->reason = g_strdup (reason);
  give_back (self);
}

static void
on_submitted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsLetter) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer
      = postseal_claws_front_request_finish (POSTSEAL_CLAWS_FRONT (source), result, &error);
  const char *id = NULL;

  if (self->is_freed)
    return;
  if (answer != NULL && g_variant_lookup (answer, "id", "&s", &id))
    note (self, id);
  else if (error == NULL || g_error_matches (error, POSTSEAL_SERVICE_ERROR, STATUS_LATER)
           || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    claim_anew (self);
  else
    fail (self, error->message);
}

static void
submit (PostsealClawsLetter *self)
{
  const PostsealClawsQueueFile *facts = self->findings->facts;
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  g_autoptr (GError) error = NULL;
  GVariantDict arguments;
  int index = g_unix_fd_list_append (descriptors, self->findings->fd, &error);

  if (index < 0)
    {
      fail (self, error->message);
      return;
    }
  set_state (self, STATE_SUBMITTING);
  g_variant_dict_init (&arguments, NULL);
  g_variant_dict_insert (&arguments, "message", "h", index);
  g_variant_dict_insert (&arguments, "account", "s", self->record->account);
  g_variant_dict_insert (&arguments, "sender", "s", facts->sender);
  g_variant_dict_insert (&arguments, "recipients", "^as", facts->recipients->pdata);
  postseal_claws_front_request_async (self->front, POSTSEAL_SERVICE_SUBMIT,
                                      g_variant_dict_end (&arguments), descriptors,
                                      self->cancellable, on_submitted, g_rc_box_acquire (self));
  /* From here on only the reader has it. */
  g_clear_pointer (&self->findings, postseal_claws_findings_free);
}

static void
on_claimed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsLetter) self = user_data;
  g_autoptr (GError) error = NULL;
  PostsealClawsFindings *findings = postseal_claws_letter_work_finish (result, &error);

  if (self->is_freed)
    {
      postseal_claws_findings_free (findings);
      return;
    }
  self->findings = findings;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY))
    {
      claim_anew (self);
      return;
    }
  if (findings == NULL)
    {
      fail (self, error->message);
      return;
    }
  g_free (self->record->message_id);
  self->record->message_id
      = g_strdup (findings->facts->message_id != NULL ? findings->facts->message_id : "");
  /* Not before there is a record: who is killed earlier leaves a message like any other. */
  postseal_claws_queue_folder_save (self->record);
  if (findings->facts->has_news || findings->facts->is_clear || *self->record->message_id == '\0')
    {
      self->is_for_host = TRUE;
      postseal_claws_queue_folder_lock (self->record, FALSE);
      forget (self);
    }
  else if (self->is_old)
    {
      set_state (self, STATE_ASKING);
      self->keeper.look (self->user_data);
    }
  else
    submit (self);
}

static void
claim (PostsealClawsLetter *self)
{
  g_autofree char *path = postseal_claws_queue_folder_find (self->record);

  set_state (self, STATE_CLAIMING);
  if (path == NULL) /* somebody has deleted it: there is nothing to be filed */
    forget (self);
  else
    postseal_claws_letter_work_async (POSTSEAL_CLAWS_CLAIM, self->record, self->directory, path,
                                      on_claimed, g_rc_box_acquire (self));
}

/* --- what the outbox says --- */

gboolean
postseal_claws_letter_begin_round (PostsealClawsLetter *self)
{
  self->is_in_round = self->state == STATE_ASKING || self->state == STATE_WAITING;
  return self->is_in_round;
}

static void
judge_asked (PostsealClawsLetter *self, const PostsealClawsVerdict *verdict)
{
  if (verdict->outbox_id != NULL)
    note (self, verdict->outbox_id);
  else if (verdict->fate == POSTSEAL_CLAWS_IS_UNKNOWN)
    submit (self);
  else
    {
      postseal_claws_queue_folder_lock (self->record, TRUE);
      tell_failure (self, _ ("it is not known any more whether it was sent"));
      forget (self);
    }
}

void
postseal_claws_letter_judge (PostsealClawsLetter *self, const PostsealClawsVerdict *verdict)
{
  g_return_if_fail (self != NULL);

  if (!self->is_in_round)
    return;
  if (self->state == STATE_ASKING)
    judge_asked (self, verdict);
  else if (verdict->fate == POSTSEAL_CLAWS_IS_SENT)
    turn (self, POSTSEAL_CLAWS_FILING, verdict);
  else if (verdict->fate == POSTSEAL_CLAWS_IS_REFUSED
           || verdict->fate == POSTSEAL_CLAWS_WAS_TAKEN_OUT)
    turn (self, POSTSEAL_CLAWS_GIVING_BACK, verdict);
  else if (verdict->fate != POSTSEAL_CLAWS_WAITS)
    judge_asked (self, verdict);
  else if (self->is_unwanted)
    take_out (self);
  else if (verdict->next_attempt > 0)
    tell_delay (self, verdict);
}

/* --- what the user does --- */

void
postseal_claws_letter_withdraw (PostsealClawsLetter *self)
{
  g_return_if_fail (self != NULL);

  if (self->is_unwanted)
    return;
  self->is_unwanted = TRUE;
  /* As soon as the outbox has said that it has it. */
  self->keeper.look (self->user_data);
}

/* --- making and freeing --- */

PostsealClawsLetter *
postseal_claws_letter_new (PostsealClawsSentRecord *record,
                           gboolean is_old,
                           const char *directory,
                           PostsealClawsFront *front,
                           const PostsealClawsLetterKeeper *keeper,
                           gpointer user_data)
{
  PostsealClawsLetter *self = g_rc_box_new0 (PostsealClawsLetter);

  self->record = record;
  self->is_old = is_old;
  self->directory = g_strdup (directory);
  self->front = g_object_ref (front);
  self->cancellable = g_cancellable_new ();
  self->keeper = *keeper;
  self->user_data = user_data;
  return self;
}

void
postseal_claws_letter_free (PostsealClawsLetter *self)
{
  if (self == NULL)
    return;
  self->is_freed = TRUE;
  g_clear_handle_id (&self->timer, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  release (self);
}

void
postseal_claws_letter_start (PostsealClawsLetter *self)
{
  g_return_if_fail (self != NULL && self->state == STATE_NEW);

  if (self->is_old)
    postseal_claws_queue_folder_scan (self->record);
  self->subject = postseal_claws_queue_folder_get_subject (self->record);
  postseal_claws_queue_folder_lock (self->record, TRUE);
  if (self->record->stage == POSTSEAL_CLAWS_HANDING_OVER)
    claim (self);
  else
    await_fate (self);
}

const PostsealClawsSentRecord *
postseal_claws_letter_get_record (PostsealClawsLetter *self)
{
  return self->record;
}
