// SPDX-License-Identifier: LGPL-2.1-or-later
#include "smtp-peer.h"

using std::string;
using Lines = std::vector<string>;

// What is refused before a byte is sent, and what goes into the lines.
class SmtpRefusal : public Smtp
{
protected:
  // Signs in to a server with @keywords besides AUTH.
  void
  open_with (std::vector<string> keywords)
  {
    keywords.push_back ("AUTH PLAIN");
    offer (keywords);
    open_and_login ();
  }

  Sent &
  prepare_wishing (const PostsealSmtpMailParameters &wishes)
  {
    Sent &one = prepare ("x\r\n");

    one.message.mail = wishes;
    return one;
  }

  bool
  is_refused_here (Sent &one, const char *status)
  {
    size_t n_lines = server.lines.size ();

    start (one);
    EXPECT_TRUE (one.result == nullptr) << "never from within the call";
    EXPECT_TRUE (run_sent ());
    EXPECT_EQ (one.verdict (), string ("permanent 0 ") + status) << one.text ();
    EXPECT_NE (one.text (), "");
    run_turns (5);
    return server.lines.size () == n_lines;
  }

  // The first line of the message.
  string
  say_mail (Sent &one)
  {
    size_t n_lines = server.lines.size ();

    start (one);
    EXPECT_TRUE (run_sent ());
    return server.lines.size () > n_lines ? server.lines[n_lines] : one.verdict ();
  }
};

TEST_F (SmtpRefusal, MessageThatIsLargerThanSize) // RFC 1870 section 6
{
  open_with ({ "SIZE 10" });
  Sent &fits = prepare ("12345678\r\n");
  EXPECT_EQ (say_mail (fits), "MAIL FROM:<jane@example.org> SIZE=10");
  EXPECT_TRUE (is_refused_here (prepare ("123456789\r\n"), "5.3.4"));
}

TEST_F (SmtpRefusal, SizeIsNotWrittenWhereItIsNotOffered)
{
  open_with ({});
  EXPECT_EQ (say_mail (prepare ("x\r\n")), "MAIL FROM:<jane@example.org>");
}

TEST_F (SmtpRefusal, BodyThatTheServerCannotTake) // RFC 6152, RFC 3030
{
  PostsealSmtpMailParameters eight = {};
  PostsealSmtpMailParameters binary = {};

  eight.body = POSTSEAL_SMTP_BODY_8BIT;
  binary.body = POSTSEAL_SMTP_BODY_BINARY;
  open_with ({ "CHUNKING" });
  EXPECT_TRUE (is_refused_here (prepare_wishing (eight), "5.6.3"));
  EXPECT_TRUE (is_refused_here (prepare_wishing (binary), "5.6.1"));
  reset ();
  open_with ({ "8BITMIME", "CHUNKING", "BINARYMIME" });
  EXPECT_EQ (say_mail (prepare_wishing (eight)), "MAIL FROM:<jane@example.org> BODY=8BITMIME");
  EXPECT_EQ (say_mail (prepare_wishing (binary)), "MAIL FROM:<jane@example.org> BODY=BINARYMIME");
}

TEST_F (SmtpRefusal, InternationalMessageWithoutSmtputf8) // RFC 6531 section 3.2
{
  PostsealSmtpMailParameters utf8 = {};

  utf8.smtputf8 = TRUE;
  open_with ({});
  EXPECT_TRUE (is_refused_here (prepare_wishing (utf8), "5.6.7"));
  EXPECT_TRUE (
      is_refused_here (prepare ("x\r\n", { "joe@example.net" }, "δ@example.org"), "5.6.7"));
  EXPECT_TRUE (is_refused_here (prepare ("x\r\n", { "δ@example.net" }), "5.6.7"));
  // One such recipient does not hold up the others.
  Sent &mixed = send ("x\r\n", { "joe@example.net", "δ@example.net" });
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (mixed.verdict (0), "accepted 250 2.0.0");
  EXPECT_EQ (mixed.verdict (1), "permanent 0 5.6.7");
  EXPECT_EQ (server.messages.back ().recipients, Lines{ "joe@example.net" });
}

