/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/discovery-page.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/form-words.h"
#include "cli/page.h"
#include "cli/report.h"
#include "setup/trouble.h"

/* --- for people --- */

static char *
describe_trust (const PostsealDiscoveryRun *run, const PostsealProposal *proposal)
{
  const char *domain = g_strrstr (run->address, "@") + 1;

  if (!postseal_proposal_is_proven (proposal))
    return g_strdup (_ ("not proven: see below"));
  if (proposal->foreign_host != NULL)
    return g_strdup_printf (_ ("the servers have proven their names; that they are for %s, only "
                               "you have said"),
                            domain);
  if (proposal->is_authentic)
    return g_strdup (_ ("proven: nobody on the way could have changed it"));
  return g_strdup_printf (_ ("the servers have proven that they belong to %s"), domain);
}

/* How it will be used: the other port where that is the one that works. */
static void
add_side (PostsealPage *page,
          PostsealAccountForm *form,
          gboolean is_sending,
          gboolean is_left_out,
          const char *user,
          const PostsealProbe *probe)
{
  g_autofree char *written_user = NULL;
  g_autoptr (PostsealEndpoint) endpoint
      = postseal_account_form_get_endpoint (form, is_sending, &written_user);
  const char *label = is_sending ? _ ("Sending") : _ ("Receiving");
  g_autofree char *start = NULL;
  g_autofree char *login = NULL;
  g_autofree char *text = NULL;
  g_autofree char *seal = NULL;

  if (endpoint == NULL)
    {
      postseal_page_add_entry (
          page, label,
          is_left_out
              ? _ ("only receives: the server takes no log-in, and an account that receives "
                   "signs in to send; to send there, add another account with --auth none")
              : _ ("no server was found"),
          POSTSEAL_PAGE_NOTABLE);
      return;
    }
  start = postseal_describe_tls_start (endpoint);
  login = user != NULL ? g_strdup_printf (_ ("user %s"), user) : g_strdup (_ ("no log-in"));
  text = g_strdup_printf ("%s, %s: %s; %s", postseal_protocol_name (endpoint->protocol),
                          endpoint->host, start, login);
  postseal_page_add_entry (page, label, text, POSTSEAL_PAGE_STRONG);
  if (probe != NULL && probe->seal != NULL)
    seal = postseal_seal_to_string (probe->seal, g_get_real_time () / G_USEC_PER_SEC);
  postseal_page_add_entry (page, "", seal, POSTSEAL_PAGE_PLAIN);
  if (probe != NULL && probe->better != NULL)
    postseal_page_add_entry (page, "", probe->error->message, POSTSEAL_PAGE_NOTABLE);
}

void
postseal_discovery_page_print (const PostsealDiscoveryRun *run,
                               const PostsealProposal *proposal,
                               PostsealAccountForm *form)
{
  g_autoptr (PostsealPage) page = postseal_page_new (STDOUT_FILENO);
  g_autofree char *source = postseal_proposal_describe_source (proposal);
  g_autofree char *trust = describe_trust (run, proposal);
  PostsealPageStyle style
      = postseal_proposal_is_proven (proposal) ? POSTSEAL_PAGE_PLAIN : POSTSEAL_PAGE_NOTABLE;

  postseal_page_add_title (page, run->address, proposal->title != NULL ? proposal->title : "");
  postseal_page_add_entry (page, _ ("Settings"), source, POSTSEAL_PAGE_PLAIN);
  postseal_page_add_entry (page, _ ("Trust"), trust, style);
  add_side (page, form, FALSE, FALSE, proposal->receive_user, proposal->receive_probe);
  add_side (page, form, TRUE, proposal->send != NULL, proposal->send_user, proposal->send_probe);
  postseal_page_add_entry (page, _ ("Account"), postseal_account_form_get_name (form),
                           POSTSEAL_PAGE_PLAIN);
  postseal_page_add_entry (page, _ ("Mail into"), postseal_account_form_get (form, "deliver"),
                           POSTSEAL_PAGE_PLAIN);
  fputs (page->text->str, stdout);
  fflush (stdout);
}

