/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Unlocking the desktop's keyring for several who want it at once: one prompt for all of them. A
   person who has dismissed it is not shown another one, until somebody has found the keyring open,
   or asks for it anew. */
typedef struct _PostsealClawsKeyringDoor PostsealClawsKeyringDoor;

PostsealClawsKeyringDoor *postseal_claws_keyring_door_new (void);
/* Nobody may wait any more. */
void postseal_claws_keyring_door_free (PostsealClawsKeyringDoor *self);

/* Without a limit: a person is at work. When the last one who waits has cancelled, the prompt is
   taken away. Errors: %POSTSEAL_VAULT_ERROR (LOCKED when it is or has been dismissed),
   %G_IO_ERROR_CANCELLED */
void postseal_claws_keyring_door_open_async (PostsealClawsKeyringDoor *self,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback,
                                             gpointer user_data);
gboolean postseal_claws_keyring_door_open_finish (GAsyncResult *result, GError **error);

/* What a person has dismissed counts no more. */
void postseal_claws_keyring_door_forget (PostsealClawsKeyringDoor *self);

G_END_DECLS
