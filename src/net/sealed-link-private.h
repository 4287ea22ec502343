/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/sealed-link.h"

G_BEGIN_DECLS

/* For net/dial.c, and for tests that stand in for it; a lint keeps everybody else out. */

/* What the link asks its stream when that is TLS; all may be NULL. */
typedef struct
{
  GBytes *(*get_channel_binding) (GIOStream *stream, const char **ret_type);
  gboolean (*has_client_certificate) (GIOStream *stream);
} PostsealSealedLinkTls;

/**
 * _postseal_sealed_link_new:
 * @stream: pollable input and output; a reference is taken
 * @endpoint: a reference is taken
 * @seal: a reference is taken
 * @tls: (nullable): static; NULL without TLS
 * @awaits_greeting: FALSE when an upgrade has consumed the server's greeting
 *
 * Returns: (transfer full)
 */
PostsealSealedLink *_postseal_sealed_link_new (GIOStream *stream,
                                               PostsealEndpoint *endpoint,
                                               PostsealSeal *seal,
                                               const PostsealSealedLinkTls *tls,
                                               gboolean awaits_greeting);

G_END_DECLS
