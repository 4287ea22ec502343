/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "settings/session.h"

G_BEGIN_DECLS

/* How an account fares, both directions and their seals; follows the service as long as it lives.
 */
#define POSTSEAL_TYPE_STATUS_GROUP (postseal_status_group_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealStatusGroup, postseal_status_group, POSTSEAL, STATUS_GROUP, AdwPreferencesGroup)

/* @name: of the account. Once. */
void postseal_status_group_follow (PostsealStatusGroup *self,
                                   PostsealSession *session,
                                   const char *name);
/* Returns: (transfer none) (nullable): while the service does not know the account, NULL */
PostsealAccountStatus *postseal_status_group_get_status (PostsealStatusGroup *self);

G_END_DECLS
