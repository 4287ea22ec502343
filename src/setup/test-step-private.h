/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "setup/live-test.h"

G_BEGIN_DECLS

/* @title: (transfer full). Waiting. Returns: (transfer full) */
PostsealTestStep *_postseal_test_step_new (PostsealTestKind kind, gboolean sending, char *title);

/* Runs from now on; its time counts. */
void _postseal_test_step_begin (PostsealTestStep *self);
/* What is known so far. @detail: printable */
void _postseal_test_step_tell (PostsealTestStep *self, const char *detail);
/* @detail: (nullable): what was told before stays. Of a step that has not begun, no time. */
void _postseal_test_step_end (PostsealTestStep *self, PostsealTestState state, const char *detail);

/* TRUE once passed, failed or skipped. */
gboolean _postseal_test_step_is_over (PostsealTestStep *self);

G_END_DECLS
