/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "setup/live-test.h"

G_BEGIN_DECLS

/* One step of a test: its sign, what it is, what came of it, how long it took. Follows the step. */
#define POSTSEAL_TYPE_TEST_STEP_ROW (postseal_test_step_row_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealTestStepRow, postseal_test_step_row, POSTSEAL, TEST_STEP_ROW, GtkListBoxRow)

GtkWidget *postseal_test_step_row_new (PostsealTestStep *step);

G_END_DECLS
