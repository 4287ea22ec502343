/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account-status.h"

G_BEGIN_DECLS

/* Logs what has changed about an account since it was called for it last: one line a change, none
   for what is under way. The same trouble over and over is told at the 2nd, 4th, 8th, ... time. To
   be called whenever something has changed. */
void postseal_account_log_update (PostsealAccountStatus *status);

G_END_DECLS
