/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "search-fixture.h"

#include "net/net-error.h"

using namespace postseal_test;

using Kind = MailServer::Kind;
using Start = MailServer::Start;

class Discovery : public Search
{
protected:
  static constexpr const char *kImap = "imap.example.localhost";
  static constexpr const char *kSmtp = "smtp.example.localhost";

  std::string
  good_xml ()
  {
    return xml ({ "imap SSL " + std::string (kImap) + " " + std::to_string (imap.port ()),
                  "smtp SSL " + std::string (kSmtp) + " " + std::to_string (smtp.port ()) });
  }

  void
  good_srv (bool is_secure = true)
  {
    srv ("_imaps", kImap, imap.port (), is_secure);
    srv ("_submissions", kSmtp, smtp.port (), is_secure);
  }

  void
  good_guess ()
  {
    guess ("imaps", imap.port ());
    guess ("submissions", smtp.port ());
  }

  void
  expect_good (PostsealSource source)
  {
    ASSERT_NE (proposal (), nullptr);
    EXPECT_EQ (proposal ()->source, source);
    EXPECT_TRUE (postseal_proposal_is_proven (proposal ()));
    EXPECT_STREQ (proposal ()->receive->host, kImap);
    EXPECT_STREQ (proposal ()->send->host, kSmtp);
    EXPECT_STREQ (proposal ()->receive_user, kAddress);
    EXPECT_EQ (proposal ()->foreign_host, nullptr);
    EXPECT_STREQ (proposal ()->receive_probe->ca_file, test_ca ().ca_file ().c_str ());
    EXPECT_EQ (state (source), "FOUND");
  }

  static constexpr const char *kBig = "[big]\nhosts=*.big.localhost\noauth=big\nwants-oauth=yes\n";

  MailServer imap{ Kind::Imap, Start::Implicit, { kImap } };
  MailServer smtp{ Kind::Smtp, Start::Implicit, { kSmtp } };
};

TEST_F (Discovery, ProvidersFileWins)
{
  file (own_uri (), good_xml (), 0.2);
  good_srv ();
  good_guess ();
  run ();
  expect_good (POSTSEAL_SOURCE_PROVIDER);
  EXPECT_TRUE (proposal ()->is_authentic);
  EXPECT_STREQ (proposal ()->origin, "autoconfig.example.localhost");
  EXPECT_EQ (text (POSTSEAL_SOURCE_PROVIDER), "autoconfig.example.localhost has settings");
}

TEST_F (Discovery, EachOfTheProvidersFilesIsRead)
{
  for (const char *uri : { "https://example.localhost/.well-known/autoconfig/mail/config-v1.1.xml",
                           "https://autoconfig.example.localhost/.well-known/mail-v1.xml" })
    {
      file (uri, good_xml ());
      run ();
      expect_good (POSTSEAL_SOURCE_PROVIDER);
    }
}

TEST_F (Discovery, KnownProviderWinsAndNothingIsGuessed)
{
  sandbox.write ("config/postseal/mail-providers.conf",
                 "[example]\ntitle=Example\ndomains=example.localhost\nreceive=imaps://"
                     + std::string (kImap) + ":" + std::to_string (imap.port ())
                     + "\nsend=submissions://" + kSmtp + ":" + std::to_string (smtp.port ())
                     + "\n");
  good_srv ();
  run ();
  expect_good (POSTSEAL_SOURCE_KNOWN);
  EXPECT_STREQ (proposal ()->title, "Example");
  EXPECT_EQ (state (POSTSEAL_SOURCE_GUESS), "SKIPPED");
  EXPECT_EQ (state (POSTSEAL_SOURCE_MX), "SKIPPED");
}

TEST_F (Discovery, CopyOfTheListIsAsGoodAsKnown)
{
  configure ("list-copy=" + sandbox.home () + "/copy\n");
  sandbox.write ("copy/example.localhost", good_xml ());
  run ();
  expect_good (POSTSEAL_SOURCE_KNOWN);
}

TEST_F (Discovery, DnsWinsWhereNothingIsPublished)
{
  good_srv ();
  run ();
  expect_good (POSTSEAL_SOURCE_DNS);
  EXPECT_TRUE (proposal ()->is_authentic);
  EXPECT_EQ (state (POSTSEAL_SOURCE_PROVIDER), "NOTHING");
}

TEST_F (Discovery, UnsignedDnsIsTakenForHostsOfTheDomain)
{
  good_srv (false);
  run ();
  expect_good (POSTSEAL_SOURCE_DNS);
  EXPECT_FALSE (proposal ()->is_authentic);
  g_autofree char *words = postseal_proposal_describe_source (proposal ());
  EXPECT_NE (strstr (words, "not signed"), nullptr) << words;
}

