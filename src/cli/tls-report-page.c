/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/tls-report-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cli/tls-result-words.h"

#define MOST_HOSTS 10 /* named for one kind of failure */

/* --- what is reported on --- */

/* "2016-04-01", or with "…2016-04-07" behind it. */
static char *
describe_days (const PostsealTlsReport *report)
{
  g_autoptr (GDateTime) start = g_date_time_new_from_unix_utc (report->start);
  g_autoptr (GDateTime) end = g_date_time_new_from_unix_utc (report->end);
  g_autofree char *first = g_date_time_format (start, "%Y-%m-%d");
  g_autofree char *last = g_date_time_format (end, "%Y-%m-%d");

  return g_str_equal (first, last) ? g_strdup (first)
                                   : g_strdup_printf (_ ("%s to %s"), first, last);
}

static char *
describe_policy (const PostsealTlsReportPolicy *policy)
{
  const char *mode = postseal_tls_report_get_mode (policy);

  if (strcmp (policy->type, "tlsa") == 0)
    return g_strdup ("DANE");
  if (strcmp (policy->type, "sts") == 0)
    return mode != NULL ? g_strdup_printf (_ ("MTA-STS, mode “%s”"), mode) : g_strdup ("MTA-STS");
  if (strcmp (policy->type, "no-policy-found") == 0)
    return g_strdup (_ ("no policy of the domain: any TLS will do"));
  return g_strdup_printf (_ ("policy “%s”"), policy->type);
}

/* RFC 7672 section 2.2, RFC 8461 section 5: who finds this wrong does not deliver. */
static gboolean
is_binding (const PostsealTlsReportPolicy *policy)
{
  return strcmp (policy->type, "tlsa") == 0
         || g_strcmp0 (postseal_tls_report_get_mode (policy), "enforce") == 0;
}

/* --- what became of it --- */

static char *
count_connections (guint64 n)
{
  return g_strdup_printf (ngettext ("%lu connection", "%lu connections", (gulong)n), (gulong)n);
}

static void
add_totals (PostsealPage *page, const PostsealTlsReportPolicy *policy)
{
  g_autofree char *successful = count_connections (policy->successful);
  g_autofree char *failed = count_connections (policy->failed);
  g_autofree char *text = NULL;

  postseal_page_add_entry (page, _ ("sealed"), successful, POSTSEAL_PAGE_PLAIN);
  if (policy->failed == 0)
    return;
  text = g_strdup_printf (is_binding (policy)
                              ? _ ("%s: no mail went over them, it waited or went back")
                              : _ ("%s: mail may have come over them all the same, less protected"),
                          failed);
  postseal_page_add_entry (page, _ ("failed"), text,
                           is_binding (policy) ? POSTSEAL_PAGE_BAD : POSTSEAL_PAGE_NOTABLE);
}

/* "mx1.example.org: 100, X509_V_ERR_…", at most some of them. */
static char *
list_hosts (const PostsealTlsReportPolicy *policy, const char *type)
{
  GString *text = g_string_new (NULL);
  gulong n = 0;

  for (guint i = 0; i < policy->failures->len; i++)
    {
      const PostsealTlsReportFailure *failure = g_ptr_array_index (policy->failures, i);

      if (strcmp (failure->type, type) != 0 || (failure->host == NULL && failure->reason == NULL)
          || n++ >= MOST_HOSTS)
        continue;
      g_string_append_printf (text, "%s%s: %" G_GUINT64_FORMAT, text->len > 0 ? "; " : "",
                              failure->host != NULL ? failure->host : _ ("unknown server"),
                              failure->sessions);
      if (failure->reason != NULL)
        g_string_append_printf (text, " (%s)", failure->reason);
    }
  if (n > MOST_HOSTS)
    {
      g_string_append (text, "; ");
      g_string_append_printf (text, ngettext ("%lu more", "%lu more", n - MOST_HOSTS),
                              n - MOST_HOSTS);
    }
  return g_string_free (text, FALSE);
}

