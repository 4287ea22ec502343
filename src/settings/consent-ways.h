/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "setup/consent.h"

G_BEGIN_DECLS

/* The ways to sign in on a provider's page that its file makes possible, which is read in a thread.
   No GTK. */

/* @spec: value of the account key "password" */
void postseal_consent_ways_find_async (const char *spec,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
/* @ret_browser, @ret_device: (out): untouched when it was cancelled. Errors: %G_IO_ERROR_CANCELLED
   only */
gboolean postseal_consent_ways_find_finish (GAsyncResult *result,
                                            gboolean *ret_browser,
                                            gboolean *ret_device,
                                            GError **error);

G_END_DECLS
