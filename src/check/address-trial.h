/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "check/port-facts.h"

G_BEGIN_DECLS

/**
 * postseal_address_trial_async:
 * @ports: (array length=n_ports): TCP
 * @limit_ms: for the whole
 *
 * Whether anybody listens at any of the ports of @address.
 */
void postseal_address_trial_async (GInetAddress *address,
                                   const guint16 *ports,
                                   gsize n_ports,
                                   guint limit_ms,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* Never fails: UNKNOWN when this computer has no way to such addresses, or was cancelled. */
PostsealSeen postseal_address_trial_finish (GAsyncResult *result);

G_END_DECLS
