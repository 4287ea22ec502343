/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "judged-port.h"

namespace postseal_test
{

namespace
{

class JudgeCertificate : public JudgedPort
{
protected:
  /* Good for the host. */
  static CertOptions
  good ()
  {
    CertOptions options;

    options.dns = { "mail.example.org" };
    return options;
  }

  bool
  says (const std::string &id, const std::string &words) const
  {
    return std::string (find (id).text).find (words) != std::string::npos;
  }
};

/* --- no false alarm --- */

TEST_F (JudgeCertificate, AGoodOneIsDescribed)
{
  present (good ());
  EXPECT_EQ (judge (), Ids ({ "cert-ok", "tls-ok" }));
  EXPECT_TRUE (says ("cert-ok", "mail.example.org"));
  EXPECT_TRUE (says ("cert-ok", "Postseal Test Root"));
  EXPECT_TRUE (says ("cert-ok", "days"));
}

TEST_F (JudgeCertificate, AWildcardIsGoodForOneLabel)
{
  CertOptions options;

  options.dns = { "*.example.org" };
  present (options);
  EXPECT_EQ (complaints (), Ids ());
  context.host = "a.mail.example.org";
  EXPECT_EQ (complaints (), Ids ({ "cert-name" }));
}

TEST_F (JudgeCertificate, AnAddressIsGoodForItself)
{
  CertOptions options;

  options.dns = {};
  options.ip = { "192.0.2.1", "2001:db8::1" };
  present (options);
  context.host = "192.0.2.1";
  EXPECT_EQ (complaints (), Ids ());
  context.host = "2001:db8::1";
  EXPECT_EQ (complaints (), Ids ());
  context.host = "192.0.2.2";
  EXPECT_EQ (complaints (), Ids ({ "cert-name" }));
}

/* Certificates of six days are renewed with two or three days left. */
TEST_F (JudgeCertificate, AShortLifeIsNoFault)
{
  CertOptions options = good ();

  options.valid_from = -4 * kDay;
  options.valid_until = 2 * kDay;
  present (options);
  EXPECT_EQ (complaints (), Ids ());
  context.now = now + kDay + kDay / 2;
  EXPECT_EQ (complaints (), Ids ({ "cert-soon" }));
}

TEST_F (JudgeCertificate, WhatTheServerSendsInVainIsNotLookedAt)
{
  CertOptions old = good ();
  TestCa other ("Another");

  old.valid_until = -kDay;
  old.digest = GNUTLS_DIG_SHA1;
  present (good ());
  send ({ identity.leaf_der, other.issue (old).leaf_der, identity.issuer_der });
  EXPECT_EQ (complaints (), Ids ());
}

/* Old clients need to hear that somebody older vouches for an authority, and that may be over. */
TEST_F (JudgeCertificate, WhatIsBehindAKnownAuthorityIsNotLookedAt)
{
  TestCa other ("Another");
  CertOptions options = good ();

  options.via_intermediate = true;
  present (options);
  send ({ identity.leaf_der, identity.issuer_der, other.cross_sign (test_ca (), -kDay) });
  EXPECT_EQ (complaints (), Ids ());
}

/* --- each fault for itself --- */

TEST_F (JudgeCertificate, TheNamesThatItHasAreListed)
{
  CertOptions options;

  options.dns = { "a.example.org", "b.example.org" };
  present (options);
  EXPECT_EQ (complaints (), Ids ({ "cert-name" }));
  EXPECT_TRUE (says ("cert-name", "a.example.org, b.example.org"));
}

/* RFC 9525 section 2 */
TEST_F (JudgeCertificate, ACommonNameIsNoName)
{
  CertOptions options;

  options.dns = {};
  options.common_name = "mail.example.org";
  present (options);
  EXPECT_EQ (complaints (), Ids ({ "cert-cn-only" }));
}

TEST_F (JudgeCertificate, SelfSignedIsBad)
{
  CertOptions options = good ();

  options.self_signed = true;
  present (options);
  EXPECT_EQ (complaints (), Ids ({ "cert-self-signed" }));
  /* How one signs for oneself proves nothing in any case. */
  options.digest = GNUTLS_DIG_SHA1;
  present (options);
  EXPECT_EQ (complaints (), Ids ({ "cert-self-signed" }));
}

TEST_F (JudgeCertificate, AMissingIntermediateIsNamed)
{
  CertOptions options = good ();

  options.omit_intermediate = true;
  present (options);
  EXPECT_EQ (complaints (), Ids ({ "cert-chain" }));
  EXPECT_TRUE (says ("cert-chain", "Postseal Test Intermediate"));
  EXPECT_NE (std::string (find ("cert-chain").advice).find ("ca-file"), std::string::npos);
  options.issuer_url = "http://ca.example/intermediate.der";
  present (options);
  EXPECT_EQ (complaints (), Ids ({ "cert-chain" }));
  EXPECT_NE (std::string (find ("cert-chain").advice).find (options.issuer_url), std::string::npos);
}

TEST_F (JudgeCertificate, AnUnknownAuthorityIsNoMissingOne)
{
  CertOptions options = good ();
  TestCa other ("Another");
  TestIdentity direct = other.issue (options);

  options.via_intermediate = true;
  present (other.issue (options));
  EXPECT_EQ (complaints (), Ids ({ "cert-untrusted" }));
  EXPECT_TRUE (says ("cert-untrusted", "Another Root"));
  send ({ direct.leaf_der, direct.issuer_der });
  EXPECT_EQ (complaints (), Ids ({ "cert-untrusted" }));
  EXPECT_TRUE (says ("cert-untrusted", "Another Root"));
  send ({ direct.leaf_der });
  EXPECT_EQ (complaints (), Ids ({ "cert-chain" }));
}

/* Two authorities of one name, and the wrong one is known. */
TEST_F (JudgeCertificate, WhoOnlyNamesAnAuthorityIsForged)
{
  TestCa impostor;

  present (impostor.issue (good ()));
  EXPECT_EQ (complaints (), Ids ({ "cert-untrusted" }));
  EXPECT_TRUE (says ("cert-untrusted", "has not signed it"));
}

TEST_F (JudgeCertificate, DatesAreToldWithDays)
{
  CertOptions options = good ();

  options.valid_from = -80 * kDay;
  options.valid_until = 20 * kDay;
  present (options);
  EXPECT_EQ (complaints (), Ids ());
  context.now = now + 14 * kDay + 3600;
  EXPECT_EQ (complaints (), Ids ({ "cert-soon" }));
  EXPECT_TRUE (says ("cert-soon", "in 5 days"));
  context.now = now + 20 * kDay - 7200;
  EXPECT_EQ (complaints (), Ids ({ "cert-soon" }));
  EXPECT_TRUE (says ("cert-soon", "in less than a day"));
  context.now = now + 30 * kDay + 60;
  EXPECT_EQ (complaints (), Ids ({ "cert-expired" }));
  EXPECT_TRUE (says ("cert-expired", "10 days ago"));
  context.now = now - 81 * kDay;
  EXPECT_EQ (complaints (), Ids ({ "cert-not-yet" }));
}

TEST_F (JudgeCertificate, AuthoritiesInBetweenExpireToo)
{
  CertOptions options = good ();

  options.via_intermediate = true;
  options.valid_until = 30 * 365 * kDay;
  present (options);
  context.now = now + 11 * 365 * kDay;
  EXPECT_EQ (complaints (), Ids ({ "cert-expired" }));
  EXPECT_TRUE (says ("cert-expired", "Postseal Test Intermediate"));
}

TEST_F (JudgeCertificate, BrokenSignaturesAndWeakKeysAreBad)
{
  CertOptions options = good ();

  options.digest = GNUTLS_DIG_SHA1;
  present (options);
  EXPECT_EQ (complaints (), Ids ({ "cert-sha1" }));
  options.digest = GNUTLS_DIG_SHA256;
  options.key = CertOptions::Key::Rsa1024;
  present (options);
  EXPECT_EQ (complaints (), Ids ({ "cert-rsa1024" }));
  EXPECT_TRUE (says ("cert-rsa1024", "RSA with 1024 bits"));
  options.key = CertOptions::Key::Rsa2048;
  present (options);
  EXPECT_EQ (complaints (), Ids ());
}

TEST_F (JudgeCertificate, OneForClientsIsNoneForServers)
{
  CertOptions options = good ();

  options.purposes = { GNUTLS_KP_TLS_WWW_CLIENT };
  present (options);
  EXPECT_EQ (complaints (), Ids ({ "cert-purpose" }));
}

/* Every library stops at the first. */
TEST_F (JudgeCertificate, AllFaultsAreToldAtOnce)
{
  CertOptions options;

  options.dns = { "other.example" };
  options.omit_intermediate = true;
  options.key = CertOptions::Key::Rsa1024;
  options.digest = GNUTLS_DIG_SHA1;
  options.valid_from = -20 * kDay;
  options.valid_until = -10 * kDay;
  present (options);
  EXPECT_EQ (judge (), Ids ({ "cert-chain", "cert-expired", "cert-name", "cert-rsa1024",
                              "cert-sha1", "tls-ok" }));
}

TEST_F (JudgeCertificate, BytesThatAreNoneAreTold)
{
  present (good ());
  send ({ "\x30\x82 nonsense" });
  EXPECT_EQ (complaints (), Ids ({ "cert-unreadable" }));
  send ({ "" });
  EXPECT_EQ (complaints (), Ids ({ "cert-unreadable" }));
  send ({ identity.leaf_der, "nonsense" });
  EXPECT_EQ (complaints (), Ids ({ "cert-unreadable" }));
  send ({});
  EXPECT_EQ (judge (), Ids ({ "tls-ok" }));
}

TEST_F (JudgeCertificate, AChainWithoutAnEndComesToOne)
{
  present (good ());
  send (std::vector<std::string> (1000, identity.leaf_der));
  EXPECT_EQ (complaints (), Ids ());
}

/* --- pins --- */

TEST_F (JudgeCertificate, APinIsAskedForBesides)
{
  CertOptions options = good ();

  options.self_signed = true;
  present (options);
  std::string pin = identity.pin;
  const char *const pins[] = { pin.c_str (), nullptr };
  context.pins = pins;
  EXPECT_EQ (judge (), Ids ({ "cert-self-signed", "pin-ok", "tls-ok" }));
  present (good ());
  EXPECT_EQ (complaints (), Ids ({ "pin-mismatch" }));
}

/* --- an exchange --- */

TEST_F (JudgeCertificate, OfAnExchangeNobodyLooksAtItWithoutAPolicy)
{
  CertOptions options;

  options.dns = { "other.example" };
  options.self_signed = true;
  options.valid_until = -60;
  context.is_exchange = TRUE;
  be (POSTSEAL_PROTOCOL_SMTP, 25, POSTSEAL_TLS_START_UPGRADE);
  EXPECT_NE (judge (), Ids ());
  present (options);
  EXPECT_EQ (complaints (), Ids ());
  EXPECT_TRUE (says ("cert-exchange", "self-signed"));
  EXPECT_TRUE (says ("cert-exchange", "other.example"));
  context.is_sts_enforced = TRUE;
  EXPECT_EQ (complaints (), Ids ({ "cert-expired", "cert-name", "cert-self-signed" }));
}

} // namespace

} // namespace postseal_test
