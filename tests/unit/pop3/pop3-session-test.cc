// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pop3-peer.h"

#include <malloc.h>

#include <set>

#include "base/limits.h"

using std::string;
using Lines = std::vector<string>;

class Pop3Session : public Pop3
{
protected:
  // "NUMBER/OCCURRENCE UIDL SIZE", separated by commas
  string
  listed () const
  {
    string text;

    for (guint i = 0; listing != nullptr && i < listing->entries->len; i++)
      {
        const PostsealPop3Entry &entry = g_array_index (listing->entries, PostsealPop3Entry, i);

        text += (i > 0 ? ", " : "") + std::to_string (entry.number) + "/"
                + std::to_string (entry.occurrence) + " "
                + (entry.uidl != nullptr ? entry.uidl : "-") + " " + std::to_string (entry.size);
      }
    return text;
  }

  string
  list_of (const string &uidl, const string &sizes)
  {
    script["UIDL"] = uidl;
    script["LIST"] = sizes;
    open_and_login ();
    list ();
    EXPECT_TRUE (run_to (1));
    return outcomes[0] == "list ok" ? listed () : message ();
  }
};

// --- stat ---

TEST_F (Pop3Session, StatCountsMessages) // RFC 1939 section 5
{
  script["STAT"] = "+OK 3 60 octets\r\n";
  open_and_login ();
  stat ();
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "stat ok");
  EXPECT_EQ (n_counted, 3);
  EXPECT_EQ (lines, Lines{ "STAT" });
}

TEST_F (Pop3Session, StatThatIsRefusedSaysWhy)
{
  script["STAT"] = "-ERR [SYS/TEMP] on strike\r\n";
  open_and_login ();
  facts.clear ();
  stat ();
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "stat error");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_BUSY));
  EXPECT_EQ (facts, "said=[SYS/TEMP] on strike\n");
}

TEST_F (Pop3Session, StatWithoutNumbersBreaksTheProtocol)
{
  script["STAT"] = "+OK plenty\r\n";
  open_and_login ();
  stat ();
  ASSERT_TRUE (run_to (1));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_PROTOCOL));
  EXPECT_EQ (n_counted, -1);
}

TEST_F (Pop3Session, StatCanBeCancelled)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  open_and_login ();
  stat (cancellable);
  g_cancellable_cancel (cancellable);
  ASSERT_TRUE (run_to (1));
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

// --- list ---

TEST_F (Pop3Session, ListTakesOneFlight)
{
  open_and_login ();
  list ();
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "list ok");
  EXPECT_EQ (flights, (std::vector<size_t>{ 2 }));
  EXPECT_EQ (listed (), "1/0 a 10, 2/0 b 20, 3/0 c 30");
  EXPECT_TRUE (listing->has_uidl);
}

TEST_F (Pop3Session, NothingNewTakesFiveFlights) // greeting, CAPA, AUTH, UIDL and LIST, QUIT
{
  open ();
  login ();
  ASSERT_TRUE (run_to (1));
  list ();
  ASSERT_TRUE (run_to (2));
  postseal_pop3_session_leave (session);
  EXPECT_TRUE (run_while ([&] { return lines.empty () || lines.back () != "QUIT"; }));
  EXPECT_EQ (lines, (Lines{ "CAPA", "AUTH PLAIN " PLAIN_RESPONSE, "UIDL", "LIST", "QUIT" }));
  EXPECT_EQ (flights, (std::vector<size_t>{ 1, 1, 2, 1 }));
}

TEST_F (Pop3Session, EqualUidlsAreDifferentMessages) // RFC 1939 section 7
{
  EXPECT_EQ (list_of ("+OK\r\n1 x\r\n2 y\r\n4 x\r\n5 X\r\n9 x\r\n.\r\n",
                      "+OK\r\n1 1\r\n2 2\r\n4 4\r\n5 5\r\n9 9\r\n.\r\n"),
             "1/0 x 1, 2/0 y 2, 4/1 x 4, 5/0 X 5, 9/2 x 9");
}

