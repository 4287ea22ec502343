/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "wire/received.h"

G_BEGIN_DECLS

/* Parts of a Received field. */

typedef enum
{
  RECEIVED_NOTHING,
  RECEIVED_FROM,
  RECEIVED_BY,
  RECEIVED_VIA,
  RECEIVED_WITH,
  RECEIVED_ID,
  RECEIVED_FOR,
  RECEIVED_TLS, /* RFC 8314 section 4.3 */
  RECEIVED_GROUP,
  RECEIVED_N_CLAUSES,
} PostsealReceivedClause;

/* A comment in @clause that a server, and not its client, has written about TLS: fills in version
   and cipher. Returns: FALSE when it is none */
gboolean _postseal_received_read_tls (PostsealReceived *self,
                                      PostsealReceivedClause clause,
                                      const char *comment);

/* A comment in the clause "from": name and address of the client. */
void _postseal_received_read_client (PostsealReceived *self, const char *comment);

/* An address, between brackets or not, with "IPv6:" in front or not. Returns: (transfer full)
   (nullable) */
char *_postseal_received_read_address (const char *text);

G_END_DECLS
