/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What waits in the main loop that the caller runs in (its thread-default main context). */

/* Returns: (transfer full): attached; ended and freed by postseal_loop_clear() */
GSource *postseal_loop_add_timeout (guint ms, GSourceFunc func, gpointer user_data);

/* Calls @func whenever the source's ready time has come, which the source then no longer has; it
   has none at first. Cheaper than making a source for each wait. @name: static. Returns: (transfer
   full): like the above */
GSource *
postseal_loop_add_dormant (const char *name, int priority, GSourceFunc func, gpointer user_data);

/* Calls @func once @cancellable is cancelled: from the loop, since whoever cancels may not expect
   to be called back. Returns: (transfer full) (nullable): NULL without a @cancellable */
GSource *postseal_loop_add_cancellable (GCancellable *cancellable,
                                        GCancellableSourceFunc func,
                                        gpointer user_data);

/* Ends what *@source waits for, if it is not NULL, which it is then. Also from its own callback. */
void postseal_loop_clear (GSource **source);

G_END_DECLS
