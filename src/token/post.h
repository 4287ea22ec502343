/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "token/answer.h"
#include "token/form.h"

G_BEGIN_DECLS

/**
 * postseal_post_send:
 * @ret_status: of HTTP
 * @ret_failure: on failure, what it means
 *
 * Sends the form by HTTPS, and nothing else: the certificate must be valid for the host, no
 * redirection is followed, no cookie or password is sent, and the answer is bounded. The proxy of
 * the desktop or of the environment ($https_proxy) is used; it sees no more than the host's name.
 * Blocks.
 *
 * Returns: (transfer full) (nullable): the body of the answer
 */
GBytes *postseal_post_send (PostsealForm *form,
                            guint *ret_status,
                            PostsealFailure *ret_failure,
                            GError **error);

G_END_DECLS
