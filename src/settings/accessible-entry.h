/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Gives the text field inside of @row the row's title as its name for screen readers, now and when
   the title changes, and a password's eye a name of its own: libadwaita 1.2 leaves both without. */
void postseal_accessible_entry_name (AdwEntryRow *row);

/* Puts the cursor into @row with its text selected, so that typing replaces it. */
void postseal_accessible_entry_select (AdwEntryRow *row);

G_END_DECLS
