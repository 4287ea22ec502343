/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "setup/account-form.h"
#include "setup/trouble.h"

G_BEGIN_DECLS

/* The third state of a new account: the secret, the test of both sides with it, and then the
   account is written. */
#define POSTSEAL_TYPE_ADD_SECRET (postseal_add_secret_get_type ())
G_DECLARE_FINAL_TYPE (PostsealAddSecret, postseal_add_secret, POSTSEAL, ADD_SECRET, GtkBox)

/* Signal "changed" (): whether it can go on, or is at work, is another answer than before.
   Signal "activated" (): Enter was pressed in a field.
   Signal "blamed" (trouble p): the test has found something about the servers (PostsealTrouble).
   Signal "made" (tested b): the account is in the file. */

/* @proposal: (nullable). @config: the path of accounts.conf */
void postseal_add_secret_begin (PostsealAddSecret *self,
                                PostsealAccountForm *form,
                                const PostsealProposal *proposal,
                                const char *config);
/* The main act: test, and then make the account. */
void postseal_add_secret_go_on (PostsealAddSecret *self);
gboolean postseal_add_secret_can_go_on (PostsealAddSecret *self);
/* What is under way ends. Returns: TRUE when there was something; the account is being written at
   this very moment: TRUE, and nothing ends */
gboolean postseal_add_secret_cancel (PostsealAddSecret *self);
/* The page is left: no password stays in it, and what was stored for nothing is taken away. */
void postseal_add_secret_leave (PostsealAddSecret *self);

G_END_DECLS
