/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "net/endpoint.h"

G_BEGIN_DECLS

/* What one port of a server was seen to do: evidence without judgement. Who examines fills it in;
   who judges needs neither network nor time. */

typedef enum
{
  POSTSEAL_PORT_CLOSED, /* refused: nobody listens */
  POSTSEAL_PORT_UNREACHABLE, /* no answer to the connection, or no way there */
  POSTSEAL_PORT_SILENT, /* accepted, and not a word, neither in clear nor to a ClientHello */
  POSTSEAL_PORT_ENDED, /* accepted, and ended without a word */
  POSTSEAL_PORT_STRANGE, /* it speaks, but not the protocol of the port */
  POSTSEAL_PORT_BUSY, /* the protocol's own word for "not now": 421, a greeting of 4yz, BYE */
  POSTSEAL_PORT_MAIL, /* it speaks the protocol of the port, in clear or within TLS */
} PostsealPortState;

/* What was looked for. */
typedef enum
{
  POSTSEAL_SEEN_UNKNOWN, /* not looked for, or no time was left */
  POSTSEAL_SEEN_NO,
  POSTSEAL_SEEN_YES,
} PostsealSeen;

/* How far the change from plain text to TLS came. */
typedef enum
{
  POSTSEAL_PORT_UPGRADE_NONE, /* TLS from the first byte, not asked for, or not answered */
  POSTSEAL_PORT_UPGRADE_MISSING, /* not offered, and refused when asked for all the same */
  POSTSEAL_PORT_UPGRADE_REFUSED, /* offered, and then refused */
  POSTSEAL_PORT_UPGRADE_AGREED, /* the server said yes: see has_tls for the handshake */
} PostsealPortUpgrade;

typedef struct
{
  /* What was examined. */
  PostsealProtocol protocol;
  guint16 port;
  PostsealTlsStart usual; /* how TLS is meant to start on this port */

  /* How it answered. */
  PostsealPortState state;
  char *address; /* owned, nullable: "192.0.2.1:993", as connected */
  char *reason; /* owned, nullable: a sentence, where the state is no MAIL, or the server stopped
                   answering */
  char *greeting; /* owned, nullable: its first line in clear, printable; of a STRANGE one what it
                     said */
  PostsealTlsStart start; /* how TLS does start there: IMPLICIT where a ClientHello was answered
                             with TLS, UPGRADE where it speaks in clear */
  guint connect_ms, greeting_ms, handshake_ms; /* 0: did not come to that */

  /* In clear. All lists: as the server has them, printable. */
  char **caps_before; /* owned, nullable: not asked for, or TLS from the first byte */
  gboolean is_preauth; /* IMAP: "* PREAUTH" in clear (RFC 9051 section 7.1.4) */
  PostsealPortUpgrade upgrade;
  char *upgrade_answer; /* owned, nullable: the server's line */
  PostsealSeen reply_injected; /* bytes in clear behind the answer to STARTTLS */
  char *injected; /* owned, nullable: these bytes, printable */
  PostsealSeen
      command_injection; /* it answered within TLS to what was sent in clear behind STARTTLS */

  /* Within TLS: as a client of today is served. */
  PostsealSeen has_tls; /* a handshake was completed; NO: it was tried and failed. One with a suite
                           without forward secrecy counts */
  char *tls_error; /* owned, nullable: why it failed */
  char *tls_version; /* owned, nullable: "TLS 1.3" */
  char *cipher; /* owned, nullable: "AES-256-GCM" */
  char *key_exchange; /* owned, nullable: "X25519", "ECDHE-RSA" */
  GPtrArray *chain; /* owned, nullable (element-type GBytes): certificates, DER, as they were sent;
                       where has_tls is not YES, by a handshake that failed later, or to a client of
                       yesterday */
  char **caps_after; /* owned, nullable */
  char *greeting_after; /* owned, nullable: TLS from the first byte: the greeting */

  /* What else it would accept; each asked in a connection of its own. */
  PostsealSeen tls10, tls11, tls12, tls13;
  char *suite_null; /* owned, nullable: a suite without encryption that was accepted */
  char *suite_anonymous; /* owned, nullable: one without authentication. Postfix as it is delivered
                            accepts them: between servers nobody looks at names */
  char *suite_broken; /* owned, nullable: RC4, DES, 3DES, export */
  char *suite_static; /* owned, nullable: one without forward secrecy */
  PostsealSeen suites; /* the four above were looked for: YES, or UNKNOWN */
  guint dh_bits; /* of the group of a DHE exchange; 0: none, or not looked for */
  PostsealSeen extended_master_secret; /* RFC 7627, within TLS 1.2 */
  PostsealSeen resumption;
} PostsealPortFacts;

/* Nothing is known yet: CLOSED, all else UNKNOWN. Returns: (transfer full) */
PostsealPortFacts *
postseal_port_facts_new (PostsealProtocol protocol, guint16 port, PostsealTlsStart usual);
void postseal_port_facts_free (PostsealPortFacts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealPortFacts, postseal_port_facts_free)

G_END_DECLS
