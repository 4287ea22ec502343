/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "judged-port.h"

namespace postseal_test
{

namespace
{

class JudgeKeys : public JudgedPort
{
protected:
  void
  be_exchange ()
  {
    be (POSTSEAL_PROTOCOL_SMTP, 25, POSTSEAL_TLS_START_UPGRADE);
    context.is_exchange = TRUE;
  }

  static CertOptions
  self_signed ()
  {
    CertOptions options;

    options.dns = { "other.example" };
    options.self_signed = true;
    return options;
  }
};

TEST_F (JudgeKeys, AKeyThatFitsIsGood)
{
  publish (3, 1, 1, digest_key (identity));
  EXPECT_EQ (judge (), Ids ({ "cert-ok", "dane-ok", "tls-ok" }));
  EXPECT_EQ (std::string (find ("dane-ok").evidence).substr (0, 6), "3 1 1 ");
}

TEST_F (JudgeKeys, AKeyThatDoesNotFitIsBad)
{
  publish (3, 1, 1, std::string (32, 'x'));
  EXPECT_EQ (complaints (), Ids ({ "dane-mismatch" }));
  publish (3, 1, 1, digest_key (identity));
  EXPECT_EQ (complaints (), Ids ());
}

/* RFC 7671 section 5.1: neither authority, nor name, nor date. */
TEST_F (JudgeKeys, WhatTheDnsVouchesForNeedsNobodyElse)
{
  CertOptions options = self_signed ();

  present (options);
  publish (3, 1, 1, digest_key (identity));
  EXPECT_EQ (judge (), Ids ({ "cert-dane-only", "dane-ok", "tls-ok" }));
  EXPECT_EQ (complaints (), Ids ());
  EXPECT_NE (std::string (find ("cert-dane-only").text).find ("other.example"), std::string::npos);
}

TEST_F (JudgeKeys, AnExpiredCertificateWithAKeyThatFitsIsGood)
{
  CertOptions options;

  options.dns = { "mail.example.org" };
  options.valid_from = -20 * kDay;
  options.valid_until = -10 * kDay;
  present (options);
  publish (3, 1, 1, digest_key (identity));
  EXPECT_EQ (judge (), Ids ({ "dane-expired-ok", "tls-ok" }));
  EXPECT_NE (find ("dane-expired-ok").advice, nullptr);
}

TEST_F (JudgeKeys, AWeakKeyIsWeakWhoeverVouches)
{
  CertOptions options = self_signed ();

  options.key = CertOptions::Key::Rsa1024;
  present (options);
  publish (3, 1, 1, digest_key (identity));
  EXPECT_EQ (complaints (), Ids ({ "cert-rsa1024" }));
}

/* RFC 7671 section 5.2: an authority of one's own, but names and dates count. */
TEST_F (JudgeKeys, AnAuthorityThatTheDnsNamesIsEnough)
{
  TestCa other ("Another");
  CertOptions options;
  TestIdentity leaf;

  options.dns = { "other.example" };
  leaf = other.issue (options);
  send ({ leaf.leaf_der, leaf.issuer_der });
  EXPECT_EQ (complaints (), Ids ({ "cert-name", "cert-untrusted" }));
  publish (2, 0, 1, digest_whole (leaf.issuer_der));
  EXPECT_EQ (complaints (), Ids ({ "cert-name" }));
  options.dns = { "mail.example.org" };
  leaf = other.issue (options);
  send ({ leaf.leaf_der, leaf.issuer_der });
  EXPECT_EQ (judge (), Ids ({ "cert-dane-only", "dane-ok", "tls-ok" }));
  context.now = now + 91 * kDay;
  EXPECT_EQ (complaints (), Ids ({ "cert-expired" }));
}

TEST_F (JudgeKeys, AnAuthorityInTheRecordNeedNotBeSent)
{
  TestCa other ("Another");
  CertOptions options;
  TestIdentity leaf;

  options.dns = { "mail.example.org" };
  leaf = other.issue (options);
  send ({ leaf.leaf_der });
  publish (2, 0, 0, leaf.issuer_der);
  EXPECT_EQ (complaints (), Ids ());
}

/* RFC 7672 section 3.2.2 */
TEST_F (JudgeKeys, UnderAnAuthorityOfTheDnsAnExchangeMayHaveTheNameOfItsDomain)
{
  CertOptions options;
  TestIdentity leaf;

  be_exchange ();
  options.dns = { "example.org" };
  leaf = test_ca ().issue (options);
  send ({ leaf.leaf_der, leaf.issuer_der });
  publish (2, 0, 1, digest_whole (leaf.issuer_der));
  EXPECT_EQ (complaints (), Ids ({ "cert-name" }));
  context.domain = "example.org";
  EXPECT_EQ (complaints (), Ids ());
  context.is_exchange = FALSE;
  EXPECT_EQ (complaints (), Ids ({ "cert-name" }));
}

/* RFC 7672 section 3.1.3, RFC 7673 section 4.1: for a client's port they count. */
TEST_F (JudgeKeys, UsagesOfTrustedAuthoritiesAreOfNoUseToAnExchange)
{
  publish (1, 1, 1, digest_key (identity));
  EXPECT_EQ (judge (), Ids ({ "cert-ok", "dane-ok", "tls-ok" }));
  be_exchange ();
  EXPECT_EQ (complaints (), Ids ({ "dane-usage" }));
  publish (3, 1, 1, digest_key (identity));
  EXPECT_EQ (complaints (), Ids ());
}

TEST_F (JudgeKeys, ARecordThatOnlyConstrainsVouchesForNobody)
{
  present (self_signed ());
  publish (1, 1, 1, digest_key (identity));
  EXPECT_EQ (judge (), Ids ({ "cert-name", "cert-self-signed", "tls-ok" }));
  publish (3, 1, 1, digest_key (identity));
  EXPECT_EQ (complaints (), Ids ());
}

TEST_F (JudgeKeys, AnExchangeWithAKeyThatFitsNeedsNothingElse)
{
  be_exchange ();
  present (self_signed ());
  publish (3, 1, 1, digest_key (identity));
  EXPECT_EQ (complaints (), Ids ());
  EXPECT_NE (find ("dane-ok").text, nullptr);
  context.is_sts_enforced = TRUE;
  EXPECT_EQ (complaints (), Ids ({ "cert-name", "cert-self-signed" }));
}

TEST_F (JudgeKeys, RecordsThatMakeNoSenseAreOfNoUse)
{
  publish (3, 1, 1, "short");
  EXPECT_EQ (complaints (), Ids ({ "dane-usage" }));
}

TEST_F (JudgeKeys, InsecureBogusUnknownAndAbsentAreFourResults)
{
  publish (3, 1, 1, digest_key (identity));
  const_cast<PostsealTlsaAnswer *> (context.tlsa)->is_secure = FALSE;
  EXPECT_EQ (complaints (), Ids ({ "dane-insecure" }));
  context.tlsa = nullptr;
  EXPECT_EQ (judge (), Ids ({ "cert-ok", "tls-ok" }));
  context.tlsa_state = POSTSEAL_FACT_ABSENT;
  EXPECT_EQ (judge (), Ids ({ "cert-ok", "tls-ok" }));
  context.tlsa_state = POSTSEAL_FACT_BOGUS;
  EXPECT_EQ (complaints (), Ids ({ "dane-bogus" }));
  context.tlsa_state = POSTSEAL_FACT_NO_ANSWER;
  EXPECT_EQ (complaints (), Ids ({ "dns-fail" }));
}

TEST_F (JudgeKeys, AKeyWithoutTlsIsBad)
{
  publish (3, 1, 1, digest_key (identity));
  be (POSTSEAL_PROTOCOL_IMAP, 143, POSTSEAL_TLS_START_UPGRADE);
  g_clear_pointer (&facts->chain, g_ptr_array_unref);
  facts->has_tls = POSTSEAL_SEEN_UNKNOWN;
  facts->upgrade = POSTSEAL_PORT_UPGRADE_MISSING;
  EXPECT_EQ (complaints (), Ids ({ "dane-no-tls", "starttls-missing" }));
  facts->upgrade = POSTSEAL_PORT_UPGRADE_AGREED;
  EXPECT_EQ (complaints (), Ids ());
}

} // namespace

} // namespace postseal_test
