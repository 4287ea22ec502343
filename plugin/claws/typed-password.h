/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/bindings.h"
#include "claws/sign-in.h"

G_BEGIN_DECLS

/* Waits for what a person types into the host's own question, with "remember for this session", and
   takes it into the keyring once it has not been refused for some seconds. Without a prompt: a
   keyring that is locked then is left alone. */
typedef struct _PostsealClawsTypedPasswords PostsealClawsTypedPasswords;

PostsealClawsTypedPasswords *postseal_claws_typed_passwords_new (PostsealClawsBindings *bindings);
void postseal_claws_typed_passwords_free (PostsealClawsTypedPasswords *self);

/* Account @id is about to be signed in by @protocol, or is asked for its password. */
void postseal_claws_typed_passwords_expect (PostsealClawsTypedPasswords *self,
                                            int id,
                                            const char *protocol,
                                            const PostsealClawsSignIn *sign_in);

G_END_DECLS
