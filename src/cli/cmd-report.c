/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal report: how often TLS failed, here, or as others report it. */
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/tls-counts-page.h"
#include "cli/tls-report-page.h"
#include "engine/outcome.h"
#include "net/tls-result.h"

#define PROGRAM "postseal report"
#define ORGANIZATION "Postseal on this computer"
#define STATUS_DATA 65
#define STATUS_IO 74
#define USUAL_DAYS 7
#define NOT_SAID G_MININT
#define MOST_DAYS 60
#define DAY_S 86400

/* --- the connections of this computer --- */

typedef struct
{
  const PostsealOptions *options; /* borrowed */
  PostsealAccountStore *store; /* owned */
  GPtrArray *accounts; /* owned (element-type PostsealAccount): those asked for */
  GPtrArray *counts; /* owned (element-type PostsealTlsCounts): theirs */
  int days;
  gint64 now;
  gint64 start; /* of the first day */
  char *first_day; /* owned */
  int status;
} OwnReport;

static void
clear_own (OwnReport *self)
{
  g_clear_pointer (&self->store, postseal_account_store_free);
  g_clear_pointer (&self->accounts, g_ptr_array_unref);
  g_clear_pointer (&self->counts, g_ptr_array_unref);
  g_clear_pointer (&self->first_day, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OwnReport, clear_own)

static gboolean
choose_accounts (OwnReport *self, char **names)
{
  const GPtrArray *all = postseal_account_store_get_accounts (self->store);

  self->accounts = g_ptr_array_new ();
  for (guint i = 0; names == NULL && i < all->len; i++)
    g_ptr_array_add (self->accounts, all->pdata[i]);
  for (char **name = names; name != NULL && *name != NULL; name++)
    {
      g_autoptr (GError) error = NULL;
      PostsealAccount *account = postseal_account_store_lookup (self->store, *name, &error);

      if (account == NULL)
        {
          self->status = postseal_report_error (error);
          return FALSE;
        }
      if (!g_ptr_array_find (self->accounts, account, NULL))
        g_ptr_array_add (self->accounts, account);
    }
  return TRUE;
}

/* What cannot be read is told, and the rest shown. */
static void
load_counts (OwnReport *self)
{
  self->counts = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_tls_counts_free);
  for (guint i = 0; i < self->accounts->len; i++)
    {
      const PostsealAccount *account = g_ptr_array_index (self->accounts, i);
      g_autofree char *directory = postseal_paths_account_state_dir (account->name);
      g_autofree char *path = g_build_filename (directory, POSTSEAL_PATHS_TLS_COUNTS, NULL);
      g_autoptr (GError) error = NULL;
      PostsealTlsCounts *counts = postseal_tls_counts_load (path, &error);

      if (counts == NULL)
        {
          postseal_report_error (error);
          self->status = postseal_outcome_graver (self->status, STATUS_IO);
          counts = postseal_tls_counts_new ();
        }
      g_ptr_array_add (self->counts, counts);
    }
}

static void
print_own_page (const OwnReport *self)
{
  g_autoptr (PostsealPage) page = postseal_page_new (STDOUT_FILENO);
  g_autofree char *head
      = g_strdup_printf (_ ("Counted on this computer since %s:"), self->first_day);

  postseal_page_add_sentence (page, head, POSTSEAL_PAGE_PLAIN);
  for (guint i = 0; i < self->accounts->len; i++)
    postseal_tls_counts_page_add (page, g_ptr_array_index (self->accounts, i),
                                  g_ptr_array_index (self->counts, i), self->first_day, self->now);
  g_print ("%s", page->text->str);
}

/* "imap.example.org:993" -> "imap.example.org", "[::1]:993" -> "::1" */
static char *
get_host (const char *server)
{
  const char *colon = strrchr (server, ':');
  gsize length = colon != NULL ? (gsize)(colon - server) : strlen (server);

  if (length >= 2 && server[0] == '[' && server[length - 1] == ']')
    return g_strndup (server + 1, length - 2);
  return g_strndup (server, length);
}

static void
add_count (PostsealTlsReport *report, const PostsealTlsCount *count)
{
  const char *type = count->policy == POSTSEAL_TLS_COUNT_DANE ? "tlsa" : "no-policy-found";
  g_autofree char *host = get_host (count->server);
  PostsealTlsReportPolicy *policy = postseal_tls_report_add_policy (report, type, host);

  if (count->reason == NULL)
    {
      policy->successful = count->connections;
      return;
    }
  policy->failed = count->connections;
  postseal_tls_report_add_failure (policy, postseal_tls_result_get_type (count->reason),
                                   count->reason, host, count->connections);
}

/* As RFC 8460 section 4.4 has it: by server, which says nothing of accounts. */
static PostsealTlsReport *
make_report (const OwnReport *self)
{
  g_autoptr (PostsealTlsReport) all = postseal_tls_report_new ();
  g_autoptr (GPtrArray) alone = g_ptr_array_new ();
  PostsealTlsReport *report = NULL;

  for (guint i = 0; i < self->counts->len; i++)
    {
      g_autoptr (GPtrArray) list = postseal_tls_counts_list (g_ptr_array_index (self->counts, i));

      for (guint k = 0; k < list->len; k++)
        {
          const PostsealTlsCount *count = g_ptr_array_index (list, k);

          if (strcmp (count->day, self->first_day) >= 0)
            add_count (all, count);
        }
    }
  g_ptr_array_add (alone, all);
  report = postseal_tls_report_sum (alone);
  report->start = self->start;
  report->end = self->start + self->days * DAY_S - 1;
  report->organization = g_strdup (ORGANIZATION);
  report->contact = g_strdup ("");
  report->id = g_uuid_string_random ();
  return report;
}

