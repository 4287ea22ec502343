/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "setup/account-form.h"

G_BEGIN_DECLS

/* Where the password is, to change it; to test the account. Activates the actions
   "account.password", "account.sign-in", "account.test" of its page. */
#define POSTSEAL_TYPE_SECURITY_GROUP (postseal_security_group_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealSecurityGroup, postseal_security_group, POSTSEAL, SECURITY_GROUP, AdwPreferencesGroup)

/* After each change of @form. */
void postseal_security_group_update (PostsealSecurityGroup *self, PostsealAccountForm *form);

G_END_DECLS
