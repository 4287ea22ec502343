/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/tls-result-words.h"

#include <glib/gi18n.h>
#include <string.h>

#include "net/tls-result.h"

typedef struct
{
  const char *name;
  const char *words;
  const char *remedy;
} Words;

static const Words types[] = {
  { "starttls-not-supported", N_ ("the server did not offer STARTTLS"),
    N_ ("See that STARTTLS is on for everybody, and that no firewall takes it out") },
  { "certificate-host-mismatch", N_ ("the certificate was for another name than the server's"),
    N_ ("Get a certificate for the very name in the MX record") },
  { "certificate-expired", N_ ("the certificate had expired"),
    N_ ("Renew it, and see that the server has loaded the new one") },
  { "certificate-not-trusted", N_ ("nobody whom the sender trusts vouched for the certificate"),
    N_ ("Serve the whole chain, of an authority that all know") },
  { "validation-failure", N_ ("TLS failed for another reason"),
    N_ ("Look for the reason in the server's log of that time") },
  { "tlsa-invalid", N_ ("no TLSA record fitted the server's certificate (DANE)"),
    N_ ("Publish the record of a new key some days before the server uses it") },
  { "dnssec-invalid", N_ ("the DNS gave no answer that was signed properly"),
    N_ ("Mend the signatures of the zone") },
  { "dane-required", N_ ("the sender insists on DANE, and found no signed TLSA record"),
    N_ ("Publish TLSA records in a signed zone, or ask the sender why") },
  { "sts-policy-fetch-error", N_ ("the MTA-STS policy could not be fetched"),
    N_ ("See to the web server of the policy; “postseal check” asks it, too") },
  { "sts-policy-invalid", N_ ("the MTA-STS policy was broken"),
    N_ ("Mend the line that “postseal check” names") },
  { "sts-webpki-invalid", N_ ("the web server of the MTA-STS policy did not prove who it is"),
    N_ ("Get a certificate for its name, “mta-sts.” and the domain") },
};

static const Words reasons[] = {
  { "not-offered", N_ ("the server offered no TLS"), NULL },
  { "refused", N_ ("the server refused to do TLS"), NULL },
  { "withdrawn", N_ ("the server did TLS before, and did not any more"), NULL },
  { POSTSEAL_TLS_RESULT_IN_CLEAR, N_ ("the server does no TLS, and mail went to it in clear"),
    NULL },
  { "injected", N_ ("somebody had put text into the connection before TLS began"), NULL },
  { "preauth", N_ ("the server pretended that the user had signed in before TLS"), NULL },
  { "vestibule", N_ ("the server hung up, or said nothing sensible, before TLS"), NULL },
  { "wrong-start", N_ ("the server starts TLS in another way than the settings say"), NULL },
  { "handshake", N_ ("the server and this computer found no TLS that both think is safe"), NULL },
  { "interrupted", N_ ("the connection was cut while TLS began"), NULL },
  { "truncated", N_ ("the connection was cut off"), NULL },
  { "untrusted", N_ ("nobody whom this computer trusts vouched for the certificate"), NULL },
  { "revoked", N_ ("the certificate had been revoked"), NULL },
  { "pin", N_ ("the server's key was not the pinned one"), NULL },
  { "expired", N_ ("the certificate had expired, or was not valid yet"), NULL },
  { "identity", N_ ("the certificate was for another name than the server's"), NULL },
  { "tlsa-mismatch", N_ ("the DNS, signed, named another key than the server's"), NULL },
  { "tlsa-missing", N_ ("the DNS named no key for the server, which “dane=require” demands"),
    NULL },
  { "dnssec-bogus", N_ ("the signatures of the DNS were wrong"), NULL },
  { "dns-silent", N_ ("the DNS did not say what key the server has, as “dane=require” demands"),
    NULL },
};

static const Words *
find (const Words *words, gsize n_words, const char *name)
{
  for (gsize i = 0; i < n_words; i++)
    if (strcmp (words[i].name, name) == 0)
      return &words[i];
  return NULL;
}

const char *
postseal_tls_result_words_get_type (const char *type)
{
  const Words *words = find (types, G_N_ELEMENTS (types), type);

  return words != NULL ? _ (words->words) : _ ("a kind of failure that is not known here");
}

const char *
postseal_tls_result_words_get_remedy (const char *type)
{
  const Words *words = find (types, G_N_ELEMENTS (types), type);

  return words != NULL ? _ (words->remedy) : NULL;
}

const char *
postseal_tls_result_words_get_reason (const char *reason)
{
  const Words *words = find (reasons, G_N_ELEMENTS (reasons), reason);

  return words != NULL ? _ (words->words) : _ ("a kind of failure that is not known here");
}
