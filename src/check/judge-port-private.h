/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "check/certificate.h"
#include "check/judge-port.h"

G_BEGIN_DECLS

/* One port while it is judged. */
typedef struct
{
  const PostsealPortFacts *facts; /* borrowed */
  const PostsealPortContext *context; /* borrowed */
  const PostsealCertificate *certificate; /* borrowed, nullable: none was seen, or unreadable */
  char *where; /* owned: "imap.example.org:993" */
  GPtrArray *findings; /* borrowed */
} PostsealPortCase;

/* Who vouches for the server by the DNS. */
typedef enum
{
  POSTSEAL_VOUCHER_NONE,
  POSTSEAL_VOUCHER_AUTHORITY, /* DANE-TA: names and dates count all the same */
  POSTSEAL_VOUCHER_KEY, /* DANE-EE: nothing else counts */
} PostsealVoucher;

/* "HOST:PORT", with brackets around an IPv6 address. Returns: (transfer full) */
char *_postseal_judge_make_where (const char *host, guint16 port);

/* Adds a finding about the port. Takes over @text and @advice (nullable). */
void _postseal_judge_tell (
    const PostsealPortCase *self, const char *id, const char *evidence, char *text, char *advice);

/* How mail gets from plain text to TLS: STARTTLS, and what is allowed before it. */
void _postseal_judge_upgrade (const PostsealPortCase *self);
/* Versions, suites, sessions. */
void _postseal_judge_tls (const PostsealPortCase *self);
/* RFC 7672, RFC 7673 */
PostsealVoucher _postseal_judge_port_dane (const PostsealPortCase *self);
/* RFC 5280, RFC 9525 and pins, as far as @voucher leaves them any weight. */
void _postseal_judge_certificate (const PostsealPortCase *self, PostsealVoucher voucher);

/* A handshake came to an end although nobody could come to one in the way that the port is meant
   for: TLS first on a port for STARTTLS, or plain text on one for TLS. */
gboolean _postseal_judge_is_tls_on_plain (const PostsealPortFacts *facts);
gboolean _postseal_judge_is_plain_on_tls (const PostsealPortFacts *facts); /* the other way round */

G_END_DECLS
