/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "check/fact-board.h"
#include "check/port-facts.h"
#include "net/tls-trust.h"
#include "net/tlsa-record.h"

G_BEGIN_DECLS

/* What was seen of a server's ports, held against the standards and against what Postseal itself
   demands. Needs neither network nor time; adds to @findings (element-type PostsealFinding). */

typedef struct
{
  const char *host; /* borrowed: lower case, A-labels; or an IP literal without brackets */
  gint64 now; /* Unix time */
  PostsealTlsTrust *trust; /* borrowed */
  const char *const *pins; /* borrowed, nullable: "sha256:BASE64" */

  /* What the DNS says of this port's key. FOUND and NULL: nobody has asked. */
  PostsealFactState tlsa_state;
  const PostsealTlsaAnswer *tlsa; /* borrowed, nullable: where it is FOUND */
  const char *tlsa_reason; /* borrowed, nullable: of NO_ANSWER and BOGUS */

  gboolean is_exchange; /* port 25 of one who takes a domain's mail: judged as other servers see it,
                           who take any TLS rather than none (RFC 7435, RFC 7672) */
  const char *domain; /* borrowed, nullable: whose mail the exchange takes: with DANE-TA a name that
                         counts, too (RFC 7672 section 3.2.2) */
  gboolean is_sts_enforced; /* those servers look at its certificate, too (RFC 8461) */
  gboolean is_local; /* the address is this machine's own, to which servers are kinder */
} PostsealPortContext;

/* One port: upgrade, TLS, certificate and DANE. Says nothing of a port that is closed or out of
   reach; that is for postseal_judge_host(). */
void postseal_judge_port (const PostsealPortFacts *facts,
                          const PostsealPortContext *context,
                          GPtrArray *findings);

/**
 * postseal_judge_host:
 * @facts: (array length=n): of each port that was tried
 * @context: of any of them
 * @findings: with what postseal_judge_port() has said: its advice may become a better one here
 *
 * What only shows when all ports are seen together: which are closed, which one to use instead,
 * and whether there is TLS at all.
 */
void postseal_judge_host (const PostsealPortFacts *const *facts,
                          gsize n,
                          const PostsealPortContext *context,
                          GPtrArray *findings);

typedef struct
{
  const char *address; /* borrowed */
  gboolean is_v6;
  PostsealSeen answers; /* on any port; UNKNOWN: not tried, or no way there from this machine */
} PostsealAddressFact;

/* Addresses that are published, and nobody is there (RFC 8305 hides that). */
void postseal_judge_addresses (const PostsealAddressFact *addresses,
                               gsize n,
                               const char *host,
                               GPtrArray *findings);

G_END_DECLS
