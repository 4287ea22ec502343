/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The user's word that an account's servers may be weaker than they were (net/latches.h). */

/**
 * postseal_forget_now:
 * @account: its name
 * @server: (nullable): of this one only: "imap.example.org:993", or a host name for all its ports
 * @latch: (nullable): this only: "tls", "voucher", "dane", "mechanism", "keys"
 * @program: for the lock: who is at work
 *
 * Takes it out of the account's state, under the account's lock: a fetch that runs would write back
 * what it knows. Blocks. Errors: %POSTSEAL_LOCK_ERROR, %G_FILE_ERROR; an unreadable file only where
 * not all of it is to be forgotten.
 *
 * Returns: (transfer full) (nullable): aa{ss}, each with server, latch, value: what is forgotten
 */
GVariant *postseal_forget_now (const char *account,
                               const char *server,
                               const char *latch,
                               const char *program,
                               GError **error);
/* The same on a thread of its own. It is not cancelled half-way. */
void postseal_forget_async (const char *account,
                            const char *server,
                            const char *latch,
                            const char *program,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
GVariant *postseal_forget_finish (GAsyncResult *result, GError **error);

G_END_DECLS
