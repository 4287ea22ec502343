/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/net-error.h"
#include "net/tls-dane-private.h"
#include "net/tls-trust-private.h"
#include "support/test-ca.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gtest/gtest.h>

using namespace postseal_test;

namespace
{

constexpr const char *kHost = "localhost";

std::string
take (gnutls_datum_t *datum)
{
  std::string bytes (reinterpret_cast<char *> (datum->data), datum->size);

  gnutls_free (datum->data);
  return bytes;
}

std::string
hash (gnutls_digest_algorithm_t algorithm, const std::string &bytes)
{
  std::string digest (gnutls_hash_get_len (algorithm), '\0');

  gnutls_hash_fast (algorithm, bytes.data (), bytes.size (), digest.data ());
  return digest;
}

/* A certificate in all forms that a record can hold. */
class Certificate
{
public:
  explicit Certificate (gnutls_x509_crt_t crt)
  {
    gnutls_datum_t out = {};
    gnutls_pubkey_t key = nullptr;

    gnutls_x509_crt_export2 (crt, GNUTLS_X509_FMT_DER, &out);
    der = take (&out);
    gnutls_pubkey_init (&key);
    gnutls_pubkey_import_x509 (key, crt, 0);
    gnutls_pubkey_export2 (key, GNUTLS_X509_FMT_DER, &out);
    spki = take (&out);
    gnutls_pubkey_deinit (key);
  }

  std::string
  form (int selector, int matching) const
  {
    const std::string &bytes = selector == 0 ? der : spki;

    return matching == 0 ? bytes
                         : hash (matching == 1 ? GNUTLS_DIG_SHA256 : GNUTLS_DIG_SHA512, bytes);
  }

  std::string der;
  std::string spki;
};

std::vector<Certificate>
read_pem (const std::string &pem)
{
  gnutls_datum_t datum = { reinterpret_cast<unsigned char *> (const_cast<char *> (pem.data ())),
                           static_cast<unsigned> (pem.size ()) };
  gnutls_x509_crt_t *crts = nullptr;
  unsigned size = 0;
  std::vector<Certificate> list;

  EXPECT_GE (gnutls_x509_crt_list_import2 (&crts, &size, &datum, GNUTLS_X509_FMT_PEM, 0), 0);
  for (unsigned i = 0; i < size; i++)
    {
      list.emplace_back (crts[i]);
      gnutls_x509_crt_deinit (crts[i]);
    }
  gnutls_free (crts);
  return list;
}

std::string
read_root ()
{
  g_autofree char *text = nullptr;

  EXPECT_TRUE (g_file_get_contents (test_ca ().ca_file ().c_str (), &text, nullptr, nullptr));
  return text;
}

/* Chain and records in, verdict out. */
class TlsDane : public testing::Test
{
protected:
  TlsDane ()
  {
    policy->ca_file = g_strdup (test_ca ().ca_file ().c_str ());
    material = _postseal_tls_material_load (policy, nullptr);
    policy_of_strangers->ca_file = g_strdup (stranger.ca_file ().c_str ());
    strange = _postseal_tls_material_load (policy_of_strangers, nullptr);
    root = read_pem (read_root ()).at (0).der;
  }

  ~TlsDane () override
  {
    g_clear_error (&error);
    postseal_tls_policy_unref (policy);
    postseal_tls_policy_unref (policy_of_strangers);
    _postseal_tls_material_unref (material);
    _postseal_tls_material_unref (strange);
    g_ptr_array_unref (records);
  }

  void
  present (const TestIdentity &identity)
  {
    certificates = read_pem (identity.chain_pem);
  }

  void
  add (int usage, int selector, int matching, const std::string &data, const char *base = kHost)
  {
    g_autoptr (GBytes) bytes = g_bytes_new (data.data (), data.size ());

    g_ptr_array_add (records, postseal_tlsa_record_new (
                                  static_cast<guint> (usage), static_cast<guint> (selector),
                                  static_cast<guint> (matching), base, bytes));
  }

  /* The record of the @index-th certificate that is presented. */
  void
  add_own (int usage, int selector, int matching, size_t index = 0)
  {
    add (usage, selector, matching, certificates.at (index).form (selector, matching));
  }

