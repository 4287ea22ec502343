/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "claws/bindings.h"
#include "claws/front.h"
#include "claws/receiving.h"

G_BEGIN_DECLS

/* All accounts of Postseal, live: how they fare, what waits, and what can be done. Not modal;
   Escape closes it. */
#define POSTSEAL_TYPE_CLAWS_STATUS_WINDOW (postseal_claws_status_window_get_type ())
G_DECLARE_FINAL_TYPE (PostsealClawsStatusWindow,
                      postseal_claws_status_window,
                      POSTSEAL,
                      CLAWS_STATUS_WINDOW,
                      GtkWindow)

/* @receiving: borrowed, lives longer than the window. Returns: (transfer none): as any GtkWindow,
   it is owned by GTK until it is destroyed */
GtkWidget *postseal_claws_status_window_new (PostsealClawsFront *front,
                                             PostsealClawsReceiving *receiving,
                                             PostsealClawsBindings *bindings);

G_END_DECLS
