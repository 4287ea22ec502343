/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "postseal trace" without any server: what it shows of a file, and how it ends. */

#include <gtest/gtest.h>

#include "scenario/outbox-fixture.h"

using namespace postseal_test;

namespace
{

const std::string kMessage
    = "Received: from localhost (localhost [127.0.0.1])\n"
      "\tby mx.example.org (Postfix) with ESMTP id 1; Tue,  3 Nov 2026 10:11:15 +0100 (CET)\n"
      "Received: from mail.example.com (mail.example.com [192.0.2.1])\n"
      "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n"
      "\tby mx.example.org (Postfix) with ESMTPS id 4Fabc1\n"
      "\tfor <jane@example.org>; Tue,  3 Nov 2026 10:11:12 +0100 (CET)\n"
      "Authentication-Results: mx.example.org; dkim=pass header.d=example.com;\n"
      "\tspf=fail smtp.mailfrom=alice@example.com reason=\"no such host\"\n"
      "Authentication-Results: mail.example.com; auth=pass smtp.auth=alice\n"
      "Received: from laptop (unknown [203.0.113.9]) by mail.example.com with ESMTP id 2\n"
      "From: Alice <alice@example.com>\nSubject: tea\nMessage-ID: <1@example.com>\n\nHello\n";

class CliTrace : public testing::Test
{
protected:
  CliTrace ()
  {
    sandbox.configure ("[account work]\naddress=jane@example.org\n"
                       "receive=imaps://imap.example.org\ndeliver=maildir:"
                       + sandbox.home () + "/Mail\nauthserv-ids=mx.example.org\n");
  }

  Outcome
  trace (std::vector<std::string> arguments, const std::string &input = "")
  {
    arguments.insert (arguments.begin (), "trace");
    return sandbox.run (arguments, input);
  }

  Sandbox sandbox;
};

} // namespace

TEST_F (CliTrace, TellsHopByHopAccordingToWhom)
{
  Outcome outcome = trace ({ "--account=work", "-" }, kMessage);

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "  1           laptop [203.0.113.9] → mail.example.com\n"
                                 "              not encrypted, claims mail.example.com\n"))
      << outcome.out;
  EXPECT_TRUE (has (outcome.out, "  2           mail.example.com [192.0.2.1] → mx.example.org\n"
                                 "              encrypted (TLS 1.3, TLS_AES_256_GCM_SHA384), says "
                                 "mx.example.org (trusted); "))
      << outcome.out;
  EXPECT_TRUE (has (outcome.out, "within one computer, says mx.example.org (trusted); 3 s later"))
      << outcome.out;
  EXPECT_TRUE (has (outcome.out, "Checks by mx.example.org (trusted)\n"
                                 "  DKIM        pass for example.com\n"
                                 "  SPF         fail for alice@example.com: no such host\n"))
      << outcome.out;
  EXPECT_TRUE (has (outcome.out, "Checks claimed by mail.example.com, whom account work does not "
                                 "list\n  AUTH        pass for alice\n"))
      << outcome.out;
  EXPECT_TRUE (has (outcome.out, "Nothing of this is proven")) << outcome.out;
}

/* A file may come from anywhere. */
TEST_F (CliTrace, BelievesNothingOfAMessageThatNobodyHasFetched)
{
  Outcome outcome = trace ({ "-" }, kMessage);

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_FALSE (has (outcome.out, "trusted")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "claims mx.example.org")) << outcome.out;
}

TEST_F (CliTrace, ShowsWhatCannotBeUnderstoodAsItIs)
{
  Outcome outcome = trace ({ "-" }, "Received: by way of carrier pigeon\nFrom: a@b\n\n");

  EXPECT_TRUE (has (outcome.out, "Received: by way of carrier pigeon")) << outcome.out;
  outcome = trace ({ "--verbose", "-" }, kMessage);
  EXPECT_TRUE (has (outcome.out,
                    "              Received: from localhost (localhost [127.0.0.1]) by "
                    "mx.example.org (Postfix) with ESMTP id 1;"))
      << outcome.out;
}

TEST_F (CliTrace, NothingFromTheMessageReachesTheTerminalAsItIs)
{
  const std::string evil = "\x1b]0;pwned\x07\xff\xe2\x80\xae";
  std::string message = "Received: from " + evil + " (" + evil + " [192.0.2.1]) by " + evil
                        + " with " + evil + " id " + evil + " (TLS1.3:" + evil + ")\n"
                        + "Authentication-Results: " + evil + "; " + evil + "=" + evil + " " + evil
                        + "=" + evil + " reason=" + evil + "\nFrom: " + evil + "\nSubject: " + evil
                        + "\nMessage-ID: <" + evil + "@b>\n\n";

  for (const std::vector<std::string> &arguments :
       std::vector<std::vector<std::string>>{ { "-" }, { "--verbose", "-" }, { "--json", "-" } })
    {
      Outcome outcome = trace (arguments, message);

      EXPECT_EQ (outcome.status, 0) << outcome.err;
      EXPECT_FALSE (has (outcome.out, "\x1b")) << outcome.out;
      EXPECT_FALSE (has (outcome.out, "\xe2\x80\xae")) << outcome.out;
      EXPECT_TRUE (g_utf8_validate (outcome.out.data (), gssize (outcome.out.size ()), nullptr));
      EXPECT_TRUE (has (outcome.out, "pwned")) << outcome.out;
    }
}

