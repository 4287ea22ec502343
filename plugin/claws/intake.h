/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Moves the mail of one account from its spool into the host's folders, each message exactly once,
   whatever kills the host in between: taken from the spool, handed over, dropped from the spool,
   moved on past the filters. What an earlier run has left in between comes first. Nothing holds up
   the host's main loop for longer than a few milliseconds. */
typedef struct _PostsealClawsIntake PostsealClawsIntake;

/* @n_filed: messages that are where they belong since it was told last. @error: (nullable): what is
   wrong; it tries again by itself. Told when there is nothing more to do for the moment, or nothing
   that works. */
typedef void (*PostsealClawsIntakeFunc) (int id,
                                         guint n_filed,
                                         const GError *error,
                                         gpointer user_data);

/* @id: of the host's account. @account: of Postseal. @func is never called from in here, nor after
   postseal_claws_intake_free(). Returns: (transfer full) */
PostsealClawsIntake *postseal_claws_intake_new (int id,
                                                const char *account,
                                                PostsealClawsIntakeFunc func,
                                                gpointer user_data);
/* NULL-safe; at any moment. The next one goes on where this one was. */
void postseal_claws_intake_free (PostsealClawsIntake *self);

/* The account of Postseal. Returns: (transfer none) */
const char *postseal_claws_intake_get_account (PostsealClawsIntake *self);

/* There may be mail: it watches its spool by itself, but whoever knows is sooner. */
void postseal_claws_intake_look (PostsealClawsIntake *self);

/* TRUE when nothing is under way. */
gboolean postseal_claws_intake_is_idle (PostsealClawsIntake *self);

G_END_DECLS
