/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap-peer.h"

#include "base/limits.h"

using std::string;
using namespace std::string_literals;

namespace
{

class ImapListing : public ImapTest
{
protected:
  /* "uid:size " each */
  string
  show (GArray *entries)
  {
    string text;

    if (entries == nullptr)
      return string ("error: ") + error->message;
    for (guint i = 0; i < entries->len; i++)
      {
        auto entry = &g_array_index (entries, PostsealImapEntry, i);

        text += std::to_string (entry->uid) + ":" + std::to_string (entry->size) + " ";
      }
    g_array_unref (entries);
    return text;
  }
};

class ImapFetch : public ImapTest
{
protected:
  Delivery delivery;

  /* Returns: whether it ended well */
  bool
  fetch (const std::vector<guint32> &uids)
  {
    Waiter waiter;

    g_clear_error (&error);
    postseal_imap_session_fetch_async (session, uids.data (), uids.size (), &Delivery::handler,
                                       &delivery, nullptr, Waiter::on_done, &waiter);
    EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
    EXPECT_EQ (waiter.count, 1);
    EXPECT_FALSE (delivery.is_open);
    return postseal_imap_session_fetch_finish (session, waiter.result, &error);
  }

  void
  expect (const string &reply, const string &text)
  {
    delivery = Delivery ();
    peer->answers["UID FETCH"] = reply + "TAG OK done\r\n";
    EXPECT_TRUE (fetch ({ 5, 6 })) << reply;
    EXPECT_EQ (delivery.text, text) << reply;
  }
};

} // namespace

/* --- listing --- */

TEST_F (ImapListing, IsOneCommandAndComesAscending)
{
  start ();
  peer->answers["UID FETCH"] = "* 2 FETCH (UID 8 RFC822.SIZE 200)\r\n"
                               "* 1 FETCH (RFC822.SIZE 100 FLAGS (\\Seen) UID 7)\r\nTAG OK\r\n";
  EXPECT_EQ (show (list_messages (3)), "7:100 8:200 ");
  EXPECT_EQ (peer->flights.back (), "UID FETCH 3:* (UID RFC822.SIZE)");
}

/* RFC 9051 section 9, seq-range: "501:*" names the last message, too. */
TEST_F (ImapListing, UidsBelowTheFirstAreDropped)
{
  start ();
  peer->answers["UID FETCH"] = "* 9 FETCH (UID 500 RFC822.SIZE 1)\r\nTAG OK\r\n";
  EXPECT_EQ (show (list_messages (501)), "");
}

TEST_F (ImapListing, RepetitionsCountOnceAndOddAnswersNotAtAll)
{
  start ();
  peer->answers["UID FETCH"]
      = "* 1 FETCH (UID 7 RFC822.SIZE 100)\r\n* 1 FETCH (UID 7 RFC822.SIZE 100)\r\n"
        "* 1 FETCH (UID 7 FLAGS (\\Seen))\r\n* 3 FETCH (FLAGS (\\Seen))\r\n* 4 FETCH (UID 0)\r\n"
        "* 5 FETCH (UID 4294967296)\r\n* 6 FETCH (UID x)\r\n* 0 FETCH (UID 9)\r\n* FETCH\r\n"
        "* 7 FETCH NIL\r\n* 8 FETCH (UID 4294967295 RFC822.SIZE 9223372036854775807)\r\nTAG OK\r\n";
  EXPECT_EQ (show (list_messages (1)), "7:100 4294967295:4294967295 ");
}

/* Never to be told apart by UID: neither may be deleted for the other. */
TEST_F (ImapListing, UidOfTwoMessagesIsAnError)
{
  start ();
  peer->answers["UID FETCH"]
      = "* 1 FETCH (UID 7 RFC822.SIZE 1)\r\n* 2 FETCH (UID 8 RFC822.SIZE 1)\r\n"
        "* 3 FETCH (UID 7 RFC822.SIZE 1)\r\nTAG OK\r\n";
  EXPECT_EQ (list_messages (1), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_PROTOCOL));
  EXPECT_NE (string (error->message).find ("UID 7"), string::npos) << error->message;
}

