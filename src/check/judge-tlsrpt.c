/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/judge.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "check/finding.h"
#include "check/judge-private.h"
#include "check/tag-list.h"

/* RFC 8460 section 3 takes only records that begin like this; one that was meant to is told, too.
 */
static gboolean
is_record (const char *text)
{
  return g_ascii_strncasecmp (text, "v=TLSRPT", strlen ("v=TLSRPT")) == 0
         || strstr (text, "rua=") != NULL;
}

/* Returns: (transfer full) (nullable): what is wrong with the list of addresses */
static char *
find_flaw_of_addresses (const char *value)
{
  g_auto (GStrv) uris = g_strsplit (value, ",", -1);

  for (gsize i = 0; uris[i] != NULL; i++)
    {
      g_strstrip (uris[i]);
      if (!g_str_has_prefix (uris[i], "mailto:") && !g_str_has_prefix (uris[i], "https://"))
        return g_strdup_printf (_ ("“%s” is neither a mailto: nor an https: address"), uris[i]);
    }
  return NULL;
}

/* Returns: (transfer full) (nullable) */
static char *
find_flaw (const char *text)
{
  char *flaw = NULL;
  g_autoptr (PostsealTagList) tags = NULL;
  const char *rua;

  if (!g_str_has_prefix (text, "v=TLSRPTv1;"))
    return g_strdup (_ ("it does not begin with “v=TLSRPTv1;”"));
  tags = postseal_tag_list_parse (text, &flaw);
  if (tags == NULL)
    return flaw;
  rua = postseal_tag_list_get (tags, "rua");
  if (rua == NULL)
    return g_strdup (_ ("it does not say where reports go"));
  return find_flaw_of_addresses (rua);
}

void
postseal_judge_tlsrpt (PostsealFactBoard *board, const char *domain, GPtrArray *findings)
{
  g_autofree char *name = g_strdup_printf ("_smtp._tls.%s", domain);
  g_autofree char *where = g_strdup_printf ("%s TXT", name);
  g_autofree char *flaw = NULL;
  g_autoptr (GPtrArray) texts = _postseal_judge_find_texts (board, name, is_record, findings);

  if (texts == NULL)
    return;
  if (texts->len == 1)
    flaw = find_flaw (texts->pdata[0]);
  else if (texts->len > 1)
    flaw = g_strdup (_ ("there is more than one"));
  if (texts->len == 0)
    postseal_findings_add (
        findings, "tlsrpt-absent", where, NULL,
        g_strdup (_ ("there is no TLS-RPT record: nobody tells this domain when mail to it could "
                     "not be encrypted")),
        g_strdup (_ ("publish “v=TLSRPTv1; rua=mailto:…” to hear of failures")));
  else if (flaw != NULL)
    postseal_findings_add (findings, "tlsrpt-bad", where, texts->pdata[0],
                           g_strdup_printf (_ ("the TLS-RPT record is no use: %s"), flaw),
                           g_strdup (_ ("write “v=TLSRPTv1; rua=mailto:…”")));
  else
    postseal_findings_add (findings, "tlsrpt-ok", where, texts->pdata[0],
                           g_strdup (_ ("failures to encrypt mail to this domain are reported")),
                           NULL);
}
