/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "claws/front.h"

G_BEGIN_DECLS

/* Who serves now, and in a line each how the accounts of Postseal fare. */
#define POSTSEAL_TYPE_CLAWS_GLOBAL_VIEW (postseal_claws_global_view_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealClawsGlobalView, postseal_claws_global_view, POSTSEAL, CLAWS_GLOBAL_VIEW, GtkBox)

/* Follows @front. Returns: (transfer floating) */
GtkWidget *postseal_claws_global_view_new (PostsealClawsFront *front);

G_END_DECLS
