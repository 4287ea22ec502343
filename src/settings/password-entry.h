/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* What is typed into @row is nowhere but in its buffer, also while it is shown: GTK would keep it
   for “Undo”. */
void postseal_password_entry_keep_no_history (AdwEntryRow *row);

G_END_DECLS
