/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "setup/live-test.h"
#include "setup/test-record-private.h"

G_BEGIN_DECLS

/* One side of a live test: its steps, one after the other, until the first that fails. */
typedef struct _PostsealTestSide PostsealTestSide;

/* Told once: the password has been tried, or will not be. Never before run returns. */
typedef void (*PostsealTestJudgedFunc) (gboolean is_refused, gpointer user_data);

/* Somebody is signed in. @session: of the protocol */
typedef void (*PostsealTestUseFunc) (gpointer session, gpointer user_data);

/* @secret: (nullable) */
PostsealTestSide *
_postseal_test_side_new (PostsealAccount *account, gboolean sending, PostsealCredential *secret);
/* Not while it runs. NULL-safe. */
void _postseal_test_side_free (PostsealTestSide *self);

/* (element-type PostsealTestStep) Returns: (transfer none) */
GPtrArray *_postseal_test_side_get_steps (PostsealTestSide *self);

/* Before it runs: who is told of the password. */
void _postseal_test_side_set_judged_func (PostsealTestSide *self,
                                          PostsealTestJudgedFunc func,
                                          gpointer user_data);
/* Before it runs: what is done with a mailbox instead of opening it, until
   _postseal_test_side_end_use() says that it is done. */
void _postseal_test_side_set_use_func (PostsealTestSide *self,
                                       PostsealTestUseFunc func,
                                       gpointer user_data);
/* @error: (transfer full) (nullable): of the session */
void _postseal_test_side_end_use (PostsealTestSide *self, GError *error);

/* Before it runs: the password waits for _postseal_test_side_release(). */
void _postseal_test_side_hold (PostsealTestSide *self);
/* @is_refused: the same password was refused elsewhere, so that it is not tried again. */
void _postseal_test_side_release (PostsealTestSide *self, gboolean is_refused);

/* Once. Errors: %G_IO_ERROR_CANCELLED only */
void _postseal_test_side_run_async (PostsealTestSide *self,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
/* Returns: TRUE when every step passed */
gboolean
_postseal_test_side_run_finish (PostsealTestSide *self, GAsyncResult *result, GError **error);

/* All four: (transfer none) (nullable): NULL until there is one. */
const GError *_postseal_test_side_get_error (PostsealTestSide *self);
const PostsealTrouble *_postseal_test_side_get_trouble (PostsealTestSide *self);
PostsealSeal *_postseal_test_side_get_seal (PostsealTestSide *self);
PostsealTestRecord *_postseal_test_side_get_record (PostsealTestSide *self);
/* What it has signed in with, wherever that came from. Returns: (transfer none) (nullable)
   (element-type PostsealCredential) */
const GPtrArray *_postseal_test_side_get_secrets (PostsealTestSide *self);
/* After its end. */
void _postseal_test_side_forget_secrets (PostsealTestSide *self);

G_END_DECLS
