/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where an account of Postseal delivers to, in accounts.conf: into the plugin's spool while it
   receives for the host. What was there before is written into the spool first, and for which
   account of the host it is, so that neither is forgotten, whoever is killed when. */

/**
 * postseal_claws_take_over_delivery_async:
 * @account: of Postseal
 * @id: the account of the host that it is received for
 *
 * Has @account deliver everything into its spool ("deliver" and "layout" of accounts.conf,
 * comments and order are kept), in a worker thread. The service sees for itself that the file has
 * changed.
 */
void postseal_claws_take_over_delivery_async (const char *account,
                                              int id,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback,
                                              gpointer user_data);
/* Errors: %POSTSEAL_CONFIG_ERROR, %G_FILE_ERROR, %POSTSEAL_LOCK_ERROR */
gboolean postseal_claws_take_over_delivery_finish (GAsyncResult *result, GError **error);

/* Puts back what was there before, unless somebody has changed it since; where that is not known, a
   Maildir below ~/Mail. Fine when there is no such account any more. */
void postseal_claws_give_back_delivery_async (const char *account,
                                              GAsyncReadyCallback callback,
                                              gpointer user_data);
/* Errors: as above */
gboolean postseal_claws_give_back_delivery_finish (GAsyncResult *result, GError **error);

/* An account whose delivery has been taken over, now or once. */
typedef struct
{
  char *account; /* owned: of Postseal */
  int id; /* of the host */
} PostsealClawsTakenOver;
/* NULL-safe. */
void postseal_claws_taken_over_free (PostsealClawsTakenOver *self);

/* All of them: what lies in their spools is the host's, also when it is theirs no more. Small, read
   at once. Returns: (transfer full) (element-type PostsealClawsTakenOver) */
GPtrArray *postseal_claws_taken_over_list (void);

G_END_DECLS
