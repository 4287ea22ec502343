/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The user's consent to an account with "password=oauth:…", from the first question to the stored
   refresh token: in the system's browser with a redirect to this machine (RFC 8252, RFC 7636), or
   on another device with a code (RFC 8628). */
#define POSTSEAL_TYPE_CONSENT (postseal_consent_get_type ())
G_DECLARE_FINAL_TYPE (PostsealConsent, postseal_consent, POSTSEAL, CONSENT, GObject)

typedef enum
{
  POSTSEAL_CONSENT_BROWSER,
  POSTSEAL_CONSENT_DEVICE, /* where the provider has a device endpoint */
} PostsealConsentWay;

/* TRUE when the provider of @spec can be asked in this way as configured. Blocks for a moment. */
gboolean postseal_consent_is_possible (const char *spec, PostsealConsentWay way);

/**
 * postseal_consent_new:
 * @spec: value of the account key "password"
 * @account: the account's name
 * @user: who signs in
 *
 * Signal "open" (uri s, code s): browser: open this address, the code is ""; device: show the
 * address and the code, to be typed there. Returns: (transfer full)
 */
PostsealConsent *postseal_consent_new (const char *spec,
                                       const char *account,
                                       const char *user,
                                       PostsealConsentWay way);

/* Waits for the user as long as the provider does, and until cancelled. Errors: those of
   auth/authorization.h, %G_IO_ERROR_CANCELLED */
void postseal_consent_run_async (PostsealConsent *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* Returns: TRUE once the refresh token is stored */
gboolean postseal_consent_run_finish (PostsealConsent *self, GAsyncResult *result, GError **error);

G_END_DECLS