static void
print_own_json (const OwnReport *self)
{
  g_autoptr (PostsealTlsReport) report = make_report (self);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  postseal_tls_report_write (report, builder);
  postseal_report_json (builder);
}

static int
show_own (const PostsealOptions *options, char **names, int days)
{
  g_auto (OwnReport) self = { .options = options, .days = days };
  g_autoptr (GDateTime) first = NULL;

  self.now = g_get_real_time () / G_USEC_PER_SEC;
  self.start = (self.now / DAY_S - days + 1) * DAY_S;
  first = g_date_time_new_from_unix_utc (self.start);
  self.first_day = g_date_time_format (first, "%Y-%m-%d");
  self.store = postseal_options_load_accounts (options, &self.status);
  if (self.store == NULL || !choose_accounts (&self, names))
    return self.status;
  load_counts (&self);
  if (options->json)
    print_own_json (&self);
  else
    print_own_page (&self);
  return postseal_outcome_graver (self.status, postseal_report_problems (self.store));
}

/* --- reports of others --- */

/* RFC 8460 section 4.4: an organization uses an ID once. */
static gboolean
is_known (const GPtrArray *reports, const PostsealTlsReport *report)
{
  for (guint i = 0; report->id != NULL && i < reports->len; i++)
    {
      const PostsealTlsReport *known = g_ptr_array_index (reports, i);

      if (g_strcmp0 (known->id, report->id) == 0
          && g_strcmp0 (known->organization, report->organization) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Each once. @inputs: (element-type PostsealTlsReportInput). Returns: the exit status */
static int
read_reports (char **paths, GPtrArray *inputs, GPtrArray *reports)
{
  int status = 0;

  for (char **path = paths; *path != NULL; path++)
    {
      g_autoptr (GError) error = NULL;
      PostsealTlsReportInput *input = postseal_tls_report_input_read (*path, &error);

      if (input == NULL)
        {
          postseal_report_error (error);
          status = postseal_outcome_graver (
              status, error->domain == POSTSEAL_TLS_REPORT_ERROR ? STATUS_DATA : STATUS_IO);
          continue;
        }
      if (is_known (reports, input->report))
        {
          g_autofree char *shown = postseal_report_make_printable (*path);

          g_printerr (_ ("postseal: %s has a report that was there already; it counts once\n"),
                      shown);
          postseal_tls_report_input_free (input);
          continue;
        }
      g_ptr_array_add (inputs, input);
      g_ptr_array_add (reports, input->report);
    }
  return status;
}

static void
print_reports_page (const GPtrArray *inputs, const GPtrArray *reports)
{
  g_autoptr (PostsealPage) page = postseal_page_new (STDOUT_FILENO);

  for (guint i = 0; i < inputs->len; i++)
    postseal_tls_report_page_add (page, g_ptr_array_index (inputs, i));
  if (reports->len > 1)
    postseal_tls_report_page_add_sum (page, reports);
  g_print ("%s", page->text->str);
}

static void
print_reports_json (const GPtrArray *reports, gboolean is_list)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (is_list)
    json_builder_begin_array (builder);
  for (guint i = 0; i < reports->len; i++)
    postseal_tls_report_write (g_ptr_array_index (reports, i), builder);
  if (is_list)
    json_builder_end_array (builder);
  postseal_report_json (builder);
}

static int
show_reports (const PostsealOptions *options, char **paths)
{
  g_autoptr (GPtrArray) inputs
      = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_tls_report_input_free);
  g_autoptr (GPtrArray) reports = g_ptr_array_new ();
  int status = read_reports (paths, inputs, reports);

  if (!options->json)
    print_reports_page (inputs, reports);
  else if (reports->len > 0 || paths[1] != NULL)
    print_reports_json (reports, paths[1] != NULL);
  return status;
}

int
postseal_cmd_report (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_auto (GStrv) names = NULL;
  int days = NOT_SAID;
  const GOptionEntry entries[] = {
    { "days", 0, 0, G_OPTION_ARG_INT, &days, N_ ("Of the last N days, today included (7)"),
      N_ ("N") },
    { "account", 'a', 0, G_OPTION_ARG_STRING_ARRAY, &names,
      N_ ("Of this account only; may be given more than once"), N_ ("ACCOUNT") },
    { NULL },
  };
  int status = 0;

  if (!postseal_options_parse (
          &options, PROGRAM, _ ("[FILE…]"),
          _ ("Show how many connections to the servers were sealed, and how many failed and why. "
             "With files, read the TLS reports of others (RFC 8460): JSON, gzip, or the mail that "
             "carries them; “-” is standard input."),
          entries, &argc, &argv, &status))
    return status;
  if (argc > 1 && (days != NOT_SAID || names != NULL))
    return postseal_report_usage (PROGRAM, _ ("--days and --account do not go with files"));
  if (days != NOT_SAID && (days < 1 || days > MOST_DAYS))
    return postseal_report_usage (PROGRAM, _ ("--days is a number from 1 to %d"), MOST_DAYS);
  return argc > 1 ? show_reports (&options, argv + 1)
                  : show_own (&options, names, days != NOT_SAID ? days : USUAL_DAYS);
}
