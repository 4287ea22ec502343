/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "token/form.h"

G_BEGIN_DECLS

/**
 * postseal_post_send:
 * @limit_s: how long all of it may take
 * @ret_status: of HTTP
 * @ret_is_temporary: on failure: whether it may work later
 *
 * Sends the form by HTTPS, and nothing else: the certificate must be valid for the host, no
 * redirection is followed, no cookie or password is sent, and the answer is bounded. The proxy of
 * the desktop or of the environment ($https_proxy) is used; it sees no more than the host's name.
 * Blocks.
 *
 * Returns: (transfer full) (nullable): the body of the answer
 */
GBytes *postseal_post_send (PostsealForm *form,
                            guint limit_s,
                            guint *ret_status,
                            gboolean *ret_is_temporary,
                            GError **error);

G_END_DECLS