static void
add_type (PostsealPage *page,
          const PostsealTlsReportPolicy *policy,
          const char *type,
          guint64 sessions)
{
  const char *remedy = postseal_tls_result_words_get_remedy (type);
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, sessions);
  g_autofree char *text
      = g_strdup_printf ("%s (%s)", postseal_tls_result_words_get_type (type), type);
  g_autofree char *hosts = list_hosts (policy, type);
  g_autofree char *advice = remedy != NULL ? g_strconcat ("→ ", remedy, NULL) : NULL;

  postseal_page_add_entry (page, number, text, POSTSEAL_PAGE_NOTABLE);
  postseal_page_add_entry (page, "", hosts, POSTSEAL_PAGE_PLAIN);
  postseal_page_add_entry (page, "", advice, POSTSEAL_PAGE_PLAIN);
}

/* One kind of failure, of all hosts. */
typedef struct
{
  const char *type; /* borrowed */
  guint64 sessions;
} Kind;

static int
compare_kinds (gconstpointer a, gconstpointer b)
{
  const Kind *one = a, *other = b;
  int order = (one->sessions < other->sessions) - (one->sessions > other->sessions);

  return order != 0 ? order : strcmp (one->type, other->type);
}

static GArray *
list_kinds (const PostsealTlsReportPolicy *policy)
{
  GArray *kinds = g_array_new (FALSE, FALSE, sizeof (Kind));
  g_autoptr (GHashTable) places = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < policy->failures->len; i++)
    {
      const PostsealTlsReportFailure *failure = g_ptr_array_index (policy->failures, i);
      guint place = GPOINTER_TO_UINT (g_hash_table_lookup (places, failure->type));
      Kind kind = { failure->type, failure->sessions };

      if (place == 0)
        {
          g_array_append_val (kinds, kind);
          g_hash_table_insert (places, failure->type, GUINT_TO_POINTER (kinds->len));
        }
      else
        g_array_index (kinds, Kind, place - 1).sessions += failure->sessions;
    }
  g_array_sort (kinds, compare_kinds);
  return kinds;
}

static void
add_policy (PostsealPage *page, const PostsealTlsReportPolicy *policy)
{
  g_autoptr (GArray) kinds = list_kinds (policy);
  g_autofree char *about = describe_policy (policy);

  postseal_page_add_gap (page);
  postseal_page_add_title (page, policy->domain, about);
  add_totals (page, policy);
  for (guint i = 0; i < kinds->len; i++)
    add_type (page, policy, g_array_index (kinds, Kind, i).type,
              g_array_index (kinds, Kind, i).sessions);
}

static void
add_policies (PostsealPage *page, const PostsealTlsReport *sum)
{
  for (guint i = 0; i < sum->policies->len; i++)
    add_policy (page, g_ptr_array_index (sum->policies, i));
  if (sum->policies->len == 0)
    postseal_page_add_sentence (page, _ ("No connections are reported."), POSTSEAL_PAGE_PLAIN);
}

void
postseal_tls_report_page_add (PostsealPage *page, const PostsealTlsReportInput *input)
{
  PostsealTlsReport *report = input->report;
  g_autoptr (GPtrArray) alone = g_ptr_array_new ();
  g_autoptr (PostsealTlsReport) sum = NULL;
  g_autofree char *days = describe_days (report);

  g_ptr_array_add (alone, report);
  sum = postseal_tls_report_sum (alone);
  postseal_page_add_gap (page);
  postseal_page_add_title (
      page, report->organization != NULL ? report->organization : _ ("Somebody"), days);
  postseal_page_add_entry (page, _ ("contact"), report->contact, POSTSEAL_PAGE_PLAIN);
  postseal_page_add_entry (page, _ ("mailed by"), input->submitter, POSTSEAL_PAGE_PLAIN);
  postseal_page_add_entry (page, _ ("report"), report->id, POSTSEAL_PAGE_PLAIN);
  add_policies (page, sum);
}

void
postseal_tls_report_page_add_sum (PostsealPage *page, const GPtrArray *reports)
{
  g_autoptr (PostsealTlsReport) sum = postseal_tls_report_sum (reports);
  g_autofree char *days = describe_days (sum);

  postseal_page_add_gap (page);
  postseal_page_add_title (page, _ ("All together"), days);
  add_policies (page, sum);
}
