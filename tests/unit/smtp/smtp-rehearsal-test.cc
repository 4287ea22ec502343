// SPDX-License-Identifier: LGPL-2.1-or-later
#include "smtp-peer.h"

using std::string;
using Lines = std::vector<string>;

// An envelope without a message.
class SmtpRehearsal : public Smtp
{
protected:
  // Returns: both answers, or "error"
  string
  outcome (const char *sender = "jane@example.org", const char *recipient = "jane@example.org")
  {
    open_and_login ();
    rehearse (sender, recipient);
    EXPECT_TRUE (run_to (1));
    return outcomes[0] == "rehearsal ok" ? rehearsed : "error";
  }
};

TEST_F (SmtpRehearsal, SaysTheEnvelopeOneByOneAndTakesItBack)
{
  EXPECT_EQ (outcome (), "250 2.1.0 ok / 250 2.1.5 ok") << message ();
  EXPECT_EQ (server.lines,
             (Lines{ "MAIL FROM:<jane@example.org>", "RCPT TO:<jane@example.org>", "RSET" }));
  EXPECT_EQ (flights, (std::vector<size_t>{ 1, 1, 1 }));
  EXPECT_EQ (server.messages.size (), 0u);
}

TEST_F (SmtpRehearsal, AsksNoMoreAfterARefusedSender)
{
  server.script["MAIL"] = "553 5.7.1 not yours\r\n";
  EXPECT_EQ (outcome (), "553 5.7.1 not yours / ?");
  EXPECT_EQ (server.lines, Lines{ "MAIL FROM:<jane@example.org>" });
}

TEST_F (SmtpRehearsal, TakesBackASenderWhoseRecipientIsRefused)
{
  server.script["RCPT"] = "451 4.7.1 greylisted\r\n";
  EXPECT_EQ (outcome (), "250 2.1.0 ok / 451 4.7.1 greylisted");
  EXPECT_EQ (server.lines.back (), "RSET");
}

TEST_F (SmtpRehearsal, SaysNothingOfAnAddressThatIsNone)
{
  EXPECT_EQ (outcome ("jane@example.org>\r\nDATA").substr (0, 8), "0 5.1.7 ");
  EXPECT_EQ (server.lines, Lines{});
}

TEST_F (SmtpRehearsal, GoesOnWithoutARecipientThatIsNone)
{
  EXPECT_EQ (outcome ("jane@example.org", "a b").find ("250 2.1.0 ok / 0 5.1.3 "), 0u);
  EXPECT_EQ (server.lines, (Lines{ "MAIL FROM:<jane@example.org>", "RSET" }));
}

TEST_F (SmtpRehearsal, WritesDomainsAsALabels)
{
  outcome ("jane@b\xc3\xbc"
           "cher.example");
  ASSERT_FALSE (server.lines.empty ());
  EXPECT_EQ (server.lines[0], "MAIL FROM:<jane@xn--bcher-kva.example>");
}

TEST_F (SmtpRehearsal, EndsWithTheConversation) // RFC 5321 section 3.8
{
  server.script["RCPT"] = "421 4.4.2 enough\r\n";
  EXPECT_EQ (outcome (), "error");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_BUSY));
  EXPECT_NE (facts.find ("said=421 4.4.2 enough\n"), string::npos);
}

TEST_F (SmtpRehearsal, IsNoPlaceForData)
{
  server.script["MAIL"] = "354 go on\r\n";
  EXPECT_EQ (outcome (), "error");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_PROTOCOL));
}

TEST_F (SmtpRehearsal, CanBeCancelled)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  open_and_login ();
  rehearse ("jane@example.org", "jane@example.org", cancellable);
  g_cancellable_cancel (cancellable);
  ASSERT_TRUE (run_to (1));
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

TEST_F (SmtpRehearsal, LeavesTheSessionFitForMail)
{
  EXPECT_EQ (outcome (), "250 2.1.0 ok / 250 2.1.5 ok");
  Sent &one = send ();
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (), "accepted 250 2.0.0") << one.reason ();
  EXPECT_EQ (server.messages.size (), 1u);
}
