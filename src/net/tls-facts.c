/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tls-facts-private.h"

#include "base/printable.h"
#include "net/tls-evidence-private.h"
#include "net/tls-identity.h"

#define NAMES_TOLD 20

static void
tell_session (PostsealTranscript *transcript, gnutls_session_t session)
{
  gboolean is_1_3 = gnutls_protocol_get_version (session) == GNUTLS_TLS1_3;
  g_autofree char *key_exchange = _postseal_tls_evidence_describe_key_exchange (session);

  postseal_transcript_fact (transcript, "tls-version", is_1_3 ? "TLS 1.3" : "TLS 1.2");
  postseal_transcript_fact (transcript, "cipher",
                            gnutls_cipher_get_name (gnutls_cipher_get (session)));
  postseal_transcript_fact (transcript, "key-exchange", key_exchange);
}

static void
tell_subject (PostsealTranscript *transcript, const char *name, gnutls_x509_crt_t crt)
{
  gnutls_datum_t subject = { NULL, 0 };

  if (gnutls_x509_crt_get_dn3 (crt, &subject, 0) == 0)
    {
      g_autofree char *text = postseal_printable ((const char *)subject.data, subject.size);

      postseal_transcript_fact (transcript, name, text);
    }
  gnutls_free (subject.data);
}

static void
tell_names (PostsealTranscript *transcript, PostsealTlsChain *chain)
{
  g_autoptr (GPtrArray) names = postseal_tls_identity_list_names (chain->crts[0], NAMES_TOLD);

  for (guint i = 0; i < names->len; i++)
    postseal_transcript_fact (transcript, "cert-name", g_ptr_array_index (names, i));
  tell_subject (transcript, "cert-subject", chain->crts[0]);
  for (guint i = 1; i < chain->length; i++)
    tell_subject (transcript, "cert-behind", chain->crts[i]);
}

static void
tell_time (PostsealTranscript *transcript, const char *name, time_t time)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, (gint64)time);

  postseal_transcript_fact (transcript, name, text);
}

static void
tell_fingerprint (PostsealTranscript *transcript, gnutls_x509_crt_t leaf)
{
  guint8 digest[32];
  gsize length = sizeof digest;
  g_autoptr (GString) text = g_string_new (NULL);

  if (gnutls_x509_crt_get_fingerprint (leaf, GNUTLS_DIG_SHA256, digest, &length) < 0)
    return;
  for (gsize i = 0; i < length; i++)
    g_string_append_printf (text, "%s%02X", i > 0 ? ":" : "", digest[i]);
  postseal_transcript_fact (transcript, "cert-fingerprint", text->str);
}

static void
tell_certificate (PostsealTranscript *transcript, PostsealTlsChain *chain)
{
  gnutls_x509_crt_t leaf = chain->crts[0];
  g_autofree char *issuer = _postseal_tls_chain_get_issuer (chain, 0);
  g_autofree char *pin = _postseal_tls_chain_get_pin (chain);

  tell_names (transcript, chain);
  postseal_transcript_fact (transcript, "cert-issuer", issuer);
  tell_time (transcript, "cert-not-before", gnutls_x509_crt_get_activation_time (leaf));
  tell_time (transcript, "cert-not-after", gnutls_x509_crt_get_expiration_time (leaf));
  postseal_transcript_fact (transcript, "cert-key", pin);
  tell_fingerprint (transcript, leaf);
  if (gnutls_x509_crt_check_issuer (leaf, leaf) != 0)
    postseal_transcript_fact (transcript, "cert-self-signed", "yes");
}

void
_postseal_tls_facts_tell (PostsealTranscript *transcript,
                          gnutls_session_t session,
                          PostsealTlsChain *chain)
{
  if (!postseal_transcript_wants_facts (transcript))
    return;
  tell_session (transcript, session);
  if (chain != NULL)
    tell_certificate (transcript, chain);
}