TEST_F (Pop3Session, ListingsOutOfOrderAreSorted)
{
  EXPECT_EQ (list_of ("+OK\r\n3 x\r\n1 x\r\n2 y\r\n.\r\n", "+OK\r\n2 2\r\n3 3\r\n1 1\r\n.\r\n"),
             "1/0 x 1, 2/0 y 2, 3/1 x 3");
}

TEST_F (Pop3Session, EmptyMaildropIsAnEmptyList)
{
  EXPECT_EQ (list_of ("+OK\r\n.\r\n", "+OK\r\n.\r\n"), "");
  EXPECT_EQ (outcomes[0], "list ok");
}

TEST_F (Pop3Session, LongAndDottedUidlsAreTaken)
{
  const string uidl (255, 'u');

  EXPECT_EQ (list_of ("+OK\r\n1 " + uidl + "\r\n2 .\r\n.\r\n", "+OK\r\n1 1\r\n2 2\r\n.\r\n"),
             "1/0 " + uidl + " 1, 2/0 . 2");
}

TEST_F (Pop3Session, ServerWithoutUidlListsNumbers)
{
  script["CAPA"] = "+OK\r\nSASL PLAIN\r\n.\r\n";
  EXPECT_EQ (list_of ("-ERR what\r\n", "+OK\r\n1 10\r\n2 20\r\n.\r\n"), "1/0 - 10, 2/0 - 20");
  EXPECT_FALSE (listing->has_uidl);
  EXPECT_EQ (flights, (std::vector<size_t>{ 1, 1 })) << "lock-step without PIPELINING";
}

TEST_F (Pop3Session, AnnouncedButRefusedUidlIsNoServerWithoutUidl)
{
  list_of ("-ERR sorry\r\n", "+OK\r\n1 10\r\n.\r\n");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_REFUSED));
  // The session is in step all the same.
  list ();
  script["UIDL"] = "+OK\r\n.\r\n";
  script["LIST"] = "+OK\r\n.\r\n";
  ASSERT_TRUE (run_to (2));
  EXPECT_EQ (outcomes[1], "list ok");
}

TEST_F (Pop3Session, TemporaryRefusalIsBusy)
{
  script["CAPA"] = "+OK\r\nSASL PLAIN\r\n.\r\n";
  list_of ("-ERR [SYS/TEMP] later\r\n", "-ERR\r\n");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_BUSY));
}

TEST_F (Pop3Session, BadLinesAreNamed)
{
  const struct
  {
    const char *uidl;
    const char *sizes;
    const char *named;
  } cases[] = {
    { "1 a\r\nnonsense\r\n", "", "nonsense" },
    { "1 a\r\n0 b\r\n", "", "0 b" },
    { "1 a\r\n1 b\r\n", "", "twice" },
    { "1 a\r\n", "1 x\r\n", "1 x" },
    { "1 a\r\n", "2 7\r\n", "2 7" },
    { "1 a\nb\r\n", "", "CR LF" },
    { "1 \x01\r\n", "", "\\x01" },
  };

  for (const auto &test : cases)
    {
      string said = list_of (string ("+OK\r\n") + test.uidl + ".\r\n",
                             string ("+OK\r\n") + test.sizes + ".\r\n");

      EXPECT_NE (said.find (test.named), string::npos) << said;
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_PROTOCOL))
          << said;
      reset ();
    }
}

