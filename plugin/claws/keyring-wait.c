/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/keyring-wait.h"

#include "auth/vault.h"
#include "claws/keyring-errand.h"

#define LOOKUP_MS 10000 /* a keyring that takes longer is as good as none */
#define PERSON_MS 120000 /* nobody seems to be there */
#define TICK_MS 200

struct _PostsealClawsKeyringWait
{
  PostsealClawsKeyringWaitOver is_over;
  PostsealClawsKeyringDoor *door; /* owned, nullable: until the end */
  GPtrArray *cancellables; /* owned: of all that are under way */
};

static void
clear (gpointer data)
{
  PostsealClawsKeyringWait *self = data;

  g_ptr_array_unref (self->cancellables);
}

PostsealClawsKeyringWait *
postseal_claws_keyring_wait_new (PostsealClawsKeyringWaitOver is_over)
{
  PostsealClawsKeyringWait *self = g_rc_box_new0 (PostsealClawsKeyringWait);

  self->is_over = is_over;
  self->door = postseal_claws_keyring_door_new ();
  self->cancellables = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

void
postseal_claws_keyring_wait_free (PostsealClawsKeyringWait *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->cancellables->len; i++)
    g_cancellable_cancel (self->cancellables->pdata[i]);
  g_clear_pointer (&self->door, postseal_claws_keyring_door_free);
  g_rc_box_release_full (self, clear);
}

PostsealClawsKeyringDoor *
postseal_claws_keyring_wait_get_door (PostsealClawsKeyringWait *self)
{
  return self->door;
}

/* --- one thing to wait for --- */

typedef struct
{
  GMainLoop *loop; /* owned */
  PostsealClawsKeyringWaitOver is_over;
  gint64 end; /* monotonic time */
  GCancellable *cancellable; /* borrowed: of those that are under way */
  GAsyncResult *result; /* owned, nullable: when it is there */
} Wait;

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Wait *wait = user_data;

  wait->result = g_object_ref (result);
  g_main_loop_quit (wait->loop);
}

static gboolean
on_tick (gpointer user_data)
{
  Wait *wait = user_data;

  if (wait->is_over () || g_get_monotonic_time () >= wait->end)
    g_cancellable_cancel (wait->cancellable);
  return G_SOURCE_CONTINUE;
}

/* @sign_in: (nullable): what to look up; NULL opens the door. Returns: (transfer full) */
static GAsyncResult *
run (PostsealClawsKeyringWait *self, const PostsealClawsSignIn *sign_in)
{
  gint64 limit_ms = sign_in != NULL ? LOOKUP_MS : PERSON_MS;
  Wait wait = {
    .loop = g_main_loop_new (NULL, FALSE),
    .is_over = self->is_over,
    .end = g_get_monotonic_time () + limit_ms * 1000,
    .cancellable = g_cancellable_new (),
  };
  guint ticker = g_timeout_add (TICK_MS, on_tick, &wait);

  g_ptr_array_add (self->cancellables, wait.cancellable);
  if (sign_in != NULL)
    postseal_claws_keyring_lookup_async (sign_in, wait.cancellable, on_result, &wait);
  else
    postseal_claws_keyring_door_open_async (self->door, wait.cancellable, on_result, &wait);
  g_main_loop_run (wait.loop);
  g_source_remove (ticker);
  g_ptr_array_remove (self->cancellables, wait.cancellable);
  g_main_loop_unref (wait.loop);
  return wait.result;
}

/* Returns: (transfer full) (nullable) */
static PostsealCredential *
look_up (PostsealClawsKeyringWait *self, const PostsealClawsSignIn *sign_in, gboolean *ret_locked)
{
  g_autoptr (GAsyncResult) result = run (self, sign_in);
  g_autoptr (GError) error = NULL;
  PostsealCredential *secret = postseal_claws_keyring_lookup_finish (result, &error);

  *ret_locked = g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_LOCKED);
  if (self->door != NULL
      && (secret != NULL
          || g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT)))
    postseal_claws_keyring_door_forget (self->door);
  return secret;
}

static gboolean
open_door (PostsealClawsKeyringWait *self)
{
  g_autoptr (GAsyncResult) result = run (self, NULL);

  return postseal_claws_keyring_door_open_finish (result, NULL);
}

PostsealCredential *
postseal_claws_keyring_wait_for (PostsealClawsKeyringWait *self, const PostsealClawsSignIn *sign_in)
{
  PostsealCredential *secret = NULL;
  gboolean is_locked = FALSE;

  g_rc_box_acquire (self);
  secret = look_up (self, sign_in, &is_locked);
  if (is_locked && self->door != NULL && open_door (self) && self->door != NULL)
    secret = look_up (self, sign_in, &is_locked);
  g_rc_box_release_full (self, clear);
  return secret;
}
