/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/vault.h"
#include "base/transcript.h"
#include "engine/account.h"
#include "net/channel.h"

G_BEGIN_DECLS

/* One direction of an account, connected exactly as configured and signed in, for whoever only
   wants to see whether it works. What is known of the servers is obeyed, and nothing is learned. */
typedef struct _PostsealTrial PostsealTrial;

/* @sending: a direction that @account has. @vault: (nullable): where the secret is instead of the
   account's own place. @transcript: (nullable) */
PostsealTrial *postseal_trial_new (PostsealAccount *account,
                                   gboolean sending,
                                   PostsealVault *vault,
                                   PostsealTranscript *transcript);
/* Ends the connection; not while something is under way. NULL-safe. */
void postseal_trial_free (PostsealTrial *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTrial, postseal_trial_free)

/* TRUE when somebody signs in: not with "auth=none" in sending. */
gboolean postseal_trial_signs_in (PostsealAccount *account, gboolean sending);

/* As far as the seal. Once. Errors: those of postseal_dial_async(), unreadable latches. */
void postseal_trial_connect_async (PostsealTrial *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean postseal_trial_connect_finish (PostsealTrial *self, GAsyncResult *result, GError **error);

/* After that, once: the conversation as far as the log-in; without a log-in where nobody signs in.
   Errors: those of the sessions, %POSTSEAL_VAULT_ERROR */
void postseal_trial_sign_in_async (PostsealTrial *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean postseal_trial_sign_in_finish (PostsealTrial *self, GAsyncResult *result, GError **error);

/* Returns: (transfer none) (nullable): NULL until sealed */
PostsealSeal *postseal_trial_get_seal (PostsealTrial *self);
/* Returns: (transfer none) (nullable): the PostsealImapSession, PostsealPop3Session or
   PostsealSmtpSession of the protocol, from the log-in until the end */
gpointer postseal_trial_get_session (PostsealTrial *self);
/* What has been used to sign in, stored passwords and access tokens included, so that a report can
   be kept free of it; wiped with this. Returns: (transfer none) (element-type PostsealCredential)
 */
const GPtrArray *postseal_trial_get_secrets (PostsealTrial *self);

/**
 * postseal_trial_hand_over:
 * @handler, @user_data: as of postseal_channel_new()
 *
 * Gives the connection away: sealed, after connect, or with the user signed in. Then it is to be
 * called in the callback of the log-in, so that no byte behind its last answer is lost. Nothing
 * else can be done here any more.
 *
 * Returns: (transfer full) (nullable): NULL when the connection has ended
 */
PostsealChannel *postseal_trial_hand_over (PostsealTrial *self,
                                           const PostsealChannelHandler *handler,
                                           gpointer user_data);

/* Takes leave of the server in good order, in the background. */
void postseal_trial_leave (PostsealTrial *self);

G_END_DECLS