TEST_F (Pop3Session, TwoHundredThousandMessagesStaySmall)
{
  string uidl = "+OK\r\n";
  string sizes = "+OK\r\n";
  size_t before = 0;
  size_t after = 0;

  for (int i = 1; i <= 200000; i++)
    {
      uidl += std::to_string (i) + " 000000" + std::to_string (1000000 + i) + "5f3a\r\n";
      sizes += std::to_string (i) + " 4711\r\n";
    }
  script["UIDL"] = uidl + ".\r\n";
  script["LIST"] = sizes + ".\r\n";
  open_and_login ();
  before = mallinfo2 ().uordblks + mallinfo2 ().hblkhd;
  list ();
  ASSERT_TRUE (run_to (1));
  ASSERT_EQ (outcomes[0], "list ok") << message ();
  after = mallinfo2 ().uordblks + mallinfo2 ().hblkhd;
  EXPECT_EQ (listing->entries->len, 200000u);
  EXPECT_EQ (g_array_index (listing->entries, PostsealPop3Entry, 199999).size, 4711u);
  EXPECT_LT (after - MIN (after, before), 24u << 20);
  EXPECT_LT (transcript.size (), 1000u);
}

// --- replies ---

TEST_F (Pop3Session, RepliesOutOfTurnAndOutOfShapeEndIt)
{
  const string cases[] = { "+OK\r\n",
                           "* BYE\r\n",
                           "+ Zm9v\r\n",
                           string (600, 'x') + "\r\n",
                           "+OK " + string (600, 'x'),
                           "\r\n",
                           string ("\0\0\0\r\n", 5),
                           "+OK lone line feed\n" };

  for (const string &text : cases)
    {
      open_and_login ();
      script["NOOP"] = text == "+ Zm9v\r\n" ? text : "+OK\r\n" + text;
      postseal_pop3_session_keep_alive (session);
      for (int i = 0; i < 20; i++)
        turn ();
      list ();
      ASSERT_TRUE (run_to (1));
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_PROTOCOL))
          << testing::PrintToString (text) << ": " << message ();
      reset ();
    }
}

TEST_F (Pop3Session, AutoLogoutIsToldInTheServersWords)
{
  open_and_login ();
  say ("-ERR Disconnected for inactivity\r\n");
  run_while ([&] { return transcript.find ("inactivity") == string::npos; });
  list ();
  ASSERT_TRUE (run_to (1));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_BUSY));
  EXPECT_NE (message ().find ("Disconnected for inactivity"), string::npos);
}

TEST_F (Pop3Session, OperationsOnAClosedSessionFailButNeverFromWithin)
{
  open_and_login ();
  postseal_pop3_session_leave (session);
  list ();
  retrieve (entries (1));
  remove ({ 1 });
  quit ();
  EXPECT_EQ (outcomes, Lines{});
  ASSERT_TRUE (run_to (4));
  EXPECT_EQ (outcomes, (Lines{ "list error", "retrieve error", "delete error", "quit error" }));
}

// --- retrieve ---

TEST_F (Pop3Session, MessagesAreUnstuffedAndOtherwiseUntouched)
{
  script["RETR 1"] = "+OK\r\nSubject: a\r\n\r\n..\r\n..x\r\nlone\rcr\nlf\r\n.\r\n";
  script["RETR 2"] = "+OK\r\n.\r\n";
  script["RETR 3"] = string ("+OK\r\n\0\xff\r\n.\r\n", 12);
  open_and_login ();
  retrieve (entries (3));
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "retrieve ok");
  EXPECT_EQ (events,
             (Lines{ "begin 1", "data Subject: a\r\n\r\n.\r\n.x\r\nlone\rcr\nlf\r\n", "end 1",
                     "begin 2", "end 2", "begin 3", string ("data \0\xff\r\n", 9), "end 3" }));
  EXPECT_EQ (transcript.find ("Subject"), string::npos);
}

