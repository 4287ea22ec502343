/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/page.h"
#include "net/endpoint.h"
#include "net/seal.h"

G_BEGIN_DECLS

/**
 * postseal_seal_page_add:
 * @facts: (element-type utf8 utf8): what base/transcript.h tells of a connection
 * @seal: (nullable): NULL: it was refused
 *
 * The evidence of one connection, also of one that was refused: the server, TLS, the certificate
 * with its key, and, where there is a seal, the verdict.
 */
void postseal_seal_page_add (PostsealPage *page,
                             const PostsealEndpoint *endpoint,
                             GHashTable *facts,
                             const PostsealSeal *seal);

G_END_DECLS