TEST_F (SmtpRefusal, DomainAloneGoesOutAsALabels)
{
  open_with ({});
  Sent &one = prepare ("x\r\n", { "joe@bücher.example" }, "jane@müller.example");
  EXPECT_EQ (say_mail (one), "MAIL FROM:<jane@xn--mller-kva.example>");
  EXPECT_EQ (server.lines[1], "RCPT TO:<joe@xn--bcher-kva.example>");
}

TEST_F (SmtpRefusal, Smtputf8IsWrittenWhereItIsNeeded)
{
  open_with ({ "SMTPUTF8", "8BITMIME" });
  EXPECT_EQ (say_mail (prepare ("x\r\n")), "MAIL FROM:<jane@example.org>");
  EXPECT_EQ (say_mail (prepare ("x\r\n", { "δ@example.net" })),
             "MAIL FROM:<jane@example.org> SMTPUTF8");
}

TEST_F (SmtpRefusal, TlsOnAllTheWayThatIsNotPromised) // RFC 8689 section 4.2.1
{
  PostsealSmtpMailParameters wishes = {};

  wishes.requiretls = TRUE;
  open_with ({});
  EXPECT_TRUE (is_refused_here (prepare_wishing (wishes), "5.7.30"));
  reset ();
  open_with ({ "REQUIRETLS" });
  EXPECT_EQ (say_mail (prepare_wishing (wishes)), "MAIL FROM:<jane@example.org> REQUIRETLS");
  postseal_smtp_session_get_seal (session)->voucher = POSTSEAL_VOUCHER_LOOPBACK;
  EXPECT_TRUE (is_refused_here (prepare_wishing (wishes), "5.7.10"));
  postseal_smtp_session_get_seal (session)->voucher = POSTSEAL_VOUCHER_NONE;
  EXPECT_TRUE (is_refused_here (prepare_wishing (wishes), "5.7.10"));
}

TEST_F (SmtpRefusal, TimesThatTheServerDoesNotPromise) // RFC 4865, RFC 2852
{
  PostsealSmtpMailParameters hold = {};
  PostsealSmtpMailParameters by = {};

  hold.hold_for = 3600;
  by.deliver_by = 600;
  by.deliver_by_mode = 'R';
  open_with ({});
  EXPECT_TRUE (is_refused_here (prepare_wishing (hold), "5.3.3"));
  EXPECT_TRUE (is_refused_here (prepare_wishing (by), "5.3.3"));
  reset ();
  open_with ({ "FUTURERELEASE 3600 2030-01-01T00:00:00Z", "DELIVERBY 600" });
  EXPECT_EQ (say_mail (prepare_wishing (hold)), "MAIL FROM:<jane@example.org> HOLDFOR=3600");
  EXPECT_EQ (say_mail (prepare_wishing (by)), "MAIL FROM:<jane@example.org> BY=600;R");
  hold.hold_for++;
  by.deliver_by--;
  EXPECT_TRUE (is_refused_here (prepare_wishing (hold), "5.3.3"));
  EXPECT_TRUE (is_refused_here (prepare_wishing (by), "5.3.3"));
}

TEST_F (SmtpRefusal, DsnIsDroppedWhereItIsNotOffered) // RFC 3461 section 4
{
  PostsealSmtpMailParameters wishes = {};

  wishes.ret = POSTSEAL_SMTP_RETURN_HEADERS;
  wishes.envid = "q+1";
  for (bool is_offered : { false, true })
    {
      if (is_offered)
        open_with ({ "DSN" });
      else
        open_with ({});
      Sent &one = prepare_wishing (wishes);
      one.recipients[0].notify = POSTSEAL_SMTP_NOTIFY_FAILURE;
      one.recipients[0].original = "Joe@example.net";
      EXPECT_EQ (say_mail (one), is_offered ? "MAIL FROM:<jane@example.org> RET=HDRS ENVID=q+2B1"
                                            : "MAIL FROM:<jane@example.org>");
      EXPECT_EQ (server.lines[1],
                 is_offered
                     ? "RCPT TO:<joe@example.net> NOTIFY=FAILURE ORCPT=rfc822;Joe@example.net"
                     : "RCPT TO:<joe@example.net>");
      reset ();
    }
}

