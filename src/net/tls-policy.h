/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  POSTSEAL_TLS_ENFORCED, /* TLS 1.2 or later and an authenticated server, or nothing */
  POSTSEAL_TLS_OPPORTUNISTIC, /* sending without credentials only */
  POSTSEAL_TLS_LOOPBACK, /* no TLS, and the peer's address is this machine */
} PostsealTlsLevel;

typedef enum
{
  POSTSEAL_TLS_MIN_1_2,
  POSTSEAL_TLS_MIN_1_3,
} PostsealTlsMin;

/* Whether keys that the DNS names for a server (RFC 7673) count. Where they do, and are signed, one
   of them must be the server's, whoever else vouches. */
typedef enum
{
  POSTSEAL_DANE_AUTO, /* where there are any; else as without */
  POSTSEAL_DANE_REQUIRE, /* or nothing */
  POSTSEAL_DANE_OFF, /* the DNS is not asked */
} PostsealDane;

/* What an endpoint must prove. Fill it in, then treat it as immutable. Reference counted. */
typedef struct
{
  PostsealTlsLevel level;
  PostsealTlsMin min;
  char *ca_file; /* PEM; NULL: the system's trust */
  char *crl_file; /* PEM or NULL */
  char **pins; /* "sha256:BASE64" of SubjectPublicKeyInfo; NULL: none. In addition to the chain */
  PostsealDane dane;
  guint search_ms; /* 0, or how long a search may take that only has a look at the server: the
                      verdict waits a part of it for the DNS */
  char *client_certificate; /* PEM file or PKCS#11 URI, or NULL */
  char *client_key; /* PEM file or PKCS#11 URI; NULL: in the certificate's file */
} PostsealTlsPolicy;

PostsealTlsPolicy *postseal_tls_policy_new (PostsealTlsLevel level);
PostsealTlsPolicy *postseal_tls_policy_ref (PostsealTlsPolicy *self);
void postseal_tls_policy_unref (PostsealTlsPolicy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTlsPolicy, postseal_tls_policy_unref)

/* TRUE when @pin has the form "sha256:" and base64 of 32 bytes. */
gboolean postseal_tls_pin_is_valid (const char *pin);

/* A value that differs whenever two policies differ; keys resumption tickets. Returns: (transfer
 * full) */
char *postseal_tls_policy_digest (const PostsealTlsPolicy *self);

G_END_DECLS
