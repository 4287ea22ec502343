/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What holds for every submission server and both ways of starting TLS. */

#include "send-fixture.h"

#include <tuple>

using namespace postseal_test;

namespace
{

using Strings = std::vector<std::string>;

class SendByServerTest : public SendTest,
                         public testing::WithParamInterface<std::tuple<const char *, const char *>>
{
protected:
  void
  SetUp () override
  {
    use_server (std::get<0> (GetParam ()));
    if (server_)
      configure (scheme ());
  }

  static std::string
  scheme ()
  {
    return std::get<1> (GetParam ());
  }
};

TEST_P (SendByServerTest, DeliversByteForByte)
{
  std::string message = whole_message ("exact");
  Outcome outcome = send ({ "--wait", "bob@example.net" }, message);
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  auto all = arrived (1);
  EXPECT_EQ (all[0].text, to_wire_form (message));
  EXPECT_EQ (all[0].sender, "jane@example.org");
  EXPECT_EQ (all[0].recipients, Strings{ "bob@example.net" });
  EXPECT_TRUE (is_queue_empty ()) << queue ();
}

TEST_P (SendByServerTest, DeliversToSeveralInOneTransaction)
{
  Strings recipients
      = { "bob@example.net", "carol@example.com", "dave+list@example.org", "\"e e\"@example.org" };
  Strings arguments = recipients;
  arguments.push_back ("bob@example.net");
  arguments.insert (arguments.begin (), "--wait");
  Outcome outcome = send (arguments, whole_message ("several"));
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  auto all = arrived (1);
  EXPECT_EQ (sorted (all[0].recipients), sorted (recipients));
}

TEST_P (SendByServerTest, ShowsNobodyWhoElseGotABlindCopy)
{
  Outcome outcome
      = send ({ "--wait", "-t" }, whole_message ("blind", "Cc: Carol <carol@example.com>\n"
                                                          "Bcc: dave@example.org,\n\tErin "
                                                          "<erin@example.org>\n"));
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  auto all = arrived (1);
  EXPECT_EQ (sorted (all[0].recipients), (Strings{ "bob@example.net", "carol@example.com",
                                                   "dave@example.org", "erin@example.org" }));
  EXPECT_EQ (all[0].text,
             to_wire_form (whole_message ("blind", "Cc: Carol <carol@example.com>\n")));
}

TEST_P (SendByServerTest, TellsTheSenderItWasGiven)
{
  Outcome outcome = send ({ "--wait", "-f", "jane+lists@example.org", "bob@example.net" },
                          whole_message ("sender"));
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_EQ (arrived (1)[0].sender, "jane+lists@example.org");
  outcome = send ({ "--wait", "-a", "main", "-f", "", "bob@example.net" }, whole_message ("null"));
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_EQ (arrived (1)[0].sender, "");
}

TEST_P (SendByServerTest, SendsWhatWaitsInTheQueue)
{
  std::string message = whole_message ("waiting");
  Outcome outcome = send ({ "bob@example.net" }, message, asleep);
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_FALSE (is_queue_empty ());
  EXPECT_TRUE (server ().take ().empty ());
  outcome = postseal_.run ({ "queue", "flush" });
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_TRUE (is_queue_empty ()) << queue ();
  EXPECT_EQ (arrived (1)[0].text, to_wire_form (message));
  outcome = postseal_.run ({ "queue", "flush" });
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_TRUE (server ().take ().empty ());
}

TEST_P (SendByServerTest, SendsOnItsOwnWhatSendmailTook)
{
  std::string message = whole_message ("sendmail");
  Outcome outcome = postseal_.run_sendmail ({ "-i", "bob@example.net" }, message);
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  wait_until_sent ();
  EXPECT_EQ (arrived (1)[0].text, to_wire_form (message));
}

TEST_P (SendByServerTest, SendsAHundredOnceEach)
{
  std::multiset<std::string> wanted, found;
  for (int i = 0; i < 100; i++)
    {
      std::string message = whole_message ("hundred-" + std::to_string (i));
      wanted.insert (to_wire_form (message));
      Outcome outcome = postseal_.run_sendmail ({ "-i", "bob@example.net" }, message, asleep);
      ASSERT_EQ (outcome.status, 0) << outcome.err;
    }
  Outcome outcome = postseal_.run ({ "queue", "flush" });
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  for (const auto &submitted : arrived (100))
    found.insert (submitted.text);
  EXPECT_EQ (compare_contents (wanted, found), "");
  EXPECT_TRUE (is_queue_empty ()) << queue ();
}

TEST_P (SendByServerTest, SendsOnceWhenTwoFlush)
{
  std::multiset<std::string> wanted, found;
  for (int i = 0; i < 30; i++)
    {
      std::string message = whole_message ("two-" + std::to_string (i));
      wanted.insert (to_wire_form (message));
      ASSERT_EQ (postseal_.run_sendmail ({ "-i", "bob@example.net" }, message, asleep).status, 0);
    }
  auto first = postseal_.start ({ "queue", "flush" });
  auto second = postseal_.start ({ "queue", "flush" });
  for (auto *process : { first.get (), second.get () })
    {
      Outcome outcome = process->wait ();
      EXPECT_TRUE (outcome.status == 0 || outcome.status == 75) << outcome.status << outcome.err;
    }
  wait_until_sent ();
  for (const auto &submitted : arrived (30))
    found.insert (submitted.text);
  EXPECT_EQ (compare_contents (wanted, found), "");
}

TEST_P (SendByServerTest, SendsALargeMessageWhole)
{
  std::string message = whole_message ("large");
  std::string line = ".all work and no play makes a long message, 0123456789\n";
  while (message.size () < (5u << 20))
    message += line;
  Outcome outcome = send ({ "--wait", "bob@example.net" }, message);
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_TRUE (arrived (1)[0].text == to_wire_form (message));
}

TEST_P (SendByServerTest, SaysThatThePasswordIsWrongAndKeepsTheMessage)
{
  write_file (postseal_.path ("wrong"), "this is not it\n");
  configure (scheme (), "password=file:" + postseal_.path ("wrong") + "\n");
  Outcome outcome = send ({ "--wait", "bob@example.net" }, whole_message ("password"));
  EXPECT_EQ (outcome.status, 77) << outcome.out << outcome.err;
  EXPECT_EQ ((outcome.out + outcome.err).find ("this is not it"), std::string::npos);
  EXPECT_TRUE (server ().take ().empty ());
  EXPECT_FALSE (is_queue_empty ());
  configure (scheme ());
  outcome = postseal_.run ({ "queue", "flush" });
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  arrived (1);
}

TEST_P (SendByServerTest, BlocksWhatAnUnknownServerWouldGet)
{
  TemporaryFolder other;
  Outcome made = run_program ({ "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Other",
                                "-keyout", other / "key", "-out", other / "ca.pem" });
  ASSERT_EQ (made.status, 0) << made.err;
  postseal_.configure ("[account main]\naddress=jane@example.org\nsend=" + scheme ()
                       + "://jane@127.0.0.1:" + std::to_string (server ().port (scheme ()))
                       + "\nca-file=" + other / "ca.pem"
                       + "\npassword=file:" + server ().password_file () + "\n");
  Outcome outcome = send ({ "--wait", "bob@example.net" }, whole_message ("unknown"));
  EXPECT_EQ (outcome.status, 76) << outcome.out << outcome.err;
  EXPECT_NE (queue ().find ("\"blocked\""), std::string::npos) << queue ();
  EXPECT_TRUE (server ().take ().empty ());
  configure (scheme ());
  outcome = postseal_.run ({ "queue", "flush" });
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  arrived (1);
}

TEST_P (SendByServerTest, KeepsTheMessageWhileNobodyListens)
{
  unsigned port;
  {
    NetworkProxy proxy (server ().port (scheme ()));
    port = proxy.port ();
  }
  configure (scheme (), "", port);
  Outcome outcome = send ({ "--wait", "bob@example.net" }, whole_message ("nobody"));
  EXPECT_EQ (outcome.status, 75) << outcome.out << outcome.err;
  EXPECT_NE (queue ().find ("\"queued\""), std::string::npos) << queue ();
  configure (scheme ());
  outcome = postseal_.run ({ "queue", "flush" });
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  arrived (1);
}

TEST_P (SendByServerTest, GoesOnAfterAnInterruption)
{
  std::multiset<std::string> wanted;
  for (int i = 0; i < 30; i++)
    {
      std::string message = whole_message ("cut-" + std::to_string (i));
      wanted.insert (to_wire_form (message));
      ASSERT_EQ (postseal_.run_sendmail ({ "-i", "bob@example.net" }, message, asleep).status, 0);
    }
  {
    NetworkProxy cut (server ().port (scheme ()), { "--cut-after", "3000" });
    configure (scheme (), "", cut.port ());
    Outcome outcome = postseal_.run ({ "queue", "flush" });
    /* Where it is sure that the message on its way was not taken, it may try again at once. */
    EXPECT_TRUE (outcome.status == 0 || outcome.status == 75) << outcome.status << outcome.err;
    EXPECT_EQ (is_queue_empty (), outcome.status == 0);
  }
  configure (scheme ());
  Outcome outcome = postseal_.run ({ "queue", "flush" });
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_TRUE (is_queue_empty ()) << queue ();
  /* Some may come twice, for nobody can know; none is lost, none is altered. */
  std::set<std::string> found;
  for (const auto &submitted : server ().take ())
    found.insert (submitted.text);
  EXPECT_EQ (compare_contents (wanted, Contents (found.begin (), found.end ())), "");
}

TEST_P (SendByServerTest, KeepsThePasswordOutOfTheTranscript)
{
  for (const std::string mechanism : { "auto", "PLAIN", "LOGIN" })
    {
      configure (scheme (), "auth=" + mechanism + "\n");
      Outcome outcome
          = send ({ "--wait", "--verbose", "bob@example.net" }, whole_message ("secret"));
      EXPECT_EQ (outcome.status, 0) << outcome.err;
      std::string all = outcome.out + outcome.err;
      EXPECT_EQ (all.find (server ().password ()), std::string::npos) << all;
      for (const std::string &secret :
           { server ().password (), std::string ("\0jane\0", 6) + server ().password () })
        {
          Outcome encoded = run_program ({ "base64", "-w0" }, {}, secret);
          EXPECT_EQ (all.find (encoded.out.substr (0, encoded.out.size () - 4)), std::string::npos)
              << all;
        }
    }
  arrived (3);
}

INSTANTIATE_TEST_SUITE_P (Servers,
                          SendByServerTest,
                          testing::Values (std::make_tuple ("postfix", "submission"),
                                           std::make_tuple ("postfix", "submissions"),
                                           std::make_tuple ("dovecot", "submission"),
                                           std::make_tuple ("dovecot", "submissions"),
                                           std::make_tuple ("aiosmtpd", "submission"),
                                           std::make_tuple ("aiosmtpd", "submissions")),
                          [] (const auto &about) {
                            return std::string (std::get<0> (about.param)) + "_"
                                   + std::get<1> (about.param);
                          });

} // namespace
