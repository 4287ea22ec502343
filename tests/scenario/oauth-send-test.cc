/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sending with access tokens, and what becomes of the outbox without one. */
#include "scenario/oauth-fixture.h"

namespace postseal_test
{

class OauthSend : public Oauth
{
protected:
  ToySubmission server;

  void
  SetUp () override
  {
    Oauth::SetUp ();
    server.offer ("AUTH PLAIN XOAUTH2 OAUTHBEARER");
    server.hook = gate.smtp ();
    configure ("send=submissions://jane%40example.org@localhost:" + std::to_string (server.port ())
               + "\n");
  }
  Outcome
  run (const std::vector<std::string> &arguments, const std::string &input = "")
  {
    Outcome outcome = sandbox.run (arguments, input, { { "POSTSEAL", "/bin/true" } }, 30);

    server.settle ();
    expect_no_secret (outcome);
    return outcome;
  }
  void
  enqueue ()
  {
    EXPECT_EQ (
        run ({ "send", "bob@example.net" }, "From: jane@example.org\nSubject: one\n\nHello\n")
            .status,
        0);
  }
};

TEST_F (OauthSend, ARefreshTokenSendsMail)
{
  enqueue ();
  Outcome outcome = run ({ "queue", "flush" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (server.deliveries ().size (), 1u);
  EXPECT_EQ (gate.attempts (), (std::vector<std::string>{ "OAUTHBEARER access-1" }));
  EXPECT_EQ (server.violations (), std::vector<std::string> ());
}

TEST_F (OauthSend, ARefusedTokenIsRenewedOnce)
{
  gate.is_good = [] (const std::string &token) { return token == "access-2"; };
  enqueue ();
  Outcome outcome = run ({ "queue", "flush" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (gate.attempts ().size (), 2u);
  EXPECT_EQ (server.deliveries ().size (), 1u);
}

/* Never dropped: mail waits for the user. */
TEST_F (OauthSend, MailIsHeldWhileConsentIsMissing)
{
  endpoint.refresh_token = "another";
  enqueue ();
  Outcome outcome = run ({ "queue", "flush" });
  std::string list = run ({ "queue", "list", "--json" }).out;

  EXPECT_EQ (outcome.status, 77) << outcome.err;
  EXPECT_NE (outcome.err.find ("invalid_grant"), std::string::npos) << outcome.err;
  EXPECT_NE (list.find ("\"blocked\""), std::string::npos) << list;
  EXPECT_NE (list.find ("wants your consent again"), std::string::npos) << list;
  run ({ "queue", "flush", "--due" });
  EXPECT_EQ (endpoint.forms ().size (), 1u) << "nothing of its own accord";
  EXPECT_EQ (server.deliveries ().size (), 0u);

  EXPECT_EQ (run ({ "password", "set", "work" }, "another\n").status, 0);
  EXPECT_EQ (refresh_token (), "another\n");
  outcome = run ({ "queue", "flush", "--due" });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (server.deliveries ().size (), 1u) << "a new refresh token ends the pause";
}

TEST_F (OauthSend, AProvidersOwnTroubleBlocksNothing)
{
  endpoint.answer = [] (const TokenEndpoint::Form &) { return TokenEndpoint::reply (503, "{}"); };
  enqueue ();
  EXPECT_EQ (run ({ "queue", "flush" }).status, 75);
  std::string list = run ({ "queue", "list", "--json" }).out;
  EXPECT_NE (list.find ("\"queued\""), std::string::npos) << list;
}

/* --- postseal password --- */

TEST_F (OauthSend, TestingAPasswordGetsAToken)
{
  Outcome outcome = run ({ "password", "test", "work" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_NE (outcome.out.find ("access token"), std::string::npos) << outcome.out;
  endpoint.refresh_token = "another";
  EXPECT_EQ (run ({ "password", "test", "work" }).status, 77);
}

TEST_F (OauthSend, TheClientSecretIsStoredApart)
{
  EXPECT_EQ (run ({ "password", "set", "--client-secret", "work" }, "new secret\n").status, 0);
  EXPECT_EQ (read_file (sandbox.home () + "/work.secret"), "new secret\n");
  EXPECT_EQ (refresh_token (), "refresh-1\n");
  EXPECT_EQ (run ({ "password", "test", "--client-secret", "work" }).status, 0);
  EXPECT_EQ (run ({ "password", "test", "work" }).status, 0);
  EXPECT_EQ (endpoint.forms ().at (0).at ("client_secret"), "new secret");
  EXPECT_EQ (run ({ "password", "clear", "--client-secret", "work" }).status, 0);
  EXPECT_EQ (run ({ "password", "test", "--client-secret", "work" }).status, 77);
}

} // namespace postseal_test
