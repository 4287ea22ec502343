/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The dialog of Postseal, which is a program of its own. */

/**
 * postseal_claws_settings_program_run_async:
 * @account: (nullable): of Postseal, to be shown at once; NULL: the list of all
 *
 * Starts it; the answer comes when it has ended. When one runs already, that one comes to the
 * front, and the answer comes at once. @cancellable ends the waiting, never the program.
 */
void postseal_claws_settings_program_run_async (const char *account,
                                                GCancellable *cancellable,
                                                GAsyncReadyCallback callback,
                                                gpointer user_data);
/* Errors: %G_SPAWN_ERROR and others of g_subprocess_newv(), with a sentence for people;
   %G_IO_ERROR_CANCELLED */
gboolean postseal_claws_settings_program_run_finish (GAsyncResult *result, GError **error);

G_END_DECLS
