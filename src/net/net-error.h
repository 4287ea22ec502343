/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The network as such. All are worth another try later (exit status 75). */
#define POSTSEAL_NET_ERROR (postseal_net_error_quark ())
GQuark postseal_net_error_quark (void);
typedef enum
{
  POSTSEAL_NET_ERROR_RESOLVE, /* no address for the host name */
  POSTSEAL_NET_ERROR_CONNECT, /* nobody answers at any of its addresses */
  POSTSEAL_NET_ERROR_TIMEOUT, /* silence for longer than the account allows, after the link was
                                 sealed */
  POSTSEAL_NET_ERROR_DANE, /* "dane=require", and the DNS does not answer */
  POSTSEAL_NET_ERROR_CLOSED, /* the peer ended the conversation in good order, but too early */
} PostsealNetError;

/* The TLS policy is not met, or somebody meddles (exit status 76). One value of the RFC 8460
   section 4.3 kind for each cause; the message names the cause in one sentence. */
#define POSTSEAL_TLS_ERROR (postseal_tls_error_quark ())
GQuark postseal_tls_error_quark (void);
typedef enum
{
  POSTSEAL_TLS_ERROR_NOT_OFFERED, /* the upgrade was asked for, refused, and had not been offered */
  POSTSEAL_TLS_ERROR_REFUSED, /* the upgrade was refused */
  POSTSEAL_TLS_ERROR_INJECTED, /* bytes followed the upgrade reply in clear */
  POSTSEAL_TLS_ERROR_PREAUTH, /* IMAP PREAUTH before TLS */
  POSTSEAL_TLS_ERROR_VESTIBULE, /* no proper greeting, BYE, silence or too much talk before TLS */
  POSTSEAL_TLS_ERROR_WRONG_START, /* plain text on a TLS port, or TLS on a plain one */
  POSTSEAL_TLS_ERROR_HANDSHAKE, /* the handshake failed, or offered only old versions */
  POSTSEAL_TLS_ERROR_INTERRUPTED, /* the handshake was cut off, or stalled */
  POSTSEAL_TLS_ERROR_UNTRUSTED, /* chain: self-signed, unknown issuer, weak key, wrong usage */
  POSTSEAL_TLS_ERROR_EXPIRED, /* or not valid yet */
  POSTSEAL_TLS_ERROR_REVOKED,
  POSTSEAL_TLS_ERROR_IDENTITY, /* the certificate is for another name */
  POSTSEAL_TLS_ERROR_PIN, /* the key is not the pinned one */
  POSTSEAL_TLS_ERROR_DANE_MISMATCH, /* the DNS, signed, names another key */
  POSTSEAL_TLS_ERROR_DANE_MISSING, /* "dane=require", and the DNS names no key, or not signed */
  POSTSEAL_TLS_ERROR_DNSSEC, /* "dane=require", and the DNS's signatures are wrong */
  POSTSEAL_TLS_ERROR_LATCH, /* weaker than what this server did before */
  POSTSEAL_TLS_ERROR_NOT_LOOPBACK, /* "loopback" was asked for, but the peer is another machine */
  POSTSEAL_TLS_ERROR_TRUNCATED, /* the stream was cut without close_notify */
  POSTSEAL_TLS_ERROR_SETTINGS, /* unreadable CA file, client key, bad pin: exit status 78 */
} PostsealTlsError;

G_END_DECLS