TEST_F (CliTrace, JsonHasAllOfIt)
{
  Outcome outcome = trace ({ "--json", "-a", "work", "-" }, kMessage);
  Json json (outcome.out);

  EXPECT_EQ (json["account"], "work");
  EXPECT_EQ (json["message-id"], "<1@example.com>");
  EXPECT_EQ (json["seen"], "[]");
  EXPECT_EQ (json["hops.0.from"], "laptop");
  EXPECT_EQ (json["hops.0.encryption"], "none");
  EXPECT_EQ (json["hops.0.trusted"], "false");
  EXPECT_EQ (json["hops.0.time"], "null");
  EXPECT_EQ (json["hops.1.from-address"], "192.0.2.1");
  EXPECT_EQ (json["hops.1.encryption"], "tls");
  EXPECT_EQ (json["hops.1.tls"], "TLS 1.3");
  EXPECT_EQ (json["hops.1.time"], "1793697072");
  EXPECT_EQ (json["hops.1.trusted"], "true");
  EXPECT_EQ (json["hops.3"], "(absent)");
  EXPECT_EQ (json["checks.0.trust"], "trusted");
  EXPECT_EQ (json["checks.0.results.1.reason"], "no such host");
  EXPECT_EQ (json["checks.1.trust"], "stranger");
}

TEST_F (CliTrace, EndsWithAStatusThatTellsWhy)
{
  std::string file = sandbox.write ("a.eml", kMessage);
  std::string text = sandbox.write ("a.txt", "Dear Jane\n");

  EXPECT_EQ (trace ({ file }).status, 0);
  EXPECT_EQ (trace ({}).status, 64);
  EXPECT_EQ (trace ({ file, file }).status, 64);
  EXPECT_EQ (trace ({ text }).status, 65);
  EXPECT_EQ (trace ({ sandbox.home () }).status, 65);
  EXPECT_EQ (trace ({ "<none@example.com>" }).status, 69);
  EXPECT_EQ (trace ({ sandbox.home () + "/none.eml" }).status, 74);
  EXPECT_EQ (trace ({ "-a", "nobody", file }).status, 78);
}

TEST_F (CliTrace, MakesNothingAndNeedsNoAccount)
{
  Sandbox empty;
  std::string file = empty.write ("a.eml", kMessage);

  EXPECT_EQ (empty.run ({ "trace", file }).status, 0);
  EXPECT_EQ (empty.run ({ "trace", "<1@example.com>" }).status, 69);
  EXPECT_EQ (empty.files ("").size (), 1u);
  EXPECT_EQ (trace ({ "-" }, kMessage).status, 0);
  EXPECT_TRUE (sandbox.files ("state").empty ());
}

/* --- what was sent from here --- */

using CliTraceSent = OutboxTest;

TEST_F (CliTraceSent, TheOutboxKnowsAMessageByItsId)
{
  std::string id = queue ();
  Outcome outcome = postseal ({ "trace", "<tea@example.org>" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "Sent from this computer\n  account     work\n"
                                 "  state       queued\n"))
      << outcome.out;
  start_sending ("work", id);
  finish (id, POSTSEAL_OUTBOX_SENT, 250);
  release_lock ();
  outcome = postseal ({ "trace", "tea@example.org" });
  EXPECT_TRUE (has (outcome.out, "state       sent, ")) << outcome.out << outcome.err;
  EXPECT_TRUE (has (outcome.out, "seal        TLS 1.3")) << outcome.out;
  Json json (postseal ({ "trace", "--json", "tea@example.org" }).out);
  EXPECT_EQ (json["sent.0.id"], id);
  EXPECT_EQ (json["sent.0.state"], "sent");
  EXPECT_EQ (json["file"], "null");
}

/* A copy that a mail program keeps. */
TEST_F (CliTraceSent, AFileOfASentMessageIsKnownToo)
{
  queue ();
  Outcome outcome = postseal ({ "trace", "-" }, kMessage);

  EXPECT_TRUE (has (outcome.out, "Sent from this computer")) << outcome.out;
  EXPECT_FALSE (has (outcome.out, "How it came")) << outcome.out << "it never did";
}
