/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/keyring-door.h"

#include <glib/gi18n-lib.h>

#include "auth/keyring.h"
#include "auth/vault.h"

struct _PostsealClawsKeyringDoor
{
  GPtrArray *waiting; /* owned: element-type GTask, while there is a prompt */
  GCancellable *prompt; /* owned, nullable: while there is one */
  gboolean is_dismissed;
};

PostsealClawsKeyringDoor *
postseal_claws_keyring_door_new (void)
{
  PostsealClawsKeyringDoor *self = g_rc_box_new0 (PostsealClawsKeyringDoor);

  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

static void
clear (gpointer data)
{
  PostsealClawsKeyringDoor *self = data;

  g_ptr_array_unref (self->waiting);
  g_clear_object (&self->prompt);
}

void
postseal_claws_keyring_door_free (PostsealClawsKeyringDoor *self)
{
  if (self->prompt != NULL)
    g_cancellable_cancel (self->prompt);
  g_rc_box_release_full (self, clear);
}

void
postseal_claws_keyring_door_forget (PostsealClawsKeyringDoor *self)
{
  self->is_dismissed = FALSE;
}

/* One who waits: the task's data. */
typedef struct
{
  PostsealClawsKeyringDoor *door; /* a reference of the box */
  GSource *cancelled; /* owned, nullable: destroyed when it has ended */
} Waiter;

static void
free_waiter (Waiter *self)
{
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
  g_rc_box_release_full (self->door, clear);
  g_free (self);
}

/* @error: (nullable): NULL for an open door */
static void
let_go (GTask *task, const GError *error)
{
  Waiter *waiter = g_task_get_task_data (task);

  if (waiter->cancelled != NULL)
    g_source_destroy (waiter->cancelled);
  if (error == NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_error_copy (error));
}

/* In the order in which they came. */
static void
on_unlocked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealClawsKeyringDoor *self = user_data;
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);
  g_autoptr (GError) error = NULL;

  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_clear_object (&self->prompt);
  postseal_keyring_unlock_finish (result, &error);
  if (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_LOCKED))
    self->is_dismissed = TRUE;
  for (guint i = 0; i < waiting->len; i++)
    let_go (waiting->pdata[i], error);
  g_rc_box_release_full (self, clear);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  PostsealClawsKeyringDoor *self = ((Waiter *)g_task_get_task_data (task))->door;
  g_autoptr (GError) error = NULL;

  g_ptr_array_remove (self->waiting, task);
  g_cancellable_set_error_if_cancelled (cancellable, &error);
  let_go (task, error);
  if (self->waiting->len == 0 && self->prompt != NULL)
    g_cancellable_cancel (self->prompt);
  return G_SOURCE_REMOVE;
}

void
postseal_claws_keyring_door_open_async (PostsealClawsKeyringDoor *self,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Waiter *waiter = g_new0 (Waiter, 1);

  g_task_set_source_tag (task, postseal_claws_keyring_door_open_async);
  waiter->door = g_rc_box_acquire (self);
  g_task_set_task_data (task, waiter, (GDestroyNotify)free_waiter);
  if (self->is_dismissed)
    {
      g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_LOCKED,
                               _ ("The keyring was not unlocked"));
      return;
    }
  if (cancellable != NULL)
    {
      waiter->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (waiter->cancelled, G_SOURCE_FUNC (on_cancelled), task, NULL);
      g_source_attach (waiter->cancelled, g_main_context_get_thread_default ());
    }
  g_ptr_array_add (self->waiting, g_steal_pointer (&task));
  if (self->prompt != NULL)
    return;
  self->prompt = g_cancellable_new ();
  postseal_keyring_unlock_async (self->prompt, on_unlocked, g_rc_box_acquire (self));
}

gboolean
postseal_claws_keyring_door_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
