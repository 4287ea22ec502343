/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "claws/bindings.h"
#include "claws/keyring-door.h"

G_BEGIN_DECLS

/* Passwords between the host's own store and the keyring. At every moment each is in one of them at
   least. */

typedef enum
{
  POSTSEAL_CLAWS_MOVE_THERE,
  POSTSEAL_CLAWS_MOVE_AGAIN, /* what was moved before, and the host has stored once more; no prompt
                              */
  POSTSEAL_CLAWS_COPY_BACK,
} PostsealClawsMoveKind;

/* All passwords of account @id. @door: (nullable): no prompt */
void postseal_claws_password_move_async (PostsealClawsBindings *bindings,
                                         PostsealClawsKeyringDoor *door,
                                         PostsealClawsMoveKind kind,
                                         int id,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
/* @ret_count: how many, also of a failed move. Errors: %POSTSEAL_VAULT_ERROR,
   %G_IO_ERROR_CANCELLED */
gboolean
postseal_claws_password_move_finish (GAsyncResult *result, guint *ret_count, GError **error);

/* Whether what account @id has in the host's own store was moved before. */
gboolean postseal_claws_password_was_moved (PostsealClawsBindings *bindings, int id);

G_END_DECLS
