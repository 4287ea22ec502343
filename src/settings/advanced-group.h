/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "setup/account-form.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What few need, folded away; of how strict the encryption is only what the account can have. */
#define POSTSEAL_TYPE_ADVANCED_GROUP (postseal_advanced_group_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealAdvancedGroup, postseal_advanced_group, POSTSEAL, ADVANCED_GROUP, AdwPreferencesGroup)

/* After each change of @form. */
void postseal_advanced_group_update (PostsealAdvancedGroup *self, PostsealAccountForm *form);

G_END_DECLS
