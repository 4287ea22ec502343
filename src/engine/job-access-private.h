/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/authenticator.h"
#include "engine/account.h"
#include "engine/tls-counts.h"
#include "net/dial.h"
#include "net/latches.h"

G_BEGIN_DECLS

/* How a run comes in at an account's server, whatever it is there for: by what earlier runs have
   learned, as the user of the account. @state_dir: postseal_paths_account_state_dir() */

/* Reads the latches in the background. */
void _postseal_job_access_load_latches_async (const char *state_dir,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback,
                                              gpointer user_data);
/* Returns: (transfer full); NULL with @error set when they cannot be read, or after cancellation */
PostsealLatches *_postseal_job_access_load_latches_finish (GAsyncResult *result, GError **error);
/* The same, for a worker thread: blocks. */
PostsealLatches *_postseal_job_access_load_latches (const char *state_dir, GError **error);
/* Writes what they have learned, if anything. Blocks. @latches: (nullable) */
gboolean
_postseal_job_access_keep_latches (PostsealLatches *latches, const char *state_dir, GError **error);

/* Dials the account's server. @transcript: (nullable). @callback: gets a result for finish below */
void _postseal_job_access_dial_async (const PostsealAccount *account,
                                      gboolean sending,
                                      PostsealLatches *latches,
                                      PostsealTranscript *transcript,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
/* Counts what became of it in @counts, too. Returns: (transfer full); errors: those of dialling */
PostsealSealedLink *_postseal_job_access_dial_finish (const PostsealAccount *account,
                                                      gboolean sending,
                                                      PostsealTlsCounts *counts,
                                                      GAsyncResult *result,
                                                      GError **error);
/* Adds @counts to those on the disk. That they cannot be kept is no failure of a run. Blocks. */
void _postseal_job_access_keep_counts (PostsealTlsCounts *counts, const char *state_dir);

/* Who signs in there. @vault: (nullable): in place of the account's own. Returns: (transfer full)
   (nullable): NULL without @error where nobody signs in ("auth=none" in
   sending) */
PostsealAuthenticator *_postseal_job_access_make_authenticator (const PostsealAccount *account,
                                                                gboolean sending,
                                                                PostsealVault *vault,
                                                                PostsealLatches *latches,
                                                                GError **error);

G_END_DECLS
