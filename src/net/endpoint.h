/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  POSTSEAL_PROTOCOL_IMAP,
  POSTSEAL_PROTOCOL_POP3,
  POSTSEAL_PROTOCOL_SMTP,
} PostsealProtocol;

typedef enum
{
  POSTSEAL_TLS_START_IMPLICIT, /* TLS from the first byte */
  POSTSEAL_TLS_START_UPGRADE, /* STARTTLS, STLS */
} PostsealTlsStart;

/* One server as configured. Immutable, reference counted. */
typedef struct
{
  char *host; /* as configured, lower case, A-labels; or an IP literal without brackets */
  guint16 port;
  PostsealProtocol protocol;
  PostsealTlsStart start;
} PostsealEndpoint;

/**
 * postseal_endpoint_new:
 * @host: name or IP address; U-labels are converted (IDNA)
 * @port: 0 for the default of @protocol and @start (RFC 8314 section 7)
 *
 * Returns: (transfer full)
 */
PostsealEndpoint *postseal_endpoint_new (PostsealProtocol protocol,
                                         PostsealTlsStart start,
                                         const char *host,
                                         guint16 port);
PostsealEndpoint *postseal_endpoint_ref (PostsealEndpoint *self);
void postseal_endpoint_unref (PostsealEndpoint *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealEndpoint, postseal_endpoint_unref)

/* Both are the same server, reached in the same way. Both: (nullable) */
gboolean postseal_endpoint_equal (const PostsealEndpoint *self, const PostsealEndpoint *other);

/* "imap.example.org:143" or "[::1]:993", for messages and state keys. Returns: (transfer full) */
char *postseal_endpoint_to_string (const PostsealEndpoint *self);
const char *postseal_protocol_name (PostsealProtocol protocol); /* "IMAP", "POP3", "SMTP" */

G_END_DECLS
