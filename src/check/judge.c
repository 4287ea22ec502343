/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/judge-private.h"

#include <glib/gi18n-lib.h>

#include "check/finding.h"

gboolean
_postseal_judge_can_use (const PostsealFact *fact,
                         const char *name,
                         const char *type,
                         GPtrArray *findings)
{
  g_autofree char *where = g_strdup_printf ("%s %s", name, type);

  if (fact == NULL)
    return FALSE;
  if (fact->state == POSTSEAL_FACT_NO_ANSWER)
    postseal_findings_add (
        findings, "dns-fail", where, fact->reason,
        g_strdup_printf (_ ("the DNS does not answer: whether %s has this record is unknown, "
                            "which is not the same as absent"),
                         name),
        g_strdup (_ ("try again later, or with another resolver; nothing is concluded")));
  else if (fact->state == POSTSEAL_FACT_BOGUS)
    postseal_findings_add (
        findings, "dns-bogus", where, fact->reason,
        g_strdup_printf (_ ("the signatures (DNSSEC) of %s are wrong"), name),
        g_strdup (_ ("sign the zone again; until then everybody who looks at signatures takes the "
                     "domain for unreachable")));
  return fact->state == POSTSEAL_FACT_FOUND || fact->state == POSTSEAL_FACT_ABSENT;
}

GPtrArray *
_postseal_judge_find_texts (PostsealFactBoard *board,
                            const char *name,
                            gboolean (*is_of) (const char *text),
                            GPtrArray *findings)
{
  const PostsealFact *fact = postseal_fact_board_get (board, POSTSEAL_FACT_TXT, name);
  GPtrArray *texts;

  if (!_postseal_judge_can_use (fact, name, "TXT", findings))
    return NULL;
  texts = g_ptr_array_new ();
  for (guint i = 0; i < fact->texts->len; i++)
    if (is_of (fact->texts->pdata[i]))
      g_ptr_array_add (texts, fact->texts->pdata[i]);
  return texts;
}
