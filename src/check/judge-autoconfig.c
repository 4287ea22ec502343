/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/judge.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "check/finding.h"
#include "check/judge-private.h"
#include "discover/autoconfig.h"

/* Where programs look for it, the first one first. */
static const char *const places[]
    = { "autoconfig.%s/mail/config-v1.1.xml", "%s/.well-known/autoconfig/mail/config-v1.1.xml" };

static void
judge_servers (const PostsealAutoconfig *config, const char *where, GPtrArray *findings)
{
  g_autofree char *clear
      = config->in_clear != NULL ? postseal_endpoint_to_string (config->in_clear) : NULL;

  if (config->n_in_clear > 0)
    postseal_findings_add (
        findings, "autoconfig-plain", where, clear,
        g_strdup_printf (_ ("the settings file sends programs to a server without TLS: %s"), clear),
        g_strdup (_ ("name servers with TLS only, from the first byte where there are such")));
  else if (config->incoming->len == 0 && config->outgoing->len == 0)
    postseal_findings_add (findings, "autoconfig-bad", where, NULL,
                           g_strdup (_ ("the settings file names no server that can be used")),
                           g_strdup (_ ("name at least one for receiving and one for sending")));
  else
    postseal_findings_add (
        findings, "autoconfig-ok", where, config->title,
        g_strdup (_ ("mail programs find their servers by the domain's own settings file")), NULL);
}

static void
judge_file (const char *text, const char *domain, const char *where, GPtrArray *findings)
{
  g_autofree char *address = g_strdup_printf ("user@%s", domain);
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealAutoconfig) config
      = postseal_autoconfig_parse (text, strlen (text), address, &error);

  if (config != NULL)
    judge_servers (config, where, findings);
  else
    postseal_findings_add (findings, "autoconfig-bad", where, text, g_strdup (error->message),
                           g_strdup (_ ("mend the file; until then it is of no use to programs")));
}

/* A server that proves nothing is not believed, and one that is not there says nothing: whoever
   does not serve the file is not at fault. */
void
postseal_judge_autoconfig (PostsealFactBoard *board, const char *domain, GPtrArray *findings)
{
  gboolean is_known = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_auto (GStrv) halves = g_strsplit (places[i], "%s", 2);
      g_autofree char *place = g_strjoin (domain, halves[0], halves[1], NULL);
      const PostsealFact *file = postseal_fact_board_get (board, POSTSEAL_FACT_PAGE, place);

      if (file == NULL)
        is_known = FALSE;
      else if (is_known && file->state == POSTSEAL_FACT_FOUND)
        {
          judge_file (file->texts->pdata[0], domain, place, findings);
          return;
        }
    }
  if (is_known)
    postseal_findings_add (
        findings, "autoconfig-absent", domain, NULL,
        g_strdup (_ ("the domain has no settings file for mail programs (autoconfig)")), NULL);
}
