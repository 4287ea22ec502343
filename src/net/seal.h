/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "net/endpoint.h"

G_BEGIN_DECLS

typedef enum
{
  POSTSEAL_VOUCHER_CA, /* a chain to a trusted CA, for the right name */
  POSTSEAL_VOUCHER_CA_PIN, /* that, and the pinned key */
  POSTSEAL_VOUCHER_LOOPBACK, /* the peer's address is this machine; no TLS */
  POSTSEAL_VOUCHER_NONE, /* opportunistic: nobody */
  POSTSEAL_VOUCHER_DANE, /* the DNS, which is signed, names its key or its authority */
  POSTSEAL_VOUCHER_DANE_PIN, /* that, and the pinned key */
} PostsealVoucher;

/* The evidence of one connection. Reference counted; everything but mechanism is fixed when the
   link is sealed. Strings from the peer are printable (base/printable.h). */
typedef struct
{
  PostsealVoucher voucher;
  char *endpoint; /* "imap.example.org:143" as configured */
  PostsealProtocol protocol;
  PostsealTlsStart start;
  char *address; /* the peer's IP address and port */
  char *tls_version; /* "TLS 1.3"; NULL without TLS */
  char *cipher; /* "AES-256-GCM" */
  char *key_exchange; /* "ECDHE-X25519" and the like, or NULL */
  char *name; /* the presented identifier that matched, e.g. "*.example.org" */
  char *issuer; /* distinguished name of the leaf's issuer */
  gint64 not_after; /* Unix time the leaf expires, 0 without TLS */
  char *spki; /* "sha256:BASE64" of the leaf's key: what a pin would hold */
  char *dane; /* what the DNS says of its key: usage, selector and matching type of the TLSA record
                 that matches, "3 1 1"; or "none", "unusable", "insecure", "bogus", "unreachable".
                 NULL: it was not asked */
  gboolean resumed;
  char *dane_before; /* "keys": what the DNS said before; NULL when it says no less now */
  char *tls_before; /* "TLS 1.3": what this server did before; NULL when this is no less */
  char *key_change; /* postseal_key_news_name() of a key that is new, else NULL */
  char *mechanism; /* how the user authenticated, e.g. "SCRAM-SHA-256-PLUS"; NULL until then */
} PostsealSeal;

/* Somebody vouches for the server, by TLS. */
gboolean postseal_seal_is_verified (const PostsealSeal *self);
/* TRUE when the DNS, signed, names the key or the authority that the server has. */
gboolean postseal_seal_has_dane (const PostsealSeal *self);

PostsealSeal *postseal_seal_new (void);
PostsealSeal *postseal_seal_ref (PostsealSeal *self);
void postseal_seal_unref (PostsealSeal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealSeal, postseal_seal_unref)

/* Once the user has signed in; NULL forgets it. */
void postseal_seal_set_mechanism (PostsealSeal *self, const char *mechanism);

/* One line for a person: "TLS 1.3, AES-256-GCM, mail.example.org vouched for by CN=R3, 71 days
   left, PLAIN". @now: Unix time. Returns: (transfer full) */
char *postseal_seal_to_string (const PostsealSeal *self, gint64 now);

/* The facts as "key=value" lines, sorted, stable: what the ledger keeps. Returns: (transfer full)
 */
char *postseal_seal_serialize (const PostsealSeal *self);
/* The inverse. Returns: (transfer full) (nullable): NULL when @text is not a seal */
PostsealSeal *postseal_seal_parse (const char *text);

/* The same facts as a{ss}, for the service. NULL gives an empty one. Returns: (transfer floating)
 */
GVariant *postseal_seal_to_variant (const PostsealSeal *self);
/* The inverse. Returns: (transfer full) (nullable): NULL when @variant is empty or no seal */
PostsealSeal *postseal_seal_from_variant (GVariant *variant);

G_END_DECLS