  guint
  count_usable ()
  {
    g_autoptr (GPtrArray) usable = postseal_tls_dane_find_usable (records);

    return usable->len;
  }

  /* Returns: "USAGE SELECTOR MATCHING[ ca]: NAME", or "refused: ERROR" */
  std::string
  judge (bool is_trusted = false, const char *host = kHost)
  {
    std::vector<gnutls_datum_t> ders;
    for (const Certificate &one : certificates)
      ders.push_back ({ reinterpret_cast<unsigned char *> (const_cast<char *> (one.der.data ())),
                        static_cast<unsigned> (one.der.size ()) });
    g_autoptr (PostsealTlsChain) chain
        = _postseal_tls_chain_new (ders.data (), static_cast<guint> (ders.size ()), nullptr);
    g_autoptr (GPtrArray) usable = postseal_tls_dane_find_usable (records);
    PostsealTlsDaneMatch match = {};

    g_clear_error (&error);
    if (!_postseal_tls_dane_verify (chain, usable, (is_trusted ? material : strange)->trust->list,
                                    policy, host, &match, &error))
      return "refused: " + name_error ();
    g_autofree char *name = match.name;
    return std::to_string (match.record->usage) + " " + std::to_string (match.record->selector)
           + " " + std::to_string (match.record->matching) + (match.is_ca_valid ? " ca: " : ": ")
           + name;
  }

  std::string
  name_error ()
  {
    switch (error->code)
      {
      case POSTSEAL_TLS_ERROR_DANE_MISMATCH:
        return "mismatch";
      case POSTSEAL_TLS_ERROR_UNTRUSTED:
        return "untrusted";
      case POSTSEAL_TLS_ERROR_EXPIRED:
        return "expired";
      case POSTSEAL_TLS_ERROR_IDENTITY:
        return "identity";
      case POSTSEAL_TLS_ERROR_PIN:
        return "pin";
      default:
        return error->message;
      }
  }

  void
  forget_records ()
  {
    g_ptr_array_set_size (records, 0);
  }

  PostsealTlsPolicy *policy = postseal_tls_policy_new (POSTSEAL_TLS_ENFORCED);
  PostsealTlsPolicy *policy_of_strangers = postseal_tls_policy_new (POSTSEAL_TLS_ENFORCED);
  TestCa stranger;
  PostsealTlsMaterial *material; /* trusts who issues */
  PostsealTlsMaterial *strange; /* trusts somebody else only */
  GPtrArray *records = g_ptr_array_new_with_free_func ([] (gpointer record) {
    postseal_tlsa_record_free (static_cast<PostsealTlsaRecord *> (record));
  });
  std::vector<Certificate> certificates;
  std::string root;
  GError *error = nullptr;
  CertOptions options;
};

} // namespace

/* RFC 6698 section 2.1.2, 2.1.3: each way to name a certificate, and nothing but that one. */
TEST_F (TlsDane, EachSelectorAndMatchingTypeNamesTheLeaf)
{
  Certificate other = read_pem (test_ca ().issue ().chain_pem).at (0);

  options.self_signed = true;
  present (test_ca ().issue (options));
  for (int selector : { 0, 1 })
    for (int matching : { 0, 1, 2 })
      {
        forget_records ();
        add_own (3, selector, matching);
        EXPECT_EQ (judge (), "3 " + std::to_string (selector) + " " + std::to_string (matching)
                                 + ": localhost");
        forget_records ();
        add (3, selector, matching, other.form (selector, matching));
        EXPECT_EQ (judge (), "refused: mismatch");
      }
}

/* RFC 7671 section 5.1 */
TEST_F (TlsDane, OfAKeyOfItsOwnNeitherNameNorTimeNorPurposeCount)
{
  options.self_signed = true;
  options.dns = { "other.example" };
  options.valid_from = -7200;
  options.valid_until = -3600;
  options.purposes = { GNUTLS_KP_EMAIL_PROTECTION };
  present (test_ca ().issue (options));
  add_own (3, 1, 1);
  EXPECT_EQ (judge (), "3 1 1: localhost");
}