TEST_F (Discovery, ListIsAskedWithConsentOnly)
{
  configure ("list=https://list.localhost/v1.1/\n");
  file ("https://list.localhost/v1.1/example.localhost", good_xml ());
  run (false);
  EXPECT_EQ (state (POSTSEAL_SOURCE_LIST), "SKIPPED");
  EXPECT_EQ (questions ().find ("list.localhost"), std::string::npos);
  EXPECT_EQ (proposal (), nullptr);

  run (true);
  expect_good (POSTSEAL_SOURCE_LIST);
}

TEST_F (Discovery, MailExchangersProviderIsFound)
{
  answer ("mx example.localhost", "record ID 10 0 0 mx1.in.hoster.localhost\nend ID secure");
  file (own_uri ("hoster.localhost"), good_xml ());
  run ();
  expect_good (POSTSEAL_SOURCE_MX);
  EXPECT_TRUE (proposal ()->is_authentic);
  EXPECT_NE (questions ().find ("autoconfig.in.hoster.localhost"), std::string::npos);
}

TEST_F (Discovery, UsualNamesAreGuessedAndProven)
{
  good_guess ();
  run ();
  expect_good (POSTSEAL_SOURCE_GUESS);
  EXPECT_FALSE (proposal ()->is_authentic);
}

TEST_F (Discovery, GuessTakesNoCertificateForAnotherName)
{
  MailServer other (Kind::Imap, Start::Implicit, { "hoster.localhost" });

  guess ("imaps", other.port ());
  run ();
  EXPECT_EQ (proposal (), nullptr);
  EXPECT_EQ (state (POSTSEAL_SOURCE_GUESS), "FAILED");
  EXPECT_NE (text (POSTSEAL_SOURCE_GUESS).find ("hoster.localhost"), std::string::npos)
      << text (POSTSEAL_SOURCE_GUESS);
}

TEST_F (Discovery, GuessNeverSlidesFromABadCertificateToAnotherPort)
{
  TestCa stranger ("Nobody");
  MailServer bad (Kind::Imap, Start::Implicit, { kImap }, stranger);
  MailServer upgrade (Kind::Imap, Start::Upgrade, { kImap });

  guess ("imaps", bad.port ());
  guess ("imap", upgrade.port ());
  run ();
  EXPECT_EQ (proposal (), nullptr);
  EXPECT_EQ (state (POSTSEAL_SOURCE_GUESS), "FAILED");
}

TEST_F (Discovery, TokensOpenTheServersOfTheirProvider)
{
  sandbox.write ("config/postseal/mail-providers.conf", kBig);
  file (own_uri (), xml ({ "imap SSL imap.big.localhost 993", "smtp SSL smtp.big.localhost 465" }));
  run ();
  ASSERT_NE (proposal (), nullptr);
  EXPECT_STREQ (proposal ()->oauth, "big");
  EXPECT_TRUE (proposal ()->wants_oauth);
}

TEST_F (Discovery, TokensAreForNoServerOfAnotherProvider)
{
  sandbox.write ("config/postseal/mail-providers.conf", kBig);
  file (own_uri (),
        xml ({ "imap SSL imap.big.localhost 993", "smtp SSL smtp.example.localhost 465" }));
  run ();
  ASSERT_NE (proposal (), nullptr);
  EXPECT_STREQ (proposal ()->send->host, kSmtp);
  EXPECT_EQ (proposal ()->oauth, nullptr);
  EXPECT_FALSE (proposal ()->wants_oauth);
}

TEST_F (Discovery, PasswordIsAskedForWhereNobodyKnowsHowToGetAToken)
{
  std::string only_tokens
      = xml ({ "imap SSL imap.example.localhost 993", "smtp SSL smtp.example.localhost 465" });
  const std::string end = "</incomingServer>";

  only_tokens.insert (only_tokens.find (end), "<authentication>OAuth2</authentication>");
  file (own_uri (), only_tokens);
  run ();
  ASSERT_NE (proposal (), nullptr);
  EXPECT_EQ (proposal ()->oauth, nullptr);
  EXPECT_FALSE (proposal ()->wants_oauth);
}

