/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/check-domain.h"

#include "check/domain-check.h"
#include "cli/finding-page.h"
#include "cli/pending.h"
#include "cli/report.h"

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
    postseal_finding_page_print_json (domain, findings);
  else
    postseal_finding_page_print (domain, findings, options->verbose);
  return postseal_finding_page_get_status (findings);
}
