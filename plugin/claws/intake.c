/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/intake.h"

#include <glib/gi18n-lib.h>

#include "claws/filing.h"
#include "claws/spool.h"

#define SLICE_US 6000 /* of the host's main loop at once */
#define BATCH 50 /* messages between two looks at the folder list */
#define HELD_MS 150 /* until it is asked again whether the host lets us */
#define RETRY_MS 30000 /* after something went wrong */

typedef enum
{
  STATE_NEW, /* the spool is not there yet */
  STATE_IDLE,
  STATE_RECOVERING, /* a thread looks for what an earlier run has left */
  STATE_TAKING, /* a thread takes messages from the spool */
  STATE_ADDING, /* in slices: into the processing folder */
  STATE_DROPPING, /* a thread removes them from the spool */
  STATE_MOVING, /* in slices: past the filters */
  STATE_FAILED, /* until it is tried again, from the beginning */
} State;

struct _PostsealClawsIntake
{
  int id;
  char *account; /* owned */
  PostsealClawsIntakeFunc func;
  gpointer user_data;

  State state;
  gboolean has_ended;
  gboolean has_news; /* since it last looked */
  PostsealClawsSpool *spool; /* owned */
  PostsealClawsFiling *filing; /* owned, nullable */
  GQueue taken; /* owned (element-type filename): to be added */
  GPtrArray *filed; /* owned (element-type PostsealClawsTaken): to be dropped */
  guint n_moving; /* added, or found in the processing folder, and not yet moved on */
  guint n_filed; /* not yet told */
  GError *error; /* owned, nullable: not yet told */
  guint source; /* of the next slice, or the next try */
};

static void advance (PostsealClawsIntake *self, State state);

/* --- references, for threads under way --- */

static void
clear_intake (gpointer data)
{
  PostsealClawsIntake *self = data;

  g_queue_clear_full (&self->taken, g_free);
  g_clear_pointer (&self->filed, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_clear_object (&self->spool);
  g_free (self->account);
}

static void
unref_intake (PostsealClawsIntake *self)
{
  g_rc_box_release_full (self, clear_intake);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealClawsIntake, unref_intake)

/* --- telling --- */

static void
tell (PostsealClawsIntake *self)
{
  guint n_filed = self->n_filed;
  g_autoptr (GError) error = g_steal_pointer (&self->error);

  self->n_filed = 0;
  if (n_filed > 0 || error != NULL)
    self->func (self->id, n_filed, error, self->user_data);
}

/* @error: (transfer full) */
static void
note (PostsealClawsIntake *self, GError *error)
{
  if (self->error == NULL)
    self->error = error;
  else
    g_error_free (error);
}

/* --- steps --- */

static GPtrArray *
new_taken_array (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_claws_taken_free);
}

static void
on_recovered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsIntake) self = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) found
      = postseal_claws_spool_recover_finish (POSTSEAL_CLAWS_SPOOL (source), result, &error);

  if (self->has_ended)
    {
      g_clear_error (&error);
      return;
    }
  if (found == NULL)
    {
      note (self, error);
      advance (self, STATE_FAILED);
      return;
    }
  for (guint i = 0; i < found->len; i++)
    {
      PostsealClawsTaken *one = g_ptr_array_index (found, i);

      if (one->filed == NULL)
        g_queue_push_tail (&self->taken, g_strdup (one->path));
      else
        g_ptr_array_add (self->filed, postseal_claws_taken_new (one->path, one->filed));
    }
  self->n_moving += postseal_claws_filing_adopt (self->filing);
  advance (self, STATE_ADDING);
}

static void
recover (PostsealClawsIntake *self)
{
  GError *error = NULL;

  g_queue_clear_full (&self->taken, g_free);
  g_ptr_array_set_size (self->filed, 0);
  self->n_moving = 0;
  g_clear_pointer (&self->filing, postseal_claws_filing_free);
  self->filing = postseal_claws_filing_new (self->id, &error);
  if (self->filing == NULL)
    {
      note (self, error);
      advance (self, STATE_FAILED);
      return;
    }
  postseal_claws_spool_recover_async (self->spool, postseal_claws_filing_get_folder (self->filing),
                                      on_recovered, g_rc_box_acquire (self));
}

static void
on_taken (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsIntake) self = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) taken
      = postseal_claws_spool_take_finish (POSTSEAL_CLAWS_SPOOL (source), result, &error);

  if (self->has_ended)
    {
      g_clear_error (&error);
      return;
    }
  if (taken == NULL)
    note (self, error);
  for (guint i = 0; taken != NULL && i < taken->len; i++)
    g_queue_push_tail (&self->taken, g_strdup (taken->pdata[i]));
  if (taken == NULL)
    advance (self, STATE_FAILED);
  else if (taken->len > 0)
    advance (self, STATE_ADDING);
  else
    advance (self, STATE_IDLE);
}

static void
take (PostsealClawsIntake *self)
{
  self->has_news = FALSE;
  postseal_claws_spool_take_async (self->spool, BATCH, on_taken, g_rc_box_acquire (self));
}

/* Returns: TRUE when there is more to add */
static gboolean
add_some (PostsealClawsIntake *self)
{
  guint n_before = self->filed->len;
  GError *error = NULL;
  gboolean is_added
      = postseal_claws_filing_add (self->filing, &self->taken, self->filed, SLICE_US, &error);

  self->n_moving += self->filed->len - n_before;
  if (is_added)
    return self->taken.length > 0;
  /* The others would fare no better. They stay where they are. */
  note (self, error);
  g_queue_clear_full (&self->taken, g_free);
  return FALSE;
}

