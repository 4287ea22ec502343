/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/finding-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "check/finding.h"
#include "cli/page.h"
#include "cli/report.h"

#define STATUS_BAD 76 /* EX_PROTOCOL: as where a server is too weak */
#define STATUS_UNKNOWN 75 /* EX_TEMPFAIL */

typedef struct
{
  const char *title;
  const char *topics[12];
} Section;

/* What belongs together, in the order in which people ask. */
static const Section domain_sections[] = {
  { N_ ("Mail on its way to this domain"),
    { "dns", "mx", "ports", "upgrade", "tls", "cert", "dane", "sts", "report", NULL } },
  { N_ ("Mail that claims to come from this domain"), { "spf", "dkim", "dmarc", NULL } },
  { N_ ("Programs of its users"), { "srv", "autoconfig", NULL } },
  { NULL },
};
static const Section host_sections[] = {
  { N_ ("How TLS starts"), { "ports", "upgrade", "dns", NULL } },
  { N_ ("TLS"), { "tls", NULL } },
  { N_ ("Who the server is"), { "cert", "dane", NULL } },
  { NULL },
};

static const Section account_sections[] = {
  { N_ ("The account"), { "account", NULL } },
  { N_ ("How TLS starts"), { "ports", "upgrade", "dns", NULL } },
  { N_ ("TLS"), { "tls", NULL } },
  { N_ ("Who the server is"), { "cert", "dane", NULL } },
  { NULL },
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

/* Said of several ports in the same words, it is said once. */
static gboolean
is_same (const PostsealFinding *a, const PostsealFinding *b)
{
  return strcmp (a->id, b->id) == 0 && strcmp (a->text, b->text) == 0
         && g_strcmp0 (a->advice, b->advice) == 0;
}

static gboolean
was_said (GPtrArray *findings, guint index)
{
  for (guint i = 0; i < index; i++)
    if (is_same (findings->pdata[i], findings->pdata[index]))
      return TRUE;
  return FALSE;
}

/* Returns: (nullable): the port's number within @where, "HOST:PORT"; NULL when it is a record */
static const char *
find_port (const char *where)
{
  const char *colon = strrchr (where, ':');

  return colon != NULL && colon[1] != '\0' && colon[1 + strspn (colon + 1, "0123456789")] == '\0'
             ? colon + 1
             : NULL;
}

/* With the ports that it is said of. Returns: (transfer full) */
static char *
write_text (PostsealFindingPageKind kind, GPtrArray *findings, guint index)
{
  const PostsealFinding *finding = g_ptr_array_index (findings, index);
  g_autoptr (GString) places = g_string_new (NULL);

  for (guint i = index; i < findings->len; i++)
    {
      const PostsealFinding *other = g_ptr_array_index (findings, i);
      const char *port = find_port (other->where);

      if (port == NULL || !is_same (finding, other))
        continue;
      g_string_append (places, places->len > 0 ? ", " : "");
      g_string_append (places, kind == POSTSEAL_FINDING_PAGE_HOST ? port : other->where);
    }
  return places->len > 0 ? g_strdup_printf ("%s (%s)", finding->text, places->str)
                         : g_strdup (finding->text);
}

static void
add_finding (PostsealPage *page,
             PostsealFindingPageKind kind,
             GPtrArray *findings,
             guint index,
             gsize level,
             gboolean is_verbose)
{
  const PostsealFinding *finding = g_ptr_array_index (findings, index);
  g_autofree char *text = write_text (kind, findings, index);

  postseal_page_add_entry (page, _ (levels[level].word), text, levels[level].style);
  if (finding->advice != NULL)
    {
      g_autofree char *advice = g_strconcat ("→ ", finding->advice, NULL);

      postseal_page_add_entry (page, "", advice, POSTSEAL_PAGE_PLAIN);
    }
  if (!is_verbose)
    return;
  if (find_port (finding->where) == NULL)
    postseal_page_add_entry (page, _ ("where"), finding->where, POSTSEAL_PAGE_PLAIN);
  postseal_page_add_entry (page, _ ("seen"), finding->evidence, POSTSEAL_PAGE_PLAIN);
}

static void
add_section (PostsealPage *page,
             PostsealFindingPageKind kind,
             const Section *section,
             GPtrArray *findings,
             gboolean is_verbose)
{
  const char *const *topics = (const char *const *)section->topics;
  gboolean is_begun = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (levels); i++)
    for (guint j = 0; j < findings->len; j++)
      {
        const PostsealFinding *finding = g_ptr_array_index (findings, j);

        if (postseal_finding_get_level (finding) != levels[i].level
            || !g_strv_contains (topics, postseal_finding_get_topic (finding))
            || was_said (findings, j))
          continue;
        if (!is_begun)
          {
            postseal_page_add_gap (page);
            postseal_page_add_title (page, _ (section->title), "");
          }
        is_begun = TRUE;
        add_finding (page, kind, findings, j, i, is_verbose);
      }
}

