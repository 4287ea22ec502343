/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/bindings.h"
#include "claws/front.h"

G_BEGIN_DECLS

/* Mail of the accounts that Postseal receives for the host: fetched on request, taken from their
   spools whenever something is there, and filed. Tells of it in the host's status bar and log.
   It follows the bindings: an account that gets the duty delivers into the plugin's spool from then
   on, and is not got by the host; one that loses it is as it was before. */
typedef struct _PostsealClawsReceiving PostsealClawsReceiving;

/* Begins at once with what lies there. Keeps a reference on both. Returns: (transfer full) */
PostsealClawsReceiving *
postseal_claws_receiving_new (PostsealClawsFront *front, PostsealClawsBindings *bindings);
/* NULL-safe; at any moment, waits for nothing. */
void postseal_claws_receiving_free (PostsealClawsReceiving *self);

/* Gets the mail of a host account now; 0: of all for which Postseal receives. */
void postseal_claws_receiving_fetch (PostsealClawsReceiving *self, int id);

G_END_DECLS