TEST_F (TlsDane, AMismatchRefusesWhatATrustedAuthorityVouchesFor)
{
  present (test_ca ().issue ());
  add (3, 1, 1, std::string (32, 'x'));
  EXPECT_EQ (judge (true), "refused: mismatch");
}

TEST_F (TlsDane, TellsWhetherATrustedAuthorityVouchesToo)
{
  present (test_ca ().issue ());
  add_own (3, 1, 1);
  EXPECT_EQ (judge (true), "3 1 1 ca: localhost");
  EXPECT_EQ (judge (false), "3 1 1: localhost");
}

/* RFC 7671 section 5.2 */
TEST_F (TlsDane, AnAuthorityThatTheServerSendsVouches)
{
  options.via_intermediate = true;
  present (test_ca ().issue (options));
  ASSERT_EQ (certificates.size (), 2u);
  for (int selector : { 0, 1 })
    for (int matching : { 0, 1, 2 })
      {
        forget_records ();
        add_own (2, selector, matching, 1);
        EXPECT_EQ (judge (), "2 " + std::to_string (selector) + " " + std::to_string (matching)
                                 + ": localhost");
      }
}

TEST_F (TlsDane, ARootAtTheEndOfTheChainVouches)
{
  options.via_intermediate = true;
  TestIdentity identity = test_ca ().issue (options);
  identity.chain_pem += read_root ();
  present (identity);
  ASSERT_EQ (certificates.size (), 3u);
  add_own (2, 0, 1, 2);
  EXPECT_EQ (judge (), "2 0 1: localhost");
}

TEST_F (TlsDane, AnAuthorityInTheRecordItselfNeedNotBeSent)
{
  options.via_intermediate = true;
  present (test_ca ().issue (options));
  add (2, 0, 0, root);
  EXPECT_EQ (judge (), "2 0 0: localhost");
}

TEST_F (TlsDane, UnderAnAuthorityNameTimeAndPurposeCount)
{
  const std::vector<std::pair<std::string, void (*) (CertOptions &)>> cases = {
    { "refused: identity", [] (CertOptions &wrong) { wrong.dns = { "other.example" }; } },
    { "refused: expired",
      [] (CertOptions &wrong) {
        wrong.valid_from = -7200;
        wrong.valid_until = -3600;
      } },
    { "refused: untrusted",
      [] (CertOptions &wrong) { wrong.purposes = { GNUTLS_KP_EMAIL_PROTECTION }; } },
  };

  for (const auto &[verdict, spoil] : cases)
    {
      CertOptions wrong;

      wrong.via_intermediate = true;
      spoil (wrong);
      present (test_ca ().issue (wrong));
      forget_records ();
      add_own (2, 1, 1, 1);
      EXPECT_EQ (judge (), verdict);
    }
}

/* RFC 7671 section 7: what the secure alias stands for is a name of the server, too. */
TEST_F (TlsDane, UnderAnAuthorityTheNameMayBeTheOneThatTheDnsLedTo)
{
  options.via_intermediate = true;
  options.dns = { "mx.hoster.example" };
  present (test_ca ().issue (options));
  add (2, 1, 1, certificates.at (1).form (1, 1), "mx.hoster.example");
  EXPECT_EQ (judge (false, "mail.example.org"), "2 1 1: mx.hoster.example");
  forget_records ();
  add (2, 1, 1, certificates.at (1).form (1, 1), "mail.example.org");
  EXPECT_EQ (judge (false, "mail.example.org"), "refused: identity");
}

/* An authority that is there, but has not signed. */
TEST_F (TlsDane, AnAuthorityThatOnlyStandsBesideTheLeafVouchesForNothing)
{
  TestIdentity identity = stranger.issue ();
  options.via_intermediate = true;
  identity.chain_pem += test_ca ().issue (options).chain_pem;
  present (identity);
  ASSERT_EQ (certificates.size (), 3u);
  certificates.erase (certificates.begin () + 1);
  add_own (2, 1, 1, 1);
  EXPECT_EQ (judge (true), "refused: untrusted");
}

TEST_F (TlsDane, ALeafIsNoAuthority)
{
  options.self_signed = true;
  present (test_ca ().issue (options));
  add_own (2, 1, 1);
  add_own (2, 0, 1);
  EXPECT_EQ (judge (), "refused: mismatch");
}

