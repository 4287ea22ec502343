/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/judge.h"

#include <glib/gi18n-lib.h>

#include "check/finding.h"
#include "check/judge-private.h"

/* RFC 8314 section 5.1: with TLS from the first byte, and what may be offered beside it. */
static const struct
{
  const char *sealed;
  const char *plain;
} services[] = {
  { "_imaps", "_imap" },
  { "_pop3s", "_pop3" },
  { "_submissions", "_submission" },
};

typedef enum
{
  OFFER_NONE,
  OFFER_REFUSED, /* ".": not offered here (RFC 6186 section 3.4) */
  OFFER_THERE,
  OFFER_UNKNOWN,
} Offer;

static Offer
look (PostsealFactBoard *board,
      const char *domain,
      const char *label,
      GString *evidence,
      GPtrArray *findings)
{
  g_autofree char *name = g_strdup_printf ("%s._tcp.%s", label, domain);
  const PostsealFact *fact = postseal_fact_board_get (board, POSTSEAL_FACT_SRV, name);
  const PostsealFactHost *host;

  if (!_postseal_judge_can_use (fact, name, "SRV", findings))
    return OFFER_UNKNOWN;
  if (fact->state == POSTSEAL_FACT_ABSENT || fact->hosts->len == 0)
    return OFFER_NONE;
  host = fact->hosts->pdata[0];
  if (*host->target == '\0')
    return OFFER_REFUSED;
  g_string_append_printf (evidence, "%s%s %s:%u", evidence->len > 0 ? ", " : "", label,
                          host->target, host->port);
  return OFFER_THERE;
}

void
postseal_judge_srv (PostsealFactBoard *board, const char *domain, GPtrArray *findings)
{
  g_autoptr (GString) evidence = g_string_new (NULL);
  guint n_offered = 0, n_plain = 0, n_unknown = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (services); i++)
    {
      g_autofree char *where = g_strdup_printf ("%s._tcp.%s SRV", services[i].plain, domain);
      Offer sealed = look (board, domain, services[i].sealed, evidence, findings);
      Offer plain = look (board, domain, services[i].plain, evidence, findings);

      n_unknown += sealed == OFFER_UNKNOWN || plain == OFFER_UNKNOWN;
      n_offered += sealed == OFFER_THERE || plain == OFFER_THERE;
      if (plain != OFFER_THERE || sealed == OFFER_THERE || sealed == OFFER_UNKNOWN)
        continue;
      n_plain++;
      postseal_findings_add (
          findings, "srv-plain", where, evidence->str,
          g_strdup_printf (_ ("the domain names only %s, which begins in clear, and no %s"),
                           services[i].plain, services[i].sealed),
          g_strdup_printf (_ ("publish %s as well: some programs that follow this record never get "
                              "to TLS"),
                           services[i].sealed));
    }
  if (n_offered == 0 && n_unknown == 0)
    postseal_findings_add (
        findings, "srv-absent", domain, NULL,
        g_strdup (_ ("the domain does not say in the DNS which servers its users have (SRV)")),
        g_strdup (_ ("publish _imaps and _submissions: programs then set themselves up")));
  else if (n_offered > 0 && n_plain == 0)
    postseal_findings_add (
        findings, "srv-ok", domain, evidence->str,
        g_strdup (_ ("programs find the servers of this domain by the DNS (SRV)")), NULL);
}
