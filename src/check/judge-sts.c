/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/judge.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "check/finding.h"
#include "check/judge-private.h"
#include "check/sts-policy.h"
#include "check/tag-list.h"

#define DAY_S 86400
#define LONGEST_ID 32
#define POLICY_PLACE "mta-sts.%s/.well-known/mta-sts.txt"

/* RFC 8461 section 3.1: others are no records of this. */
static gboolean
is_record (const char *text)
{
  return g_str_has_prefix (text, "v=STSv1;");
}

/* Returns: (transfer full) (nullable) */
static char *
find_flaw (const char *text)
{
  char *flaw = NULL;
  g_autoptr (PostsealTagList) tags = postseal_tag_list_parse (text, &flaw);
  const char *id;

  if (tags == NULL)
    return flaw;
  id = postseal_tag_list_get (tags, "id");
  if (id == NULL || *id == '\0')
    return g_strdup (_ ("it has no “id=”"));
  for (gsize i = 0; id[i] != '\0'; i++)
    if (i == LONGEST_ID || !g_ascii_isalnum (id[i]))
      return g_strdup_printf (_ ("its id is not made of up to %d letters and digits"), LONGEST_ID);
  return NULL;
}

/* --- the policy --- */

/* Section 5: to servers that the policy does not name nobody sends. */
static void
judge_hosts (PostsealFactBoard *board,
             const char *domain,
             const PostsealStsPolicy *policy,
             const char *where,
             GPtrArray *findings)
{
  const PostsealFact *mx = postseal_fact_board_get (board, POSTSEAL_FACT_MX, domain);

  for (guint i = 0; mx != NULL && i < mx->hosts->len; i++)
    {
      const PostsealFactHost *host = g_ptr_array_index (mx->hosts, i);

      if (*host->target == '\0' || postseal_sts_policy_allows (policy, host->target))
        continue;
      postseal_findings_add (
          findings, "sts-mx", where, host->target,
          g_strdup_printf (
              _ ("the MTA-STS policy does not name the server %s, which takes mail for "
                 "the domain"),
              host->target),
          policy->mode == POSTSEAL_STS_ENFORCE
              ? g_strdup (_ ("add it to the policy and change the id at once: no mail goes there"))
              : g_strdup (_ ("add it to the policy and change the id before you enforce it")));
    }
}

static gboolean
has_finding (GPtrArray *findings, const char *id)
{
  for (guint i = 0; i < findings->len; i++)
    if (strcmp (((PostsealFinding *)findings->pdata[i])->id, id) == 0)
      return TRUE;
  return FALSE;
}

static void
judge_mode (const PostsealStsPolicy *policy, const char *where, GPtrArray *findings)
{
  guint64 days = policy->max_age_s / DAY_S;

  if (policy->mode == POSTSEAL_STS_NONE)
    postseal_findings_add (findings, "sts-none", where, "mode: none",
                           g_strdup (_ ("the MTA-STS policy is switched off")), NULL);
  else if (policy->mode == POSTSEAL_STS_TESTING)
    postseal_findings_add (
        findings, "sts-testing", where, "mode: testing",
        g_strdup (_ ("the MTA-STS policy is only tested: it protects nothing, failures are only "
                     "reported")),
        g_strdup (_ ("go to “enforce” when the reports are clean")));
  else if (!has_finding (findings, "sts-mx"))
    postseal_findings_add (
        findings, "sts-ok", where, "mode: enforce",
        g_strdup_printf (
            g_dngettext (GETTEXT_PACKAGE,
                         "mail to this domain has to be encrypted to a server that has proven "
                         "itself (MTA-STS); senders remember that for %lu day",
                         "mail to this domain has to be encrypted to a server that has proven "
                         "itself (MTA-STS); senders remember that for %lu days",
                         (gulong)days),
            (gulong)days),
        NULL);
  if (policy->mode == POSTSEAL_STS_ENFORCE && days == 0)
    postseal_findings_add (
        findings, "sts-short", where, NULL,
        g_strdup (_ ("senders forget the MTA-STS policy within a day: whoever can hold it back for "
                     "that long gets round it")),
        g_strdup (_ ("let max_age be some weeks")));
}

