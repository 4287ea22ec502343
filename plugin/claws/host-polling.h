/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/bindings.h"

G_BEGIN_DECLS

/* Keeps the host from getting the mail of an account by itself: with "all accounts", at its start,
   and at intervals. */

/* Remembers in @bindings how account @id was got, and ends that. Nothing happens when it was ended
   already. */
void postseal_claws_host_polling_stop (PostsealClawsBindings *bindings, int id);

/* As it was before. */
void postseal_claws_host_polling_restore (PostsealClawsBindings *bindings, int id);

G_END_DECLS
