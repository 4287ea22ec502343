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

/* Returns: (transfer none) */
PostsealTestStep *postseal_test_step_row_get_step (PostsealTestStepRow *self);
/* How it goes, as it is read aloud: "Sign in: passed". Returns: (transfer full) */
char *postseal_test_step_row_describe (PostsealTestStep *step);
/* The sign of those that are in @state. */
const char *postseal_test_step_row_get_icon (PostsealTestState state);

G_END_DECLS