TEST_F (Pop3Session, EverySplitPointGivesTheSame)
{
  script["RETR"] = "+OK 5 octets\r\na\r\n..\r\n.\r\n";
  script["RETR 2"] = "-ERR [X] gone\r\n";
  is_bytewise = true;
  open_and_login ();
  list ();
  retrieve (entries (3));
  remove ({ 1, 3 });
  ASSERT_TRUE (run_to (3));
  quit ();
  ASSERT_TRUE (run_to (4));
  EXPECT_EQ (std::set<string> (outcomes.begin (), outcomes.end ()),
             (std::set<string>{ "list ok", "delete ok", "retrieve ok", "quit ok" }));
  EXPECT_EQ (listed (), "1/0 a 10, 2/0 b 20, 3/0 c 30");
  EXPECT_EQ (events, (Lines{ "begin 1", "data a\r\n.\r\n", "end 1", "begin 2", "end 2 error",
                             "begin 3", "data a\r\n.\r\n", "end 3" }));
}

TEST_F (Pop3Session, RefusedMessageDoesNotCostItsNeighbours) // RFC 1939 section 3: -ERR has no body
{
  script["RETR"] = "+OK\r\nx\r\n.\r\n";
  script["RETR 2"] = "-ERR no such message\r\n";
  open_and_login ();
  retrieve (entries (4));
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "retrieve ok");
  EXPECT_EQ (events, (Lines{ "begin 1", "data x\r\n", "end 1", "begin 2", "end 2 error", "begin 3",
                             "data x\r\n", "end 3", "begin 4", "data x\r\n", "end 4" }));
}

TEST_F (Pop3Session, NothingForAMessageWithASizeIsNoMessage)
{
  script["RETR"] = "+OK\r\n.\r\n";
  open_and_login ();
  retrieve ({ entry (1, 0), entry (2, 2), entry (3, 500) });
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "retrieve ok");
  EXPECT_EQ (events, (Lines{ "begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3 error" }));
}

TEST_F (Pop3Session, MessageThatIsAnUnstuffedDotDoesNotCostItsNeighbours)
{
  script["RETR"] = "+OK\r\nx\r\n.\r\n";
  script["RETR 2"] = "+OK 3 octets\r\n.\r\n.\r\n"; // as Dovecot 2.3 does
  script["RETR 4"] = script["RETR 2"];
  open_and_login ();
  retrieve (entries (4, 3));
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (events, (Lines{ "begin 1", "data x\r\n", "end 1", "begin 2", "end 2 error", "begin 3",
                             "data x\r\n", "end 3", "begin 4", "end 4 error" }));
  list ();
  ASSERT_TRUE (run_to (2));
  EXPECT_EQ (outcomes[1], "list ok");
}

TEST_F (Pop3Session, RetrieveOfNothingEnds)
{
  open_and_login ();
  retrieve ({});
  EXPECT_EQ (outcomes, Lines{});
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "retrieve ok");
}

TEST_F (Pop3Session, WindowIsBoundedByCountAndRefilledPerReply)
{
  size_t n_heard = 0;

  open_and_login ();
  answer = [&] (const string &line) -> string {
    n_heard++;
    return ""; // not yet
  };
  retrieve (entries (1000));
  for (int i = 0; i < 20; i++)
    turn ();
  EXPECT_EQ (n_heard, 200u);
  for (size_t n_answered = 1; n_answered <= 5; n_answered++)
    {
      say ("+OK\r\n.\r\n");
      for (int i = 0; i < 5; i++)
        turn ();
      EXPECT_EQ (n_heard, 200 + n_answered);
    }
}

TEST_F (Pop3Session, WindowIsBoundedByAnnouncedSize)
{
  size_t n_heard = 0;

  open_and_login ();
  answer = [&] (const string &line) -> string {
    n_heard++;
    return "";
  };
  retrieve ({ entry (1, 600000), entry (2, 400000), entry (3, 100000), entry (4, G_MAXUINT64),
              entry (5, G_MAXUINT64) });
  for (int i = 0; i < 20; i++)
    turn ();
  EXPECT_EQ (n_heard, 2u);
  for (size_t expected : { 3u, 3u, 4u, 5u })
    {
      say ("+OK\r\n.\r\n");
      for (int i = 0; i < 5; i++)
        turn ();
      EXPECT_EQ (n_heard, expected);
    }
}

