/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/bindings.h"
#include "claws/front.h"
#include "claws/receiving.h"

G_BEGIN_DECLS

/* What is Postseal's in the host's menu "Tools", and the item for the toolbar, which the user puts
   there in the host's preferences. An item that can do nothing says why. */
typedef struct _PostsealClawsToolsMenu PostsealClawsToolsMenu;

/* @receiving: borrowed, lives longer. Keeps references on the others. Returns: (transfer full) */
PostsealClawsToolsMenu *postseal_claws_tools_menu_new (PostsealClawsFront *front,
                                                       PostsealClawsReceiving *receiving,
                                                       PostsealClawsBindings *bindings);
/* NULL-safe. The items go, and the window of the status. */
void postseal_claws_tools_menu_free (PostsealClawsToolsMenu *self);

G_END_DECLS