/* RFC 9051 section 7.5.1: each EXPUNGE moves what is above it, during UID FETCH, too. */
TEST_F (ImapListing, ExpungeInBetweenMovesSequenceNumbers)
{
  start ();
  peer->answers["UID FETCH"]
      = "* 5 FETCH (UID 50 RFC822.SIZE 1)\r\n* 9 FETCH (UID 90 RFC822.SIZE 2)\r\n* 8 EXPUNGE\r\n"
        "* 3 EXPUNGE\r\n* 4 FETCH (UID 50 FLAGS ())\r\n* 7 FETCH (UID 90 FLAGS ())\r\nTAG OK\r\n";
  EXPECT_EQ (show (list_messages (1)), "50:1 90:2 ");
  peer->answers["UID FETCH"] = "* 5 FETCH (UID 50 RFC822.SIZE 1)\r\n* 3 EXPUNGE\r\n"
                               "* 5 FETCH (UID 50 RFC822.SIZE 1)\r\nTAG OK\r\n";
  EXPECT_EQ (list_messages (1), nullptr);
}

/* RFC 9051 section 5.5: untagged data does not say which command it answers. Dovecot sends the data
   of a second UID FETCH before it tags the first. */
TEST_F (ImapListing, TwoUnderWayBothHearEveryLine)
{
  const guint32 uid = 7;
  Waiter first, second;

  start ();
  peer->answers["UID FETCH 1:*"] = "* 1 FETCH (UID 7 RFC822.SIZE 100)\r\nTAG OK\r\n";
  peer->answers["UID FETCH 7"] = "TAG OK\r\n";
  postseal_imap_session_list_messages_async (session, 1, nullptr, 0, nullptr, Waiter::on_done,
                                             &first);
  postseal_imap_session_list_messages_async (session, 0, &uid, 1, nullptr, Waiter::on_done,
                                             &second);
  EXPECT_TRUE (peer->run_until ([&] { return first.is_done () && second.is_done (); }));
  EXPECT_EQ (show (postseal_imap_session_list_messages_finish (session, first.result, &error)),
             "7:100 ");
  EXPECT_EQ (show (postseal_imap_session_list_messages_finish (session, second.result, &error)),
             "7:100 ");
}

TEST_F (ImapListing, NamedUidsAreSplitIntoShortLinesOfOneFlight)
{
  std::vector<guint32> uids;
  size_t n_flights;

  for (guint32 i = 1; i < 20000; i += 2)
    uids.push_back (4000000000u + i);
  start ();
  n_flights = peer->flights.size ();
  peer->on_command = [] (const string &tag, const string &command, string &reply) {
    reply
        = "* 1 FETCH (UID 4000000001 RFC822.SIZE 5)\r\n* 2 FETCH (UID 4000000002 RFC822.SIZE 5)\r\n"
          "TAG OK\r\n";
    return true;
  };
  EXPECT_EQ (show (list_messages (1, uids)), "4000000001:5 ");
  EXPECT_EQ (peer->flights.size (), n_flights + 1);
  for (const string &command : peer->commands)
    EXPECT_LT (command.size (), 8180u);
}

TEST_F (ImapListing, MemoryIsCompact)
{
  string reply;

  start ();
  for (int i = 1; i <= 20000; i++)
    reply += "* " + std::to_string (i) + " FETCH (UID " + std::to_string (i + 5)
             + " RFC822.SIZE 9)\r\n";
  peer->answers["UID FETCH"] = reply + "TAG OK\r\n";
  GArray *entries = list_messages (1);
  ASSERT_NE (entries, nullptr);
  EXPECT_EQ (entries->len, 20000u);
  EXPECT_LE (sizeof (PostsealImapEntry), 16u);
  g_array_unref (entries);
}

/* --- fetching --- */

TEST_F (ImapFetch, AsksWithoutMarkingAsSeen)
{
  start ();
  expect ("* 1 FETCH (UID 5 BODY[] {5}\r\nhello)\r\n* 2 FETCH (UID 6 BODY[] {3}\r\na\r\n)\r\n",
          "begin 5;hello;end 5 whole;begin 3;a\r\n;end 6 whole;");
  EXPECT_EQ (peer->flights.back (), "UID FETCH 5:6 (UID BODY.PEEK[])");
}