TEST_F (Discovery, UpgradeNeverBeatsTlsFromTheFirstByte)
{
  MailServer upgrade (Kind::Imap, Start::Upgrade, { kImap });
  MailServer mail (Kind::Imap, Start::Implicit, { "mail.example.localhost" });

  guess ("imap", upgrade.port ());
  guess ("imaps", mail.port ());
  run ();
  ASSERT_NE (proposal (), nullptr);
  EXPECT_EQ (proposal ()->receive->start, POSTSEAL_TLS_START_IMPLICIT);
  EXPECT_STREQ (proposal ()->receive->host, "mail.example.localhost");
}

TEST_F (Discovery, SlowerBetterSourceWins)
{
  file (own_uri (), good_xml (), 0.6);
  srv ("_imaps", "other.example.localhost", 1);
  good_guess ();
  run ();
  expect_good (POSTSEAL_SOURCE_PROVIDER);
  EXPECT_GE (seconds, 0.6);
}

TEST_F (Discovery, DeadlineHoldsWhenNobodyAnswers)
{
  configure ("timeout=2s\n");
  for (const char *question : { "mx example.localhost", "srv _imaps._tcp.example.localhost",
                                "get https://autoconfig.example.localhost/mail/config-v1.1.xml" })
    answer (question, "error ID nothing Too late", 60);
  good_guess ();
  run ();
  EXPECT_GE (seconds, 1.0);
  EXPECT_LT (seconds, 30.0);
  /* What there is by then is told. */
  expect_good (POSTSEAL_SOURCE_GUESS);
}

TEST_F (Discovery, BogusSignaturesEndTheTrustInTheDns)
{
  good_srv ();
  answer ("srv _pop3s._tcp.example.localhost", "error ID bogus The signatures are wrong");
  answer ("mx example.localhost", "error ID nothing Nobody", 0.3); /* time for a mistake */
  run ();
  EXPECT_EQ (state (POSTSEAL_SOURCE_DNS), "FAILED");
  EXPECT_EQ (text (POSTSEAL_SOURCE_DNS), "The signatures are wrong");
  EXPECT_EQ (proposal (), nullptr);
  EXPECT_EQ (imap->connections (), 0u);
}

TEST_F (Discovery, ForeignHostOfUnsignedDnsIsNotTouchedBeforeConfirmation)
{
  MailServer foreign (Kind::Imap, Start::Implicit, { "imap.elsewhere.localhost" });

  srv ("_imaps", "imap.elsewhere.localhost", foreign.port (), false);
  srv ("_submissions", kSmtp, smtp.port (), false);
  answer ("mx example.localhost", "error ID nothing Nobody", 0.3); /* time for a mistake */
  run ();
  ASSERT_NE (proposal (), nullptr);
  EXPECT_STREQ (proposal ()->foreign_host, "imap.elsewhere.localhost");
  EXPECT_EQ (proposal ()->receive_probe, nullptr);
  EXPECT_FALSE (postseal_proposal_is_proven (proposal ()));
  EXPECT_EQ (foreign->connections (), 0u);
  EXPECT_EQ (smtp->connections (), 0u) << "nor the other half of the same word";

  postseal_discovery_confirm_async (discovery, proposal (), nullptr, AsyncLoop::on_ready, &loop);
  EXPECT_TRUE (postseal_discovery_confirm_finish (discovery, loop.wait (), nullptr));
  EXPECT_TRUE (postseal_proposal_is_proven (proposal ()));
  EXPECT_EQ (foreign->connections (), 2u) << "the system's authorities, then ours";
}

TEST_F (Discovery, WhatTheDomainProvesComesBeforeAForeignHost)
{
  srv ("_imaps", "imap.elsewhere.localhost", 993, false);
  srv ("_submissions", "smtp.elsewhere.localhost", 465, false);
  good_guess ();
  run ();
  expect_good (POSTSEAL_SOURCE_GUESS);
  ASSERT_NE (proposal (1), nullptr);
  EXPECT_STREQ (proposal (1)->foreign_host, "imap.elsewhere.localhost");
}

TEST_F (Discovery, CancelledConfirmationEndsOnce)
{
  MailServer foreign (Kind::Imap, Start::Implicit, { "imap.elsewhere.localhost" });
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = nullptr;

  srv ("_imaps", "imap.elsewhere.localhost", foreign.port (), false);
  run ();
  ASSERT_NE (proposal (), nullptr);
  postseal_discovery_confirm_async (discovery, proposal (), cancellable, AsyncLoop::on_ready,
                                    &loop);
  g_cancellable_cancel (cancellable);
  g_autoptr (GAsyncResult) kept = G_ASYNC_RESULT (g_object_ref (loop.wait ()));
  EXPECT_FALSE (postseal_discovery_confirm_finish (discovery, kept, &error));

  /* Meanwhile whatever of the first is left would answer, too. */
  postseal_discovery_confirm_async (discovery, proposal (), nullptr, AsyncLoop::on_ready, &loop);
  EXPECT_TRUE (postseal_discovery_confirm_finish (discovery, loop.wait (), nullptr));
  EXPECT_NE (proposal ()->receive_probe, nullptr);
  run ();
}

