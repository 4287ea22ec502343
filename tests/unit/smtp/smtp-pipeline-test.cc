// SPDX-License-Identifier: LGPL-2.1-or-later
#include "smtp-peer.h"

#include <glib/gstdio.h>

using std::string;
using Lines = std::vector<string>;

namespace
{

const string mail = "MAIL FROM:<jane@example.org> SIZE=";
const string rcpt = "RCPT TO:<joe@example.net>";
const string chunk = std::to_string (POSTSEAL_SMTP_CHUNK);

} // namespace

// RFC 2920 and RFC 3030: what goes out together, and what must not.
class SmtpPipeline : public Smtp
{
protected:
  void
  offer_data_only ()
  {
    offer ({ "PIPELINING", "8BITMIME", "SIZE 0", "AUTH PLAIN" });
  }

  // Until nothing more is heard.
  void
  run_quiet ()
  {
    size_t n_before = 0;

    do
      {
        n_before = n_heard + n_spoken;
        run_turns (30);
      }
    while (n_heard + n_spoken > n_before);
  }

  size_t
  count (const string &line) const
  {
    size_t n = 0;

    for (const string &one : server.lines)
      n += one == line;
    return n;
  }
};

TEST_F (SmtpPipeline, SeveralMessagesShareAFlightWithAResetBetween) // RFC 3030 section 4.2
{
  open_and_login ();
  send ("1\r\n");
  send ("22\r\n");
  send ("333\r\n");
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (server.lines,
             (Lines{ mail + "3", rcpt, "BDAT 3 LAST", "[3]", "RSET", mail + "4", rcpt,
                     "BDAT 4 LAST", "[4]", "RSET", mail + "5", rcpt, "BDAT 5 LAST", "[5]" }));
  EXPECT_EQ (flights, (std::vector<size_t>{ 14 }));
}

TEST_F (SmtpPipeline, ResetIsSparedWhereTheLastMessageWasAccepted)
{
  open_and_login ();
  send ("1\r\n");
  ASSERT_TRUE (run_sent ());
  send ("2\r\n");
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (count ("RSET"), 0u);
  server.script["LAST"] = "451 4.3.0 no\r\n";
  send ("3\r\n");
  ASSERT_TRUE (run_sent ());
  send ("4\r\n");
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (count ("RSET"), 1u);
}

TEST_F (SmtpPipeline, RefusedResetEndsTheSession)
{
  server.script["RSET"] = "502 5.5.1 what\r\n";
  open_and_login ();
  Sent &first = send ("1\r\n");
  Sent &second = send ("2\r\n");
  Sent &third = send (string (2 * POSTSEAL_LIMIT_SMTP_WINDOW_BYTES, 'x') + "\r\n");
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (first.verdict (), "accepted 250 2.0.0");
  EXPECT_EQ (second.verdict (), "in doubt");
  EXPECT_EQ (third.verdict (), "not accepted");
}

TEST_F (SmtpPipeline, ContentAndTheNextEnvelopeShareAFlightWithData) // RFC 2920 section 3.1
{
  offer_data_only ();
  open_and_login ();
  send ("1\r\n");
  send ("22\r\n");
  send ("333\r\n");
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (server.lines, (Lines{ mail + "3", rcpt, "DATA", "[3]", mail + "4", rcpt, "DATA", "[4]",
                                   mail + "5", rcpt, "DATA", "[5]" }));
  EXPECT_EQ (flights, (std::vector<size_t>{ 3, 4, 4, 1 }));
}

TEST_F (SmtpPipeline, EachCommandWaitsWithoutPipelining)
{
  offer ({ "SIZE 0", "AUTH PLAIN" });
  open_and_login ();
  send ("1\r\n");
  send ("22\r\n");
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (server.lines,
             (Lines{ mail + "3", rcpt, "DATA", "[3]", mail + "4", rcpt, "DATA", "[4]" }));
  EXPECT_EQ (flights, (std::vector<size_t> (8, 1)));
}