TEST_F (SmtpRefusal, AddressThatWouldBeACommandNeverGetsOnTheWire)
{
  const string bad[] = {
    "a@b>\r\nRCPT TO:<eve@example.com",
    "a@example.net\r\nDATA",
    "a@example.net\n",
    "a\rb@example.net",
    "a@example.net> SIZE=1",
    "<a@example.net>",
    "a b@example.net",
    "\"a\r\n\"@example.net",
    "a@example.net\x7f",
    "a@exa\tmple.net",
    "",
    "nobody",
    "@example.net",
    "a@",
    "a@b@c",
  };

  open_with ({ "PIPELINING", "CHUNKING", "SMTPUTF8" });
  for (const string &address : bad)
    {
      EXPECT_TRUE (is_refused_here (prepare ("x\r\n", { address }), "5.1.3")) << address;
      if (address.empty ())
        continue;
      EXPECT_TRUE (is_refused_here (prepare ("x\r\n", { "joe@example.net" }, address), "5.1.7"))
          << address;
    }
  Sent &mixed = send ("x\r\n", { bad[0], "joe@example.net", bad[1] });
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (mixed.verdict (0), "permanent 0 5.1.3");
  EXPECT_EQ (mixed.verdict (1), "accepted 250 2.0.0");
  EXPECT_EQ (mixed.verdict (2), "permanent 0 5.1.3");
  EXPECT_EQ (server.lines, (Lines{ "MAIL FROM:<jane@example.org>", "RCPT TO:<joe@example.net>",
                                   "BDAT 3 LAST", "[3]" }));
}

TEST_F (SmtpRefusal, WishThatWouldBeACommandNeverGetsOnTheWire)
{
  PostsealSmtpMailParameters wishes = {};

  wishes.envid = "a\r\nRSET";
  open_with ({ "DSN" });
  EXPECT_TRUE (is_refused_here (prepare_wishing (wishes), "5.5.4"));
  Sent &one = prepare ("x\r\n");
  one.recipients[0].original = "a\r\nRSET";
  start (one);
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (server.lines[1], "RCPT TO:<joe@example.net>");
}

TEST_F (SmtpRefusal, NullSenderIsASender) // RFC 5321 section 4.5.5
{
  open_with ({});
  EXPECT_EQ (say_mail (prepare ("x\r\n", { "joe@example.net" }, "")), "MAIL FROM:<>");
}

TEST_F (SmtpRefusal, RecipientsBeyondTheLimitAreForAnotherTime) // RFC 9422 section 4.1
{
  open_with ({ "LIMITS RCPTMAX=2" });
  Sent &one = send ("x\r\n", { "a@example.net", "bad", "b@example.net", "c@example.net" });
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (0), "accepted 250 2.0.0");
  EXPECT_EQ (one.verdict (1), "permanent 0 5.1.3");
  EXPECT_EQ (one.verdict (2), "accepted 250 2.0.0");
  EXPECT_EQ (one.verdict (3), "temporary 0 4.5.3");
}

TEST_F (SmtpRefusal, DomainsBeyondTheLimitAreForAnotherTime) // RFC 9422 section 4.1
{
  open_with ({ "LIMITS RCPTDOMAINMAX=2" });
  Sent &one = send ("x\r\n", { "a@example.net", "b@EXAMPLE.net", "c@example.com", "d@example.org",
                               "e@example.com" });
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (one.verdict (3), "temporary 0 4.5.3");
  EXPECT_EQ (server.messages[0].recipients,
             (Lines{ "a@example.net", "b@EXAMPLE.net", "c@example.com", "e@example.com" }));
}

TEST_F (SmtpRefusal, MessagesBeyondTheLimitNeedAnotherConnection) // RFC 9422 section 4.1
{
  open_with ({ "PIPELINING", "CHUNKING", "LIMITS MAILMAX=2" });
  for (int i = 0; i < 4; i++)
    send ("x\r\n");
  ASSERT_TRUE (run_sent ());
  EXPECT_EQ (server.messages.size (), 2u);
  EXPECT_TRUE (sent.back ().failed_with (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED));
}
