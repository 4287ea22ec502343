/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/tls-counts-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cli/time-words.h"
#include "cli/tls-result-words.h"
#include "engine/advice.h"
#include "net/tls-result.h"

/* The same server in the same direction, sealed or for the same reason not. */
static gboolean
is_same_outcome (const PostsealTlsCount *a, const PostsealTlsCount *b)
{
  return a->is_sending == b->is_sending && strcmp (a->server, b->server) == 0
         && g_strcmp0 (a->reason, b->reason) == 0;
}

/* What is sealed first, then what failed most often. */
static int
compare_outcomes (gconstpointer a, gconstpointer b)
{
  const PostsealTlsCount *one = a, *other = b;
  int order = one->is_sending - other->is_sending;

  if (order == 0)
    order = strcmp (one->server, other->server);
  if (order == 0)
    order = (one->reason != NULL) - (other->reason != NULL);
  if (order == 0)
    order = (one->connections < other->connections) - (one->connections > other->connections);
  return order != 0 ? order : g_strcmp0 (one->reason, other->reason);
}

/* The days and policies together. Returns: (transfer full) (element-type PostsealTlsCount): its
   strings are of @counts */
static GArray *
list_outcomes (const PostsealTlsCounts *counts, const char *first_day)
{
  g_autoptr (GPtrArray) list = postseal_tls_counts_list (counts);
  GArray *outcomes = g_array_new (FALSE, FALSE, sizeof (PostsealTlsCount));

  for (guint i = 0; i < list->len; i++)
    {
      const PostsealTlsCount *count = g_ptr_array_index (list, i);
      PostsealTlsCount *same = NULL;

      if (strcmp (count->day, first_day) < 0)
        continue;
      for (guint k = 0; k < outcomes->len && same == NULL; k++)
        if (is_same_outcome (&g_array_index (outcomes, PostsealTlsCount, k), count))
          same = &g_array_index (outcomes, PostsealTlsCount, k);
      if (same == NULL)
        g_array_append_vals (outcomes, count, 1);
      else
        {
          same->connections += count->connections;
          same->last = MAX (same->last, count->last);
        }
    }
  g_array_sort (outcomes, compare_outcomes);
  return outcomes;
}

/* Returns: (transfer full) (nullable) */
static char *
find_advice (PostsealAccount *account, const char *reason)
{
  g_autoptr (GError) error = postseal_tls_result_make_error (reason);
  g_auto (PostsealAdvice) advice = { NULL, NULL };

  if (error == NULL)
    return g_strdup (_ ("Have the server do TLS, and set “send-tls=enforced”"));
  advice = postseal_advice_for (error, account);
  return *advice.sentence != '\0' ? g_steal_pointer (&advice.sentence) : NULL;
}

static void
add_outcome (PostsealPage *page,
             PostsealAccount *account,
             const PostsealTlsCount *outcome,
             gint64 now)
{
  gulong n = (gulong)outcome->connections;
  gboolean is_clear = g_strcmp0 (outcome->reason, POSTSEAL_TLS_RESULT_IN_CLEAR) == 0;
  g_autofree char *number = g_strdup_printf (ngettext ("%lu connection", "%lu connections", n), n);
  g_autofree char *ago = postseal_time_words_ago (outcome->last, now);
  g_autofree char *when
      = g_strdup_printf (n == 1 ? _ ("%s, %s") : _ ("%s, the last %s"), number, ago);
  g_autofree char *text = NULL;
  g_autofree char *advice = NULL;
  g_autofree char *line = NULL;

  if (outcome->reason == NULL)
    {
      postseal_page_add_entry (page, _ ("sealed"), when, POSTSEAL_PAGE_PLAIN);
      return;
    }
  text = g_strdup_printf ("%s: %s (%s)", when,
                          postseal_tls_result_words_get_reason (outcome->reason),
                          postseal_tls_result_get_type (outcome->reason));
  postseal_page_add_entry (page, is_clear ? _ ("in clear") : _ ("refused"), text,
                           POSTSEAL_PAGE_BAD);
  advice = find_advice (account, outcome->reason);
  if (advice != NULL)
    line = g_strconcat ("→ ", advice, NULL);
  postseal_page_add_entry (page, "", line, POSTSEAL_PAGE_PLAIN);
}

void
postseal_tls_counts_page_add (PostsealPage *page,
                              PostsealAccount *account,
                              const PostsealTlsCounts *counts,
                              const char *first_day,
                              gint64 now)
{
  g_autoptr (GArray) outcomes = list_outcomes (counts, first_day);
  const PostsealTlsCount *before = NULL;

  postseal_page_add_gap (page);
  if (outcomes->len == 0)
    postseal_page_add_title (page, account->name, _ ("no connections"));
  for (guint i = 0; i < outcomes->len; i++)
    {
      const PostsealTlsCount *outcome = &g_array_index (outcomes, PostsealTlsCount, i);

      if (before == NULL || before->is_sending != outcome->is_sending
          || strcmp (before->server, outcome->server) != 0)
        {
          g_autofree char *about = g_strdup_printf (
              outcome->is_sending ? _ ("sending, %s") : _ ("receiving, %s"), outcome->server);

          if (before != NULL)
            postseal_page_add_gap (page);
          postseal_page_add_title (page, account->name, about);
        }
      add_outcome (page, account, outcome, now);
      before = outcome;
    }
}
