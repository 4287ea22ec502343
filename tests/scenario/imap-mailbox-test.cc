/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nothing lost, nothing twice, whatever an IMAP server does with its mailboxes. */
#include "scenario/hostile.h"
#include "scenario/toy-imap.h"

namespace postseal_test
{

class ImapMailbox : public Scenario
{
protected:
  using Texts = std::vector<std::string>;
  using Call = ToyImap::Call;

  ToyImap server;

  ToyMailbox &
  inbox ()
  {
    return server.mailboxes["INBOX"];
  }
  void
  add (const std::string &name)
  {
    inbox ().add ("A: " + name + "\r\n\r\n");
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
    Outcome outcome = Scenario::fetch ("imaps", server.port (), extra);

    server.settle ();
    return outcome;
  }
  static Texts
  texts (std::initializer_list<const char *> names)
  {
    Texts all;

    for (const char *name : names)
      all.push_back (std::string ("A: ") + name + "\n\n");
    return all;
  }
  void
  expect_mail (std::initializer_list<const char *> names)
  {
    EXPECT_EQ (sandbox.messages ("Mail"), texts (names));
  }
  void
  expect_fetch (int status,
                std::initializer_list<const char *> names,
                const std::string &extra = "")
  {
    Outcome outcome = fetch (extra);

    EXPECT_EQ (outcome.status, status) << outcome.err;
    expect_mail (names);
  }
  /* A chunk of a run is 8 MiB by RFC822.SIZE, so that each of these is one. */
  void
  make_each_a_chunk ()
  {
    for (auto &[uid, message] : inbox ().messages)
      message.size = "9000000";
  }
  std::vector<unsigned>
  uids () const
  {
    std::vector<unsigned> all;

    for (const auto &[uid, message] : server.mailboxes.at ("INBOX").messages)
      all.push_back (uid);
    return all;
  }
};

INSTANTIATE_TEST_SUITE_P (Imap, ImapMailbox, testing::Values (kProtocols[0]), protocol_name);

/* --- numbering --- */

/* RFC 9051 section 2.3.1.1: with a new UIDVALIDITY old UIDs mean nothing. */
TEST_P (ImapMailbox, ANewUidvalidityFetchesAllAndSaysSo)
{
  add_three ();
  expect_fetch (0, { "1", "2", "3" });
  inbox ().uid_validity = 10;
  inbox ().messages[2].text = "A: 4\r\n\r\n";
  Outcome outcome = fetch ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_NE ((outcome.out + outcome.err).find ("UIDVALIDITY"), std::string::npos)
      << outcome.out << outcome.err;
  expect_mail ({ "1", "1", "2", "3", "3", "4" });
}

TEST_P (ImapMailbox, ANewUidvalidityDeletesNothingOfWhatWasDue)
{
  add_three ();
  expect_fetch (0, { "1", "2", "3" });
  inbox ().uid_validity = 10;
  server.hook = [] (const Call &call) {
    if (!call.is_body ())
      return false;
    call.peer.send (call.tag + " NO [UNAVAILABLE] not now\r\n");
    return true;
  };
  EXPECT_EQ (fetch ("keep=no\n").status, 75);
  EXPECT_EQ (uids (), (std::vector<unsigned>{ 1, 2, 3 }));
}

TEST_P (ImapMailbox, WithoutUidnextEveryMessageComesOnce)
{
  inbox ().uid_next = "-";
  add_three ();
  expect_fetch (0, { "1", "2", "3" });
  add ("4");
  expect_fetch (0, { "1", "2", "3", "4" });
  expect_fetch (0, { "1", "2", "3", "4" });
}

/* Restored from a backup, or a server that counts from its highest message: what comes now has
   numbers that were settled before. */
TEST_P (ImapMailbox, NumbersThatAreUsedAgainAreFetched)
{
  add_three ();
  expect_fetch (0, { "1", "2", "3" }, "keep=no\n");
  EXPECT_TRUE (uids ().empty ());
  inbox ().next = 1;
  add ("4");
  expect_fetch (0, { "1", "2", "3", "4" }, "keep=no\n");
  EXPECT_TRUE (uids ().empty ());
}

TEST_P (ImapMailbox, ABackupThatIsOlderThanTheLastRunLosesNothing)
{
  add_three ();
  expect_fetch (0, { "1", "2", "3" });
  inbox ().messages.erase (3);
  inbox ().next = 3;
  inbox ().add ("A: 4 and more\r\n\r\n");
  inbox ().next = 3; /* UIDNEXT is that of the backup */
  Outcome outcome = fetch ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (sandbox.messages ("Mail"),
             (Texts{ "A: 1\n\n", "A: 2\n\n", "A: 3\n\n", "A: 4 and more\n\n" }));
  EXPECT_EQ (fetch ().status, 0);
  EXPECT_EQ (sandbox.messages ("Mail").size (), 4u);
}

TEST_P (ImapMailbox, AUidnextThatIsTooLowDoublesNothingAndHidesNothing)
{
  inbox ().uid_next = "2";
  add_three ();
  expect_fetch (0, { "1", "2", "3" });
  expect_fetch (0, { "1", "2", "3" });
  add ("4");
  expect_fetch (0, { "1", "2", "3", "4" });
}

TEST_P (ImapMailbox, AUidnextThatWasTooHighOnceHidesNothing)
{
  inbox ().uid_next = "4000000000";
  add_three ();
  expect_fetch (0, { "1", "2", "3" });
  inbox ().uid_next = "";
  add ("4");
  expect_fetch (0, { "1", "2", "3", "4" });
  add ("5");
  expect_fetch (0, { "1", "2", "3", "4", "5" });
}

TEST_P (ImapMailbox, AMailboxWithoutLastingNumbersIsRefused)
{
  add_three ();
  server.hook = [] (const Call &call) {
    if (call.verb != "EXAMINE")
      return false;
    call.peer.send ("* 3 EXISTS\r\n* OK [UIDVALIDITY 9] v\r\n* NO [UIDNOTSTICKY] none\r\n"
                    + call.tag + " OK opened\r\n");
    return true;
  };
  expect_fetch (69, {});
}

/* --- answers --- */

TEST_P (ImapMailbox, AnswersOutOfOrderAndTwiceDeliverEachOnce)
{
  add_three ();
  server.hook = [] (const Call &call) {
    if (!call.is_body ())
      return false;
    for (unsigned uid : { 3u, 1u, 3u, 2u, 1u })
      call.peer.send (ToyImap::fetch_line (*call.mailbox, uid, true));
    call.peer.send (call.tag + " OK done\r\n");
    return true;
  };
  expect_fetch (0, { "1", "2", "3" });
  expect_fetch (0, { "1", "2", "3" });
}

TEST_P (ImapMailbox, MessagesNobodyAskedForAreNotDelivered)
{
  add ("1");
  expect_fetch (0, { "1" });
  add ("2");
  server.hook = [] (const Call &call) {
    if (!call.is_body ())
      return false;
    call.peer.send ("* 1 FETCH (UID 1 BODY[] {8}\r\nA: x\r\n\r\n)\r\n"
                    "* 9 FETCH (UID 99 BODY[] {8}\r\nA: y\r\n\r\n)\r\n");
    ToyImap::answer_fetch (call);
    call.peer.send ("* 9 FETCH (BODY[] {8}\r\nA: z\r\n\r\n)\r\n" + call.tag + " OK done\r\n");
    return true;
  };
  expect_fetch (0, { "1", "2" });
}

TEST_P (ImapMailbox, ABodyBeforeItsUidIsTheSameMessage)
{
  add_three ();
  server.hook = [] (const Call &call) {
    if (!call.is_body ())
      return false;
    for (const char *uid : { "1", "2", "3" })
      call.peer.send (std::string ("* ") + uid + " FETCH (FLAGS (\\Seen) BODY[] {8}\r\nA: " + uid
                      + "\r\n\r\n UID " + uid + ")\r\n");
    call.peer.send (call.tag + " OK done\r\n");
    return true;
  };
  expect_fetch (0, { "1", "2", "3" });
}

TEST_P (ImapMailbox, ResponsesInTheSmallestPiecesAreTheSame)
{
  add_three ();
  server.hook = [] (const Call &call) {
    if (!call.is_body ())
      return false;
    for (unsigned uid : { 1u, 2u, 3u })
      call.peer.send_slowly (ToyImap::fetch_line (*call.mailbox, uid, true));
    call.peer.send_slowly (call.tag + " OK done\r\n");
    return true;
  };
  expect_fetch (0, { "1", "2", "3" });
}

TEST_P (ImapMailbox, SizesThatLieChangeNothing)
{
  add_three ();
  inbox ().messages[1].size = "0";
  inbox ().messages[2].size = "4294967295";
  inbox ().messages[3].size = "1";
  expect_fetch (0, { "1", "2", "3" });
  expect_fetch (0, { "1", "2", "3" });
  expect_fetch (0, { "1", "2", "3" }, "keep=no\n");
  EXPECT_EQ (uids (), (std::vector<unsigned>{ 1 })) << "a size of 0 cannot be checked";
}

/* --- what goes wrong on the way --- */

TEST_P (ImapMailbox, AMessageThatIsGoneMeanwhileIsNoError)
{
  add_three ();
  server.hook = [this] (const Call &call) {
    if (!call.is_body () || inbox ().messages.count (2) == 0)
      return false;
    inbox ().messages.erase (2);
    call.peer.send ("* 2 EXPUNGE\r\n");
    return false;
  };
  expect_fetch (0, { "1", "3" });
  expect_fetch (0, { "1", "3" });
}

/* RFC 9051 section 7.5.2: NIL is what a server says when it cannot read a message. */
TEST_P (ImapMailbox, AMessageThatIsNilIsTriedAgainAndCostsNoOther)
{
  add_three ();
  server.hook = [this] (const Call &call) {
    if (!call.is_body ())
      return false;
    call.peer.send (ToyImap::fetch_line (inbox (), 1, true) + "* 2 FETCH (UID 2 BODY[] NIL)\r\n"
                    + ToyImap::fetch_line (inbox (), 3, true) + call.tag + " OK done\r\n");
    return true;
  };
  expect_fetch (69, { "1", "3" });
  server.hook = nullptr;
  expect_fetch (0, { "1", "2", "3" });
  EXPECT_EQ (server.count ("UID FETCH 2 (UID BODY"), 1u);
}

TEST_P (ImapMailbox, ACommandThatIsPutOffIsNotPassedByTheNext)
{
  add_three ();
  make_each_a_chunk ();
  server.hook = [] (const Call &call) {
    if (!call.is_body () || call.words.rfind ("1 ", 0) != 0)
      return false;
    call.peer.send (call.tag + " NO [SERVERBUG] that one later\r\n");
    return true;
  };
  EXPECT_EQ (fetch ().status, 75);
  server.hook = nullptr;
  expect_fetch (0, { "1", "2", "3" });
}

TEST_P (ImapMailbox, AMessageThatIsSaidNotToExistIsNotPassed)
{
  add_three ();
  make_each_a_chunk ();
  server.hook = [] (const Call &call) {
    if (!call.is_body () || call.words.rfind ("1 ", 0) != 0)
      return false;
    call.peer.send (call.tag + " NO [NONEXISTENT] what message\r\n");
    return true;
  };
  expect_fetch (69, { "2", "3" });
  server.hook = nullptr;
  expect_fetch (0, { "1", "2", "3" });
}

/* RFC 9051 section 5.5: a server may answer commands out of order. */
TEST_P (ImapMailbox, AnAnswerThatOvertakesAnotherDoesNotSettleIt)
{
  std::string first;

  add_three ();
  make_each_a_chunk ();
  server.hook = [&] (const Call &call) {
    if (!call.is_body ())
      return false;
    if (first.empty ())
      {
        first = call.tag;
        return true;
      }
    ToyImap::answer_fetch (call);
    call.peer.send (call.tag + " OK done\r\n");
    call.peer.stall ();
    return true;
  };
  EXPECT_EQ (fetch ().status, 75);
  expect_mail ({ "2" });
  server.hook = nullptr;
  expect_fetch (0, { "1", "2", "3" });
}

TEST_P (ImapMailbox, ARefusalDoesNotThrowAwayWhatAnotherCommandBrought)
{
  std::string first;

  add_three ();
  make_each_a_chunk ();
  server.hook = [&] (const Call &call) {
    if (!call.is_body () || call.peer.index () > 0)
      return false;
    if (first.empty ())
      {
        first = call.tag;
        return true;
      }
    ToyImap::answer_fetch (call);
    if (first != "-")
      call.peer.send (first + " NO broken\r\n");
    first = "-";
    call.peer.send (call.tag + " OK done\r\n");
    return true;
  };
  EXPECT_EQ (fetch ().status, 69);
  expect_fetch (0, { "1", "2", "3" });
}

TEST_P (ImapMailbox, AFarewellInMidFetchLosesNothing)
{
  add_three ();
  server.hook = [this] (const Call &call) {
    if (!call.is_body () || call.peer.index () > 0)
      return false;
    call.peer.send (ToyImap::fetch_line (inbox (), 1, true) + "* BYE going down\r\n");
    call.peer.close ();
    return true;
  };
  expect_fetch (75, {});
  expect_fetch (0, { "1", "2", "3" });
}

TEST_P (ImapMailbox, AMailboxThatIsGoneDoesNotCostTheOthers)
{
  add ("1");
  server.mailboxes["Lists"].add ("A: 2\r\n\r\n");
  server.mailboxes["Work"].add ("A: 3\r\n\r\n");
  server.hook = [] (const Call &call) {
    if (call.verb != "EXAMINE" || call.words != "Lists" || call.peer.index () > 0)
      return false;
    call.peer.send (call.tag + " NO [NONEXISTENT] deleted meanwhile\r\n");
    return true;
  };
  const std::string folders = "folders=INBOX;Lists;Work;Other\nlayout=single\n";
  Outcome outcome = fetch (folders);

  EXPECT_EQ (outcome.status, 69) << outcome.err;
  expect_mail ({ "1", "3" });
  expect_fetch (69, { "1", "2", "3" }, folders);
}

/* --- deletion --- */

TEST_P (ImapMailbox, DeletesWhatIsDeliveredAndNotWhatOthersMarked)
{
  add_three ();
  expect_fetch (0, { "1", "2", "3" });
  add ("4");
  inbox ().add ("A: 5\r\n\r\n");
  server.hook = [this] (const Call &call) {
    if (call.verb != "UID STORE")
      return false;
    add ("6"); /* arrives, and is marked by somebody else */
    inbox ().messages[6].is_deleted = true;
    return false;
  };
  EXPECT_EQ (fetch ("keep=no\n").status, 0);
  EXPECT_EQ (uids (), (std::vector<unsigned>{ 6 }));
  EXPECT_EQ (server.count ("EXPUNGE"), 0u);
  EXPECT_EQ (server.count ("CLOSE"), 0u) << "RFC 9051 section 6.4.1: it expunges";
}

/* RFC 4315 section 2.1. */
TEST_P (ImapMailbox, WithoutUidplusNothingIsDeletedAndThatIsSaid)
{
  server.capabilities = "IMAP4rev1 SASL-IR AUTH=PLAIN";
  add_three ();
  expect_fetch (69, { "1", "2", "3" }, "keep=no\n");
  EXPECT_EQ (uids ().size (), 3u);
  EXPECT_EQ (server.count ("UID STORE") + server.count ("EXPUNGE") + server.count ("CLOSE"), 0u);
  expect_fetch (69, { "1", "2", "3" }, "keep=no\n");
}

TEST_P (ImapMailbox, ARefusedDeletionIsTriedAgainAndNothingIsFetchedTwice)
{
  add_three ();
  server.hook = [] (const Call &call) {
    if (call.verb != "UID EXPUNGE")
      return false;
    call.peer.send (call.tag + " NO over quota\r\n");
    return true;
  };
  expect_fetch (69, { "1", "2", "3" }, "keep=no\n");
  server.hook = nullptr;
  expect_fetch (0, { "1", "2", "3" }, "keep=no\n");
  EXPECT_TRUE (uids ().empty ());
  EXPECT_EQ (server.count ("UID FETCH 1:3 (UID BODY"), 1u);
}

TEST_P (ImapMailbox, AMessageThatIsNotTheOneDeliveredStays)
{
  add_three ();
  expect_fetch (0, { "1", "2", "3" });
  inbox ().messages[2].text = "A: another\r\n\r\n";
  expect_fetch (0, { "1", "2", "3" }, "keep=no\n");
  EXPECT_EQ (uids (), (std::vector<unsigned>{ 2 }));
}

TEST_P (ImapMailbox, WhatWasNotHandedOverIsNotDeleted)
{
  add_three ();
  server.hook = [this] (const Call &call) {
    if (!call.is_body ())
      return false;
    call.peer.send (ToyImap::fetch_line (inbox (), 1, true) + call.tag + " OK done\r\n");
    return true;
  };
  expect_fetch (69, { "1" }, "keep=no\n");
  EXPECT_EQ (uids (), (std::vector<unsigned>{ 2, 3 }));
}

} // namespace postseal_test
