/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account-status.h"

G_BEGIN_DECLS

/* One line for each account at work, drawn over itself on a terminal: messages, bytes, rate, time
   left. On anything else it draws nothing. */
typedef struct _PostsealProgress PostsealProgress;

/* @fd: where to draw, usually standard error */
PostsealProgress *postseal_progress_new (int fd);
/* Wipes the lines. */
void postseal_progress_free (PostsealProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealProgress, postseal_progress_free)

/* One more account, receiving or sending. */
void
postseal_progress_add (PostsealProgress *self, PostsealAccountStatus *status, gboolean is_sending);
/* What @account does is of no interest any more. */
void postseal_progress_remove (PostsealProgress *self, const char *account);

/* Draws again, if it is a terminal. Cheap to call often: at most ten times a second something
 * happens. */
void postseal_progress_update (PostsealProgress *self);

/* Takes the lines away, so that something else can be printed; the next update draws them again. */
void postseal_progress_hide (PostsealProgress *self);

G_END_DECLS
