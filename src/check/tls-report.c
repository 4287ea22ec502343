/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/tls-report.h"

#include <string.h>

G_DEFINE_QUARK (postseal - tls - report - error - quark, postseal_tls_report_error)

static void
free_failure (gpointer data)
{
  PostsealTlsReportFailure *failure = data;

  g_free (failure->type);
  g_free (failure->reason);
  g_free (failure->host);
  g_free (failure->receiving_ip);
  g_free (failure->sending_ip);
  g_free (failure->information);
  g_free (failure);
}

static void
free_policy (gpointer data)
{
  PostsealTlsReportPolicy *policy = data;

  g_free (policy->type);
  g_strfreev (policy->strings);
  g_free (policy->domain);
  g_strfreev (policy->mx_hosts);
  g_ptr_array_unref (policy->failures);
  g_free (policy);
}

PostsealTlsReport *
postseal_tls_report_new (void)
{
  PostsealTlsReport *self = g_new0 (PostsealTlsReport, 1);

  self->policies = g_ptr_array_new_with_free_func (free_policy);
  return self;
}

void
postseal_tls_report_free (PostsealTlsReport *self)
{
  if (self == NULL)
    return;
  g_free (self->organization);
  g_free (self->contact);
  g_free (self->id);
  g_ptr_array_unref (self->policies);
  g_free (self);
}

PostsealTlsReportPolicy *
postseal_tls_report_add_policy (PostsealTlsReport *self, const char *type, const char *domain)
{
  PostsealTlsReportPolicy *policy = g_new0 (PostsealTlsReportPolicy, 1);

  policy->type = g_strdup (type);
  policy->domain = g_strdup (domain);
  policy->strings = g_new0 (char *, 1);
  policy->mx_hosts = g_new0 (char *, 1);
  policy->failures = g_ptr_array_new_with_free_func (free_failure);
  g_ptr_array_add (self->policies, policy);
  return policy;
}

PostsealTlsReportFailure *
postseal_tls_report_add_failure (PostsealTlsReportPolicy *policy,
                                 const char *type,
                                 const char *reason,
                                 const char *host,
                                 guint64 sessions)
{
  PostsealTlsReportFailure *failure = g_new0 (PostsealTlsReportFailure, 1);

  failure->type = g_strdup (type);
  failure->reason = g_strdup (reason);
  failure->host = g_strdup (host);
  failure->sessions = sessions;
  g_ptr_array_add (policy->failures, failure);
  return failure;
}

/* RFC 8461 section 3.2: "mode: testing" */
const char *
postseal_tls_report_get_mode (const PostsealTlsReportPolicy *policy)
{
  if (strcmp (policy->type, "sts") != 0)
    return NULL;
  for (char **string = policy->strings; *string != NULL; string++)
    if (g_str_has_prefix (*string, "mode:"))
      {
        const char *mode = *string + strlen ("mode:");

        return mode + strspn (mode, " \t");
      }
  return NULL;
}

/* --- sums --- */

static void
add (guint64 *sum, guint64 more)
{
  if (!g_uint64_checked_add (sum, *sum, more))
    *sum = G_MAXUINT64;
}

static gboolean
is_same (const char *a, const char *b)
{
  return g_strcmp0 (a, b) == 0;
}

static guint
hash_failure (gconstpointer data)
{
  const PostsealTlsReportFailure *failure = data;
  guint hash = g_str_hash (failure->type);

  if (failure->host != NULL)
    hash = hash * 33 + g_str_hash (failure->host);
  if (failure->reason != NULL)
    hash = hash * 33 + g_str_hash (failure->reason);
  return hash;
}

static gboolean
is_same_failure (gconstpointer a, gconstpointer b)
{
  const PostsealTlsReportFailure *one = a, *other = b;

  return is_same (one->type, other->type) && is_same (one->host, other->host)
         && is_same (one->reason, other->reason);
}