TEST_F (Discovery, ForeignHostOfSignedDnsIsNoQuestion)
{
  MailServer other (Kind::Imap, Start::Implicit, { "imap.elsewhere.localhost" });

  srv ("_imaps", "imap.elsewhere.localhost", other.port ());
  srv ("_submissions", kSmtp, smtp.port ());
  run ();
  ASSERT_NE (proposal (), nullptr);
  EXPECT_EQ (proposal ()->foreign_host, nullptr);
  EXPECT_TRUE (postseal_proposal_is_proven (proposal ()));
}

TEST_F (Discovery, UnsignedMailExchangerMakesItsProviderForeign)
{
  answer ("mx example.localhost", "record ID 10 0 0 mx.hoster.localhost\nend ID insecure");
  file (own_uri ("hoster.localhost"),
        xml ({ "imap SSL imap.hoster.localhost 993", "smtp SSL smtp.hoster.localhost 465" }));
  run ();
  ASSERT_NE (proposal (), nullptr);
  EXPECT_EQ (proposal ()->source, POSTSEAL_SOURCE_MX);
  EXPECT_FALSE (proposal ()->is_authentic);
  EXPECT_STREQ (proposal ()->foreign_host, "imap.hoster.localhost");
}

TEST_F (Discovery, DotMeansThatAServiceIsNotOffered)
{
  good_srv ();
  answer ("srv _imap._tcp.example.localhost", "record ID 0 0 0 .\nend ID secure");
  answer ("srv _pop3._tcp.example.localhost", "record ID 0 0 0 .\nend ID secure");
  run ();
  expect_good (POSTSEAL_SOURCE_DNS);
  EXPECT_EQ (proposal (1), nullptr);
}

TEST_F (Discovery, TlsFromTheFirstByteBeatsABetterPriority)
{
  srv ("_imaps", kImap, imap.port (), true, 10);
  srv ("_submissions", kSmtp, smtp.port ());
  srv ("_imap", "old.example.localhost", 143, true, 0);
  run ();
  expect_good (POSTSEAL_SOURCE_DNS);
  EXPECT_EQ (proposal ()->receive->start, POSTSEAL_TLS_START_IMPLICIT);
}

TEST_F (Discovery, Pop3IsAnAlternativeBehindImap)
{
  MailServer pop3 (Kind::Pop3, Start::Implicit, { "pop.example.localhost" });

  good_srv ();
  srv ("_pop3s", "pop.example.localhost", pop3.port ());
  run ();
  expect_good (POSTSEAL_SOURCE_DNS);
  ASSERT_NE (proposal (1), nullptr);
  EXPECT_EQ (proposal (1)->receive->protocol, POSTSEAL_PROTOCOL_POP3);
}

/* RFC 6186 section 3.4 */
TEST_F (Discovery, PrioritiesMayPreferPop3)
{
  MailServer pop3 (Kind::Pop3, Start::Implicit, { "pop.example.localhost" });

  srv ("_imaps", kImap, imap.port (), true, 10);
  srv ("_pop3s", "pop.example.localhost", pop3.port (), true, 0);
  srv ("_submissions", kSmtp, smtp.port ());
  run ();
  ASSERT_NE (proposal (1), nullptr);
  EXPECT_EQ (proposal (0)->receive->protocol, POSTSEAL_PROTOCOL_POP3);
  EXPECT_EQ (proposal (1)->receive->protocol, POSTSEAL_PROTOCOL_IMAP);
}

TEST_F (Discovery, OnlyClearServersAreToldAndNotProposed)
{
  MailServer clear (Kind::Imap, Start::Clear, { kImap });

  guess ("imap", clear.port ());
  run ();
  EXPECT_EQ (proposal (), nullptr);
  EXPECT_EQ (state (POSTSEAL_SOURCE_GUESS), "IN_CLEAR");
  for (const std::string &words :
       { std::string (kImap), std::to_string (clear.port ()), std::string ("no encryption"),
         std::string ("ask the provider") })
    EXPECT_NE (text (POSTSEAL_SOURCE_GUESS).find (words), std::string::npos)
        << text (POSTSEAL_SOURCE_GUESS);
  clear->stop ();
  EXPECT_EQ (clear->all_clear ().find ("LOGIN"), std::string::npos);
}

