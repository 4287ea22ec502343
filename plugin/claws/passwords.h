/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "claws/bindings.h"

G_BEGIN_DECLS

/* Passwords of the host's accounts in the desktop's keyring, for those that do
   POSTSEAL_CLAWS_PASSWORDS: what the host asks for is looked up there, before it looks into its own
   store or asks a person. An unlocking prompt may be shown once; when it is dismissed, or when
   nothing is found, the host goes on as ever, and what is then typed and remembered for the session
   goes into the keyring.

   An account has two passwords at most: one for receiving, and one for sending where it signs in
   there with a user name of its own. */
typedef struct _PostsealClawsPasswords PostsealClawsPasswords;

PostsealClawsPasswords *postseal_claws_passwords_new (PostsealClawsBindings *bindings);
/* Also while the host waits for an answer. Ends what is under way; whoever waits for it is called
   back. */
void postseal_claws_passwords_free (PostsealClawsPasswords *self);

/* How many passwords of account @id are in the host's own store, and could be moved. While there is
   one, the host uses it, and the keyring is not asked. */
guint postseal_claws_passwords_count_stored (int id);

/* Moves the passwords of account @id from the host's own store into the keyring: each is stored
   there, read back, and only then removed here. The keyring is unlocked by a prompt, and the host
   may ask for its primary passphrase. The host's account dialog, while it is open, still has the
   password in its own field, and stores that when it is closed: it follows by itself then, when it
   is asked for the next time. */
void postseal_claws_passwords_move_async (PostsealClawsPasswords *self,
                                          int id,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
/* @ret_moved: how many, also of a move that failed half-way; the others are still in the host's
   store. Errors: %POSTSEAL_VAULT_ERROR, whose sentence is to be shown (LOCKED when the prompt was
   dismissed); %G_IO_ERROR_CANCELLED. */
gboolean
postseal_claws_passwords_move_finish (GAsyncResult *result, guint *ret_moved, GError **error);

/* The way back, for an account that is no longer to keep its passwords in the keyring: each that is
   found there is stored in the host's own store, too. It stays in the keyring, since the host's
   account dialog, while it is open, stores what its own field holds, which may be nothing. Without
   this, the host asks for the password, and the keyring still has it when it is wanted again.
   Nothing found is no error. */
void postseal_claws_passwords_take_back_async (PostsealClawsPasswords *self,
                                               int id,
                                               GCancellable *cancellable,
                                               GAsyncReadyCallback callback,
                                               gpointer user_data);
/* @ret_taken: how many are in the host's store now. Errors: as above */
gboolean
postseal_claws_passwords_take_back_finish (GAsyncResult *result, guint *ret_taken, GError **error);

G_END_DECLS
