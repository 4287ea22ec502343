/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "setup/trouble.h"

G_BEGIN_DECLS

/* The one fixed place where a page says what is wrong: title, text, the server's words, advice, all
   of it selectable; one button for the remedy. Stays until the cause changes; an alert for screen
   readers. */
#define POSTSEAL_TYPE_TROUBLE_PANEL (postseal_trouble_panel_get_type ())
G_DECLARE_FINAL_TYPE (PostsealTroublePanel, postseal_trouble_panel, POSTSEAL, TROUBLE_PANEL, GtkBox)

/* Signal "remedy" (remedy i): the button was pressed. */

/* @trouble: (nullable): NULL hides it */
void postseal_trouble_panel_show (PostsealTroublePanel *self, const PostsealTrouble *trouble);
/* Words that are no trouble of a connection: a file that cannot be written. @text: of a GError, too
 */
void postseal_trouble_panel_tell (PostsealTroublePanel *self, const char *title, const char *text);
/* Returns: (transfer none) (nullable) */
const PostsealTrouble *postseal_trouble_panel_get_trouble (PostsealTroublePanel *self);

G_END_DECLS
