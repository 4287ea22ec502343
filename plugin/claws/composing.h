/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/bindings.h"
#include "claws/sending.h"

G_BEGIN_DECLS

/* The button "Send" of the host's compose windows: for an account for which Postseal sends, the
   message goes into the Queue and the window away, at once. What only the host can do (newsgroups,
   encryption) is left to the host, which then uses the mail command. */
typedef struct _PostsealClawsComposing PostsealClawsComposing;

/* Keeps a reference on @bindings. @sending: borrowed, outlives it. Returns: (transfer full) */
PostsealClawsComposing *
postseal_claws_composing_new (PostsealClawsSending *sending, PostsealClawsBindings *bindings);
/* NULL-safe. A window that is about to go stays. */
void postseal_claws_composing_free (PostsealClawsComposing *self);

G_END_DECLS
