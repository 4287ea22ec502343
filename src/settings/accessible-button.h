/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Lets all buttons of @root, itself included, have the name that their labels show, now and when a
   label changes: GTK 4.8 would say the one with the mnemonic, too: "_Next Next". So do the rows
   that open, which would have none. */
void postseal_accessible_button_name (GtkWidget *root);

G_END_DECLS
