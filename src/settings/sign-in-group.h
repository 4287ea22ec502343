/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "auth/credential.h"
#include "setup/account-form.h"
#include "setup/consent.h"

G_BEGIN_DECLS

/* How the person signs in: with a password, on the provider's page, or with what GNOME Online
   Accounts has. What cannot be done is not there. */
#define POSTSEAL_TYPE_SIGN_IN_GROUP (postseal_sign_in_group_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealSignInGroup, postseal_sign_in_group, POSTSEAL, SIGN_IN_GROUP, AdwPreferencesGroup)

/* Signal "changed" (): the password is another.
   Signal "activated" (): Enter was pressed in it.
   Signal "consent" (way i): PostsealConsentWay.
   Signal "online" (id s): of the online account. */

/* @proposal: (nullable) */
void postseal_sign_in_group_begin (PostsealSignInGroup *self,
                                   PostsealAccountForm *form,
                                   const PostsealProposal *proposal);
/* Whether a password is wanted here at all: not where it is kept elsewhere, nor without log-in. */
void postseal_sign_in_group_set_wanted (PostsealSignInGroup *self, gboolean is_wanted);
gboolean postseal_sign_in_group_has_password (PostsealSignInGroup *self);
/* Returns: (transfer full) (nullable) */
PostsealCredential *postseal_sign_in_group_dup_secret (PostsealSignInGroup *self);
/* Puts the cursor into the password, with its text selected. */
void postseal_sign_in_group_focus (PostsealSignInGroup *self);
/* The password is no longer in any widget. */
void postseal_sign_in_group_forget (PostsealSignInGroup *self);

G_END_DECLS