static void
add_failures (PostsealTlsReportPolicy *sum, GHashTable *known, const PostsealTlsReportPolicy *more)
{
  for (guint i = 0; i < more->failures->len; i++)
    {
      const PostsealTlsReportFailure *failure = g_ptr_array_index (more->failures, i);
      PostsealTlsReportFailure *same = g_hash_table_lookup (known, failure);

      if (same != NULL)
        add (&same->sessions, failure->sessions);
      else
        g_hash_table_add (known,
                          postseal_tls_report_add_failure (sum, failure->type, failure->reason,
                                                           failure->host, failure->sessions));
    }
}

/* One sum, while it grows. */
typedef struct
{
  PostsealTlsReportPolicy *policy; /* borrowed: the report's */
  GHashTable *failures; /* owned: the policy's, by what they are */
} Sum;

static void
free_sum (gpointer data)
{
  Sum *sum = data;

  g_hash_table_unref (sum->failures);
  g_free (sum);
}

static void
add_policy (PostsealTlsReport *self, GHashTable *sums, const PostsealTlsReportPolicy *policy)
{
  const char *mode = postseal_tls_report_get_mode (policy);
  g_autofree char *domain = g_ascii_strdown (policy->domain, -1);
  g_autofree char *key
      = g_strjoin ("\n", domain, policy->type, mode != NULL ? mode : "", (char *)NULL);
  Sum *sum = g_hash_table_lookup (sums, key);

  if (sum == NULL)
    {
      sum = g_new0 (Sum, 1);
      sum->policy = postseal_tls_report_add_policy (self, policy->type, domain);
      g_strfreev (sum->policy->strings);
      sum->policy->strings = g_strdupv (policy->strings);
      g_strfreev (sum->policy->mx_hosts);
      sum->policy->mx_hosts = g_strdupv (policy->mx_hosts);
      sum->failures = g_hash_table_new (hash_failure, is_same_failure);
      g_hash_table_insert (sums, g_steal_pointer (&key), sum);
    }
  add (&sum->policy->successful, policy->successful);
  add (&sum->policy->failed, policy->failed);
  add_failures (sum->policy, sum->failures, policy);
}

/* More before less, then by name, so that the order is always the same. */
static int
compare_failures (gconstpointer a, gconstpointer b)
{
  const PostsealTlsReportFailure *one = *(PostsealTlsReportFailure *const *)a;
  const PostsealTlsReportFailure *other = *(PostsealTlsReportFailure *const *)b;
  int order = (one->sessions < other->sessions) - (one->sessions > other->sessions);

  if (order == 0)
    order = strcmp (one->type, other->type);
  if (order == 0)
    order = g_strcmp0 (one->host, other->host);
  return order != 0 ? order : g_strcmp0 (one->reason, other->reason);
}

static int
compare_policies (gconstpointer a, gconstpointer b)
{
  const PostsealTlsReportPolicy *one = *(PostsealTlsReportPolicy *const *)a;
  const PostsealTlsReportPolicy *other = *(PostsealTlsReportPolicy *const *)b;
  int order = (one->failed < other->failed) - (one->failed > other->failed);

  if (order == 0)
    order = strcmp (one->domain, other->domain);
  if (order == 0)
    order = strcmp (one->type, other->type);
  return order != 0
             ? order
             : g_strcmp0 (postseal_tls_report_get_mode (one), postseal_tls_report_get_mode (other));
}

PostsealTlsReport *
postseal_tls_report_sum (const GPtrArray *reports)
{
  PostsealTlsReport *self = postseal_tls_report_new ();
  g_autoptr (GHashTable) sums = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_sum);

  for (guint i = 0; i < reports->len; i++)
    {
      const PostsealTlsReport *report = g_ptr_array_index (reports, i);

      self->start = i == 0 ? report->start : MIN (self->start, report->start);
      self->end = i == 0 ? report->end : MAX (self->end, report->end);
      for (guint k = 0; k < report->policies->len; k++)
        add_policy (self, sums, g_ptr_array_index (report->policies, k));
    }
  g_ptr_array_sort (self->policies, compare_policies);
  for (guint i = 0; i < self->policies->len; i++)
    g_ptr_array_sort (((PostsealTlsReportPolicy *)self->policies->pdata[i])->failures,
                      compare_failures);
  return self;
}
