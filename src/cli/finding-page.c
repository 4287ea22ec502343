/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/finding-page.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check/finding.h"
#include "cli/page.h"
#include "cli/report.h"

#define STATUS_BAD 76 /* EX_PROTOCOL: as where a server is too weak */
#define STATUS_UNKNOWN 75 /* EX_TEMPFAIL */

/* What belongs together, in the order in which people ask. */
static const struct
{
  const char *title;
  const char *topics[6];
} sections[] = {
  { N_ ("Mail on its way to this domain"), { "dns", "mx", "dane", "sts", "report", NULL } },
  { N_ ("Mail that claims to come from this domain"), { "spf", "dkim", "dmarc", NULL } },
  { N_ ("Programs of its users"), { "srv", NULL } },
};

/* The worst first. */
static const struct
{
  PostsealFindingLevel level;
  const char *word;
  PostsealPageStyle style;
} levels[] = {
  { POSTSEAL_FINDING_BAD, N_ ("bad"), POSTSEAL_PAGE_BAD },
  { POSTSEAL_FINDING_WARN, N_ ("weak"), POSTSEAL_PAGE_NOTABLE },
  { POSTSEAL_FINDING_UNKNOWN, N_ ("unknown"), POSTSEAL_PAGE_NOTABLE },
  { POSTSEAL_FINDING_INFO, N_ ("note"), POSTSEAL_PAGE_PLAIN },
  { POSTSEAL_FINDING_GOOD, N_ ("good"), POSTSEAL_PAGE_PLAIN },
};

static void
add_finding (PostsealPage *page, const PostsealFinding *finding, gsize level, gboolean is_verbose)
{
  postseal_page_add_entry (page, _ (levels[level].word), finding->text, levels[level].style);
  if (finding->advice != NULL)
    {
      g_autofree char *advice = g_strconcat ("→ ", finding->advice, NULL);

      postseal_page_add_entry (page, "", advice, POSTSEAL_PAGE_PLAIN);
    }
  if (!is_verbose)
    return;
  postseal_page_add_entry (page, _ ("where"), finding->where, POSTSEAL_PAGE_PLAIN);
  postseal_page_add_entry (page, _ ("seen"), finding->evidence, POSTSEAL_PAGE_PLAIN);
}

static void
add_section (PostsealPage *page, gsize section, GPtrArray *findings, gboolean is_verbose)
{
  const char *const *topics = (const char *const *)sections[section].topics;
  gboolean is_begun = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (levels); i++)
    for (guint j = 0; j < findings->len; j++)
      {
        const PostsealFinding *finding = g_ptr_array_index (findings, j);

        if (postseal_finding_get_level (finding) != levels[i].level
            || !g_strv_contains (topics, postseal_finding_get_topic (finding)))
          continue;
        if (!is_begun)
          {
            postseal_page_add_gap (page);
            postseal_page_add_title (page, _ (sections[section].title), "");
          }
        is_begun = TRUE;
        add_finding (page, finding, i, is_verbose);
      }
}

static guint
count (GPtrArray *findings, PostsealFindingLevel level)
{
  guint n = 0;

  for (guint i = 0; i < findings->len; i++)
    n += postseal_finding_get_level (g_ptr_array_index (findings, i)) == level;
  return n;
}

static void
add_verdict (PostsealPage *page, const char *target, GPtrArray *findings)
{
  guint n_bad = count (findings, POSTSEAL_FINDING_BAD);
  guint n_weak = count (findings, POSTSEAL_FINDING_WARN);
  g_autofree char *verdict = NULL;

  if (n_bad > 0)
    verdict = g_strdup_printf (_ ("%s: bad %u, weak %u"), target, n_bad, n_weak);
  else if (n_weak > 0)
    verdict = g_strdup_printf (_ ("%s: nothing bad, weak %u"), target, n_weak);
  else
    verdict = g_strdup_printf (_ ("%s: nothing to complain of"), target);
  postseal_page_add_gap (page);
  postseal_page_add_sentence (page, verdict, n_bad > 0 ? POSTSEAL_PAGE_BAD : POSTSEAL_PAGE_STRONG);
}

void
postseal_finding_page_print (const char *target, GPtrArray *findings, gboolean is_verbose)
{
  g_autoptr (PostsealPage) page = postseal_page_new (STDOUT_FILENO);

  for (gsize i = 0; i < G_N_ELEMENTS (sections); i++)
    add_section (page, i, findings, is_verbose);
  add_verdict (page, target, findings);
  fputs (page->text->str, stdout);
}

void
postseal_finding_page_print_json (const char *target, GPtrArray *findings)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "target", target);
  postseal_report_add_string (
      builder, "verdict",
      postseal_finding_level_to_string (postseal_findings_get_verdict (findings)));
  json_builder_set_member_name (builder, "findings");
  json_builder_begin_array (builder);
  for (guint i = 0; i < findings->len; i++)
    {
      const PostsealFinding *finding = g_ptr_array_index (findings, i);

      json_builder_begin_object (builder);
      postseal_report_add_string (builder, "id", finding->id);
      postseal_report_add_string (
          builder, "level",
          postseal_finding_level_to_string (postseal_finding_get_level (finding)));
      postseal_report_add_string (builder, "topic", postseal_finding_get_topic (finding));
      postseal_report_add_string (
          builder, "state",
          postseal_finding_state_to_string (postseal_finding_get_state (finding)));
      postseal_report_add_string (builder, "record", finding->where);
      postseal_report_add_string (builder, "text", finding->text);
      postseal_report_add_string (builder, "advice", finding->advice);
      postseal_report_add_string (builder, "evidence", finding->evidence);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  postseal_report_json (builder);
}

int
postseal_finding_page_get_status (GPtrArray *findings)
{
  if (postseal_findings_get_verdict (findings) == POSTSEAL_FINDING_BAD)
    return STATUS_BAD;
  for (guint i = 0; i < findings->len; i++)
    if (strcmp (((PostsealFinding *)findings->pdata[i])->id, "dns-fail") == 0)
      return STATUS_UNKNOWN;
  return 0;
}