TEST_F (Pop3Session, WithoutPipeliningOneAtATime) // RFC 2449 section 6.6
{
  script["CAPA"] = "+OK\r\nSASL PLAIN\r\n.\r\n";
  script["RETR"] = "+OK\r\n.\r\n";
  open_and_login ();
  retrieve (entries (5));
  remove ({ 1, 2 });
  ASSERT_TRUE (run_to (2));
  EXPECT_EQ (flights, (std::vector<size_t>{ 1, 1, 1, 1, 1, 1, 1 }));
}

TEST_F (Pop3Session, MessageLargerThanAnyBufferIsStreamed)
{
  string body;

  for (int i = 0; body.size () < 5000000; i++)
    body += string (1 + i % 2000, 'x') + (i % 3 == 0 ? "\r\n" : "\r");
  body += "\r\n";
  script["RETR"] = "+OK\r\n" + body + ".\r\n";
  open_and_login ();
  retrieve ({ entry (1, 3) }); // RFC 1939 section 11: the size is a hint
  ASSERT_TRUE (run_to (1));
  ASSERT_EQ (events.size (), 3u);
  EXPECT_TRUE (events[1] == "data " + body);
}

TEST_F (Pop3Session, PauseStopsTheStream)
{
  size_t n_pieces = 0;

  script["RETR"] = "+OK\r\n" + string (1000000, 'x') + "\r\n.\r\n";
  open_and_login ();
  on_data = [&] {
    n_pieces++;
    postseal_pop3_session_pause (session);
  };
  retrieve (entries (2));
  run_while ([&] { return n_pieces == 0; });
  for (int i = 0; i < 10; i++)
    turn ();
  EXPECT_EQ (n_pieces, 1u);
  EXPECT_TRUE (run_while ([&] {
    postseal_pop3_session_resume (session);
    return outcomes.empty ();
  }));
  EXPECT_EQ (outcomes[0], "retrieve ok");
  EXPECT_EQ (events.size (), 6u);
  EXPECT_GT (n_pieces, 10u);
}

TEST_F (Pop3Session, KeepAliveIsSentDuringAPause) // RFC 1939 section 3
{
  open_and_login ();
  postseal_pop3_session_pause (session);
  postseal_pop3_session_keep_alive (session);
  run_while ([&] { return lines.empty (); });
  EXPECT_EQ (lines, Lines{ "NOOP" });
  postseal_pop3_session_resume (session);
  list ();
  EXPECT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "list ok");
}

TEST_F (Pop3Session, LostLinkInTheMiddleOfAMessageIsNotItsEnd)
{
  script["RETR 1"] = "+OK\r\nx\r\n.\r\n";
  script["RETR 2"] = "+OK\r\nhalf";
  script["RETR 3"] = "";
  open_and_login ();
  retrieve (entries (3));
  run_while ([&] { return events.size () < 5; });
  pair->hang_up ();
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "retrieve error");
  EXPECT_EQ (events,
             (Lines{ "begin 1", "data x\r\n", "end 1", "begin 2", "data half", "end 2 error" }));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED))
      << message ();
}

TEST_F (Pop3Session, CancellingEndsTheMessageUnderWay)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  script["RETR"] = "";
  script["RETR 1"] = "+OK\r\nhalf";
  open_and_login ();
  on_data = [&] { g_cancellable_cancel (cancellable); };
  retrieve (entries (3), cancellable);
  ASSERT_TRUE (run_to (1));
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  EXPECT_EQ (events, (Lines{ "begin 1", "data half", "end 1 error" }));
}

TEST_F (Pop3Session, MayBeLeftFromWithinTheHandler)
{
  script["RETR"] = "+OK\r\nx\r\n.\r\n";
  open_and_login ();
  on_data = [&] { postseal_pop3_session_leave (session); };
  retrieve (entries (3));
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "retrieve error");
  EXPECT_EQ (events, (Lines{ "begin 1", "data x\r\n", "end 1 error" }));
  for (const string &line : lines)
    EXPECT_NE (line, "QUIT");
}