static void
judge_file (PostsealFactBoard *board,
            const char *domain,
            const char *where,
            const char *text,
            GPtrArray *findings)
{
  g_autofree char *flaw = NULL;
  g_autoptr (PostsealStsPolicy) policy = postseal_sts_policy_parse (text, &flaw);

  if (policy == NULL)
    {
      postseal_findings_add (findings, "sts-syntax", where, text,
                             g_strdup_printf (_ ("the MTA-STS policy is broken: %s"), flaw),
                             g_strdup (_ ("mend that line; until then senders ignore the policy")));
      return;
    }
  if (policy->mode != POSTSEAL_STS_NONE)
    judge_hosts (board, domain, policy, where, findings);
  judge_mode (policy, where, findings);
}

static void
judge_policy (PostsealFactBoard *board, const char *domain, GPtrArray *findings)
{
  g_autofree char *place = g_strdup_printf (POLICY_PLACE, domain);
  const PostsealFact *file = postseal_fact_board_get (board, POSTSEAL_FACT_FILE, place);

  if (file == NULL)
    return;
  switch (file->state)
    {
    case POSTSEAL_FACT_FOUND:
      judge_file (board, domain, place, file->texts->pdata[0], findings);
      break;
    case POSTSEAL_FACT_UNPROVEN:
      postseal_findings_add (
          findings, "sts-cert", place, file->reason,
          g_strdup (_ ("the server of the MTA-STS policy has not proven who it is, so that nobody "
                       "may believe it")),
          g_strdup_printf (_ ("it needs a certificate for mta-sts.%s"), domain));
      break;
    case POSTSEAL_FACT_REDIRECTED:
      postseal_findings_add (
          findings, "sts-redirect", place, file->reason,
          g_strdup (_ ("the server of the MTA-STS policy sends senders elsewhere, where they may "
                       "not follow")),
          g_strdup_printf (_ ("serve the file at https://%s itself"), place));
      break;
    case POSTSEAL_FACT_ABSENT:
    case POSTSEAL_FACT_NO_ANSWER:
    case POSTSEAL_FACT_BOGUS:
    default:
      postseal_findings_add (
          findings, "sts-fetch", place, file->reason,
          g_strdup (
              _ ("there is an MTA-STS record, and the policy that it announces cannot be had")),
          g_strdup_printf (_ ("serve the file at https://%s itself"), place));
      break;
    }
}

PostsealStsPolicy *
_postseal_judge_find_sts_policy (PostsealFactBoard *board, const char *domain)
{
  g_autofree char *name = g_strdup_printf ("_mta-sts.%s", domain);
  g_autofree char *place = g_strdup_printf (POLICY_PLACE, domain);
  g_autoptr (GPtrArray) unsaid = postseal_findings_new ();
  g_autoptr (GPtrArray) texts = _postseal_judge_find_texts (board, name, is_record, unsaid);
  g_autofree char *flaw = texts != NULL && texts->len == 1 ? find_flaw (texts->pdata[0]) : NULL;
  g_autofree char *flaw_of_file = NULL;
  const PostsealFact *file;

  if (texts == NULL || texts->len != 1 || flaw != NULL)
    return NULL;
  file = postseal_fact_board_get (board, POSTSEAL_FACT_FILE, place);
  if (file == NULL || file->state != POSTSEAL_FACT_FOUND)
    return NULL;
  return postseal_sts_policy_parse (file->texts->pdata[0], &flaw_of_file);
}

void
postseal_judge_sts (PostsealFactBoard *board, const char *domain, GPtrArray *findings)
{
  g_autofree char *name = g_strdup_printf ("_mta-sts.%s", domain);
  g_autofree char *where = g_strdup_printf ("%s TXT", name);
  g_autofree char *flaw = NULL;
  g_autoptr (GPtrArray) texts = _postseal_judge_find_texts (board, name, is_record, findings);

  if (texts == NULL)
    return;
  if (texts->len == 1)
    flaw = find_flaw (texts->pdata[0]);
  if (texts->len == 0)
    postseal_findings_add (
        findings, "sts-absent", where, NULL,
        g_strdup (
            _ ("there is no MTA-STS record: unless DANE says otherwise, mail to this domain may "
               "travel in clear")),
        g_strdup (_ ("publish a policy, in the mode “testing” first")));
  else if (texts->len > 1)
    postseal_findings_add (
        findings, "sts-two", where, texts->pdata[1],
        g_strdup_printf (_ ("there are %u MTA-STS records: senders ignore all of them"),
                         texts->len),
        g_strdup (_ ("keep exactly one")));
  else if (flaw != NULL)
    postseal_findings_add (findings, "sts-syntax", where, texts->pdata[0],
                           g_strdup_printf (_ ("the MTA-STS record is broken: %s"), flaw),
                           g_strdup (_ ("write “v=STSv1; id=…”")));
  else
    judge_policy (board, domain, findings);
}
