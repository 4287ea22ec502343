/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/judge.h"

#include <glib/gi18n-lib.h>

#include "check/finding.h"
#include "check/judge-private.h"

static void
judge_hosts (PostsealFactBoard *board,
             const char *where,
             const PostsealFact *mx,
             GPtrArray *findings)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < mx->hosts->len; i++)
    {
      const PostsealFactHost *host = g_ptr_array_index (mx->hosts, i);
      const PostsealFact *alias
          = postseal_fact_board_get (board, POSTSEAL_FACT_ALIAS, host->target);

      g_string_append_printf (names, "%s%u %s", i > 0 ? ", " : "", host->priority, host->target);
      if (alias != NULL && alias->state == POSTSEAL_FACT_FOUND)
        postseal_findings_add (
            findings, "mx-cname", where, host->target,
            g_strdup_printf (_ ("the server %s is an alias (CNAME), which is forbidden there"),
                             host->target),
            g_strdup (_ ("name the server by its real name")));
    }
  postseal_findings_add (
      findings, "mx-ok", where, names->str,
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u server takes mail for this domain",
                                    "%u servers take mail for this domain", mx->hosts->len),
                       mx->hosts->len),
      NULL);
}

/* RFC 5321 section 5.1: without a record, the domain's own address is where mail goes. */
static void
judge_address (PostsealFactBoard *board, const char *domain, const char *where, GPtrArray *findings)
{
  const PostsealFact *address = postseal_fact_board_get (board, POSTSEAL_FACT_ADDRESS, domain);

  if (!_postseal_judge_can_use (address, domain, "A/AAAA", findings))
    return;
  if (address->state == POSTSEAL_FACT_FOUND)
    postseal_findings_add (
        findings, "mx-implicit", where, NULL,
        g_strdup (_ ("there is no MX record: mail goes to the machine of the domain's own name")),
        g_strdup (
            _ ("say so with an MX record, or publish a null MX (“0 .”) if it takes no mail")));
  else
    postseal_findings_add (
        findings, "mx-none", where, NULL,
        g_strdup (_ ("there is neither an MX record nor an address: no mail can be sent to this "
                     "domain")),
        NULL);
}

void
postseal_judge_mx (PostsealFactBoard *board, const char *domain, GPtrArray *findings)
{
  g_autofree char *where = g_strdup_printf ("%s MX", domain);
  const PostsealFact *mx = postseal_fact_board_get (board, POSTSEAL_FACT_MX, domain);

  if (!_postseal_judge_can_use (mx, domain, "MX", findings))
    return;
  if (mx->state == POSTSEAL_FACT_ABSENT)
    judge_address (board, domain, where, findings);
  else if (mx->hosts->len == 1 && *((PostsealFactHost *)mx->hosts->pdata[0])->target == '\0')
    postseal_findings_add (findings, "null-mx", where, "0 .",
                           g_strdup (_ ("the domain says that it takes no mail (null MX)")), NULL);
  else
    judge_hosts (board, where, mx, findings);
}
