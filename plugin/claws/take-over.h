/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where an account of Postseal delivers to, in accounts.conf: into the plugin's spool while it
   receives for the host. */

/**
 * postseal_claws_take_over_delivery_async:
 * @account: of Postseal
 *
 * Has @account deliver everything into its spool ("deliver" and "layout" of accounts.conf,
 * comments and order are kept), in a worker thread. The service sees for itself that the file has
 * changed.
 */
void postseal_claws_take_over_delivery_async (const char *account,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback,
                                              gpointer user_data);
/* @ret_before: what was there, for postseal_claws_give_back_delivery_async(); NULL when it was so
   already. Errors: %POSTSEAL_CONFIG_ERROR, %G_FILE_ERROR, %POSTSEAL_LOCK_ERROR */
gboolean
postseal_claws_take_over_delivery_finish (GAsyncResult *result, char **ret_before, GError **error);

/* Puts back what was there before, unless somebody has changed it since. @before: (nullable): of
   postseal_claws_take_over_delivery_finish(); NULL: a Maildir below ~/Mail. Fine when there is no
   such account any more. */
void postseal_claws_give_back_delivery_async (const char *account,
                                              const char *before,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback,
                                              gpointer user_data);
/* Errors: as above */
gboolean postseal_claws_give_back_delivery_finish (GAsyncResult *result, GError **error);

G_END_DECLS