TEST_F (Pop3Session, MayBeLeftFromWithinTheLastEnd)
{
  script["RETR"] = "+OK\r\nx\r\n.\r\n";
  open_and_login ();
  on_end = [&] { postseal_pop3_session_leave (session); };
  retrieve (entries (1));
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (events.size (), 3u);
}

// --- delete and quit ---

TEST_F (Pop3Session, DeleteTellsWhatWasAccepted)
{
  script["DELE 2"] = "-ERR no such message\r\n";
  open_and_login ();
  remove ({ 1, 2, 3 });
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (flights, (std::vector<size_t>{ 3 }));
  EXPECT_EQ (deleted, (std::vector<guint32>{ 1, 3 }));
}

TEST_F (Pop3Session, DeleteGoesBetweenTheRetrs)
{
  open_and_login ();
  answer = [] (const string &line) -> string { return ""; };
  retrieve (entries (300));
  run_while ([&] { return lines.size () < 200; });
  remove ({ 7 });
  say ("+OK\r\n.\r\n");
  run_while ([&] { return lines.size () < 201; });
  EXPECT_EQ (lines.back (), "DELE 7");
}

TEST_F (Pop3Session, QuitWaitsForTheAnswersBefore)
{
  script["RETR"] = "+OK\r\n.\r\n";
  open_and_login ();
  retrieve (entries (2));
  remove ({ 1 });
  quit ();
  ASSERT_TRUE (run_to (3));
  EXPECT_EQ (lines.back (), "QUIT");
  EXPECT_EQ (outcomes.back (), "quit ok");
  EXPECT_EQ (flights.back (), 1u);
}

TEST_F (Pop3Session, RefusedQuitIsAnError) // RFC 1939 section 6: what was deleted is unknown
{
  script["QUIT"] = "-ERR some deleted messages not removed\r\n";
  open_and_login ();
  quit ();
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "quit error");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_REFUSED));
}

TEST_F (Pop3Session, UnansweredQuitIsAnError)
{
  script["QUIT"] = "";
  open_and_login ();
  quit ();
  run_while ([&] { return lines.empty (); });
  pair->hang_up ();
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "quit error");
}

TEST_F (Pop3Session, CutAfterEveryByteEndsEachOperationOnce)
{
  size_t total = 0;

  script["RETR"] = "+OK\r\na\r\n..\r\n.\r\n";
  for (size_t cut = 0; total == 0 || cut <= total; cut++)
    {
      size_t n_begun = 0;
      size_t n_ended = 0;

      cut_after = total == 0 && cut == 0 ? SIZE_MAX : cut - 1; // first, once to the end
      open ();
      login ();
      ASSERT_TRUE (run_to (1));
      if (outcomes[0] == "login ok")
        {
          list ();
          retrieve (entries (2));
          remove ({ 1, 2 });
          quit ();
          ASSERT_TRUE (run_to (5)) << "cut after " << cut;
        }
      if (cut_after == SIZE_MAX)
        {
          total = n_spoken;
          EXPECT_EQ (outcomes.back (), "quit ok");
        }
      EXPECT_TRUE (cut_after >= total || outcomes.back () != "quit ok") << "cut after " << cut;
      for (const string &event : events)
        {
          n_begun += event.compare (0, 5, "begin") == 0;
          n_ended += event.compare (0, 3, "end") == 0;
        }
      EXPECT_EQ (n_begun, n_ended) << "cut after " << cut;
      for (size_t i = 0; i < events.size (); i++)
        EXPECT_TRUE ((events[i] != "end 1" && events[i] != "end 2")
                     || events[i - 1] == "data a\r\n.\r\n")
            << "cut after " << cut;
      settle ();
      EXPECT_LE (outcomes.size (), 5u);
      reset ();
    }
}
