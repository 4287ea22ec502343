/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/judge.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "check/finding.h"
#include "check/judge-private.h"
#include "check/tag-list.h"

static const char *const policies[] = { "none", "quarantine", "reject", NULL };

static gboolean
is_record (const char *text)
{
  return postseal_tag_list_is_of (text, "DMARC1");
}

/* Returns: (transfer full) (nullable) */
static char *
find_flaw (const PostsealTagList *tags)
{
  static const char *const policy_tags[] = { "p", "sp", "np" };

  if (postseal_tag_list_get (tags, "p") == NULL)
    return g_strdup (_ ("it has no “p=”"));
  for (gsize i = 0; i < G_N_ELEMENTS (policy_tags); i++)
    {
      const char *value = postseal_tag_list_get (tags, policy_tags[i]);
      g_autofree char *lower = value != NULL ? g_ascii_strdown (value, -1) : NULL;

      if (value != NULL && !g_strv_contains (policies, lower))
        return g_strdup_printf (_ ("“%s=%s” is neither none nor quarantine nor reject"),
                                policy_tags[i], value);
    }
  return NULL;
}

/* @is_parent: the record is that of a domain above, whose "sp" is for those below it */
static void
judge_policy (const PostsealTagList *tags,
              const char *where,
              const char *text,
              gboolean is_parent,
              GPtrArray *findings)
{
  const char *policy = is_parent ? postseal_tag_list_get (tags, "sp") : NULL;

  if (policy == NULL)
    policy = postseal_tag_list_get (tags, "p");
  if (g_ascii_strcasecmp (policy, "none") == 0)
    postseal_findings_add (
        findings, "dmarc-none", where, text,
        g_strdup (_ ("DMARC only watches (p=none): mail that forges this domain is not stopped")),
        g_strdup (_ ("say quarantine or reject once the reports are clean")));
  else
    postseal_findings_add (
        findings, "dmarc-ok", where, text,
        g_strdup_printf (_ ("DMARC asks receivers to act on mail that forges this domain: %s"),
                         policy),
        NULL);
}

static void
judge_record (const char *where, const char *text, gboolean is_parent, GPtrArray *findings)
{
  char *parse_flaw = NULL;
  g_autoptr (PostsealTagList) tags = postseal_tag_list_parse (text, &parse_flaw);
  g_autofree char *flaw = tags != NULL ? find_flaw (tags) : parse_flaw;

  if (flaw != NULL)
    postseal_findings_add (findings, "dmarc-bad", where, text,
                           g_strdup_printf (_ ("the DMARC record is broken: %s"), flaw),
                           g_strdup (_ ("write “v=DMARC1; p=…” first, then the rest")));
  else
    judge_policy (tags, where, text, is_parent, findings);
}

/* Returns: (nullable): the next name towards the root, NULL when that would be a top-level domain
 */
static const char *
climb (const char *domain)
{
  const char *dot = strchr (domain, '.');

  return dot != NULL && strchr (dot + 1, '.') != NULL ? dot + 1 : NULL;
}

void
postseal_judge_dmarc (PostsealFactBoard *board, const char *domain, GPtrArray *findings)
{
  g_autofree char *first = g_strdup_printf ("_dmarc.%s TXT", domain);

  for (const char *at = domain; at != NULL; at = climb (at))
    {
      g_autofree char *name = g_strdup_printf ("_dmarc.%s", at);
      g_autofree char *where = g_strdup_printf ("%s TXT", name);
      g_autoptr (GPtrArray) texts = _postseal_judge_find_texts (board, name, is_record, findings);

      if (texts == NULL)
        return;
      if (texts->len == 1)
        judge_record (where, texts->pdata[0], at != domain, findings);
      else if (texts->len > 1)
        postseal_findings_add (
            findings, "dmarc-bad", where, texts->pdata[1],
            g_strdup_printf (_ ("there are %u DMARC records: none of them counts"), texts->len),
            g_strdup (_ ("keep exactly one")));
      if (texts->len > 0)
        return;
    }
  postseal_findings_add (
      findings, "dmarc-absent", first, NULL,
      g_strdup (
          _ ("there is no DMARC record: receivers are not told what to do with mail that forges "
             "this domain")),
      g_strdup (_ ("publish one; “v=DMARC1; p=none; rua=mailto:…” is where most begin")));
}
