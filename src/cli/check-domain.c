/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/check-domain.h"

#include <stdio.h>
#include <unistd.h>

#include "check/domain-check.h"
#include "cli/finding-page.h"
#include "cli/pending.h"
#include "cli/report.h"

static void
print_json (const char *domain, GPtrArray *findings)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  postseal_finding_page_add_json (builder, domain, findings);
  json_builder_end_object (builder);
  postseal_report_json (builder);
}

static void
print (const char *domain, GPtrArray *findings, gboolean is_verbose)
{
  g_autoptr (PostsealPage) page = postseal_page_new (STDOUT_FILENO);

  postseal_finding_page_add (page, POSTSEAL_FINDING_PAGE_DOMAIN, domain, findings, is_verbose);
  fputs (page->text->str, stdout);
}

int
postseal_check_domain (const char *domain,
                       const char *const *selectors,
                       const PostsealOptions *options)
{
  g_auto (PostsealPending) pending = postseal_pending_new ();
  g_autoptr (PostsealDiscoverySettings) settings = postseal_discovery_settings_load ();
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GError) error = NULL;

  postseal_domain_check_async (domain, selectors, settings, NULL, postseal_pending_on_ready,
                               &pending);
  findings = postseal_domain_check_finish (postseal_pending_wait (&pending), &error);
  if (findings == NULL)
    return postseal_report_error (error);
  if (options->json)
    print_json (domain, findings);
  else
    print (domain, findings, options->verbose);
  return postseal_finding_page_get_status (findings);
}
