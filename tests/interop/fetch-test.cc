/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What holds for every protocol and both ways of starting TLS. */

#include "fetch-fixture.h"

#include <algorithm>
#include <filesystem>

using namespace postseal_test;

namespace
{

class FetchBySchemeTest : public FetchTest, public testing::WithParamInterface<const char *>
{
protected:
  bool
  is_pop3 () const
  {
    return std::string (GetParam ()).compare (0, 4, "pop3") == 0;
  }
};

TEST_P (FetchBySchemeTest, DeliversEachMessageOnce)
{
  fill (some_mail ());
  configure (GetParam ());
  fetch_well ();
  EXPECT_EQ (difference (some_mail ()), "");
  fetch_well ();
  EXPECT_EQ (difference (some_mail ()), "");
  EXPECT_EQ (on_server (), some_mail ().size ());
  EXPECT_TRUE (list_folder (postseal_.maildir () + "/tmp").empty ());
}

TEST_P (FetchBySchemeTest, DeliversOnlyWhatIsNew)
{
  auto more = make_corpus ("demo", 12, 4);
  fill (some_mail ());
  configure (GetParam ());
  fetch_well ();
  std::filesystem::remove_all (postseal_.maildir () + "/new");
  fill (more);
  fetch_well ();
  EXPECT_EQ (difference (more), "");
}

TEST_P (FetchBySchemeTest, IsContentWithAnEmptyMailbox)
{
  configure (GetParam ());
  fetch_well ();
  EXPECT_TRUE (delivered ().empty ());
  fill (some_mail ());
  fetch_well ();
  EXPECT_EQ (difference (some_mail ()), "");
}

TEST_P (FetchBySchemeTest, DeliversEqualMessagesAsOftenAsTheyAreThere)
{
  std::vector<CorpusMessage> twins (5, some_mail ()[0]);
  fill (twins);
  configure (GetParam ());
  fetch_well ();
  EXPECT_EQ (difference (twins), "");
}

TEST_P (FetchBySchemeTest, EmptiesTheServerWithKeepNo)
{
  fill (some_mail ());
  configure (GetParam (), "keep=no\n");
  fetch_well ();
  EXPECT_EQ (difference (some_mail ()), "");
  EXPECT_EQ (on_server (), 0u);
  fetch_well ();
  EXPECT_EQ (difference (some_mail ()), "");
}

TEST_P (FetchBySchemeTest, DeletesWhatAnEarlierRunHasDelivered)
{
  fill (some_mail ());
  configure (GetParam (), "keep=yes\n");
  fetch_well ();
  configure (GetParam (), "keep=no\n");
  fetch_well ();
  EXPECT_EQ (on_server (), 0u);
  EXPECT_EQ (difference (some_mail ()), "");
}

TEST_P (FetchBySchemeTest, KeepsForTheTimeAsked)
{
  fill (some_mail ());
  configure (GetParam (), "keep=1d\n");
  fetch_well ();
  fetch_well ();
  EXPECT_EQ (on_server (), some_mail ().size ());
  EXPECT_EQ (difference (some_mail ()), "");
}

TEST_P (FetchBySchemeTest, SortsOutThousandsOfMessages)
{
  auto many = make_corpus ("tiny", 1500);
  fill (many);
  configure (GetParam (), "keep=no\n");
  fetch_well ();
  EXPECT_EQ (difference (many), "");
  EXPECT_EQ (on_server (), 0u);
}

TEST_P (FetchBySchemeTest, DeliversOddMessagesByteForByte)
{
  auto odd = make_corpus ("odd", 0);
  Contents wanted;
  if (is_pop3 ())
    {
      /* Dovecot 2.3 does not stuff a dot that a message begins with, so that nobody can read these
       * from it. */
      odd.erase (
          std::remove_if (odd.begin (), odd.end (),
                          [] (const CorpusMessage &message) { return message.text[0] == '.'; }),
          odd.end ());
      fill (odd);
      for (const auto &text : server ().pop3_messages (user_))
        wanted.insert (to_file_form (text));
    }
  else
    {
      fill (odd);
      for (const auto &[uid, text] : server ().admin (user_)->messages ("INBOX"))
        wanted.insert (to_file_form (text));
    }
  ASSERT_EQ (wanted.size (), odd.size ());
  configure (GetParam ());
  fetch_well ();
  EXPECT_EQ (compare_contents (wanted, delivered ()), "");
}

TEST_P (FetchBySchemeTest, RefusesAServerThatIsVouchedForByNobody)
{
  fill (some_mail ());
  server ().take_log ();
  TemporaryFolder other;
  Outcome made = run_program ({ "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Other",
                                "-keyout", other / "key", "-out", other / "ca.pem" });
  ASSERT_EQ (made.status, 0) << made.err;
  postseal_.configure (
      "[account main]\naddress=jane@example.org\nreceive=" + std::string (GetParam ()) + "://"
      + user_ + "@127.0.0.1:" + std::to_string (server ().port (GetParam ()))
      + "\nca-file=" + other / "ca.pem" + "\npassword=file:" + server ().password_file ()
      + "\ndeliver=" + postseal_.deliver () + "\n");
  Outcome outcome = fetch ();
  EXPECT_EQ (outcome.status, 76) << outcome.err;
  EXPECT_FALSE (outcome.err.empty ());
  EXPECT_TRUE (delivered ().empty ());
  EXPECT_EQ (server ().take_log ().find ("Login: user=<" + user_ + ">"), std::string::npos);
}

TEST_P (FetchBySchemeTest, SaysThatThePasswordIsWrong)
{
  write_file (postseal_.path ("wrong"), "this is not it\n");
  configure (GetParam (), "password=file:" + postseal_.path ("wrong") + "\n");
  Outcome outcome = fetch ();
  EXPECT_EQ (outcome.status, 77) << outcome.err;
  EXPECT_EQ ((outcome.out + outcome.err).find ("this is not it"), std::string::npos);
}

TEST_P (FetchBySchemeTest, SaysThatNobodyListens)
{
  unsigned port;
  {
    NetworkProxy proxy (server ().port (GetParam ()));
    port = proxy.port ();
  }
  configure (GetParam (), "", port);
  Outcome outcome = fetch ();
  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_NE (outcome.err.find (std::to_string (port)), std::string::npos) << outcome.err;
}

TEST_P (FetchBySchemeTest, LeavesTheOtherInstanceAlone)
{
  fill (some_mail ());
  NetworkProxy far (server ().port (GetParam ()), { "--rtt", "250" });
  configure (GetParam (), "", far.port ());
  auto first = postseal_.start ({ "fetch" });
  ASSERT_FALSE (first->ended_within (0.4));
  Outcome second = fetch ();
  EXPECT_EQ (second.status, 75) << second.err;
  EXPECT_LT (second.seconds, 1.0);
  Outcome outcome = first->wait ();
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (difference (some_mail ()), "");
}

TEST_P (FetchBySchemeTest, GoesOnAfterAnInterruption)
{
  fill (some_mail ());
  NetworkProxy cut (server ().port (GetParam ()), { "--cut-after", "60000" });
  configure (GetParam (), "keep=no\n", cut.port ());
  Outcome outcome = fetch ();
  EXPECT_TRUE (outcome.status == 75 || outcome.status == 76) << outcome.status << outcome.err;
  configure (GetParam (), "keep=no\n");
  fetch_well ();
  EXPECT_EQ (difference (some_mail ()), "");
  EXPECT_EQ (on_server (), 0u);
}

INSTANTIATE_TEST_SUITE_P (Schemes,
                          FetchBySchemeTest,
                          testing::Values ("imap", "imaps", "pop3", "pop3s"),
                          [] (const auto &about) { return std::string (about.param); });

/* --- several accounts --- */

TEST_F (FetchTest, FetchesSeveralAccountsAtOnce)
{
  fill (some_mail ());
  std::string accounts;
  for (const std::string scheme : { "imap", "imaps", "pop3", "pop3s" })
    accounts += server ().account (scheme, scheme, user_, "maildir:" + postseal_.path (scheme));
  postseal_.configure (accounts);
  fetch_well ();
  for (const std::string scheme : { "imap", "imaps", "pop3", "pop3s" })
    EXPECT_EQ (compare_contents (file_forms (some_mail ()), read_maildir (postseal_.path (scheme))),
               "")
        << scheme;
}

TEST_F (FetchTest, FetchesOnlyTheAccountsAsked)
{
  fill (some_mail ());
  postseal_.configure (
      server ().account ("one", "imap", user_, "maildir:" + postseal_.path ("one"))
      + server ().account ("two", "imap", user_, "maildir:" + postseal_.path ("two"))
      + server ().account ("three", "pop3", user_, "maildir:" + postseal_.path ("three")));
  Outcome outcome = fetch ({ "one", "three" });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (read_maildir (postseal_.path ("one")).size (), some_mail ().size ());
  EXPECT_EQ (read_maildir (postseal_.path ("two")).size (), 0u);
  EXPECT_EQ (read_maildir (postseal_.path ("three")).size (), some_mail ().size ());
}

TEST_F (FetchTest, GoesOnWithTheOtherAccountsAndReturnsTheGravestStatus)
{
  fill (some_mail ());
  write_file (postseal_.path ("wrong"), "wrong\n");
  postseal_.configure ("[account typo]\naddress=jane@example.org\nrecieve=imap://localhost\n\n"
                       + server ().account ("refused", "imap", user_,
                                            "maildir:" + postseal_.path ("refused"),
                                            "password=file:" + postseal_.path ("wrong") + "\n")
                       + server ().account ("good", "pop3", user_, postseal_.deliver ()));
  Outcome outcome = fetch ();
  EXPECT_EQ (outcome.status, 78) << outcome.err;
  EXPECT_NE (outcome.err.find ("recieve"), std::string::npos) << outcome.err;
  EXPECT_EQ (difference (some_mail ()), "");
}

TEST_F (FetchTest, KnowsNoSuchAccount)
{
  configure ("imap");
  Outcome outcome = fetch ({ "mian" });
  EXPECT_EQ (outcome.status, 78) << outcome.err;
  EXPECT_NE (outcome.err.find ("main"), std::string::npos) << outcome.err;
}

TEST_F (FetchTest, NeedsAConfiguration)
{
  Outcome outcome = fetch ();
  EXPECT_EQ (outcome.status, 78) << outcome.err;
  EXPECT_NE (outcome.err.find ("account"), std::string::npos) << outcome.err;
}

TEST_F (FetchTest, TakesClearTextFromThisMachineWhereThatIsAskedFor)
{
  fill (some_mail ());
  configure ("imap", "receive-tls=loopback\n");
  std::string text = read_file (postseal_.path ("config/postseal/accounts.conf"));
  size_t at = text.find ("ca-file=");
  text.erase (at, text.find ('\n', at) + 1 - at);
  postseal_.configure (text);
  fetch_well ();
  EXPECT_EQ (difference (some_mail ()), "");
}

TEST_F (FetchTest, TellsWhatWasProvenAboutTheConnection)
{
  fill (some_mail ());
  configure ("imap");
  fetch_well ();
  Outcome outcome = postseal_.run ({ "status" });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_NE (outcome.out.find ("TLS 1.3"), std::string::npos) << outcome.out;
  EXPECT_NE (outcome.out.find ("SCRAM-SHA-256"), std::string::npos) << outcome.out;
}

TEST_F (FetchTest, ReportsToPrograms)
{
  fill (some_mail ());
  configure ("imap");
  Outcome outcome = fetch ({ "--json" });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  Outcome parsed = run_program (
      { "/usr/bin/python3", "-c", "import json,sys; json.load(sys.stdin)" }, {}, outcome.out);
  EXPECT_EQ (parsed.status, 0) << outcome.out << parsed.err;
}

TEST_F (FetchTest, KeepsThePasswordOutOfTheTranscript)
{
  fill (some_mail ());
  for (const std::string scheme : { "imap", "pop3" })
    for (const std::string mechanism : { "auto", "PLAIN", "LOGIN" })
      {
        configure (scheme, "auth=" + mechanism + "\n");
        Outcome outcome = fetch ({ "--verbose" });
        EXPECT_EQ (outcome.status, 0) << outcome.err;
        std::string all = outcome.out + outcome.err;
        EXPECT_EQ (all.find (server ().password ()), std::string::npos) << all;
        Outcome encoded = run_program ({ "base64", "-w0" }, {}, server ().password ());
        EXPECT_EQ (all.find (encoded.out.substr (0, encoded.out.size () - 4)), std::string::npos)
            << all;
        encoded = run_program ({ "base64", "-w0" }, {},
                               std::string ("\0", 1) + user_ + std::string ("\0", 1)
                                   + server ().password ());
        EXPECT_EQ (all.find (encoded.out), std::string::npos) << all;
      }
}

} // namespace
