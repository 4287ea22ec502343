/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/passwords.h"

#include <account.h>
#include <common/hooks.h>
#include <inc.h>
#include <main.h>
#include <passwordstore.h>

#include "claws/keyring-wait.h"
#include "claws/password-move.h"
#include "claws/password-question.h"
#include "claws/session-password.h"
#include "claws/typed-password.h"

struct _PostsealClawsPasswords
{
  PostsealClawsBindings *bindings; /* owned */
  PostsealClawsKeyringWait *wait; /* owned, nullable: until the end */
  PostsealClawsTypedPasswords *typed; /* owned, nullable: until the end */
  GHashTable *given; /* owned: what the host was given last, by name of the question */
  GCancellable *cancellable; /* owned: ends moves */
  gulong hook;
};

static void
clear (gpointer data)
{
  PostsealClawsPasswords *self = data;

  g_object_unref (self->bindings);
  g_hash_table_unref (self->given);
  g_object_unref (self->cancellable);
}

typedef PostsealClawsPasswordQuestion Question;

static gboolean
is_current (PostsealClawsPasswords *self, const Question *question)
{
  return self->wait != NULL
         && postseal_claws_password_question_is_current (question, self->bindings);
}

/* --- answers --- */

/* Returns: TRUE, what the hook then says */
static gboolean
give (PasswordRequest *request, PostsealCredential *secret)
{
  request->password = g_strdup (postseal_credential_get (secret));
  return TRUE;
}

static void
on_moved_again (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!postseal_claws_password_move_finish (result, NULL, &error))
    g_debug ("moving again: %s", error->message);
}

/* What the host has in its own store was typed there after the keyring got its one: it counts, and
   follows the other one. */
static gboolean
leave_to_store (PostsealClawsPasswords *self, const Question *question)
{
  if (!passwd_store_has_password_account (question->id, postseal_claws_password_id (question->use)))
    return FALSE;
  if (postseal_claws_password_was_moved (self->bindings, question->id))
    postseal_claws_password_move_async (self->bindings, NULL, POSTSEAL_CLAWS_MOVE_AGAIN,
                                        question->id, self->cancellable, on_moved_again, NULL);
  return TRUE;
}

/* What a person has typed since counts more than what the keyring has. Returns: TRUE when that is
   the answer */
static gboolean
answer_from_session (const Question *question, PasswordRequest *request)
{
  char **slot = postseal_claws_password_question_get_slot (question);
  g_autoptr (PostsealCredential) typed = NULL;

  if (slot == NULL || postseal_claws_session_look (slot) != POSTSEAL_CLAWS_SESSION_TYPED)
    return FALSE;
  typed = postseal_claws_session_read (slot);
  return give (request, typed);
}

/* What the host was given last is marked no more: a server has refused it. The host asks then, and
   the next time the keyring may answer again, since servers have bad days. */
static gboolean
was_refused (PostsealClawsPasswords *self, const Question *question)
{
  char **slot = postseal_claws_password_question_get_slot (question);
  gboolean was_given = g_hash_table_remove (self->given, question->name);

  return slot != NULL && was_given
         && postseal_claws_session_look (slot) == POSTSEAL_CLAWS_SESSION_NOTHING;
}

/* The host's own timers wait meanwhile, as they do behind its dialogs. */
static gboolean
answer_from_keyring (PostsealClawsPasswords *self,
                     const Question *question,
                     PasswordRequest *request)
{
  g_autoptr (PostsealCredential) secret = NULL;
  char **slot = NULL;

  inc_lock_real ();
  secret = postseal_claws_keyring_wait_for (self->wait, question->sign_in);
  inc_unlock_real ();
  if (secret == NULL || !is_current (self, question))
    return FALSE;
  slot = postseal_claws_password_question_get_slot (question);
  if (slot != NULL)
    {
      postseal_claws_session_mark (slot);
      g_hash_table_add (self->given, g_strdup (question->name));
    }
  return give (request, secret);
}

static gboolean
on_asked (gpointer source, gpointer user_data)
{
  PostsealClawsPasswords *self = user_data;
  PasswordRequest *request = source;
  g_auto (PostsealClawsPasswordQuestion) question = { 0 };
  gboolean is_answered = FALSE;

  if (claws_is_exiting ()
      || !postseal_claws_password_question_understand (self->bindings, request, &question)
      || leave_to_store (self, &question))
    return FALSE;
  g_rc_box_acquire (self);
  is_answered
      = answer_from_session (&question, request)
        || (!was_refused (self, &question) && answer_from_keyring (self, &question, request));
  if (is_current (self, &question) && postseal_claws_password_question_get_slot (&question) != NULL)
    postseal_claws_typed_passwords_expect (self->typed, question.id, question.protocol,
                                           question.sign_in);
  g_rc_box_release_full (self, clear);
  return is_answered;
}

/* --- marks in the host's accounts --- */

static void
unmark (PrefsAccount *account)
{
  postseal_claws_session_unmark (&account->session_passwd);
  postseal_claws_session_unmark (&account->session_smtp_passwd);
}