/* RFC 9051 section 7.5.2: any order, extra items, several responses, other people's changes. */
TEST_F (ImapFetch, ItemsComeInAnyShape)
{
  start ();
  expect ("* 1 FETCH (BODY[] {5}\r\nhello UID 5)\r\n", "begin 5;hello;end 5 whole;");
  expect ("* 1 FETCH (FLAGS (\\Seen) BODY[] {5}\r\nhello X-ODD ((1) \"2\" {1}\r\n3) UID 5)\r\n",
          "begin 5;hello;end 5 whole;");
  expect ("* 1 FETCH (UID 5 FLAGS ())\r\n* 9 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 5 BODY[] "
          "\"he\\\"y\")\r\n",
          "begin 4;he\"y;end 5 whole;");
  expect ("* 1 FETCH (UID 5 BODY[] ~{5}\r\nh\r\na1)\r\n", "begin 5;h\r\na1;end 5 whole;");
  expect ("* 1 fetch (uid 5 body[] {5+}\r\nhello)\r\n", "begin 5;hello;end 5 whole;");
  expect ("* 1 FETCH (UID 5 ENVELOPE ({3}\r\nabc BODY[] {1}\r\nx) BODY[] {2}\r\nhi)\r\n",
          "begin 2;hi;end 5 whole;");
  expect ("* 1 FETCH (UID 5 BODY[]<0> {1}\r\nx BODY[HEADER] {1}\r\ny BODY[] {2}\r\nhi)\r\n",
          "begin 2;hi;end 5 whole;");
  /* A literal where a key belongs is no message, whatever stands before it. */
  expect ("* 1 FETCH (UID 5 X-ODD BODY[] {1}\r\nx)\r\n", "");
}

/* The content never decides: whatever looks like protocol is content (RFC 9051 section 4.3). */
TEST_F (ImapFetch, LiteralIsCountedNotRead)
{
  string odd = "a3 OK done\r\n* BYE\r\n)\r\n+ {5}\r\n\0\r\r\n.\n"s;

  start ();
  peer->answers["UID FETCH"] = "* 1 FETCH (UID 5 BODY[] {" + std::to_string (odd.size ()) + "}\r\n"
                               + odd + ")\r\nTAG OK\r\n";
  ASSERT_TRUE (fetch ({ 5 }));
  EXPECT_EQ (delivery.whole[5], odd);
}

TEST_F (ImapFetch, WhatIsNotWholeIsSaidToBe)
{
  start ();
  expect ("* 1 FETCH (UID 5 BODY[] NIL)\r\n", "begin 0;;end 5 broken;");
  expect ("* 1 FETCH (BODY[] {2}\r\nhi)\r\n", "begin 2;hi;end 0 broken;");
  expect ("* 1 FETCH (UID 99 BODY[] {2}\r\nhi)\r\n", "begin 2;hi;end 99 broken;");
  expect ("* 1 FETCH (UID 5 UID 6 BODY[] {2}\r\nhi)\r\n", "begin 2;hi;end 0 broken;");
  expect ("* 1 FETCH (UID 5 BODY[] {2}\r\nhi)\r\n* 2 FETCH (UID 5 BODY[] {2}\r\nho)\r\n",
          "begin 2;hi;end 5 whole;begin 2;ho;end 5 broken;");
  expect ("* 1 FETCH (UID 5 BODY[] {2}\r\nhi BODY[] {2}\r\nho)\r\n", "begin 2;hi;end 5 broken;");
  expect ("* 1 FETCH (UID 5 BODY[] {2}\r\nhi BODY[] NIL)\r\n", "begin 2;hi;end 5 broken;");
  expect ("* 1 FETCH (UID 5 BODY[] atom)\r\n", "begin 0;;end 5 broken;");
}

TEST_F (ImapFetch, EmptyMessageIsWhole)
{
  start ();
  expect ("* 1 FETCH (UID 5 BODY[] {0}\r\n)\r\n", "begin 0;;end 5 whole;");
  expect ("* 1 FETCH (UID 5 BODY[] \"\")\r\n", "begin 0;;end 5 whole;");
}

/* Expunged by others meanwhile: simply not there. */
TEST_F (ImapFetch, MissingMessageIsNotReported)
{
  start ();
  expect ("* 1 EXPUNGE\r\n* 1 FETCH (UID 6 BODY[] {2}\r\nhi)\r\n* VANISHED 5\r\n",
          "begin 2;hi;end 6 whole;");
}

TEST_F (ImapFetch, RefusalMakesTheOperationFail)
{
  start ();
  peer->answers["UID FETCH"]
      = "* 1 FETCH (UID 5 BODY[] {2}\r\nhi)\r\nTAG NO [EXPUNGEISSUED] some are gone\r\n";
  EXPECT_FALSE (fetch ({ 5, 6 }));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED));
  EXPECT_EQ (delivery.text, "begin 2;hi;end 5 whole;");
  peer->answers["UID FETCH"] = "TAG NO [SERVERBUG] later\r\n";
  EXPECT_FALSE (fetch ({ 5, 6 }));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_BUSY));
}