/* --- for programs --- */

static void
add_side_json (JsonBuilder *builder,
               const char *name,
               const PostsealEndpoint *endpoint,
               const char *user,
               const PostsealProbe *probe)
{
  json_builder_set_member_name (builder, name);
  if (endpoint == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "protocol", postseal_protocol_name (endpoint->protocol));
  postseal_report_add_string (builder, "host", endpoint->host);
  postseal_report_add_number (builder, "port", endpoint->port);
  postseal_report_add_string (
      builder, "tls", endpoint->start == POSTSEAL_TLS_START_IMPLICIT ? "implicit" : "upgrade");
  postseal_report_add_string (builder, "user", user);
  postseal_report_add_boolean (builder, "probed", probe != NULL);
  postseal_report_add_boolean (builder, "sealed", probe != NULL && probe->seal != NULL);
  postseal_report_add_string (builder, "error",
                              probe != NULL && probe->error != NULL ? probe->error->message : NULL);
  postseal_report_add_number (builder, "better-port",
                              probe != NULL && probe->better != NULL ? probe->better->port : 0);
  json_builder_end_object (builder);
}

static void
add_proposal_json (JsonBuilder *builder, const PostsealProposal *proposal)
{
  g_autofree char *words = postseal_proposal_describe_source (proposal);

  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "source",
                              postseal_discovery_run_name_source (proposal->source));
  postseal_report_add_string (builder, "origin", proposal->origin);
  postseal_report_add_string (builder, "description", words);
  postseal_report_add_string (builder, "title", proposal->title);
  postseal_report_add_boolean (builder, "authentic", proposal->is_authentic);
  postseal_report_add_boolean (builder, "proven", postseal_proposal_is_proven (proposal));
  postseal_report_add_string (builder, "foreign-host", proposal->foreign_host);
  add_side_json (builder, "receive", proposal->receive, proposal->receive_user,
                 proposal->receive_probe);
  add_side_json (builder, "send", proposal->send, proposal->send_user, proposal->send_probe);
  postseal_report_add_string (builder, "oauth", proposal->oauth);
  postseal_report_add_boolean (builder, "wants-oauth", proposal->wants_oauth);
  postseal_report_add_string (builder, "help", proposal->help);
  json_builder_end_object (builder);
}

static void
add_sources_json (JsonBuilder *builder, const PostsealDiscoveryRun *run)
{
  json_builder_set_member_name (builder, "sources");
  json_builder_begin_array (builder);
  for (guint source = 0; source < POSTSEAL_N_SOURCES; source++)
    {
      json_builder_begin_object (builder);
      postseal_report_add_string (builder, "source", postseal_discovery_run_name_source (source));
      postseal_report_add_string (builder, "state",
                                  postseal_discovery_run_name_state (run->states[source]));
      postseal_report_add_string (builder, "text", run->texts[source]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

void
postseal_discovery_page_print_json (const PostsealDiscoveryRun *run,
                                    const PostsealProposal *proposal,
                                    PostsealAccountForm *form,
                                    gboolean is_written)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  guint chosen = 0;

  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "address", run->address);
  postseal_report_add_string (builder, "account",
                              form != NULL ? postseal_account_form_get_name (form) : NULL);
  postseal_report_add_boolean (builder, "written", is_written);
  add_sources_json (builder, run);
  json_builder_set_member_name (builder, "proposals");
  json_builder_begin_array (builder);
  for (guint i = 0; i < run->proposals->len; i++)
    {
      const PostsealProposal *each = g_ptr_array_index (run->proposals, i);

      if (each == proposal)
        chosen = i;
      add_proposal_json (builder, each);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "chosen");
  if (proposal != NULL)
    json_builder_add_int_value (builder, chosen);
  else
    json_builder_add_null_value (builder);
  postseal_form_words_add_settings (builder, form);
  json_builder_end_object (builder);
  postseal_report_json (builder);
}