TEST_F (SmtpPipeline, WindowOfOneWaitsForEachMessage)
{
  for (bool is_chunked : { true, false })
    {
      if (!is_chunked)
        offer_data_only ();
      open_and_login ();
      postseal_smtp_session_set_window (session, 1);
      send ("1\r\n");
      send ("22\r\n");
      ASSERT_TRUE (run_sent ());
      EXPECT_EQ (count ("RSET"), 0u);
      EXPECT_EQ (flights,
                 is_chunked ? (std::vector<size_t>{ 4, 4 }) : (std::vector<size_t>{ 3, 1, 3, 1 }));
      reset ();
    }
}

TEST_F (SmtpPipeline, NoMoreMessagesAreOnTheirWayThanTheWindowHolds)
{
  open_and_login ();
  is_holding = true;
  for (int i = 0; i < POSTSEAL_LIMIT_SMTP_WINDOW + 20; i++)
    send ("x\r\n");
  run_quiet ();
  EXPECT_EQ (count (rcpt), static_cast<size_t> (POSTSEAL_LIMIT_SMTP_WINDOW));
  is_holding = false;
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (server.messages.size (), static_cast<size_t> (POSTSEAL_LIMIT_SMTP_WINDOW + 20));
}

TEST_F (SmtpPipeline, NoMoreOctetsAreOnTheirWayThanTheWindowHolds)
{
  const string content = string (POSTSEAL_LIMIT_SMTP_WINDOW_BYTES * 3 / 10, 'x') + "\r\n";

  open_and_login ();
  is_holding = true;
  for (int i = 0; i < 10; i++)
    send (content);
  run_quiet ();
  EXPECT_EQ (count (rcpt), 3u);
  is_holding = false;
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (server.messages.size (), 10u);
}

TEST_F (SmtpPipeline, LargeMessageGoesOutInChunksThatAreCountedExactly)
{
  const string content (2 * POSTSEAL_SMTP_CHUNK + 5, 'x');

  open_and_login ();
  Sent &one = send (content);
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "accepted 250 2.0.0");
  EXPECT_EQ (server.lines, (Lines{ mail + std::to_string (content.size ()), rcpt, "BDAT " + chunk,
                                   "[" + chunk + "]", "BDAT " + chunk, "[" + chunk + "]",
                                   "BDAT 5 LAST", "[5]" }));
  EXPECT_TRUE (server.messages[0].content == content);
}

TEST_F (SmtpPipeline, ExactMultipleOfAChunkHasNoEmptyLastOne)
{
  open_and_login ();
  send (string (2 * POSTSEAL_SMTP_CHUNK, 'x'));
  send ("");
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (count ("BDAT " + chunk), 1u);
  EXPECT_EQ (count ("BDAT " + chunk + " LAST"), 1u);
  EXPECT_EQ (count ("BDAT 0 LAST"), 1u);
  EXPECT_EQ (server.messages.size (), 2u);
}

TEST_F (SmtpPipeline, NothingMoreIsSaidAfterARefusedChunkButReset) // RFC 3030 section 2
{
  size_t n_chunks = 0;

  server.answer = [&] (const string &line) -> string {
    return line == "BDAT" && ++n_chunks == 2 ? "552 5.3.4 too big\r\n" : "";
  };
  open_and_login ();
  Sent &one = send (string (100 * POSTSEAL_SMTP_CHUNK, 'x'));
  Sent &next = send ("next\r\n");
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "permanent 552 5.3.4");
  EXPECT_EQ (next.verdict (), "accepted 250 2.0.0");
  EXPECT_EQ (contents (), Lines{ "next\r\n" });
  EXPECT_LT (count ("BDAT " + chunk), 10u);
  EXPECT_EQ (count ("BDAT " + chunk + " LAST"), 0u);
  EXPECT_EQ (count ("RSET"), 1u);
}

TEST_F (SmtpPipeline, ServerIsToldAtOnceThatThereWillBeNoLastChunk)
{
  server.script["BDAT"] = "452 4.3.1 no room\r\n";
  open_and_login ();
  Sent &one = send (string (100 * POSTSEAL_SMTP_CHUNK, 'x'));
  ASSERT_TRUE (run_sent ());
  run_quiet ();
  EXPECT_EQ (one.verdict (), "temporary 452 4.3.1");
  EXPECT_EQ (server.lines.back (), "RSET");
}