static guint
count (GPtrArray *findings, PostsealFindingLevel level)
{
  guint n = 0;

  for (guint i = 0; i < findings->len; i++)
    n += postseal_finding_get_level (g_ptr_array_index (findings, i)) == level
         && !was_said (findings, i);
  return n;
}

static void
add_verdict (PostsealPage *page,
             PostsealFindingPageKind kind,
             const char *target,
             GPtrArray *findings)
{
  /* Of a domain, keys of DKIM are always unknown, unless somebody names them. */
  guint n_unknown
      = kind != POSTSEAL_FINDING_PAGE_DOMAIN ? count (findings, POSTSEAL_FINDING_UNKNOWN) : 0;
  guint n_bad = count (findings, POSTSEAL_FINDING_BAD);
  guint n_weak = count (findings, POSTSEAL_FINDING_WARN);
  g_autofree char *verdict = NULL;

  if (n_bad > 0)
    verdict = g_strdup_printf (_ ("%s: bad %u, weak %u"), target, n_bad, n_weak);
  else if (n_weak > 0)
    verdict = g_strdup_printf (_ ("%s: nothing bad, weak %u"), target, n_weak);
  else if (n_unknown > 0)
    verdict = g_strdup_printf (_ ("%s: nothing bad seen, unknown %u"), target, n_unknown);
  else
    verdict = g_strdup_printf (_ ("%s: nothing to complain of"), target);
  postseal_page_add_gap (page);
  postseal_page_add_sentence (page, verdict, n_bad > 0 ? POSTSEAL_PAGE_BAD : POSTSEAL_PAGE_STRONG);
}

void
postseal_finding_page_add (PostsealPage *page,
                           PostsealFindingPageKind kind,
                           const char *target,
                           GPtrArray *findings,
                           gboolean is_verbose)
{
  static const Section *const all[] = {
    [POSTSEAL_FINDING_PAGE_DOMAIN] = domain_sections,
    [POSTSEAL_FINDING_PAGE_HOST] = host_sections,
    [POSTSEAL_FINDING_PAGE_ACCOUNT] = account_sections,
  };
  const Section *sections = all[kind];

  for (gsize i = 0; sections[i].title != NULL; i++)
    add_section (page, kind, &sections[i], findings, is_verbose);
  add_verdict (page, kind, target, findings);
}

static void
add_place (JsonBuilder *builder, const char *where)
{
  const char *port = find_port (where);

  postseal_report_add_string (builder, "record", port == NULL ? where : NULL);
  if (port == NULL)
    {
      postseal_report_add_string (builder, "host", NULL);
      postseal_report_add_string (builder, "port", NULL);
      return;
    }
  {
    g_autofree char *host = g_strndup (where, (gsize)(port - where - 1));

    postseal_report_add_string (builder, "host", host);
    postseal_report_add_number (builder, "port", g_ascii_strtoull (port, NULL, 10));
  }
}

static void
add_object (JsonBuilder *builder, const PostsealFinding *finding)
{
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "id", finding->id);
  postseal_report_add_string (
      builder, "level", postseal_finding_level_to_string (postseal_finding_get_level (finding)));
  postseal_report_add_string (builder, "topic", postseal_finding_get_topic (finding));
  postseal_report_add_string (
      builder, "state", postseal_finding_state_to_string (postseal_finding_get_state (finding)));
  add_place (builder, finding->where);
  postseal_report_add_string (builder, "text", finding->text);
  postseal_report_add_string (builder, "advice", finding->advice);
  postseal_report_add_string (builder, "evidence", finding->evidence);
  json_builder_end_object (builder);
}

void
postseal_finding_page_add_json (JsonBuilder *builder, const char *target, GPtrArray *findings)
{
  postseal_report_add_string (builder, "target", target);
  postseal_report_add_string (
      builder, "verdict",
      postseal_finding_level_to_string (postseal_findings_get_verdict (findings)));
  json_builder_set_member_name (builder, "findings");
  json_builder_begin_array (builder);
  for (guint i = 0; i < findings->len; i++)
    add_object (builder, g_ptr_array_index (findings, i));
  json_builder_end_array (builder);
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
