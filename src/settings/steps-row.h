/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The steps of one direction in a test: open while they go, and after a failure, which is told
   above, one line that opens. */
#define POSTSEAL_TYPE_STEPS_ROW (postseal_steps_row_get_type ())
G_DECLARE_FINAL_TYPE (PostsealStepsRow, postseal_steps_row, POSTSEAL, STEPS_ROW, AdwExpanderRow)

/* Shows those of @steps (element-type PostsealTestStep) that are of this direction, instead of the
   former ones; it is hidden when there are none. */
void postseal_steps_row_follow (PostsealStepsRow *self, GListModel *steps, gboolean sending);
/* Says how this side went. @is_open: its steps stay in sight */
void postseal_steps_row_end (PostsealStepsRow *self, gboolean is_open);

G_END_DECLS