TEST_F (Discovery, ClearServersOfTheDnsAndOfAFileAreToldToo)
{
  MailServer clear (Kind::Imap, Start::Clear, { kImap });

  srv ("_imap", kImap, clear.port ());
  file (own_uri (), xml ({ "imap plain imap.example.localhost 143" }));
  run ();
  EXPECT_EQ (proposal (), nullptr);
  EXPECT_EQ (state (POSTSEAL_SOURCE_DNS), "IN_CLEAR");
  EXPECT_EQ (state (POSTSEAL_SOURCE_PROVIDER), "IN_CLEAR");
}

TEST_F (Discovery, UnknownAuthorityIsNeverSlidFrom)
{
  TestCa stranger ("Nobody");
  MailServer bad (Kind::Imap, Start::Implicit, { kImap }, stranger);
  MailServer upgrade (Kind::Imap, Start::Upgrade, { kImap });

  file (own_uri (),
        xml ({ "imap SSL " + std::string (kImap) + " " + std::to_string (bad.port ()),
               "smtp SSL " + std::string (kSmtp) + " " + std::to_string (smtp.port ()) }));
  guess ("imap", upgrade.port ());
  run ();
  ASSERT_NE (proposal (), nullptr);
  EXPECT_EQ (proposal ()->source, POSTSEAL_SOURCE_PROVIDER);
  EXPECT_FALSE (postseal_proposal_is_proven (proposal ()));
  EXPECT_TRUE (g_error_matches (proposal ()->receive_probe->error, POSTSEAL_TLS_ERROR,
                                POSTSEAL_TLS_ERROR_UNTRUSTED));
  EXPECT_EQ (proposal ()->receive_probe->better, nullptr);
}

TEST_F (Discovery, ServersThatAreGoneComeLast)
{
  file (own_uri (),
        xml ({ "imap SSL " + std::string (kImap) + " " + std::to_string (unused_port ()),
               "smtp SSL " + std::string (kSmtp) + " " + std::to_string (smtp.port ()) }));
  good_srv ();
  run ();
  expect_good (POSTSEAL_SOURCE_DNS);
  ASSERT_NE (proposal (1), nullptr);
  EXPECT_EQ (proposal (1)->source, POSTSEAL_SOURCE_PROVIDER);
}

TEST_F (Discovery, OnlyTheDomainLeaves)
{
  configure ("list=https://list.localhost/v1.1/\n");
  answer ("mx example.localhost", "record ID 10 0 0 mx.hoster.localhost\nend ID secure");
  good_guess ();
  run (true);
  expect_good (POSTSEAL_SOURCE_GUESS);
  imap->stop ();
  smtp->stop ();

  std::string all = questions () + imap->record ().raw + imap->record (1).raw + smtp->record ().raw
                    + smtp->record ().tls + imap->record ().tls;
  for (const char *what : { kAddress, "jane.secret", "jane", "secret" })
    {
      EXPECT_EQ (all.find (what), std::string::npos) << what;
      for (GChecksumType type : { G_CHECKSUM_MD5, G_CHECKSUM_SHA1, G_CHECKSUM_SHA256 })
        {
          g_autofree char *hash = g_compute_checksum_for_string (type, what, -1);

          EXPECT_EQ (all.find (hash), std::string::npos) << what;
        }
    }
  EXPECT_EQ (all.find ("http://"), std::string::npos);
}

TEST_F (Discovery, CanBeCancelledAtOnce)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = nullptr;

  answer ("mx example.localhost", "error ID nothing Too late", 30);
  discovery = postseal_discovery_new (kAddress, FALSE);
  postseal_discovery_run_async (discovery, cancellable, AsyncLoop::on_ready, &loop);
  g_cancellable_cancel (cancellable);
  EXPECT_EQ (postseal_discovery_run_finish (discovery, loop.wait (), &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

TEST_F (Discovery, WorksOnWithoutTheProgram)
{
  good_guess ();
  run ();
  g_setenv ("POSTSEAL_LOOKUP_PROGRAM", "/nonexistent", TRUE);
  g_autoptr (PostsealDiscovery) other = postseal_discovery_new (kAddress, FALSE);
  postseal_discovery_run_async (other, nullptr, AsyncLoop::on_ready, &loop);
  g_autoptr (GPtrArray) found = postseal_discovery_run_finish (other, loop.wait (), nullptr);
  ASSERT_EQ (found->len, 1u);
}
