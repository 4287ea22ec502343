/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "judged-port.h"

#include <gnutls/crypto.h>

#include <algorithm>
#include <ctime>

namespace postseal_test
{

namespace
{

char **
copy_lines (const Lines &lines)
{
  GPtrArray *copy = g_ptr_array_new ();

  for (const std::string &line : lines)
    g_ptr_array_add (copy, g_strdup (line.c_str ()));
  g_ptr_array_add (copy, nullptr);
  return reinterpret_cast<char **> (g_ptr_array_free (copy, FALSE));
}

std::vector<std::string>
read_chain (const std::string &pem)
{
  std::vector<std::string> ders;
  gnutls_datum_t datum = { reinterpret_cast<unsigned char *> (const_cast<char *> (pem.data ())),
                           static_cast<unsigned> (pem.size ()) };
  gnutls_x509_crt_t *crts = nullptr;
  unsigned n = 0;

  EXPECT_GE (gnutls_x509_crt_list_import2 (&crts, &n, &datum, GNUTLS_X509_FMT_PEM, 0), 0);
  for (unsigned i = 0; i < n; i++)
    {
      gnutls_datum_t der = {};

      gnutls_x509_crt_export2 (crts[i], GNUTLS_X509_FMT_DER, &der);
      ders.emplace_back (reinterpret_cast<char *> (der.data), der.size);
      gnutls_free (der.data);
      gnutls_x509_crt_deinit (crts[i]);
    }
  gnutls_free (crts);
  return ders;
}

const TestIdentity &
honest_identity ()
{
  static const TestIdentity identity = [] {
    CertOptions options;

    options.dns = { "mail.example.org" };
    options.via_intermediate = true;
    return test_ca ().issue (options);
  }();

  return identity;
}

} // namespace

JudgedPort::JudgedPort () : now (time (nullptr))
{
  GError *error = nullptr;

  trust = postseal_tls_trust_load (test_ca ().ca_file ().c_str (), &error);
  EXPECT_NE (trust, nullptr) << error->message;
  context.host = "mail.example.org";
  context.now = now;
  context.trust = trust;
  be (POSTSEAL_PROTOCOL_IMAP, 993, POSTSEAL_TLS_START_IMPLICIT);
}

JudgedPort::~JudgedPort ()
{
  postseal_port_facts_free (facts);
  g_ptr_array_unref (findings);
  postseal_tls_trust_unref (trust);
  postseal_tlsa_answer_free (tlsa);
}

void
JudgedPort::be (PostsealProtocol protocol, guint16 port, PostsealTlsStart usual)
{
  postseal_port_facts_free (facts);
  facts = postseal_port_facts_new (protocol, port, usual);
  facts->state = POSTSEAL_PORT_MAIL;
  facts->start = usual;
  facts->has_tls = POSTSEAL_SEEN_YES;
  facts->tls_version = g_strdup ("TLS 1.3");
  facts->cipher = g_strdup ("AES-256-GCM");
  facts->key_exchange = g_strdup ("ECDHE-X25519-ECDSA");
  facts->tls10 = facts->tls11 = POSTSEAL_SEEN_NO;
  facts->tls12 = facts->tls13 = POSTSEAL_SEEN_YES;
  facts->suites = POSTSEAL_SEEN_YES;
  facts->extended_master_secret = facts->resumption = POSTSEAL_SEEN_YES;
  facts->reply_injected = facts->command_injection = POSTSEAL_SEEN_NO;
  if (usual == POSTSEAL_TLS_START_UPGRADE)
    {
      facts->upgrade = POSTSEAL_PORT_UPGRADE_AGREED;
      facts->greeting = g_strdup ("hello");
    }
  if (protocol == POSTSEAL_PROTOCOL_IMAP)
    set_caps ({ "IMAP4rev1", "STARTTLS", "LOGINDISABLED" }, { "IMAP4rev1", "AUTH=PLAIN" });
  else if (protocol == POSTSEAL_PROTOCOL_POP3)
    set_caps ({ "UIDL", "STLS" }, { "UIDL", "USER", "SASL PLAIN" });
  else
    set_caps ({ "PIPELINING", "STARTTLS" }, { "PIPELINING", "AUTH PLAIN LOGIN" });
  present (honest_identity ());
}

void
JudgedPort::present (const CertOptions &options)
{
  present (test_ca ().issue (options));
}

void
JudgedPort::present (const TestIdentity &other)
{
  identity = other;
  send (read_chain (other.chain_pem));
}

void
JudgedPort::send (const std::vector<std::string> &ders)
{
  g_clear_pointer (&facts->chain, g_ptr_array_unref);
  facts->chain = g_ptr_array_new_with_free_func (reinterpret_cast<GDestroyNotify> (g_bytes_unref));
  for (const std::string &der : ders)
    g_ptr_array_add (facts->chain, g_bytes_new (der.data (), der.size ()));
}

void
JudgedPort::set_caps (const Lines &before, const Lines &after)
{
  g_clear_pointer (&facts->caps_before, g_strfreev);
  g_clear_pointer (&facts->caps_after, g_strfreev);
  if (facts->usual == POSTSEAL_TLS_START_UPGRADE)
    facts->caps_before = copy_lines (before);
  facts->caps_after = copy_lines (after);
}

void
JudgedPort::publish (guint usage, guint selector, guint matching, const std::string &data)
{
  GBytes *bytes = g_bytes_new (data.data (), data.size ());

  g_ptr_array_add (tlsa->records,
                   postseal_tlsa_record_new (usage, selector, matching, context.host, bytes));
  g_bytes_unref (bytes);
  tlsa->is_secure = TRUE;
  context.tlsa = tlsa;
}

Ids
JudgedPort::list_ids (bool is_all) const
{
  Ids ids;

  for (guint i = 0; i < findings->len; i++)
    {
      auto *finding = static_cast<PostsealFinding *> (findings->pdata[i]);

      EXPECT_STRNE (finding->text, "");
      if (is_all || postseal_finding_get_level (finding) > POSTSEAL_FINDING_INFO)
        ids.push_back (finding->id);
    }
  std::sort (ids.begin (), ids.end ());
  return ids;
}

Ids
JudgedPort::judge ()
{
  g_ptr_array_set_size (findings, 0);
  postseal_judge_port (facts, &context, findings);
  return list_ids (true);
}

Ids
JudgedPort::complaints ()
{
  judge ();
  return list_ids (false);
}

const PostsealFinding &
JudgedPort::find (const std::string &id) const
{
  static const PostsealFinding none = {};

  for (guint i = 0; i < findings->len; i++)
    if (static_cast<PostsealFinding *> (findings->pdata[i])->id == id)
      return *static_cast<PostsealFinding *> (findings->pdata[i]);
  ADD_FAILURE () << "nothing is said of " << id;
  return none;
}

std::string
JudgedPort::digest_key (const TestIdentity &identity)
{
  gsize length = 0;
  guchar *bytes = g_base64_decode (identity.pin.c_str () + strlen ("sha256:"), &length);
  std::string digest (reinterpret_cast<char *> (bytes), length);

  g_free (bytes);
  return digest;
}

std::string
JudgedPort::digest_whole (const std::string &der)
{
  std::string digest (32, '\0');

  gnutls_hash_fast (GNUTLS_DIG_SHA256, der.data (), der.size (), digest.data ());
  return digest;
}

} // namespace postseal_test
