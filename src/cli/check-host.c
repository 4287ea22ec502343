/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/check-host.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check/host-check.h"
#include "cli/finding-page.h"
#include "cli/pending.h"
#include "cli/report.h"

#define STATUS_UNKNOWN 75 /* EX_TEMPFAIL */

/* --- words --- */

static const struct
{
  const char *name; /* for programs */
  const char *words;
} states[] = {
  [POSTSEAL_PORT_CLOSED] = { "closed", N_ ("closed") },
  [POSTSEAL_PORT_UNREACHABLE] = { "unreachable", N_ ("no answer") },
  [POSTSEAL_PORT_SILENT] = { "silent", N_ ("open, but silent") },
  [POSTSEAL_PORT_ENDED] = { "ended", N_ ("open, but hangs up at once") },
  [POSTSEAL_PORT_STRANGE] = { "strange", N_ ("something else than mail") },
  [POSTSEAL_PORT_BUSY] = { "busy", N_ ("busy") },
  [POSTSEAL_PORT_MAIL] = { "mail", NULL },
};

static const char *
get_start_words (const PostsealPortFacts *facts)
{
  if (facts->has_tls != POSTSEAL_SEEN_YES)
    return _ ("no TLS");
  if (facts->start == POSTSEAL_TLS_START_IMPLICIT)
    return _ ("TLS from the first byte");
  return facts->protocol == POSTSEAL_PROTOCOL_POP3 ? "STLS" : "STARTTLS";
}

/* Returns: (transfer full) */
static char *
describe_port (const PostsealPortFacts *facts)
{
  if (facts->state != POSTSEAL_PORT_MAIL)
    return g_strdup (_ (states[facts->state].words));
  if (facts->has_tls != POSTSEAL_SEEN_YES)
    return g_strdup (get_start_words (facts));
  return g_strdup_printf ("%s, %s, %s", get_start_words (facts), facts->tls_version, facts->cipher);
}

/* --- for people --- */

static void
add_ports (PostsealPage *page, const char *host, const PostsealHostReport *report)
{
  g_autofree char *addresses = g_strjoinv (", ", report->addresses);

  postseal_page_add_title (page, host, strcmp (host, addresses) == 0 ? "" : addresses);
  for (guint i = 0; i < report->ports->len; i++)
    {
      const PostsealPortFacts *facts = g_ptr_array_index (report->ports, i);
      g_autofree char *label
          = g_strdup_printf ("%u %s", facts->port, postseal_protocol_name (facts->protocol));
      g_autofree char *words = describe_port (facts);

      postseal_page_add_entry (page, label, words, POSTSEAL_PAGE_PLAIN);
    }
}

static void
print (const char *host, const PostsealHostReport *report, gboolean is_verbose)
{
  g_autoptr (PostsealPage) page = postseal_page_new (STDOUT_FILENO);

  add_ports (page, host, report);
  postseal_finding_page_add (page, POSTSEAL_FINDING_PAGE_HOST, host, report->findings, is_verbose);
  fputs (page->text->str, stdout);
}

/* --- for programs --- */

static void
add_port_object (JsonBuilder *builder, const PostsealPortFacts *facts)
{
  gboolean has_tls = facts->has_tls == POSTSEAL_SEEN_YES;
  const char *start = facts->start == POSTSEAL_TLS_START_IMPLICIT ? "implicit" : "starttls";
  g_autofree char *protocol = g_ascii_strdown (postseal_protocol_name (facts->protocol), -1);

  json_builder_begin_object (builder);
  postseal_report_add_number (builder, "port", facts->port);
  postseal_report_add_string (builder, "protocol", protocol);
  postseal_report_add_string (builder, "state", states[facts->state].name);
  postseal_report_add_string (builder, "address", facts->address);
  postseal_report_add_string (builder, "start", has_tls ? start : NULL);
  postseal_report_add_string (builder, "version", facts->tls_version);
  postseal_report_add_string (builder, "cipher", facts->cipher);
  json_builder_end_object (builder);
}

static void
print_json (const char *host, const PostsealHostReport *report)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  postseal_finding_page_add_json (builder, host, report->findings);
  postseal_report_add_strings (builder, "addresses", (const char *const *)report->addresses);
  json_builder_set_member_name (builder, "ports");
  json_builder_begin_array (builder);
  for (guint i = 0; i < report->ports->len; i++)
    add_port_object (builder, g_ptr_array_index (report->ports, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  postseal_report_json (builder);
}

/* --- the command --- */

/* Where no port speaks mail, nothing has been seen to be good. */
static int
find_status (const PostsealHostReport *report)
{
  int status = postseal_finding_page_get_status (report->findings);

  for (guint i = 0; i < report->ports->len && status == 0; i++)
    if (((PostsealPortFacts *)report->ports->pdata[i])->state == POSTSEAL_PORT_MAIL)
      return 0;
  return status != 0 ? status : STATUS_UNKNOWN;
}

int
postseal_check_host (const PostsealCheckTarget *target,
                     const char *ca_file,
                     gboolean probes_injection,
                     const PostsealOptions *options)
{
  g_auto (PostsealPending) pending = postseal_pending_new ();
  g_autoptr (PostsealDiscoverySettings) settings = postseal_discovery_settings_load ();
  g_autoptr (PostsealHostReport) report = NULL;
  g_autoptr (GError) error = NULL;
  const PostsealHostCheck check = {
    .host = target->name,
    .port = target->port,
    .has_protocol = target->has_service,
    .protocol = target->protocol,
    .has_start = target->has_service,
    .start = target->start,
    .ca_file = ca_file,
    .probe_injection = probes_injection,
  };

  postseal_host_check_async (&check, settings, NULL, postseal_pending_on_ready, &pending);
  report = postseal_host_check_finish (postseal_pending_wait (&pending), &error);
  if (report == NULL)
    return postseal_report_error (error);
  if (options->json)
    print_json (target->name, report);
  else
    print (target->name, report, options->verbose);
  return find_status (report);
}