static void
on_dropped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsIntake) self = user_data;
  GError *error = NULL;
  gboolean is_dropped
      = postseal_claws_spool_drop_finish (POSTSEAL_CLAWS_SPOOL (source), result, &error);

  if (self->has_ended)
    {
      g_clear_error (&error);
      return;
    }
  if (is_dropped)
    {
      advance (self, STATE_MOVING);
      return;
    }
  /* What is still in the spool must not leave the processing folder, where it is recognised. */
  note (self, error);
  advance (self, STATE_FAILED);
}

static void
drop (PostsealClawsIntake *self)
{
  GPtrArray *filed = self->filed;

  self->filed = new_taken_array ();
  postseal_claws_spool_drop_async (self->spool, filed, on_dropped, g_rc_box_acquire (self));
}

static void
finish_batch (PostsealClawsIntake *self)
{
  guint n_stuck = postseal_claws_filing_count_stuck (self->filing);

  self->n_filed += self->n_moving - MIN (n_stuck, self->n_moving);
  self->n_moving = 0;
  if (n_stuck > 0)
    note (self, g_error_new (POSTSEAL_CLAWS_FILING_ERROR, POSTSEAL_CLAWS_FILING_ERROR_REFUSED,
                             _ ("Claws Mail cannot move on all messages in the folder “%s”"),
                             postseal_claws_filing_get_folder (self->filing)));
  advance (self, self->error != NULL ? STATE_FAILED : STATE_TAKING);
}

/* --- time --- */

static gboolean on_slice (gpointer user_data);

static void
plan_slice (PostsealClawsIntake *self)
{
  if (postseal_claws_filing_must_wait ())
    self->source = g_timeout_add (HELD_MS, on_slice, self);
  else
    self->source = g_idle_add (on_slice, self);
}

static gboolean
on_slice (gpointer user_data)
{
  PostsealClawsIntake *self = user_data;

  self->source = 0;
  if (postseal_claws_filing_must_wait ())
    plan_slice (self);
  else if (self->state == STATE_RECOVERING)
    recover (self);
  else if (self->state == STATE_ADDING && !add_some (self))
    advance (self, self->filed->len > 0 ? STATE_DROPPING : STATE_MOVING);
  else if (self->state == STATE_MOVING && postseal_claws_filing_move_on (self->filing, SLICE_US))
    finish_batch (self);
  else
    plan_slice (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_retry (gpointer user_data)
{
  PostsealClawsIntake *self = user_data;

  self->source = 0;
  advance (self, STATE_RECOVERING);
  return G_SOURCE_REMOVE;
}

static void
advance (PostsealClawsIntake *self, State state)
{
  self->state = state;
  switch (state)
    {
    case STATE_RECOVERING:
    case STATE_ADDING:
    case STATE_MOVING:
      plan_slice (self);
      break;
    case STATE_TAKING:
      take (self);
      break;
    case STATE_DROPPING:
      drop (self);
      break;
    case STATE_FAILED:
      g_clear_pointer (&self->filing, postseal_claws_filing_free);
      self->source = g_timeout_add (RETRY_MS, on_retry, self);
      tell (self);
      break;
    case STATE_IDLE:
      if (self->has_news)
        {
          advance (self, STATE_TAKING);
          break;
        }
      postseal_claws_filing_rest (self->filing);
      tell (self);
      break;
    case STATE_NEW:
    default:
      g_assert_not_reached ();
    }
}

static void
on_arrived (PostsealClawsSpool *spool, PostsealClawsIntake *self)
{
  if (self->state == STATE_NEW)
    advance (self, STATE_RECOVERING);
  else
    postseal_claws_intake_look (self);
}

/* --- public --- */

PostsealClawsIntake *
postseal_claws_intake_new (int id,
                           const char *account,
                           PostsealClawsIntakeFunc func,
                           gpointer user_data)
{
  PostsealClawsIntake *self = g_rc_box_new0 (PostsealClawsIntake);
  g_autofree char *path = postseal_claws_spool_path (account);

  self->id = id;
  self->account = g_strdup (account);
  self->func = func;
  self->user_data = user_data;
  self->filed = new_taken_array ();
  g_queue_init (&self->taken);
  self->spool = postseal_claws_spool_new (path);
  g_signal_connect (self->spool, "arrived", G_CALLBACK (on_arrived), self);
  return self;
}

void
postseal_claws_intake_free (PostsealClawsIntake *self)
{
  if (self == NULL)
    return;
  self->has_ended = TRUE;
  g_clear_handle_id (&self->source, g_source_remove);
  g_signal_handlers_disconnect_by_data (self->spool, self);
  postseal_claws_spool_stop (self->spool);
  /* The host's things go now, and not when a thread comes back. */
  g_clear_pointer (&self->filing, postseal_claws_filing_free);
  unref_intake (self);
}

const char *
postseal_claws_intake_get_account (PostsealClawsIntake *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->account;
}

void
postseal_claws_intake_look (PostsealClawsIntake *self)
{
  g_return_if_fail (self != NULL);

  self->has_news = TRUE;
  if (self->state == STATE_IDLE)
    advance (self, STATE_TAKING);
  else if (self->state == STATE_FAILED)
    {
      g_clear_handle_id (&self->source, g_source_remove);
      advance (self, STATE_RECOVERING);
    }
}

gboolean
postseal_claws_intake_is_idle (PostsealClawsIntake *self)
{
  g_return_val_if_fail (self != NULL, TRUE);

  return self->state == STATE_IDLE;
}
