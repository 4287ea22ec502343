/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nothing lost, nothing twice, whatever a POP3 server does with its maildrop. */
#include "scenario/hostile.h"
#include "scenario/line-hooks.h"
#include "scenario/toy-pop3.h"

namespace postseal_test
{

class Pop3Maildrop : public Scenario
{
protected:
  using Message = ToyPop3::Message;
  using Names = std::vector<std::string>;

  ToyPop3 server;

  /* The UIDL of @name is "u@name" unless it is given. */
  void
  add (const std::string &name, const std::string &uidl = "-")
  {
    server.messages.push_back ({ uidl == "-" ? "u" + name : uidl, "A: " + name + "\r\n\r\n", "" });
  }
  void
  add_three ()
  {
    for (const char *name : { "1", "2", "3" })
      add (name);
  }
  Outcome
  fetch (const std::string &extra = "")
  {
    Outcome outcome = Scenario::fetch ("pop3s", server.port (), extra);

    server.settle ();
    return outcome;
  }
  void
  expect_fetch (int status, const Names &names, const std::string &extra = "")
  {
    Outcome outcome = fetch (extra);
    Names all;

    EXPECT_EQ (outcome.status, status) << outcome.err;
    for (const std::string &name : names)
      all.push_back ("A: " + name + "\n\n");
    EXPECT_EQ (sandbox.messages ("Mail"), all);
  }
};

INSTANTIATE_TEST_SUITE_P (Pop3, Pop3Maildrop, testing::Values (kProtocols[1]), protocol_name);

TEST_P (Pop3Maildrop, AnEmptyOneIsNoError)
{
  expect_fetch (0, {});
  expect_fetch (0, {}, "keep=no\n");
}

TEST_P (Pop3Maildrop, ForgetsWhatIsNoLongerListed)
{
  add_three ();
  expect_fetch (0, { "1", "2", "3" });
  server.messages.clear ();
  expect_fetch (0, { "1", "2", "3" });
  add ("4", "u1");
  expect_fetch (0, { "1", "2", "3", "4" });
}

/* --- no UIDL (RFC 1939 section 7: optional) --- */

TEST_P (Pop3Maildrop, WithoutUidlNothingCanBeKept)
{
  server.capabilities = "USER\r\nSASL PLAIN\r\n";
  add ("1", "");
  Outcome outcome = fetch ();

  EXPECT_EQ (outcome.status, 69) << outcome.err;
  EXPECT_NE (outcome.err.find ("UIDL"), std::string::npos) << outcome.err;
  EXPECT_TRUE (sandbox.messages ("Mail").empty ());
}

TEST_P (Pop3Maildrop, WithoutUidlItCanBeEmptied)
{
  server.capabilities = "USER\r\nSASL PLAIN\r\n";
  add ("1", "");
  add ("2", "");
  expect_fetch (0, { "1", "2" }, "keep=no\n");
  EXPECT_TRUE (server.messages.empty ());
  add ("3", "");
  expect_fetch (0, { "1", "2", "3" }, "keep=no\n");
}

TEST_P (Pop3Maildrop, WithoutUidlALostQuitDoublesNothing)
{
  server.capabilities = "USER\r\nSASL PLAIN\r\n";
  add ("1", "");
  add ("2", "");
  server.hook = cut_at ("QUIT");
  EXPECT_NE (fetch ("keep=no\n").status, 0);
  server.hook = nullptr;
  server.messages.erase (server.messages.begin ());
  add ("3", "");
  expect_fetch (0, { "1", "2", "3" }, "keep=no\n");
  EXPECT_TRUE (server.messages.empty ());
}

/* --- equal and used UIDLs --- */

TEST_P (Pop3Maildrop, TwoEqualUidlsAreTwoMessages)
{
  add ("1", "same");
  add ("2", "same");
  expect_fetch (0, { "1", "2" });
  expect_fetch (0, { "1", "2" });
}

TEST_P (Pop3Maildrop, OneOfTwoEqualUidlsGoesAndTheOtherIsNotDoubled)
{
  add ("1", "same");
  add ("22", "same");
  expect_fetch (0, { "1", "22" });
  server.messages.erase (server.messages.begin ());
  expect_fetch (0, { "1", "22" });
  add ("333", "same");
  expect_fetch (0, { "1", "22", "333" });
  expect_fetch (0, { "1", "22", "333" });
}

TEST_P (Pop3Maildrop, EqualUidlsInAnotherOrderAreNotDoubled)
{
  add ("1", "same");
  add ("22", "same");
  expect_fetch (0, { "1", "22" });
  std::swap (server.messages[0], server.messages[1]);
  expect_fetch (0, { "1", "22" });
}

/* One was delivered and one was not; the answer to QUIT is lost, but the server has heard it. What
   is left must not pass for what was deleted. */
TEST_P (Pop3Maildrop, AnUndeliveredMessageIsNotTakenForItsDeliveredTwin)
{
  add ("1", "same");
  add ("2", "same");
  server.hook = [this] (Peer &peer, const std::string &line) {
    if (line == "RETR 2")
      {
        peer.send ("-ERR broken\r\n");
        return true;
      }
    if (line != "QUIT")
      return false;
    if (server.count ("DELE 1") > 0)
      server.messages.erase (server.messages.begin ());
    peer.cut ();
    return true;
  };
  EXPECT_NE (fetch ("keep=no\n").status, 0);
  server.hook = nullptr;
  expect_fetch (0, { "1", "2" }, "keep=no\n");
  EXPECT_TRUE (server.messages.empty ());
}

TEST_P (Pop3Maildrop, AUsedUidlWithAnotherSizeIsNotDeletedUnread)
{
  add ("1");
  server.hook = cut_at ("QUIT");
  EXPECT_NE (fetch ("keep=no\n").status, 0);
  server.messages[0].text = "A: 22\r\n\r\n";
  server.hook = nullptr;
  expect_fetch (0, { "1", "22" }, "keep=no\n");
  EXPECT_TRUE (server.messages.empty ());
}

TEST_P (Pop3Maildrop, SizesThatChangeDoubleNothing)
{
  add_three ();
  expect_fetch (0, { "1", "2", "3" });
  for (Message &message : server.messages)
    message.size = "7"; /* as if the server had begun to count without CR */
  expect_fetch (0, { "1", "2", "3" });
  EXPECT_EQ (server.count ("RETR"), 6u);
  expect_fetch (0, { "1", "2", "3" });
  EXPECT_EQ (server.count ("RETR"), 6u) << "learnt";
}

/* The trace header is another one in each run. */
TEST_P (Pop3Maildrop, SizesThatChangeDoubleNothingThatHasATraceHeader)
{
  add_three ();
  EXPECT_EQ (fetch ("trace-header=yes\n").status, 0);
  for (Message &message : server.messages)
    message.size = "7";
  EXPECT_EQ (fetch ("trace-header=yes\n").status, 0);
  EXPECT_EQ (sandbox.messages ("Mail").size (), 3u);
}

TEST_P (Pop3Maildrop, SizesThatLieChangeNothing)
{
  add_three ();
  server.messages[0].size = "0";
  server.messages[1].size = "99999999999";
  server.messages[2].size = "1";
  expect_fetch (0, { "1", "2", "3" });
  expect_fetch (0, { "1", "2", "3" });
  expect_fetch (0, { "1", "2", "3" }, "keep=no\n");
  EXPECT_TRUE (server.messages.empty ());
}

/* --- QUIT (RFC 1939 section 6: nothing is deleted before it) --- */

TEST_P (Pop3Maildrop, ALostQuitForgetsNothing)
{
  add_three ();
  server.hook = cut_at ("QUIT");
  expect_fetch (76, { "1", "2", "3" }, "keep=no\n");
  server.hook = nullptr;
  expect_fetch (0, { "1", "2", "3" }, "keep=no\n");
  EXPECT_EQ (server.count ("RETR"), 3u);
  EXPECT_TRUE (server.messages.empty ());
}

TEST_P (Pop3Maildrop, ARefusedQuitForgetsNothing)
{
  add_three ();
  server.hook = say_to ("QUIT", "-ERR some deleted messages not removed\r\n");
  expect_fetch (69, { "1", "2", "3" }, "keep=no\n");
  server.hook = nullptr;
  expect_fetch (0, { "1", "2", "3" }, "keep=no\n");
  EXPECT_EQ (server.count ("RETR"), 3u);
  EXPECT_TRUE (server.messages.empty ());
}

TEST_P (Pop3Maildrop, ARefusedDeletionIsTriedAgainAlone)
{
  add_three ();
  server.hook = say_to ("DELE 2", "-ERR locked\r\n");
  expect_fetch (69, { "1", "2", "3" }, "keep=no\n");
  server.hook = nullptr;
  expect_fetch (0, { "1", "2", "3" }, "keep=no\n");
  EXPECT_EQ (server.count ("RETR"), 3u);
  EXPECT_TRUE (server.messages.empty ());
}

/* --- refusals --- */

TEST_P (Pop3Maildrop, RefusalsInAPipelineCostOnlyTheirOwn)
{
  for (int i = 1; i < 6; i++)
    add (std::to_string (i));
  server.hook = [] (Peer &peer, const std::string &line) {
    if (line != "RETR 2" && line != "RETR 3" && line != "RETR 5")
      return false;
    peer.send ("-ERR unreadable\r\n");
    return true;
  };
  expect_fetch (69, { "1", "4" }, "keep=no\n");
  EXPECT_EQ (server.messages.size (), 3u);
  server.hook = nullptr;
  expect_fetch (0, { "1", "2", "3", "4", "5" }, "keep=no\n");
}

/* RFC 2449 section 8.1. */
TEST_P (Pop3Maildrop, ABusyMaildropIsTriedLater)
{
  for (std::string code : { "IN-USE", "LOGIN-DELAY", "SYS/TEMP" })
    {
      server.hook = [code] (Peer &peer, const std::string &line) {
        if (line.rfind ("AUTH", 0) != 0)
          return false;
        peer.send ("-ERR [" + code + "] later\r\n");
        return true;
      };
      Outcome outcome = fetch ();

      EXPECT_EQ (outcome.status, 75) << code << ": " << outcome.err;
    }
}

TEST_P (Pop3Maildrop, AListingThatContradictsItselfStopsTheRun)
{
  add_three ();
  server.hook = say_to ("LIST", "+OK\r\n1 8\r\n2 8\r\n3 8\r\n4 8\r\n.\r\n");
  expect_fetch (76, {}, "keep=no\n");
  EXPECT_EQ (server.count ("DELE"), 0u);
}

TEST_P (Pop3Maildrop, AnEmptyAnswerForAMessageIsNotThatMessage)
{
  add_three ();
  server.hook = say_to ("RETR 2", "+OK\r\n.\r\n");
  expect_fetch (76, { "1", "3" }, "keep=no\n");
  EXPECT_EQ (server.messages.size (), 1u);
}

} // namespace postseal_test
