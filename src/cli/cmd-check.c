/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check/domain-check.h"
#include "check/finding.h"
#include "cli/finding-page.h"
#include "cli/options.h"
#include "cli/pending.h"
#include "cli/report.h"

#define PROGRAM "postseal check"
#define LONGEST_DOMAIN 253 /* RFC 1035 section 2.3.4 */

#define STATUS_BAD 76 /* EX_PROTOCOL: as where a server is too weak */
#define STATUS_UNKNOWN 75 /* EX_TEMPFAIL */

/* The domain of an address or itself, in A-labels (RFC 5891). Returns: (transfer full) (nullable)
 */
static char *
take_domain (const char *text)
{
  const char *at = strrchr (text, '@');
  g_autofree char *ascii = g_hostname_to_ascii (at != NULL ? at + 1 : text);
  g_autofree char *domain = ascii != NULL ? g_ascii_strdown (ascii, -1) : NULL;
  gsize length = domain != NULL ? strlen (domain) : 0;

  if (length > 0 && domain[length - 1] == '.')
    domain[--length] = '\0';
  if (length == 0 || length > LONGEST_DOMAIN || strchr (domain, '.') == NULL
      || g_hostname_is_ip_address (domain) || *domain == '.' || strstr (domain, "..") != NULL)
    return NULL;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (domain[i]) && strchr ("-_.", domain[i]) == NULL)
      return NULL;
  return g_steal_pointer (&domain);
}

static gboolean
is_selector (const char *text)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && strchr ("-_.", text[i]) == NULL)
      return FALSE;
  return length > 0 && length <= LONGEST_DOMAIN && *text != '.' && text[length - 1] != '.';
}

static int
find_status (GPtrArray *findings)
{
  switch (postseal_findings_get_verdict (findings))
    {
    case POSTSEAL_FINDING_BAD:
      return STATUS_BAD;
    case POSTSEAL_FINDING_GOOD:
    case POSTSEAL_FINDING_INFO:
    case POSTSEAL_FINDING_UNKNOWN:
    case POSTSEAL_FINDING_WARN:
    default:
      break;
    }
  for (guint i = 0; i < findings->len; i++)
    if (strcmp (((PostsealFinding *)findings->pdata[i])->id, "dns-fail") == 0)
      return STATUS_UNKNOWN;
  return 0;
}

static int
check_domain (const char *domain, const char *const *selectors, const PostsealOptions *options)
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
  return find_status (findings);
}

int
postseal_cmd_check (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_auto (GStrv) selectors = NULL;
  const GOptionEntry entries[] = {
    { "selector", 0, 0, G_OPTION_ARG_STRING_ARRAY, &selectors, N_ ("A selector of DKIM to look at"),
      N_ ("NAME") },
    { NULL },
  };
  g_autofree char *domain = NULL;
  int status = 0;

  if (!postseal_options_parse (&options, PROGRAM, _ ("DOMAIN"),
                               _ ("Say what protects mail on its way to a domain, and mail that "
                                  "claims to come from it."),
                               entries, &argc, &argv, &status))
    return status;
  if (argc != 2)
    return postseal_report_usage (PROGRAM, _ ("name one domain"));
  for (gsize i = 0; selectors != NULL && selectors[i] != NULL; i++)
    if (!is_selector (selectors[i]))
      return postseal_report_usage (PROGRAM, _ ("“%s” is no selector of DKIM"), selectors[i]);
  domain = take_domain (argv[1]);
  if (domain == NULL)
    {
      g_autofree char *shown = postseal_report_make_printable (argv[1]);

      return postseal_report_usage (PROGRAM, _ ("“%s” is no name of a domain"), shown);
    }
  return check_domain (domain, (const char *const *)selectors, &options);
}
