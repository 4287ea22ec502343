/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/transcript.h"
#include "engine/account.h"

G_BEGIN_DECLS

/* Connects one direction of an account exactly as configured, signs in, and leaves: what it proves
   is what retrieving or sending would have. Touches no mailbox and no lock, sends no message. */

/* @transcript: (nullable) */
void postseal_check_async (PostsealAccount *account,
                           gboolean sending,
                           PostsealTranscript *transcript,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
/* Returns: (transfer full): a{sv}, one direction of the answer to POSTSEAL_SERVICE_CHECK; what went
   wrong with the server is in it and no error */
GVariant *postseal_check_finish (GAsyncResult *result, GError **error);

G_END_DECLS
