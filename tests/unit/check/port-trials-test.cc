/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a server agrees to within TLS. */
#include "port-exam-fixture.h"

using namespace postseal_test;

namespace
{

constexpr auto IMAP = POSTSEAL_PROTOCOL_IMAP;
constexpr auto IMPLICIT = POSTSEAL_TLS_START_IMPLICIT;
constexpr auto UPGRADE = POSTSEAL_TLS_START_UPGRADE;
constexpr auto YES = POSTSEAL_SEEN_YES;
constexpr auto NO = POSTSEAL_SEEN_NO;
constexpr auto UNKNOWN = POSTSEAL_SEEN_UNKNOWN;

/* Of GnuTLS, with SHA-1 for what old clients sign with. */
const char OLD_FRIENDLY[] = "NORMAL:+SIGN-RSA-SHA1:+SIGN-ECDSA-SHA1:%PROFILE_VERY_WEAK";

class PortTrialsTest : public PortExamTest
{
protected:
  void
  examine_tls (const ServerTls &tls)
  {
    Toy toy;

    toy.start = IMPLICIT;
    toy.tls = tls;
    examine (toy);
  }

  /* An RSA certificate: for suites that need one. */
  static ServerTls
  tls_with (const std::string &priority)
  {
    CertOptions options;

    options.key = CertOptions::Key::Rsa2048;
    options.key_usage = GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT;
    ServerTls tls = sound_tls (options);
    tls.priority = priority;
    return tls;
  }
};

TEST_F (PortTrialsTest, FindsOldVersions)
{
  examine_tls (tls_with (std::string (OLD_FRIENDLY) + ":+VERS-TLS1.1:+VERS-TLS1.0"));
  EXPECT_EQ (facts ().has_tls, YES);
  EXPECT_EQ (facts ().tls10, YES);
  EXPECT_EQ (facts ().tls11, YES);
  EXPECT_EQ (facts ().tls12, YES);
  EXPECT_EQ (facts ().tls13, YES);
}

TEST_F (PortTrialsTest, FindsOneOfTheOldVersionsAlone)
{
  examine_tls (tls_with (std::string (OLD_FRIENDLY) + ":-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.1"));
  EXPECT_EQ (facts ().tls10, NO);
  EXPECT_EQ (facts ().tls11, YES);
  EXPECT_EQ (facts ().tls12, YES);
  EXPECT_EQ (facts ().tls13, NO);
}

TEST_F (PortTrialsTest, FindsAServerThatKnowsOldVersionsOnly)
{
  examine_tls (tls_with (std::string (OLD_FRIENDLY) + ":-VERS-ALL:+VERS-TLS1.0"));
  EXPECT_EQ (facts ().state, POSTSEAL_PORT_MAIL);
  EXPECT_EQ (facts ().start, IMPLICIT);
  EXPECT_EQ (facts ().has_tls, NO);
  EXPECT_NE (facts ().tls_error, nullptr);
  EXPECT_EQ (facts ().tls10, YES);
  EXPECT_EQ (facts ().tls11, NO);
  EXPECT_EQ (facts ().tls12, NO);
  EXPECT_EQ (facts ().tls13, NO);
  EXPECT_NE (facts ().chain, nullptr);
}

TEST_F (PortTrialsTest, FindsAServerWithoutTls13)
{
  examine_tls (tls_with ("NORMAL:-VERS-TLS1.3"));
  EXPECT_STREQ (facts ().tls_version, "TLS 1.2");
  EXPECT_EQ (facts ().tls13, NO);
  EXPECT_EQ (facts ().tls12, YES);
  EXPECT_EQ (facts ().extended_master_secret, YES);
  EXPECT_EQ (facts ().resumption, YES);
}

TEST_F (PortTrialsTest, FindsAServerWithTls13Only)
{
  examine_tls (tls_with ("NORMAL:-VERS-ALL:+VERS-TLS1.3"));
  EXPECT_EQ (facts ().tls13, YES);
  EXPECT_EQ (facts ().tls12, NO);
  EXPECT_EQ (facts ().tls10, NO);
  EXPECT_EQ (facts ().suites, YES);
  EXPECT_EQ (facts ().extended_master_secret, UNKNOWN);
}

TEST_F (PortTrialsTest, FindsSuitesThatProtectNothing)
{
  ServerTls tls = tls_with ("NORMAL:+NULL:+ANON-ECDH:+3DES-CBC:-RSA");

  tls.is_anonymous = true;
  examine_tls (tls);
  EXPECT_EQ (facts ().suites, YES);
  ASSERT_NE (facts ().suite_null, nullptr);
  EXPECT_NE (std::string (facts ().suite_null).find ("NULL"), std::string::npos);
  ASSERT_NE (facts ().suite_anonymous, nullptr);
  EXPECT_NE (std::string (facts ().suite_anonymous).find ("anon"), std::string::npos)
      << facts ().suite_anonymous;
  ASSERT_NE (facts ().suite_broken, nullptr);
  EXPECT_NE (std::string (facts ().suite_broken).find ("3DES"), std::string::npos);
  EXPECT_EQ (facts ().suite_static, nullptr);
}

TEST_F (PortTrialsTest, FindsSuitesWithoutForwardSecrecy)
{
  examine_tls (tls_with ("NORMAL"));
  EXPECT_EQ (facts ().suites, YES);
  ASSERT_NE (facts ().suite_static, nullptr);
  EXPECT_EQ (std::string (facts ().suite_static).substr (0, 12), "TLS_RSA_WITH");
  EXPECT_EQ (facts ().suite_null, nullptr);
  EXPECT_EQ (facts ().suite_broken, nullptr);
}

TEST_F (PortTrialsTest, FindsASmallGroup)
{
  /* GnuTLS takes the group only where it knows none of RFC 7919. */
  ServerTls tls = tls_with ("NORMAL:-VERS-TLS1.3:-GROUP-ALL:+GROUP-X25519:%PROFILE_VERY_WEAK");

  tls.has_small_group = true;
  examine_tls (tls);
  EXPECT_EQ (facts ().dh_bits, 1024u);
  EXPECT_STREQ (facts ().key_exchange, "ECDHE-RSA");
}

TEST_F (PortTrialsTest, FindsAMissingExtendedMasterSecret)
{
  examine_tls (tls_with ("NORMAL:%NO_SESSION_HASH"));
  EXPECT_STREQ (facts ().tls_version, "TLS 1.3");
  EXPECT_EQ (facts ().extended_master_secret, NO);
}

TEST_F (PortTrialsTest, FindsMissingResumption)
{
  for (const char *priority : { "NORMAL", "NORMAL:-VERS-TLS1.3", "NORMAL:-VERS-ALL:+VERS-TLS1.3" })
    {
      ServerTls tls = tls_with (priority);

      tls.ticket_key.clear ();
      examine_tls (tls);
      EXPECT_EQ (facts ().resumption, NO) << priority;
    }
}

TEST_F (PortTrialsTest, FindsResumptionThatHalfOfAServersProcessesRefuse)
{
  Toy toy, other;

  toy.start = other.start = IMPLICIT;
  toy.tls = other.tls = sound_tls ();
  other.tls.ticket_key = make_ticket_key ();
  /* What resumes the very first connection meets another process. */
  examine (IMAP, IMPLICIT,
           [toy, other] (Peer &peer) { (peer.index () == 0 ? other : toy).serve (peer); });
  EXPECT_EQ (facts ().resumption, YES);
}

/* --- certificates: shown, however bad --- */

TEST_F (PortTrialsTest, ShowsCertificatesThatNobodyShouldTrust)
{
  CertOptions expired, self_signed, small, old;

  expired.valid_from = -7200;
  expired.valid_until = -3600;
  self_signed.self_signed = true;
  small.key = CertOptions::Key::Rsa1024;
  old.digest = GNUTLS_DIG_SHA1;
  is_brief_ = true;
  for (const CertOptions &options : { expired, self_signed, small, old })
    {
      ServerTls tls = sound_tls (options);

      tls.priority = "NORMAL:%PROFILE_VERY_WEAK";
      examine_tls (tls);
      EXPECT_EQ (facts ().has_tls, YES) << facts ().tls_error;
      ASSERT_NE (facts ().chain, nullptr);
      ASSERT_EQ (facts ().chain->len, 1u);
      gsize size = 0;
      auto *data = static_cast<const char *> (
          g_bytes_get_data (static_cast<GBytes *> (g_ptr_array_index (facts ().chain, 0)), &size));
      EXPECT_EQ (std::string (data, size), tls.identity.leaf_der);
    }
}

TEST_F (PortTrialsTest, ShowsACertificateThatIsNotForAServer)
{
  CertOptions misused;

  misused.key_usage = GNUTLS_KEY_KEY_CERT_SIGN;
  ServerTls tls = sound_tls (misused);
  tls.priority += ":%DEBUG_ALLOW_KEY_USAGE_VIOLATIONS";
  is_brief_ = true;
  examine_tls (tls);
  EXPECT_EQ (facts ().has_tls, NO);
  EXPECT_NE (facts ().tls_error, nullptr);
  EXPECT_NE (facts ().chain, nullptr);
}

TEST_F (PortTrialsTest, ShowsTheWholeChain)
{
  CertOptions options;

  options.via_intermediate = true;
  is_brief_ = true;
  examine_tls (sound_tls (options));
  ASSERT_NE (facts ().chain, nullptr);
  EXPECT_EQ (facts ().chain->len, 2u);
}

/* --- what is no answer --- */

TEST_F (PortTrialsTest, TakesARefusalForNoAnswerWhereNothingWorks)
{
  ServerTls tls = sound_tls ();

  tls.refuses_handshake = true;
  examine_tls (tls);
  EXPECT_EQ (facts ().state, POSTSEAL_PORT_MAIL);
  EXPECT_EQ (facts ().has_tls, NO);
  EXPECT_NE (std::string (facts ().tls_error).find ("andshake"), std::string::npos);
  EXPECT_EQ (facts ().tls10, UNKNOWN);
  EXPECT_EQ (facts ().tls13, UNKNOWN);
  EXPECT_EQ (facts ().suites, UNKNOWN);
}

TEST_F (PortTrialsTest, TakesAServerThatHasHadEnoughForNoAnswer)
{
  Toy toy;

  toy.start = IMPLICIT;
  toy.tls = sound_tls ();
  examine (IMAP, IMPLICIT, [toy] (Peer &peer) {
    if (peer.index () == 0)
      toy.serve (peer);
  });
  EXPECT_EQ (facts ().has_tls, YES);
  EXPECT_EQ (facts ().tls13, YES);
  EXPECT_EQ (facts ().tls12, UNKNOWN);
  EXPECT_EQ (facts ().tls10, UNKNOWN);
  EXPECT_EQ (facts ().suites, UNKNOWN);
  EXPECT_EQ (facts ().resumption, UNKNOWN);
  EXPECT_EQ (facts ().extended_master_secret, UNKNOWN);
}

TEST_F (PortTrialsTest, TakesOneThatDropsWhatItDislikesForARefusal)
{
  Toy toy;

  toy.start = IMPLICIT;
  toy.tls = sound_tls ();
  examine (IMAP, IMPLICIT, [toy] (Peer &peer) {
    /* Like some that say no word: a ClientHello of TLS 1.0 and 1.1 names itself so. */
    std::string hello = peer.peek (11);

    if (hello.size () == 11 && hello[10] < '\x03')
      peer.reset ();
    else
      toy.serve (peer);
  });
  EXPECT_EQ (facts ().tls12, YES);
  EXPECT_EQ (facts ().tls10, NO);
  EXPECT_EQ (facts ().tls11, NO);
}

TEST_F (PortTrialsTest, AsksAgainWhereAServerTakesFewConnectionsAtATime)
{
  Toy toy;

  toy.protocol = POSTSEAL_PROTOCOL_SMTP;
  toy.tls = sound_tls ();
  examine (POSTSEAL_PROTOCOL_SMTP, UPGRADE, [toy] (Peer &peer) {
    if (peer.index () < 1 || peer.index () > 4)
      {
        toy.serve (peer);
        return;
      }
    peer.send ("421 too many connections\r\n");
    peer.read_all ();
  });
  EXPECT_EQ (facts ().tls12, YES);
  EXPECT_EQ (facts ().tls10, NO);
  EXPECT_EQ (facts ().suites, YES);
}

} // namespace
