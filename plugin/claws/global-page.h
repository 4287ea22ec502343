/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/front.h"

G_BEGIN_DECLS

/* The page "Plugins", "Postseal" of the host's preferences: who serves now, the accounts of
   Postseal and how they fare, live, and the way to its dialog. It has nothing to be saved. */
typedef struct _PostsealClawsGlobalPage PostsealClawsGlobalPage;

/* Keeps a reference on @front. One at a time. Returns: (transfer full) */
PostsealClawsGlobalPage *postseal_claws_global_page_new (PostsealClawsFront *front);
/* NULL-safe; also while the preferences are open, where the page is empty then. */
void postseal_claws_global_page_free (PostsealClawsGlobalPage *self);

G_END_DECLS