TEST_F (SmtpPipeline, LargeMessageStopsWhenItsEnvelopeIsRefused)
{
  for (const char *command : { "MAIL", "RCPT" })
    {
      server.answer = [&] (const string &line) -> string {
        return line.rfind (command, 0) == 0 && server.lines.size () < 3 ? "550 5.1.0 no\r\n" : "";
      };
      open_and_login ();
      Sent &one = send (string (100 * POSTSEAL_SMTP_CHUNK, 'x'));
      Sent &next = send ("next\r\n");
      ASSERT_TRUE (run_sent ());
      EXPECT_EQ (one.verdict (), "permanent 550 5.1.0");
      EXPECT_EQ (next.verdict (), "accepted 250 2.0.0");
      EXPECT_LT (count ("BDAT " + chunk), 10u);
      EXPECT_EQ (contents (), Lines{ "next\r\n" });
      reset ();
    }
}

TEST_F (SmtpPipeline, ChunkMayBeRefusedBeforeItIsThere)
{
  open_and_login ();
  Sent &one = send (string (3 * POSTSEAL_SMTP_CHUNK, 'x'));
  ASSERT_TRUE (run_while ([&] { return server.lines.size () < 3; }));
  is_deaf = true;
  run_turns (20);
  say ("552 5.3.4 too big\r\n");
  run_turns (20);
  server.script["BDAT"] = "";
  is_deaf = false;
  Sent &next = send ("next\r\n");
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "permanent 552 5.3.4");
  EXPECT_NE (next.verdict (), "in doubt");
  EXPECT_EQ (count ("BDAT " + chunk + " LAST"), 0u);
}

TEST_F (SmtpPipeline, AcceptanceAfterARefusalLeavesDoubt)
{
  // What it has refused it must not accept; whether it did nobody knows.
  for (const char *refused : { "MAIL", "BDAT" })
    {
      open_and_login ();
      is_deaf = true;
      Sent &one = send (string (POSTSEAL_SMTP_CHUNK + 5, 'x'));
      for (int i = 0; i < 20; i++)
        {
          run_turns (5);
          pair->hear ();
        }
      say (string (refused) == "MAIL" ? "451 4.3.0 later\r\n250 ok\r\n250 ok\r\n250 taken\r\n"
                                      : "250 ok\r\n250 ok\r\n451 4.3.0 later\r\n250 taken\r\n");
      ASSERT_TRUE (run_sent ());
      EXPECT_EQ (one.verdict (), "in doubt") << refused;
      is_deaf = false;
      reset ();
    }
}

TEST_F (SmtpPipeline, OfferOfChunkingThatIsALieEndsTheSession)
{
  // It takes the content for commands.
  server.answer = [&] (const string &line) -> string {
    return line == "LAST" ? "500 5.5.2 what\r\n500 5.5.2 what\r\n500 5.5.2 what\r\n" : "";
  };
  open_and_login ();
  Sent &one = send ("a\r\nb\r\n");
  Sent &next = send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_TRUE (one.failed_with (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_PROTOCOL));
  EXPECT_EQ (one.verdict (), "not accepted");
  EXPECT_EQ (next.verdict (), "in doubt");
}

TEST_F (SmtpPipeline, LoneDotEndsDataForNobody) // RFC 2920 section 3.1
{
  offer_data_only ();
  server.script["RCPT"] = "550 5.1.1 who\r\n";
  server.script["DATA"] = "354 go on\r\n";
  open_and_login ();
  Sent &one = send ("secret\r\n", { "joe@example.net", "ann@example.net" });
  ASSERT_TRUE (run_while ([&] { return n_results == 0; }));
  EXPECT_EQ (one.verdict (0), "permanent 550 5.1.1");
  EXPECT_EQ (one.verdict (1), "permanent 550 5.1.1");
  EXPECT_EQ (server.lines[4], "[0]");
  server.script.erase ("RCPT");
  Sent &next = send ("next\r\n");
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (next.verdict (), "accepted 250 2.0.0");
  EXPECT_EQ (contents (), Lines{ "next\r\n" });
}

