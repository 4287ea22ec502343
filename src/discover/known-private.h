/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "discover/source-private.h"

G_BEGIN_DECLS

/* What lies on this machine about the mail of @domain, or about whoever runs the mail exchanger
   @host. Block (a small file), so only in a worker thread. The words are those of the caller's
   source. Return: (transfer full) (nullable) */
PostsealSourceAnswer *_postseal_known_find_by_domain (PostsealSearchContext *context,
                                                      const char *domain,
                                                      PostsealSource source,
                                                      const char *origin,
                                                      gboolean is_authentic);
PostsealSourceAnswer *_postseal_known_find_by_host (PostsealSearchContext *context,
                                                    const char *host,
                                                    PostsealSource source,
                                                    const char *origin,
                                                    gboolean is_authentic);

G_END_DECLS
