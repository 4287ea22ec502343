/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "setup/live-test.h"

G_BEGIN_DECLS

/* A live test as it goes: both sides, each step with its sign, time and words; what is wrong and
   what can be done by one click; "Copy report". */
#define POSTSEAL_TYPE_TEST_VIEW (postseal_test_view_get_type ())
G_DECLARE_FINAL_TYPE (PostsealTestView, postseal_test_view, POSTSEAL, TEST_VIEW, GtkBox)

/* Signal "ended" (passed b): of the test that was run last.
   Signal "remedy" (remedy i, sending b): the person has chosen the remedy of a trouble. */

/* Runs a test and shows it; one that is under way ends. */
void postseal_test_view_run (PostsealTestView *self, PostsealLiveTest *test);
/* Ends it; what is shown stays. */
void postseal_test_view_cancel (PostsealTestView *self);
/* Returns: (transfer none) (nullable): what is or was run last */
PostsealLiveTest *postseal_test_view_get_test (PostsealTestView *self);

G_END_DECLS
