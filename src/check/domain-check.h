/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/discovery-settings.h"

G_BEGIN_DECLS

/* What a domain publishes for the protection of mail to it and from it, and what those do who take
   mail for it: asked, looked at, and judged. */

/**
 * postseal_domain_check_async:
 * @domain: lower case, A-labels
 * @selectors: (nullable): of DKIM
 * @settings: (transfer none): whom to ask, and how long one question may take; the whole may take
 *   thrice that. What is not answered by then is unknown
 *
 * Never fails for what the domain says or does not say: all of that is findings.
 *
 * Errors: %POSTSEAL_LOOKUP_ERROR_PROGRAM, %POSTSEAL_TLS_ERROR_SETTINGS where there are no
 * authorities at all, %G_IO_ERROR_CANCELLED.
 */
void postseal_domain_check_async (const char *domain,
                                  const char *const *selectors,
                                  const PostsealDiscoverySettings *settings,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
/* Returns: (transfer full) (element-type PostsealFinding): in the order of their topics */
GPtrArray *postseal_domain_check_finish (GAsyncResult *result, GError **error);

G_END_DECLS
