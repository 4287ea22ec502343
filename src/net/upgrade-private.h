/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "base/transcript.h"
#include "net/endpoint.h"

G_BEGIN_DECLS

/* The vestibule: what is said in clear before STARTTLS or STLS, as a pure state machine without
   I/O. It reads the greeting, asks for TLS whether or not it is offered (an offer can be stripped:
   RFC 3207 section 6), and reads one answer. What it hears dies with it. */
typedef struct _PostsealUpgrade PostsealUpgrade;

typedef enum
{
  POSTSEAL_UPGRADE_WAITS, /* send what there is to send, then feed more */
  POSTSEAL_UPGRADE_AGREED, /* start the handshake; every further byte in clear is an attack */
  POSTSEAL_UPGRADE_FAILED,
} PostsealUpgradeVerdict;

/**
 * _postseal_upgrade_new:
 * @endpoint: protocol, and name for messages
 * @own_address: (nullable): for SMTP's EHLO (RFC 5321 section 4.1.3)
 * @transcript: (nullable)
 */
PostsealUpgrade *_postseal_upgrade_new (PostsealEndpoint *endpoint,
                                        GInetAddress *own_address,
                                        PostsealTranscript *transcript);
void _postseal_upgrade_free (PostsealUpgrade *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealUpgrade, _postseal_upgrade_free)

/**
 * _postseal_upgrade_feed:
 * @data: (array length=length): what the server sent
 * @send: what is to be sent now is appended
 *
 * Feeding whole and feeding in pieces comes to the same verdict. Total input is limited by
 * POSTSEAL_LIMIT_VESTIBULE and POSTSEAL_LIMIT_VESTIBULE_LINES.
 *
 * Errors: %POSTSEAL_TLS_ERROR_NOT_OFFERED, _REFUSED, _INJECTED, _PREAUTH, _VESTIBULE, _WRONG_START,
 * and %POSTSEAL_NET_ERROR_CLOSED for an SMTP server that is busy (421, a greeting of 4yz), with
 * %POSTSEAL_UPGRADE_FAILED only
 */
PostsealUpgradeVerdict _postseal_upgrade_feed (
    PostsealUpgrade *self, const char *data, gsize length, GString *send, GError **error);

/* The error for a connection that ended, or stayed silent for @silence_ms if that is not 0, where
   the script still waited. */
GError *_postseal_upgrade_explain_end (PostsealUpgrade *self, guint silence_ms);

/* TRUE after _NOT_OFFERED and _REFUSED when the conversation could go on in clear, because the
   server has no TLS; one that offers it and then refuses is left. Only an opportunistic dial asks.
 */
gboolean _postseal_upgrade_is_usable_in_clear (PostsealUpgrade *self);

G_END_DECLS
