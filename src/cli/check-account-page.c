/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/check-account-page.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/finding-page.h"
#include "cli/report.h"

#define MS_US 1000

static const char *const side_names[] = { "receive", "send" };

static const char *const labels[] = {
  [POSTSEAL_STEP_RESOLVE] = N_ ("resolve"),
  [POSTSEAL_STEP_CONNECT] = N_ ("connect"),
  [POSTSEAL_STEP_GREETING] = N_ ("greeting"),
  [POSTSEAL_STEP_UPGRADE] = N_ ("upgrade"),
  [POSTSEAL_STEP_TLS] = N_ ("TLS"),
  [POSTSEAL_STEP_CERTIFICATE] = N_ ("certificate"),
  [POSTSEAL_STEP_TRUST] = N_ ("trust"),
  [POSTSEAL_STEP_NAME] = N_ ("name"),
  [POSTSEAL_STEP_PIN] = N_ ("pin"),
  [POSTSEAL_STEP_DANE] = N_ ("DANE"),
  [POSTSEAL_STEP_RESUMPTION] = N_ ("resumption"),
  [POSTSEAL_STEP_CAPABILITIES] = N_ ("abilities"),
  [POSTSEAL_STEP_MECHANISMS] = N_ ("mechanisms"),
  [POSTSEAL_STEP_SIGN_IN] = N_ ("sign in"),
  [POSTSEAL_STEP_USE] = N_ ("use"),
};

/* The symbol is for the eye, and the word where there is nobody to see it. */
static const struct
{
  const char *symbol;
  const char *word;
  PostsealPageStyle style;
} results[] = {
  [POSTSEAL_TRIAL_SKIPPED] = { "·", N_ ("skipped"), POSTSEAL_PAGE_PLAIN },
  [POSTSEAL_TRIAL_NONE] = { "–", N_ ("none"), POSTSEAL_PAGE_PLAIN },
  [POSTSEAL_TRIAL_UNKNOWN] = { "?", N_ ("unknown"), POSTSEAL_PAGE_NOTABLE },
  [POSTSEAL_TRIAL_OK] = { "✓", N_ ("ok"), POSTSEAL_PAGE_PLAIN },
  [POSTSEAL_TRIAL_FAILED] = { "✗", N_ ("failed"), POSTSEAL_PAGE_BAD },
};

static void
add_step (PostsealPage *page, const PostsealTrialStep *step, PostsealTrialStepKind kind)
{
  gboolean is_terminal = page->columns > 0;
  g_autoptr (GString) text = g_string_new (NULL);

  if (step->text == NULL && step->result < POSTSEAL_TRIAL_UNKNOWN)
    return;
  g_string_append (text,
                   is_terminal ? results[step->result].symbol : _ (results[step->result].word));
  if (step->text != NULL)
    g_string_append_printf (text, "%s %s", is_terminal ? "" : ":", step->text);
  if (step->took_us >= 0 && step->result >= POSTSEAL_TRIAL_UNKNOWN)
    g_string_append_printf (text, _ (" (%.*f ms)"), step->took_us < 10 * MS_US ? 1 : 0,
                            (double)step->took_us / MS_US);
  postseal_page_add_entry (page, _ (labels[kind]), text->str, results[step->result].style);
}

/* Returns: (transfer full): "imap.example.org:143, IMAP, STARTTLS" */
static char *
describe_server (const PostsealEndpoint *endpoint)
{
  g_autofree char *server = postseal_endpoint_to_string (endpoint);
  const char *start = endpoint->start == POSTSEAL_TLS_START_IMPLICIT ? _ ("TLS from the first byte")
                      : endpoint->protocol == POSTSEAL_PROTOCOL_POP3 ? "STLS"
                                                                     : "STARTTLS";

  return g_strdup_printf ("%s, %s, %s", server, postseal_protocol_name (endpoint->protocol), start);
}

static void
add_side (PostsealPage *page, const PostsealAccount *account, const PostsealCheckSide *side)
{
  g_autofree char *server = describe_server (side->endpoint);
  g_autofree char *title = g_strdup_printf ("%s: %s", account->name,
                                            side->is_sending ? _ ("sending") : _ ("retrieving"));

  postseal_page_add_gap (page);
  postseal_page_add_title (page, title, server);
  /* Where it ended early, what there is not is of no interest. */
  for (int i = 0; i < POSTSEAL_TRIAL_N_STEPS; i++)
    if (side->error == NULL || side->steps.steps[i].result != POSTSEAL_TRIAL_NONE)
      add_step (page, &side->steps.steps[i], (PostsealTrialStepKind)i);
}

void
postseal_check_account_page_print (const PostsealAccount *account,
                                   PostsealCheckSide *const *sides,
                                   GPtrArray *findings,
                                   gboolean is_verbose)
{
  g_autoptr (PostsealPage) page = postseal_page_new (STDOUT_FILENO);

  for (int i = 0; i < 2; i++)
    if (sides[i] != NULL)
      add_side (page, account, sides[i]);
  postseal_finding_page_add (page, POSTSEAL_FINDING_PAGE_ACCOUNT, account->name, findings,
                             is_verbose);
  fputs (page->text->str, stdout);
  fflush (stdout);
}

/* --- for programs --- */

static void
add_step_object (JsonBuilder *builder, const PostsealTrialStep *step, PostsealTrialStepKind kind)
{
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "name", postseal_trial_step_kind_get_name (kind));
  postseal_report_add_string (builder, "result", postseal_trial_result_get_name (step->result));
  if (step->took_us >= 0)
    postseal_report_add_number (builder, "milliseconds", (guint64)(step->took_us / MS_US));
  else
    postseal_report_add_string (builder, "milliseconds", NULL);
  postseal_report_add_string (builder, "text", step->text);
  json_builder_end_object (builder);
}

void
postseal_check_account_page_add_json (JsonBuilder *builder,
                                      const PostsealAccount *account,
                                      PostsealCheckSide *const *sides,
                                      GPtrArray *findings)
{
  json_builder_begin_object (builder);
  postseal_finding_page_add_json (builder, account->name, findings);
  json_builder_set_member_name (builder, "steps");
  json_builder_begin_object (builder);
  for (int i = 0; i < 2; i++)
    {
      if (sides[i] == NULL)
        continue;
      json_builder_set_member_name (builder, side_names[i]);
      json_builder_begin_array (builder);
      for (int k = 0; k < POSTSEAL_TRIAL_N_STEPS; k++)
        add_step_object (builder, &sides[i]->steps.steps[k], (PostsealTrialStepKind)k);
      json_builder_end_array (builder);
    }
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}