static void
on_changed (PostsealClawsPasswords *self, int id)
{
  PrefsAccount *account = account_find_from_id (id);

  if (account != NULL
      && !postseal_claws_bindings_does (self->bindings, id, POSTSEAL_CLAWS_PASSWORDS))
    unmark (account);
}

/* --- moving --- */

guint
postseal_claws_passwords_count_stored (int id)
{
  const PrefsAccount *account = account_find_from_id (id);
  guint n = 0;

  for (PostsealClawsPasswordUse use = 0; account != NULL && use < POSTSEAL_CLAWS_PASSWORD_USES;
       use++)
    {
      g_autoptr (PostsealClawsSignIn) sign_in = postseal_claws_account_sign_in (account, use);

      if (sign_in != NULL
          && passwd_store_has_password_account (id, postseal_claws_password_id (use)))
        n++;
    }
  return n;
}

/* One move: the task's data. */
typedef struct
{
  GCancellable *ours; /* owned */
  GCancellable *theirs; /* owned, nullable */
  gulong ours_id, theirs_id;
  GCancellable *either; /* owned */
  guint count;
} Move;

static void
free_move (Move *self)
{
  g_cancellable_disconnect (self->ours, self->ours_id);
  if (self->theirs != NULL)
    g_cancellable_disconnect (self->theirs, self->theirs_id);
  g_object_unref (self->ours);
  g_clear_object (&self->theirs);
  g_object_unref (self->either);
  g_free (self);
}

static void
on_moved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Move *move = g_task_get_task_data (task);
  GError *error = NULL;

  if (postseal_claws_password_move_finish (result, &move->count, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
begin_move (PostsealClawsPasswords *self,
            PostsealClawsMoveKind kind,
            int id,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Move *move = g_new0 (Move, 1);

  g_task_set_source_tag (task, begin_move);
  g_task_set_check_cancellable (task, FALSE);
  move->either = g_cancellable_new ();
  move->ours = g_object_ref (self->cancellable);
  move->ours_id = g_cancellable_connect (move->ours, G_CALLBACK (g_cancellable_cancel),
                                         g_object_ref (move->either), g_object_unref);
  if (cancellable != NULL)
    {
      move->theirs = g_object_ref (cancellable);
      move->theirs_id = g_cancellable_connect (cancellable, G_CALLBACK (g_cancellable_cancel),
                                               g_object_ref (move->either), g_object_unref);
    }
  g_task_set_task_data (task, move, (GDestroyNotify)free_move);
  postseal_claws_password_move_async (self->bindings,
                                      postseal_claws_keyring_wait_get_door (self->wait), kind, id,
                                      move->either, on_moved, task);
}

static gboolean
finish_move (GAsyncResult *result, guint *ret_count, GError **error)
{
  const Move *move = g_task_get_task_data (G_TASK (result));

  if (ret_count != NULL)
    *ret_count = move->count;
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
postseal_claws_passwords_move_async (PostsealClawsPasswords *self,
                                     int id,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  begin_move (self, POSTSEAL_CLAWS_MOVE_THERE, id, cancellable, callback, user_data);
}

gboolean
postseal_claws_passwords_move_finish (GAsyncResult *result, guint *ret_moved, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return finish_move (result, ret_moved, error);
}

void
postseal_claws_passwords_take_back_async (PostsealClawsPasswords *self,
                                          int id,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data)
{
  begin_move (self, POSTSEAL_CLAWS_COPY_BACK, id, cancellable, callback, user_data);
}

gboolean
postseal_claws_passwords_take_back_finish (GAsyncResult *result, guint *ret_taken, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return finish_move (result, ret_taken, error);
}

/* --- life --- */

PostsealClawsPasswords *
postseal_claws_passwords_new (PostsealClawsBindings *bindings)
{
  PostsealClawsPasswords *self = g_rc_box_new0 (PostsealClawsPasswords);

  self->bindings = g_object_ref (bindings);
  self->wait = postseal_claws_keyring_wait_new (claws_is_exiting);
  self->typed = postseal_claws_typed_passwords_new (bindings);
  self->given = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->cancellable = g_cancellable_new ();
  self->hook = hooks_register_hook (PASSWORD_GET_HOOKLIST, on_asked, self);
  g_signal_connect_swapped (bindings, "changed", G_CALLBACK (on_changed), self);
  return self;
}

void
postseal_claws_passwords_free (PostsealClawsPasswords *self)
{
  if (self == NULL)
    return;
  hooks_unregister_hook (PASSWORD_GET_HOOKLIST, self->hook);
  g_signal_handlers_disconnect_by_data (self->bindings, self);
  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->wait, postseal_claws_keyring_wait_free);
  g_clear_pointer (&self->typed, postseal_claws_typed_passwords_free);
  if (!claws_is_exiting ())
    for (GList *each = account_get_list (); each != NULL; each = each->next)
      unmark (each->data);
  g_rc_box_release_full (self, clear);
}
