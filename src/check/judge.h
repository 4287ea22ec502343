/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "check/fact-board.h"
#include "net/tls-trust.h"

G_BEGIN_DECLS

/* What a domain publishes, mechanism by mechanism, held against the standard of each. A judge takes
   its facts from the board, so that what it adds to @findings (element-type PostsealFinding) is the
   last word only when no wish is left. @domain: lower case, A-labels. */

/* RFC 5321 section 5, RFC 7505, RFC 2181 section 10.3 */
void postseal_judge_mx (PostsealFactBoard *board, const char *domain, GPtrArray *findings);
/* DNSSEC and TLSA records of those who take the domain's mail: RFC 7672; whether a certificate fits
   is said by postseal_judge_exchanges() */
void postseal_judge_dane (PostsealFactBoard *board, const char *domain, GPtrArray *findings);
/* How those who take the domain's mail do it: STARTTLS, certificate, DANE, and what MTA-STS demands
   (RFC 3207, RFC 7672, RFC 8461). @now: Unix time */
void postseal_judge_exchanges (PostsealFactBoard *board,
                               const char *domain,
                               PostsealTlsTrust *trust,
                               gint64 now,
                               GPtrArray *findings);
/* The domain's own file with the settings of mail programs (draft-ietf-mailmaint-autoconfig) */
void postseal_judge_autoconfig (PostsealFactBoard *board, const char *domain, GPtrArray *findings);
/* RFC 6186, RFC 8314 section 5.1 */
void postseal_judge_srv (PostsealFactBoard *board, const char *domain, GPtrArray *findings);
/* RFC 8461, and each MX held against the policy */
void postseal_judge_sts (PostsealFactBoard *board, const char *domain, GPtrArray *findings);
/* RFC 8460 section 3 */
void postseal_judge_tlsrpt (PostsealFactBoard *board, const char *domain, GPtrArray *findings);
/* RFC 7208 */
void postseal_judge_spf (PostsealFactBoard *board, const char *domain, GPtrArray *findings);
/* RFC 7489 section 6, and the walk towards the root of its successor */
void postseal_judge_dmarc (PostsealFactBoard *board, const char *domain, GPtrArray *findings);
/* RFC 6376 section 3.6. @selectors: (nullable): they cannot be listed, so that without any there is
   nothing to say */
void postseal_judge_dkim (PostsealFactBoard *board,
                          const char *domain,
                          const char *const *selectors,
                          GPtrArray *findings);

G_END_DECLS
