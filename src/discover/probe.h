/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/transcript.h"
#include "net/endpoint.h"
#include "net/seal.h"
#include "net/tls-policy.h"

G_BEGIN_DECLS

/* Whether a server can be reached with a seal: connects as an account would, without anybody
   signing in, and where that fails finds out what would work instead. */

typedef struct
{
  PostsealSeal *seal; /* owned; NULL: it was not sealed */
  GError *error; /* owned; NULL: sealed */
  GHashTable *facts; /* owned: of base/transcript.h, what was met on the way */
  PostsealEndpoint *better; /* owned, or NULL: another port or TLS start of the same host that was
                               sealed just now */
  char *ca_file; /* owned, or NULL: it, or @better, was sealed by these authorities, which the
                    system does not know: an account needs them as "ca-file" */
} PostsealProbe;

void postseal_probe_free (PostsealProbe *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealProbe, postseal_probe_free)

/**
 * postseal_probe_async:
 * @policy: (nullable): NULL: enforced, with the system's trust
 * @limit_ms: the longest silence in any one wait
 *
 * After a failure that is about ports or how TLS starts (nobody there, nothing offered, plain text
 * where TLS was awaited, or a silence), the other usual port of the same protocol is tried.
 *
 * Errors: %G_IO_ERROR_CANCELLED only.
 */
void postseal_probe_async (PostsealEndpoint *endpoint,
                           PostsealTlsPolicy *policy,
                           guint limit_ms,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
/* Returns: (transfer full) */
PostsealProbe *postseal_probe_finish (GAsyncResult *result, GError **error);

G_END_DECLS
