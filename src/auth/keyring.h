/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The desktop keyring as such: is it there, is it open. Only programs with a person in front of
   them unlock it, and only when that person asks for it. */

typedef enum
{
  POSTSEAL_KEYRING_OPEN,
  POSTSEAL_KEYRING_LOCKED,
  POSTSEAL_KEYRING_NONE_YET, /* a service, but no default collection: unlocking makes it */
  POSTSEAL_KEYRING_ABSENT, /* no secret service, or no session bus */
  POSTSEAL_KEYRING_NOT_BUILT, /* built without libsecret */
} PostsealKeyringState;

/* Never a prompt; a service that is not running may be started. */
void postseal_keyring_get_state_async (GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
/* Cannot fail but by cancellation, which gives POSTSEAL_KEYRING_ABSENT. */
PostsealKeyringState postseal_keyring_get_state_finish (GAsyncResult *result);

/* The service's own prompt, for the password of the default collection, or for a new one where
   there is none yet. Without a limit: a person is at work. Errors: %POSTSEAL_VAULT_ERROR (LOCKED
   when the person has dismissed it, UNAVAILABLE), %G_IO_ERROR_CANCELLED, which takes the prompt
   away */
void postseal_keyring_unlock_async (GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
/* Returns: TRUE when secrets can be stored there now */
gboolean postseal_keyring_unlock_finish (GAsyncResult *result, GError **error);

G_END_DECLS
