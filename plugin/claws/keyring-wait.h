/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "auth/credential.h"
#include "claws/keyring-door.h"
#include "claws/sign-in.h"

G_BEGIN_DECLS

/* Looking a password up for a caller that cannot go on without it: in a main loop of its own, so
   that everything else goes on, and with a limit. Several may wait, one within the other. */
typedef struct _PostsealClawsKeyringWait PostsealClawsKeyringWait;

/* Asked several times a second while somebody waits: TRUE ends that. */
typedef gboolean (*PostsealClawsKeyringWaitOver) (void);

PostsealClawsKeyringWait *postseal_claws_keyring_wait_new (PostsealClawsKeyringWaitOver is_over);
/* Also while somebody waits, who gets nothing then. */
void postseal_claws_keyring_wait_free (PostsealClawsKeyringWait *self);

/* A locked keyring is unlocked by a prompt. @self may be gone after it. Returns: (transfer full)
   (nullable) */
PostsealCredential *postseal_claws_keyring_wait_for (PostsealClawsKeyringWait *self,
                                                     const PostsealClawsSignIn *sign_in);

/* The door that is used. */
PostsealClawsKeyringDoor *postseal_claws_keyring_wait_get_door (PostsealClawsKeyringWait *self);

G_END_DECLS