TEST_F (SmtpPipeline, LoneDotThatIsAcceptedIsNoAcceptance)
{
  offer_data_only ();
  server.script["MAIL"] = "451 4.7.1 greylisted\r\n";
  server.script["DATA"] = "354 go on\r\n";
  server.script["."] = "250 2.0.0 taken\r\n";
  open_and_login ();
  Sent &one = send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "temporary 451 4.7.1");
}

TEST_F (SmtpPipeline, ContentIsNotSentForASenderWhoWasRefused)
{
  offer_data_only ();
  server.script["MAIL"] = "451 4.7.1 greylisted\r\n";
  server.script["RCPT"] = "250 2.1.5 ok\r\n";
  server.script["DATA"] = "354 go on\r\n";
  open_and_login ();
  Sent &one = send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "temporary 451 4.7.1");
  EXPECT_EQ (server.n_dots, 0u) << "even an empty message would have recipients";
}

TEST_F (SmtpPipeline, RefusalInTheMiddleOfDataEndsTheSession)
{
  offer_data_only ();
  open_and_login ();
  Sent &one = send (string (20 * POSTSEAL_SMTP_CHUNK, 'x') + "\r\n");
  Sent &next = send ();
  ASSERT_TRUE (run_while ([&] { return !server.is_after_data; }));
  is_deaf = true;
  run_turns (20);
  say ("552 5.3.4 too big\r\n");
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "permanent 552 5.3.4");
  EXPECT_EQ (next.verdict (), "not accepted");
  EXPECT_TRUE (next.failed_with (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_BUSY));
}

TEST_F (SmtpPipeline, OnlySoMuchIsReadAheadOfThePeer)
{
  for (bool is_chunked : { true, false })
    {
      g_autofree char *name = nullptr;
      int fd = g_file_open_tmp ("smtp-content-XXXXXX", &name, nullptr);
      size_t n_said = 0;

      if (!is_chunked)
        offer_data_only ();
      ASSERT_EQ (ftruncate (fd, 100 * POSTSEAL_SMTP_CHUNK), 0);
      open_and_login ();
      Sent &one = prepare ("");
      one.message.length = 100 * POSTSEAL_SMTP_CHUNK;
      one.message.fd = fd;
      start (one);
      ASSERT_TRUE (run_while ([&] { return server.lines.size () < 3 && !server.is_after_data; }));
      is_deaf = true;
      run_turns (1000);
      for (size_t at = 0; (at = transcript.find ("> [" + chunk, at)) != string::npos; at++)
        n_said++;
      EXPECT_LE (n_said, 3u);
      is_deaf = false;
      ASSERT_TRUE (run_sent ());
      EXPECT_EQ (one.verdict (), "accepted 250 2.0.0") << one.reason ();
      EXPECT_EQ (server.messages[0].content.size (),
                 100u * POSTSEAL_SMTP_CHUNK + (is_chunked ? 0 : 2));
      reset ();
      close (fd);
      g_unlink (name);
    }
}

TEST_F (SmtpPipeline, NothingSharesAGroupWithNoop) // RFC 2920 section 3.1
{
  open_and_login ();
  send ("1\r\n");
  noop ();
  send ("2\r\n");
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (flights, (std::vector<size_t>{ 4, 1, 4 }));
  EXPECT_EQ (server.lines[4], "NOOP");
  EXPECT_EQ (outcomes, Lines{ "noop ok" });
}

TEST_F (SmtpPipeline, RecipientsOfARefusedMessageAreNeverAnothers)
{
  // The second message's MAIL is refused; without RSET the third would be lost in the first's wake.
  for (const char *refused : { "MAIL FROM:<2@example.org>", "RCPT TO:<2@example.net>" })
    {
      server.answer = [&] (const string &line) -> string {
        return line.rfind (refused, 0) == 0 ? "450 4.1.0 later\r\n" : "";
      };
      open_and_login ();
      for (const char *name : { "1", "2", "3", "4" })
        send (string (name) + "\r\n", { string (name) + "@example.net" },
              string (name) + "@example.org");
      ASSERT_TRUE (run_sent ());
      EXPECT_EQ (contents (), (Lines{ "1\r\n", "3\r\n", "4\r\n" }));
      for (const SmtpServer::Message &one : server.messages)
        EXPECT_EQ (one.recipients, Lines{ one.content.substr (0, 1) + "@example.net" });
      reset ();
    }
}
