/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/service.h"

G_BEGIN_DECLS

/* How all accounts fare in one line for people: "3 accounts watched, 1 waits for the keyring; 2
   messages to be sent". Returns: (transfer full) */
char *postseal_status_line_compose (PostsealService *service);

G_END_DECLS
