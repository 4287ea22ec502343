/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a message needs and what a server can: converted, refused in words, or asked for. */
#include <ctime>

#include "scenario/submission.h"

namespace postseal_test
{

class SendContent : public Submission
{
protected:
  using Reply = std::optional<std::string>;
  using Call = ToySubmission::Call;

  static std::string
  eight_bit (const std::string &extra = "")
  {
    return "From: jane@example.org\nTo: bob@example.net\nSubject: one\nMIME-Version: 1.0\n"
           "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
           + extra + "\nGr\xc3\xbc\xc3\x9f Gott\n";
  }

  ToySubmission::Delivery
  only ()
  {
    std::vector<ToySubmission::Delivery> all = server.deliveries ();

    EXPECT_EQ (all.size (), 1u);
    return all.empty () ? ToySubmission::Delivery () : all[0];
  }

  static bool
  has_word (const std::string &parameters, const std::string &word)
  {
    return (" " + parameters + " ").find (" " + word + " ") != std::string::npos;
  }

  /* Nothing of it on the wire but what was said before; somebody is told. */
  void
  expect_unfit (const Outcome &outcome, const std::string &words, const std::string &status)
  {
    expect_outcome (outcome, 65, words);
    EXPECT_EQ (server.count ("MAIL"), 0u);
    EXPECT_EQ (states (), "");
    ASSERT_EQ (reports ().size (), 1u);
    EXPECT_NE (reports ()[0].find ("Status: " + status), std::string::npos) << reports ()[0];
  }
};

/* --- 8BITMIME, RFC 6152 --- */

TEST_F (SendContent, EightBitsGoAsTheyAreWhereTheServerTakesThem)
{
  EXPECT_EQ (send (eight_bit ()).status, 0);
  EXPECT_TRUE (has_word (only ().parameters, "BODY=8BITMIME")) << only ().parameters;
  EXPECT_NE (only ().content.find ("Gr\xc3\xbc\xc3\x9f Gott"), std::string::npos);
}

TEST_F (SendContent, EightBitsAreConvertedWhereItDoesNot)
{
  server.withdraw ("8BITMIME");
  Outcome outcome = send (eight_bit ());
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  std::string content = only ().content;

  EXPECT_EQ (content.find ("BODY="), std::string::npos);
  EXPECT_EQ (content.find ("\xc3"), std::string::npos) << content;
  EXPECT_TRUE (content.find ("Gr=C3=BC=C3=9F Gott") != std::string::npos
               || content.find ("base64") != std::string::npos)
      << content;
}

TEST_F (SendContent, ASignedMessageIsNotConverted)
{
  server.withdraw ("8BITMIME");
  enqueue (
      eight_bit ("DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x; h=From; bh=x; b=x\n"));
  expect_unfit (flush (), "localhost", "5.6.");
}

/* --- SMTPUTF8, RFC 6531 --- */

TEST_F (SendContent, AnInternationalAddressIsAskedFor)
{
  EXPECT_EQ (send (message (), { "\xce\xb4@example.net" }).status, 0);
  EXPECT_TRUE (has_word (only ().parameters, "SMTPUTF8")) << only ().parameters;
  EXPECT_EQ (only ().recipients, std::vector<std::string>{ "\xce\xb4@example.net" });
}

TEST_F (SendContent, AnInternationalAddressCannotGoThroughAServerWithoutIt)
{
  server.withdraw ("SMTPUTF8");
  enqueue (message (), { "\xce\xb4@example.net" });
  expect_unfit (flush (), "SMTPUTF8", "5.6.7");
}

TEST_F (SendContent, AnInternationalDomainAloneNeedsNothing)
{
  server.withdraw ("SMTPUTF8");
  EXPECT_EQ (send (message (), { "bob@b\xc3\xbc"
                                 "cher.example" })
                 .status,
             0);
  EXPECT_EQ (only ().recipients, std::vector<std::string>{ "bob@xn--bcher-kva.example" });
}

/* --- SIZE, RFC 1870 --- */

TEST_F (SendContent, WhatIsTooLargeIsNotEvenBegun)
{
  server.offer ("SIZE 1000");
  enqueue (message ("one", std::string (2000, '\n')));
  enqueue (message ("two"));
  Outcome outcome = flush ();

  expect_outcome (outcome, 65, "1000");
  EXPECT_EQ (server.count ("MAIL"), 1u) << "of the other one";
  EXPECT_EQ (taken (), "two");
  EXPECT_EQ (states (), "");
  ASSERT_EQ (reports ().size (), 1u);
  EXPECT_NE (reports ()[0].find ("Status: 5.3.4"), std::string::npos);
}

/* Counted with CR LF and without the stuffing of dots: the toy compares. */
TEST_F (SendContent, TheLimitIsExact)
{
  for (bool is_chunked : { true, false })
    {
      if (!is_chunked)
        server.withdraw ("CHUNKING");
      server.settle ();
      unsigned before = (unsigned)server.deliveries ().size ();
      server.offer ("SIZE 10485760");
      EXPECT_EQ (send (message ("one", ".\n.\n..\n")).status, 0);
      std::string size = std::to_string (server.deliveries ().at (before).content.size ());
      server.offer ("SIZE " + size);
      EXPECT_EQ (send (message ("one", ".\n.\n..\n")).status, 0) << size;
      EXPECT_EQ (send (message ("one", ".\n.\n..\n\n")).status, 65) << size;
      EXPECT_EQ (server.deliveries ().size (), before + 2);
    }
}

TEST_F (SendContent, ALimitOfZeroIsNone)
{
  server.offer ("SIZE 0");
  expect_sent (send ());
}

TEST_F (SendContent, AnUnreadableLimitIsNone)
{
  for (const char *offer : { "SIZE", "SIZE many", "SIZE -1", "SIZE 99999999999999999999999" })
    {
      server.offer (offer);
      EXPECT_EQ (send ().status, 0) << offer;
    }
}

/* --- CHUNKING and BINARYMIME, RFC 3030 --- */

TEST_F (SendContent, ALargeMessageGoesInChunksAndArrivesWhole)
{
  std::string body;

  for (int i = 0; i < 40000; i++)
    body += std::string (i % 7 == 0 ? "." : "") + "line " + std::to_string (i) + "\n";
  for (bool is_chunked : { true, false })
    {
      if (!is_chunked)
        server.withdraw ("CHUNKING");
      EXPECT_EQ (send (message ("one", body)).status, 0);
    }
  std::vector<ToySubmission::Delivery> all = server.deliveries ();
  ASSERT_EQ (all.size (), 2u);
  EXPECT_TRUE (all[0].is_chunked);
  EXPECT_FALSE (all[1].is_chunked);
  EXPECT_EQ (all[0].content, all[1].content);
  EXPECT_GT (server.count ("BDAT"), 1u);
}

TEST_F (SendContent, BinaryGoesAsItIsOrConverted)
{
  std::string text = "From: jane@example.org\r\nTo: bob@example.net\r\nSubject: one\r\n"
                     "MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
                     "Content-Transfer-Encoding: binary\r\n\r\n"
                     + std::string ("\0\r\n.\r\n\r\xff\n\n.", 12);

  EXPECT_EQ (send (text, { "--body", "binarymime", "bob@example.net" }).status, 0);
  std::string converted = only ().content;
  EXPECT_NE (converted.find ("\r\n\r\nAA0KLg0KDf8KCi4A\r\n"), std::string::npos) << converted;
  server.offer ("BINARYMIME");
  EXPECT_EQ (send (text, { "--body", "binarymime", "bob@example.net" }).status, 0);
  ASSERT_EQ (server.deliveries ().size (), 2u);
  ToySubmission::Delivery delivery = server.deliveries ()[1];
  EXPECT_TRUE (has_word (delivery.parameters, "BODY=BINARYMIME")) << delivery.parameters;
  std::string content = delivery.content;
  ASSERT_GT (content.size (), 12u);
  EXPECT_EQ (content.substr (content.size () - 12), std::string ("\0\r\n.\r\n\r\xff\n\n.", 12));
}

/* --- DSN, RFC 3461 --- */

TEST_F (SendContent, WishesAboutReportsAreOnTheWire)
{
  EXPECT_EQ (send (message (), { "--notify", "success,failure,delay", "--return", "headers",
                                 "--envelope-id", "a+b=c", "bob@example.net" })
                 .status,
             0);
  ToySubmission::Delivery delivery = only ();
  EXPECT_TRUE (has_word (delivery.parameters, "RET=HDRS")) << delivery.parameters;
  EXPECT_TRUE (has_word (delivery.parameters, "ENVID=a+2Bb+3Dc")) << delivery.parameters;
  EXPECT_TRUE (has_word (delivery.recipient_parameters.at (0), "NOTIFY=SUCCESS,FAILURE,DELAY"))
      << delivery.recipient_parameters.at (0);
}

TEST_F (SendContent, WishesAboutReportsStayHereWhereNobodyUnderstandsThem)
{
  server.withdraw ("DSN");
  EXPECT_EQ (send (message (), { "--notify", "never", "--return", "full", "--envelope-id", "x",
                                 "bob@example.net" })
                 .status,
             0);
  EXPECT_EQ (only ().recipient_parameters.at (0), "");
}

/* --- REQUIRETLS, RFC 8689; FUTURERELEASE, RFC 4865; DELIVERBY, RFC 2852 --- */

TEST_F (SendContent, RequiredTlsIsRequired)
{
  enqueue (message (), { "--require-tls", "bob@example.net" });
  expect_unfit (flush (), "REQUIRETLS", "5.7.30");
  server.offer ("REQUIRETLS");
  EXPECT_EQ (send (message (), { "--require-tls", "bob@example.net" }).status, 0);
  EXPECT_TRUE (has_word (only ().parameters, "REQUIRETLS")) << only ().parameters;
}

TEST_F (SendContent, AServerThatCanHoldAMessageDoesSo)
{
  server.offer ("FUTURERELEASE 86400 2030-01-01T00:00:00Z");
  EXPECT_EQ (send (message (), { "--hold-until", "+1h", "bob@example.net" }).status, 0);
  std::string parameters = only ().parameters;
  size_t at = parameters.find ("HOLDFOR=");
  ASSERT_NE (at, std::string::npos) << parameters;
  int seconds = atoi (parameters.c_str () + at + 8);
  EXPECT_GT (seconds, 3500);
  EXPECT_LE (seconds, 3600);
}

TEST_F (SendContent, OtherwiseItWaitsHere)
{
  std::string id = enqueue (message (), { "--hold-until", "+1h", "bob@example.net" });

  EXPECT_EQ (flush_due ().status, 0);
  EXPECT_EQ (taken (), "");
  EXPECT_EQ (states (), "queued");
  EXPECT_GT (show (id).next_attempt, time (nullptr) + 3400);
  EXPECT_EQ (show (id).attempts, 0);
}

TEST_F (SendContent, MoreThanTheServerHoldsWaitsHere)
{
  server.offer ("FUTURERELEASE 60 2030-01-01T00:00:00Z");
  std::string id = enqueue (message (), { "--hold-until", "+1h", "bob@example.net" });

  flush_due ();
  EXPECT_EQ (taken (), "");
  EXPECT_EQ (states (), "queued");
}

TEST_F (SendContent, ATimeToBeDeliveredByIsOnTheWire)
{
  server.offer ("DELIVERBY 240");
  EXPECT_EQ (send (message (), { "--deliver-by", "1h:return", "bob@example.net" }).status, 0);
  std::string parameters = only ().parameters;
  size_t at = parameters.find ("BY=");
  ASSERT_NE (at, std::string::npos) << parameters;
  EXPECT_GT (atoi (parameters.c_str () + at + 3), 3500) << parameters;
  EXPECT_NE (parameters.find (";R"), std::string::npos) << parameters;
}

TEST_F (SendContent, ATimeToBeDeliveredByThatNobodyKeepsIsNotPromised)
{
  enqueue (message (), { "--deliver-by", "1h:return", "bob@example.net" });
  expect_unfit (flush (), "DELIVERBY", "5.3.3");
}

TEST_F (SendContent, LessThanTheServersLeastTimeIsNotPromised)
{
  server.offer ("DELIVERBY 7200");
  enqueue (message (), { "--deliver-by", "1h:return", "bob@example.net" });
  expect_unfit (flush (), "localhost", "5.3.3");
}

/* --- LIMITS, RFC 9422 --- */

TEST_F (SendContent, NoMoreRecipientsThanTheServerSays)
{
  server.offer ("LIMITS RCPTMAX=2");
  enqueue (message (),
           { "a@example.net", "b@example.net", "c@example.net", "d@example.net", "e@example.net" });
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (server.deliveries ().size (), 3u);
  EXPECT_EQ (server.connections (), 1u);
  EXPECT_EQ (states (), "");
}

TEST_F (SendContent, NoMoreMessagesThanTheServerSays)
{
  server.offer ("LIMITS MAILMAX=3");
  for (int i = 0; i < 8; i++)
    enqueue (message ("m" + std::to_string (i)));
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (taken (), "m0 m1 m2 m3 m4 m5 m6 m7");
  EXPECT_EQ (server.connections (), 3u);
}

TEST_F (SendContent, RecipientsAndMessagesAreLimitedTogether)
{
  server.offer ("LIMITS MAILMAX=2 RCPTMAX=1");
  enqueue (message ("one"), { "a@example.net", "b@example.net", "c@example.net" });
  enqueue (message ("two"));
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (server.deliveries ().size (), 4u);
  EXPECT_EQ (states (), "");
}

TEST_F (SendContent, OneDomainInATransactionWhereTheServerSaysSo)
{
  server.offer ("LIMITS RCPTDOMAINMAX=1");
  enqueue (message (), { "a@example.net", "b@example.com", "c@EXAMPLE.net" });
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  ASSERT_EQ (server.deliveries ().size (), 2u);
  EXPECT_EQ (server.deliveries ()[0].recipients.size (), 2u);
}

TEST_F (SendContent, ThousandsOfRecipients)
{
  std::vector<std::string> all;
  unsigned in_this_one = 0;

  for (int i = 0; i < 5000; i++)
    all.push_back ("user" + std::to_string (i) + "@example.net");
  server.hook = [&] (const Call &call) -> Reply {
    if (call.verb == "MAIL")
      in_this_one = 0;
    if (call.verb == "RCPT" && ++in_this_one > 1000)
      return "452 4.5.3 too many recipients\r\n";
    return std::nullopt;
  };
  enqueue (message (), all);
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  std::vector<std::string> got;
  for (const ToySubmission::Delivery &delivery : server.deliveries ())
    got.insert (got.end (), delivery.recipients.begin (), delivery.recipients.end ());
  EXPECT_EQ (got, all);
  EXPECT_EQ (states (), "");
  EXPECT_LT (outcome.seconds, 20);
}

/* --- what cannot be smuggled --- */

/* Input with every mixture of CR, LF and dot is one message on the wire, or none. */
TEST_F (SendContent, NoMixtureOfLineEndsMakesTwoMessages)
{
  const std::string bytes = "\r\n.";
  unsigned n_taken = 0;

  for (bool is_chunked : { true, false })
    {
      if (!is_chunked)
        server.withdraw ("CHUNKING");
      for (unsigned pattern = 0; pattern < 243; pattern += is_chunked ? 7 : 3)
        {
          std::string mixture;

          for (unsigned rest = pattern, i = 0; i < 5; i++, rest /= 3)
            mixture += bytes[rest % 3];
          Outcome outcome = sandbox.run (
              { "send", "bob@example.net" },
              message ("one", "a" + mixture + "MAIL FROM:<evil@example.org>" + mixture + "z\n"),
              { { "POSTSEAL", "/bin/true" } });
          EXPECT_TRUE (outcome.status == 0 || outcome.status == 65) << outcome.err;
          n_taken += outcome.status == 0;
        }
      flush ();
    }
  EXPECT_EQ (server.deliveries ().size (), n_taken);
  EXPECT_GT (n_taken, 10u);
  EXPECT_EQ (server.count ("MAIL"), n_taken);
  EXPECT_EQ (server.count ("MAIL FROM:<evil"), 0u);
  EXPECT_EQ (states (), "");
}

} // namespace postseal_test