/* RFC 7671 section 5.3, 5.4 */
TEST_F (TlsDane, TheOlderUsagesWantATrustedAuthorityBesides)
{
  options.via_intermediate = true;
  present (test_ca ().issue (options));
  add_own (1, 1, 1);
  EXPECT_EQ (judge (true), "1 1 1 ca: localhost");
  EXPECT_EQ (judge (false), "refused: untrusted");

  forget_records ();
  add_own (0, 1, 1, 1);
  EXPECT_EQ (judge (true), "0 1 1 ca: localhost");
  EXPECT_EQ (judge (false), "refused: untrusted");

  forget_records ();
  add (0, 0, 1, hash (GNUTLS_DIG_SHA256, root));
  EXPECT_EQ (judge (true), "0 0 1 ca: localhost") << "the root, which is not sent";

  forget_records ();
  add (0, 1, 1, std::string (32, 'x'));
  add (1, 1, 1, std::string (32, 'x'));
  EXPECT_EQ (judge (true), "refused: mismatch");
}

TEST_F (TlsDane, AnyOfSeveralRecordsWillDo)
{
  present (test_ca ().issue ());
  add (3, 1, 1, std::string (32, 'x'));
  add (2, 0, 1, std::string (32, 'y'));
  add_own (3, 0, 1);
  EXPECT_EQ (judge (), "3 0 1: localhost");
}

/* RFC 7671 section 9 */
TEST_F (TlsDane, AStrongerDigestOutdoesTheWeakerOfItsUsageAndSelector)
{
  present (test_ca ().issue ());
  add (3, 1, 2, std::string (64, 'x'));
  add_own (3, 1, 1);
  EXPECT_EQ (count_usable (), 1u);
  EXPECT_EQ (judge (true), "refused: mismatch");

  add_own (3, 0, 1);
  EXPECT_EQ (judge (true), "3 0 1 ca: localhost") << "another selector";
  forget_records ();
  add (3, 1, 2, std::string (64, 'x'));
  add_own (3, 1, 0);
  EXPECT_EQ (judge (true), "3 1 0 ca: localhost") << "no digest at all";
  forget_records ();
  add (3, 1, 2, std::string (63, 'x'));
  add_own (3, 1, 1);
  EXPECT_EQ (judge (true), "3 1 1 ca: localhost") << "what cannot be used outdoes nothing";
}

/* RFC 6698 section 4.1, RFC 7671 section 10.3 */
TEST_F (TlsDane, WhatMakesNoSenseOrIsUnknownIsNotUsable)
{
  present (test_ca ().issue ());
  const std::string digest (32, 'x');
  add (4, 1, 1, digest);
  add (255, 1, 1, digest);
  add (3, 2, 1, digest);
  add (3, 1, 3, digest);
  add (3, 1, 1, "");
  add (3, 1, 1, digest.substr (1));
  add (3, 1, 1, digest + "x");
  add (3, 1, 2, digest);
  add (3, 1, 1, std::string (20, 'x'));
  add (3, 0, 0, "no certificate");
  add (2, 0, 0, "");
  add (3, 1, 0, "no key");
  add (3, 1, 0, certificates.at (0).der);
  add (3, 0, 0, certificates.at (0).spki);
  EXPECT_EQ (count_usable (), 0u);
  for (int usage : { 0, 1, 2, 3 })
    add (usage, 1, 1, digest);
  EXPECT_EQ (count_usable (), 4u);
}

TEST_F (TlsDane, PinsAndStrengthCountWhoeverVouches)
{
  static char pin[] = "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  static char *pins[] = { pin, nullptr };

  present (test_ca ().issue ());
  add_own (3, 1, 1);
  policy->pins = pins;
  EXPECT_EQ (judge (true), "refused: pin");
  policy->pins = nullptr;

  options.key = CertOptions::Key::Rsa1024;
  options.self_signed = true;
  present (test_ca ().issue (options));
  forget_records ();
  add_own (3, 1, 1);
  EXPECT_EQ (judge (), "refused: untrusted");
  EXPECT_NE (std::string (error->message).find ("1024 bits"), std::string::npos);
}
