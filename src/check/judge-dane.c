/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/judge.h"

#include <glib/gi18n-lib.h>

#include "check/finding.h"
#include "check/judge-private.h"

#define SMTP_PORT 25

/* What the DNS holds ready for those who send to one server. */
typedef enum
{
  KEYS_UNKNOWN,
  KEYS_NONE,
  KEYS_INSECURE, /* not signed: of no use */
  KEYS_UNUSABLE, /* RFC 7672 section 3.1.3: none of a usage that counts for mail */
  KEYS_GOOD,
} Keys;

/* RFC 7672 section 3.1: 2 and 3. */
static gboolean
is_usable (const char *record)
{
  return *record == '2' || *record == '3';
}

static Keys
judge_host (PostsealFactBoard *board, const PostsealFactHost *host, GPtrArray *findings)
{
  g_autofree char *name = g_strdup_printf ("_%d._tcp.%s", SMTP_PORT, host->target);
  g_autofree char *where = g_strdup_printf ("%s TLSA", name);
  const PostsealFact *fact = postseal_fact_board_get (board, POSTSEAL_FACT_TLSA, name);
  gboolean has_usable = FALSE;

  if (fact != NULL && fact->state == POSTSEAL_FACT_BOGUS)
    {
      postseal_findings_add (
          findings, "dane-bogus", where, fact->reason,
          g_strdup_printf (
              _ ("the signatures (DNSSEC) of what the DNS says of %s are wrong: senders "
                 "that look at DANE cannot deliver"),
              host->target),
          g_strdup (_ ("sign the zone again")));
      return KEYS_UNKNOWN;
    }
  if (!_postseal_judge_can_use (fact, name, "TLSA", findings))
    return KEYS_UNKNOWN;
  if (fact->state == POSTSEAL_FACT_ABSENT || fact->texts->len == 0)
    return KEYS_NONE;
  if (!fact->is_secure)
    {
      postseal_findings_add (
          findings, "dane-insecure", where, fact->texts->pdata[0],
          g_strdup_printf (
              _ ("there is a TLSA record of %s, but its zone is not signed: it protects "
                 "nothing"),
              host->target),
          g_strdup (_ ("sign the zone (DNSSEC), or take the record out")));
      return KEYS_INSECURE;
    }
  for (guint i = 0; i < fact->texts->len; i++)
    has_usable |= is_usable (fact->texts->pdata[i]);
  if (has_usable)
    return KEYS_GOOD;
  postseal_findings_add (
      findings, "dane-usage", where, fact->texts->pdata[0],
      g_strdup_printf (
          _ ("the TLSA records of %s have a usage that does not count for mail (0 or 1)"),
          host->target),
      g_strdup (_ ("use 3 1 1, or 2 1 1")));
  return KEYS_UNUSABLE;
}

static void
conclude (const char *where, guint n_hosts, guint n_good, guint n_none, GPtrArray *findings)
{
  if (n_good == n_hosts)
    postseal_findings_add (findings, "dane-published", where, NULL,
                           g_strdup (_ ("every server of the domain has published its key (DANE)")),
                           NULL);
  else if (n_good > 0)
    postseal_findings_add (
        findings, "dane-partial", where, NULL,
        g_strdup_printf (_ ("only %u of %u servers have published their keys (DANE): whoever can "
                            "interfere makes mail go to one of the others"),
                         n_good, n_hosts),
        g_strdup (_ ("publish TLSA records for all of them")));
  else if (n_none == n_hosts)
    postseal_findings_add (findings, "dane-absent", where, NULL,
                           g_strdup (_ ("no server of the domain has published its key (DANE)")),
                           NULL);
}

void
postseal_judge_dane (PostsealFactBoard *board, const char *domain, GPtrArray *findings)
{
  g_autofree char *where = g_strdup_printf ("%s MX", domain);
  const PostsealFact *mx = postseal_fact_board_get (board, POSTSEAL_FACT_MX, domain);
  guint n_good = 0, n_none = 0;

  if (mx == NULL || mx->state != POSTSEAL_FACT_FOUND
      || *((PostsealFactHost *)mx->hosts->pdata[0])->target == '\0')
    return;
  if (mx->is_secure)
    postseal_findings_add (findings, "dnssec-ok", where, NULL,
                           g_strdup (_ ("what the DNS says of the domain is signed (DNSSEC)")),
                           NULL);
  else
    postseal_findings_add (
        findings, "dnssec-absent", where, NULL,
        g_strdup (
            _ ("what the DNS says of the domain is not signed (DNSSEC): whoever can forge it can "
               "send mail elsewhere, and DANE is not to be had")),
        g_strdup (_ ("sign the zone, if your provider of names offers it")));
  for (guint i = 0; i < mx->hosts->len; i++)
    {
      Keys keys = judge_host (board, mx->hosts->pdata[i], findings);

      n_good += keys == KEYS_GOOD && mx->is_secure;
      n_none += keys == KEYS_NONE;
    }
  conclude (where, mx->hosts->len, n_good, n_none, findings);
}