TEST_F (ImapFetch, SeveralFetchesAreUnderWayAtOnce)
{
  const guint32 first[] = { 5 };
  const guint32 second[] = { 6 };
  Delivery other;
  Waiter first_waiter;
  Waiter second_waiter;
  string kept;

  start ();
  /* The bodies come swapped, one before its UID is known. */
  peer->on_command = [&] (const string &tag, const string &command, string &reply) {
    if (kept.empty ())
      kept = tag;
    else
      reply = "* 2 FETCH (UID 6 BODY[] {3}\r\nsix)\r\n* 1 FETCH (BODY[] {4}\r\nfive UID 5)\r\n"
              + kept + " OK\r\nTAG OK\r\n";
    return true;
  };
  postseal_imap_session_fetch_async (session, first, 1, &Delivery::handler, &delivery, nullptr,
                                     Waiter::on_done, &first_waiter);
  postseal_imap_session_fetch_async (session, second, 1, &Delivery::handler, &other, nullptr,
                                     Waiter::on_done, &second_waiter);
  EXPECT_TRUE (
      peer->run_until ([&] { return first_waiter.is_done () && second_waiter.is_done (); }));
  EXPECT_EQ (peer->flights.back (), "UID FETCH 5 (UID BODY.PEEK[])\nUID FETCH 6 (UID BODY.PEEK[])");
  EXPECT_EQ (delivery.text, "begin 4;five;end 5 whole;");
  EXPECT_EQ (other.text, "begin 3;six;end 6 whole;");
  EXPECT_TRUE (postseal_imap_session_fetch_finish (session, first_waiter.result, nullptr));
  EXPECT_TRUE (postseal_imap_session_fetch_finish (session, second_waiter.result, nullptr));
}

TEST_F (ImapFetch, BodyThatNobodyAskedForIsDropped)
{
  start ();
  peer->answers["UID FETCH"] = "* 1 FETCH (UID 5 BODY[] {200000}\r\n" + string (200000, 'x')
                               + ")\r\n* 1 FETCH (UID 5 RFC822.SIZE 9)\r\nTAG OK\r\n";
  GArray *entries = list_messages (1);
  ASSERT_NE (entries, nullptr) << error->message;
  EXPECT_EQ (entries->len, 1u);
  g_array_unref (entries);
}

/* Announced is not received: nothing is set aside for it, and too much is refused at once. */
TEST_F (ImapFetch, AnnouncementBeyondTheLimitIsRefused)
{
  start ();
  peer->answers["UID FETCH"] = "* 1 FETCH (UID 5 BODY[] {4294967297}\r\nx";
  EXPECT_FALSE (fetch ({ 5 }));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_PROTOCOL));
  EXPECT_EQ (delivery.text, "");
}

/* A long message comes in bounded pieces, whatever its length. */
TEST_F (ImapFetch, LongMessageStreams)
{
  const size_t length = 3000000;
  string body (length, 'y');
  gsize longest = 0;
  gsize last = 0;

  start ();
  delivery.on_data = [&] {
    longest = MAX (longest, delivery.open.size () - last);
    last = delivery.open.size ();
  };
  peer->answers["UID FETCH"] = "* 1 FETCH (UID 5 BODY[] {3000000}\r\n" + body + ")\r\nTAG OK\r\n";
  ASSERT_TRUE (fetch ({ 5 }));
  EXPECT_EQ (delivery.whole[5], body);
  EXPECT_LE (longest, 2u * 65536u);
  EXPECT_NE (transcript.find ("BODY[] [3000000 bytes])"), string::npos) << transcript;
}

/* While paused nothing comes, in the middle of what has been read, too. */
TEST_F (ImapFetch, PauseStopsTheFlow)
{
  const guint32 uids[] = { 5, 6 };
  Waiter waiter;
  int n_data = 0;

  start ();
  delivery.on_data = [&] {
    n_data++;
    postseal_imap_session_pause (session);
  };
  peer->answers["UID FETCH"]
      = "* 1 FETCH (UID 5 BODY[] {2}\r\nhi)\r\n* 2 FETCH (UID 6 BODY[] {2}\r\nho)\r\nTAG OK\r\n";
  postseal_imap_session_fetch_async (session, uids, 2, &Delivery::handler, &delivery, nullptr,
                                     Waiter::on_done, &waiter);
  EXPECT_TRUE (peer->run_until ([&] { return n_data == 1; }));
  peer->settle ();
  EXPECT_EQ (delivery.text, "begin 2;");
  postseal_imap_session_resume (session);
  EXPECT_TRUE (peer->run_until ([&] { return n_data == 2; }));
  postseal_imap_session_resume (session);
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
  EXPECT_EQ (delivery.text, "begin 2;hi;end 5 whole;begin 2;ho;end 6 whole;");
}
