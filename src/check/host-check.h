/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "check/port-facts.h"
#include "net/discovery-settings.h"

G_BEGIN_DECLS

/* What a server offers on the ports of mail, and what that is worth: examined, all ports at the
   same time, and judged. Nothing secret is ever sent, because nothing secret is known here. */

typedef struct
{
  const char *host; /* name, lower case, A-labels; or an IP literal without brackets */
  guint16 port; /* 0: all that are usual for mail */
  gboolean has_protocol; /* of @port; else as is usual for it, or as it greets */
  PostsealProtocol protocol;
  gboolean has_start;
  PostsealTlsStart start;
  const char *ca_file; /* nullable: the system's authorities */
  gboolean probe_injection; /* with a command in clear behind STARTTLS */
} PostsealHostCheck;

typedef struct
{
  GPtrArray *findings; /* owned (element-type PostsealFinding) */
  GPtrArray *ports; /* owned (element-type PostsealPortFacts): in the order of the table of ports */
  char **addresses; /* owned: of the host */
} PostsealHostReport;

void postseal_host_report_free (PostsealHostReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealHostReport, postseal_host_report_free)

/**
 * postseal_host_check_async:
 * @settings: (transfer none): whom to ask for keys in the DNS
 *
 * Ends within ten seconds; what has not been seen by then is unknown, and so it is called.
 *
 * Errors: %G_IO_ERROR_CANCELLED; %POSTSEAL_NET_ERROR_RESOLVE, when the host has no address;
 * %POSTSEAL_TLS_ERROR_SETTINGS when the authorities cannot be read
 */
void postseal_host_check_async (const PostsealHostCheck *check,
                                const PostsealDiscoverySettings *settings,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
/* Returns: (transfer full) */
PostsealHostReport *postseal_host_check_finish (GAsyncResult *result, GError **error);

G_END_DECLS
