/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/trial.h"

G_BEGIN_DECLS

/* What a server says on a sealed link to somebody who does not sign in: its greeting, where one is
   still to come, and what it can do. Then leave is taken. */

typedef struct
{
  char *greeting; /* owned, nullable: its first line, printable; NULL: said before TLS */
  guint greeting_ms; /* until then */
  char **capabilities; /* owned: as the server has them, printable; SMTP: without its name */
  char **mechanisms; /* owned: SASL, upper case, and "IMAP-LOGIN" or "POP3-USER" where a password
                        can be sent without */
  const char *binding; /* nullable: "tls-exporter", "tls-unique": what this link could bind to */
} PostsealCapabilities;

void postseal_capabilities_free (PostsealCapabilities *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealCapabilities, postseal_capabilities_free)

/* TRUE when a mechanism of SCRAM is offered that binds to the channel (RFC 5802 section 6). */
gboolean postseal_capabilities_have_plus (const PostsealCapabilities *self);

/**
 * postseal_capability_talk_async:
 * @trial: connected and not signed in; its connection is used up
 * @endpoint: its server
 * @limit_ms: for all of it
 * @transcript: (nullable)
 *
 * No command is sent that could sign somebody in. Errors: %POSTSEAL_NET_ERROR (_TIMEOUT, _CLOSED),
 * %G_IO_ERROR_INVALID_DATA where the server does not speak the protocol or refuses, those of the
 * channel
 */
void postseal_capability_talk_async (PostsealTrial *trial,
                                     const PostsealEndpoint *endpoint,
                                     guint limit_ms,
                                     PostsealTranscript *transcript,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
/* Returns: (transfer full) */
PostsealCapabilities *postseal_capability_talk_finish (GAsyncResult *result, GError **error);

G_END_DECLS
