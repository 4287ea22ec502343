/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/judge.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "check/dkim-key.h"
#include "check/finding.h"
#include "check/judge-private.h"

#define LEAST_RSA_BITS                                                                             \
  2048 /* RFC 8301 section 3.2: signers; less than 1024 is not verified at all */
#define WORTHLESS_RSA_BITS 1024

/* Whatever lies there means to be a key. */
static gboolean
is_record (const char *text)
{
  return strstr (text, "p=") != NULL || g_str_has_prefix (text, "v=DKIM1");
}

static void
judge_strength (const PostsealDkimKey *key,
                const char *where,
                const char *text,
                GPtrArray *findings)
{
  g_autofree char *advice = NULL;

  if (strcmp (key->algorithm, "rsa") != 0 || key->bits >= LEAST_RSA_BITS)
    {
      postseal_findings_add (
          findings, "dkim-ok", where, text,
          g_strdup_printf (_ ("there is a key for signatures (DKIM): %s, %u bits"), key->algorithm,
                           key->bits),
          NULL);
      return;
    }
  advice
      = g_strdup_printf (_ ("publish a new one of %d bits under another selector"), LEAST_RSA_BITS);
  if (key->bits < WORTHLESS_RSA_BITS)
    postseal_findings_add (
        findings, "dkim-bad", where, text,
        g_strdup_printf (_ ("the DKIM key has %u bits: nobody accepts it"), key->bits),
        g_steal_pointer (&advice));
  else
    postseal_findings_add (findings, "dkim-weak", where, text,
                           g_strdup_printf (_ ("the DKIM key has only %u bits"), key->bits),
                           g_steal_pointer (&advice));
}

static void
judge_key (const char *where, const char *text, GPtrArray *findings)
{
  g_autofree char *flaw = NULL;
  g_autoptr (PostsealDkimKey) key = postseal_dkim_key_parse (text, &flaw);

  if (key == NULL)
    postseal_findings_add (findings, "dkim-bad", where, text,
                           g_strdup_printf (_ ("the DKIM key is broken: %s"), flaw),
                           g_strdup (_ ("publish it anew, as the signing server shows it")));
  else if (key->is_revoked)
    postseal_findings_add (
        findings, "dkim-revoked", where, text,
        g_strdup (_ ("the DKIM key is revoked (p= is empty): mail signed with it fails")),
        g_strdup (_ ("publish the key, or stop signing with this selector")));
  else
    judge_strength (key, where, text, findings);
  if (key != NULL && key->is_testing)
    postseal_findings_add (
        findings, "dkim-testing", where, text,
        g_strdup (_ ("the DKIM key says that it is only tested (t=y): its signatures count for "
                     "nothing")),
        g_strdup (_ ("take the flag out")));
}

static void
judge_selector (PostsealFactBoard *board,
                const char *domain,
                const char *selector,
                GPtrArray *findings)
{
  g_autofree char *name = g_strdup_printf ("%s._domainkey.%s", selector, domain);
  g_autofree char *where = g_strdup_printf ("%s TXT", name);
  g_autoptr (GPtrArray) texts = _postseal_judge_find_texts (board, name, is_record, findings);

  if (texts == NULL)
    return;
  if (texts->len == 1)
    judge_key (where, texts->pdata[0], findings);
  else if (texts->len == 0)
    postseal_findings_add (
        findings, "dkim-absent", where, NULL,
        g_strdup_printf (_ ("there is no DKIM key of the selector %s"), selector),
        g_strdup (_ ("publish it, if anything is signed with it")));
  else
    postseal_findings_add (
        findings, "dkim-bad", where, texts->pdata[1],
        g_strdup_printf (_ ("there are %u keys of the selector %s: which one counts "
                            "is anybody's guess"),
                         texts->len, selector),
        g_strdup (_ ("keep exactly one")));
}

void
postseal_judge_dkim (PostsealFactBoard *board,
                     const char *domain,
                     const char *const *selectors,
                     GPtrArray *findings)
{
  g_autofree char *where = g_strdup_printf ("_domainkey.%s", domain);

  for (gsize i = 0; selectors != NULL && selectors[i] != NULL; i++)
    judge_selector (board, domain, selectors[i], findings);
  if (selectors == NULL || selectors[0] == NULL)
    postseal_findings_add (
        findings, "dkim-unasked", where, NULL,
        g_strdup (_ ("whether mail from this domain is signed (DKIM) cannot be asked without a "
                     "selector")),
        g_strdup (_ ("take it from the s= of a DKIM-Signature in a message, and name it")));
}
