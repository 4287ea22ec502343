/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/seal-page.h"

#include <glib/gi18n.h>

#include "cli/report.h"

#define PLAIN POSTSEAL_PAGE_PLAIN

static const char *
get (GHashTable *facts, const char *name)
{
  return g_hash_table_lookup (facts, name);
}

static char *
format_day (GHashTable *facts, const char *name)
{
  const char *seconds = get (facts, name);

  return postseal_report_format_time (seconds != NULL ? g_ascii_strtoll (seconds, NULL, 10)
                                                      : G_MININT64);
}

static void
add_server (PostsealPage *page, const PostsealEndpoint *endpoint, GHashTable *facts)
{
  g_autofree char *name = postseal_endpoint_to_string (endpoint);
  const char *address = get (facts, "address");
  g_autofree char *text = g_strdup_printf ("%s (%s), %s", name, address != NULL ? address : "?",
                                           postseal_protocol_name (endpoint->protocol));

  postseal_page_add_entry (page, _ ("server"), text, PLAIN);
}

static void
add_tls (PostsealPage *page, GHashTable *facts)
{
  const char *version = get (facts, "tls-version");
  const char *cipher = get (facts, "cipher");
  g_autofree char *text = cipher != NULL ? g_strdup_printf ("%s, %s", version, cipher) : NULL;

  postseal_page_add_entry (page, "TLS", text, PLAIN);
}

static void
add_certificate (PostsealPage *page, GHashTable *facts)
{
  const char *issuer = get (facts, "cert-issuer");
  const char *names = get (facts, "cert-name");
  const char *subject = get (facts, "cert-subject");
  g_autofree char *begin = NULL;
  g_autofree char *end = NULL;
  g_autofree char *text = NULL;

  if (issuer == NULL)
    return;
  begin = format_day (facts, "cert-not-before");
  end = format_day (facts, "cert-not-after");
  if (names == NULL)
    names = subject != NULL ? subject : "?";
  /* Translators: the names in a certificate, who issued it, and two times */
  text = g_strdup_printf (_ ("for %s; issued by %s; valid from %s until %s"), names, issuer, begin,
                          end);
  postseal_page_add_entry (page, _ ("certificate"), text, PLAIN);
  /* Translators: a public key */
  postseal_page_add_entry (page, _ ("key"), get (facts, "cert-key"), PLAIN);
}

void
postseal_seal_page_add (PostsealPage *page,
                        const PostsealEndpoint *endpoint,
                        GHashTable *facts,
                        const PostsealSeal *seal)
{
  g_autofree char *verdict = NULL;

  add_server (page, endpoint, facts);
  add_tls (page, facts);
  add_certificate (page, facts);
  if (seal != NULL)
    verdict = postseal_seal_to_string (seal, g_get_real_time () / G_USEC_PER_SEC);
  postseal_page_add_entry (page, _ ("seal"), verdict, POSTSEAL_PAGE_STRONG);
}
