/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One consent of the user to an account with "password=oauth:PROVIDER:CLIENT-ID", given on another
   device, or in another browser, by typing a code there (RFC 8628). */
typedef struct _PostsealDeviceAuthorization PostsealDeviceAuthorization;

void postseal_device_authorization_free (PostsealDeviceAuthorization *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealDeviceAuthorization, postseal_device_authorization_free)

/* Whether the provider of @spec has what it takes: a device endpoint and a client ID. Blocks (two
   small files). */
gboolean postseal_device_authorization_is_possible (const char *spec);

/**
 * postseal_device_authorization_begin_async:
 * @spec: value of the account key "password"
 * @account: the account's name
 *
 * Asks the provider for a code.
 *
 * Errors: %POSTSEAL_AUTH_ERROR_SETTINGS, %POSTSEAL_AUTH_ERROR_SERVER, %POSTSEAL_VAULT_ERROR.
 */
void postseal_device_authorization_begin_async (const char *spec,
                                                const char *account,
                                                GAsyncReadyCallback callback,
                                                gpointer user_data);
PostsealDeviceAuthorization *
postseal_device_authorization_begin_finish (GAsyncResult *result, GError **error);

/* Where the code is to be typed: https. */
const char *postseal_device_authorization_get_uri (PostsealDeviceAuthorization *self);
/* What is to be typed there. */
const char *postseal_device_authorization_get_code (PostsealDeviceAuthorization *self);

/**
 * postseal_device_authorization_complete_async:
 *
 * Asks the provider now and then, as often as it allows, whether the user has decided, until it
 * says yes or no or the code has ended; then stores the refresh token. Once only; @self stays alive
 * until then. Not cancelled any more once the token has come.
 *
 * Errors: %POSTSEAL_VAULT_ERROR_REAUTHORIZE when the user has refused or the code has ended, those
 * of a lookup and of a store; %G_IO_ERROR_CANCELLED.
 */
void postseal_device_authorization_complete_async (PostsealDeviceAuthorization *self,
                                                   GCancellable *cancellable,
                                                   GAsyncReadyCallback callback,
                                                   gpointer user_data);
gboolean postseal_device_authorization_complete_finish (PostsealDeviceAuthorization *self,
                                                        GAsyncResult *result,
                                                        GError **error);

G_END_DECLS
