/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "engine/account.h"
#include "engine/service.h"

G_BEGIN_DECLS

/* What an account holds its servers to, and the way to have it forgotten. */
#define POSTSEAL_TYPE_LATCH_GROUP (postseal_latch_group_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealLatchGroup, postseal_latch_group, POSTSEAL, LATCH_GROUP, AdwPreferencesGroup)

/* Signal "forgotten" (): the servers may be weaker from now on.
   Signal "failed" (message s): it could not be forgotten. */

/* @account: as it is in the file. @service: (nullable): who works for it. Reads what is known anew,
   in a thread. */
void postseal_latch_group_show (PostsealLatchGroup *self,
                                PostsealAccount *account,
                                PostsealService *service);
/* Asks whether to forget it. */
void postseal_latch_group_forget (PostsealLatchGroup *self);

G_END_DECLS
