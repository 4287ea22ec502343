/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fetching with access tokens that a real token endpoint gives out. */
#include "scenario/oauth-fixture.h"

namespace postseal_test
{

class OauthFetch : public Oauth
{
protected:
  ToyImap server;

  OauthFetch ()
  {
    server.mailboxes["INBOX"].add ("A: 1\r\n\r\n");
    server.capabilities = "IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER UIDPLUS";
    server.hook = gate.imap ();
  }

  Outcome
  fetch (const std::map<std::string, std::string> &environment = {})
  {
    configure ("receive=imaps://jane%40example.org@localhost:" + std::to_string (server.port ())
               + "\ndeliver=maildir:" + sandbox.home () + "/Mail\n");
    Outcome outcome = sandbox.run ({ "fetch", "--verbose" }, "", environment, 30);

    server.settle ();
    expect_no_secret (outcome);
    return outcome;
  }
  void
  expect_status (const Outcome &outcome, int status, const std::string &words)
  {
    EXPECT_EQ (outcome.status, status) << outcome.err;
    EXPECT_NE (outcome.err.find (words), std::string::npos) << outcome.err;
  }
};

TEST_F (OauthFetch, ARefreshTokenFetchesMail)
{
  Outcome outcome = fetch ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (sandbox.messages ("Mail").size (), 1u);
  EXPECT_EQ (gate.attempts (), (std::vector<std::string>{ "OAUTHBEARER access-1" }));
  ASSERT_EQ (endpoint.forms ().size (), 1u);
  EXPECT_EQ (endpoint.forms ()[0], (TokenEndpoint::Form{ { "grant_type", "refresh_token" },
                                                         { "client_id", "client+id&1" },
                                                         { "client_secret", "secret/1 =" },
                                                         { "refresh_token", "refresh-1" } }));
  EXPECT_EQ (endpoint.heads ()[0].rfind ("POST /token HTTP/1.1\n", 0), 0u) << endpoint.heads ()[0];
  EXPECT_EQ (refresh_token (), "refresh-1\n");
}

TEST_F (OauthFetch, ATokenIsNeverSentAsAPassword)
{
  server.capabilities = "IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=SCRAM-SHA-256 UIDPLUS";
  expect_status (fetch (), 77, "OAUTHBEARER");
  EXPECT_EQ (server.count ("AUTHENTICATE") + server.count ("LOGIN"), 0u);
  EXPECT_EQ (endpoint.forms ().size (), 0u) << "asked for nothing that could be used";
}

TEST_F (OauthFetch, XOAUTH2IsTheSecondChoice)
{
  server.capabilities = "IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2 UIDPLUS";
  EXPECT_EQ (fetch ().status, 0);
  EXPECT_EQ (gate.attempts (), (std::vector<std::string>{ "XOAUTH2 access-1" }));
}

/* A token may end before its time; one new one is tried before the refusal counts. */
TEST_F (OauthFetch, ARefusedTokenIsRenewedOnce)
{
  gate.is_good = [] (const std::string &token) { return token == "access-2"; };
  EXPECT_EQ (fetch ().status, 0);
  EXPECT_EQ (gate.attempts (),
             (std::vector<std::string>{ "OAUTHBEARER access-1", "OAUTHBEARER access-2" }));
  EXPECT_EQ (sandbox.messages ("Mail").size (), 1u);
}

TEST_F (OauthFetch, ATokenRefusedTwiceIsRefused)
{
  gate.is_good = [] (const std::string &) { return false; };
  expect_status (fetch (), 77, "invalid_token");
  EXPECT_EQ (gate.attempts ().size (), 2u);
}

/* RFC 6749 section 5.2 */
TEST_F (OauthFetch, WithdrawnConsentSaysWhatToDo)
{
  endpoint.refresh_token = "another";
  Outcome outcome = fetch ();

  expect_status (outcome, 77, "postseal password set work");
  expect_status (outcome, 77, "invalid_grant: Token has been expired or revoked.");
  expect_status (outcome, 77, "Test Mail");
  EXPECT_EQ (server.count ("AUTHENTICATE"), 0u);
  store_refresh_token ("another");
  EXPECT_EQ (fetch ().status, 0) << "without anything else";
}

TEST_F (OauthFetch, WhatAProviderSaysIsMadePrintable)
{
  endpoint.answer = [] (const TokenEndpoint::Form &) {
    return TokenEndpoint::refusal ("invalid_grant",
                                   "AADSTS700082: expired.\\r\\nTrace\\u001b[31m: 1");
  };
  Outcome outcome = fetch ();

  expect_status (outcome, 77, "AADSTS700082: expired.");
  EXPECT_EQ (outcome.err.find ('\033'), std::string::npos);
}

TEST_F (OauthFetch, AProvidersOwnTroubleIsTriedLater)
{
  for (const std::string &answer :
       { TokenEndpoint::reply (500, "oops"), TokenEndpoint::reply (503, "{\"error\":\"x\"}"),
         TokenEndpoint::reply (429, "{}"), TokenEndpoint::reply (200, "no JSON"),
         TokenEndpoint::refusal ("temporarily_unavailable", "come back"),
         TokenEndpoint::reply (500, "{\"error\":\"invalid_grant\"}"), std::string ("HTTP") })
    {
      endpoint.answer = [&] (const TokenEndpoint::Form &) { return answer; };
      Outcome outcome = fetch ();

      EXPECT_EQ (outcome.status, 75) << answer << outcome.err;
      EXPECT_NE (outcome.err.find ("again later"), std::string::npos) << outcome.err;
    }
  EXPECT_EQ (server.count ("AUTHENTICATE"), 0u);
}

TEST_F (OauthFetch, AProviderOutOfReachIsTriedLater)
{
  providers ("token-endpoint=https://localhost:1/\n"); /* of no user's server */
  expect_status (fetch (), 75, "again later");
}

TEST_F (OauthFetch, AWrongClientIsNotTheUsersConsent)
{
  endpoint.answer = [] (const TokenEndpoint::Form &) {
    return TokenEndpoint::reply (401, "{\"error\":\"invalid_client\"}");
  };
  expect_status (fetch (), 77, "password set --client-secret work");
}

/* RFC 6749 section 6: the old one may be void from now on. */
TEST_F (OauthFetch, ANewRefreshTokenIsStoredBeforeTheTokenIsUsed)
{
  std::string seen;

  endpoint.answer = [] (const TokenEndpoint::Form &form) {
    std::string next = form.at ("refresh_token") + "+";

    return TokenEndpoint::reply (200, "{\"access_token\":\"access-0\",\"token_type\":\"bearer\","
                                      "\"expires_in\":\"60\",\"refresh_token\":\""
                                          + next + "\"}");
  };
  gate.is_good = [&] (const std::string &) {
    seen = refresh_token ();
    return true;
  };
  EXPECT_EQ (fetch ().status, 0);
  EXPECT_EQ (seen, "refresh-1+\n");
  EXPECT_EQ (fetch ().status, 0);
  EXPECT_EQ (refresh_token (), "refresh-1++\n");
}

TEST_F (OauthFetch, OnlyAProvenEndpointLearnsTheSecret)
{
  providers ("token-endpoint=" + endpoint.url () + "\n", "");
  expect_status (fetch (), 76, "has not proven who it is");
  providers ("token-endpoint=https://127.0.0.2:" + std::to_string (endpoint.port ()) + "/\n");
  EXPECT_NE (fetch ().status, 0);
  EXPECT_EQ (endpoint.forms ().size (), 0u);
}

TEST_F (OauthFetch, NothingIsSentInClear)
{
  TokenEndpoint clear (true);

  providers ("token-endpoint=http://localhost:" + std::to_string (clear.port ()) + "/\n");
  expect_status (fetch (), 78, "https://");
  endpoint.answer = [&] (const TokenEndpoint::Form &) {
    return "HTTP/1.1 307 X\r\nContent-Length: 0\r\nLocation: http://localhost:"
           + std::to_string (clear.port ()) + "/\r\n\r\n";
  };
  providers ("token-endpoint=" + endpoint.url () + "\n");
  expect_status (fetch (), 77, "elsewhere");
  EXPECT_EQ (clear.server ().connections (), 0u);
  EXPECT_EQ (endpoint.forms ().size (), 1u);
}

TEST_F (OauthFetch, SettingsThatCannotWorkAreErrors)
{
  providers ("token-endpont=" + endpoint.url () + "\n");
  expect_status (fetch (), 78, "token-endpoint");
  password = "oauth:tset:client";
  expect_status (fetch (), 78, "test");
  password = "oauth:test";
  providers ("token-endpoint=" + endpoint.url () + "\n");
  expect_status (fetch (), 78, "CLIENT-ID");
  providers ("client-id=mine\ntoken-endpoint=" + endpoint.url () + "\n");
  EXPECT_EQ (fetch ().status, 0);
  password = "oauth:";
  expect_status (fetch (), 78, "oauth:google");
  password = "oauth:test\nauth=PLAIN;XOAUTH2";
  expect_status (fetch (), 78, "cannot carry the access token");
}

TEST_F (OauthFetch, AMissingRefreshTokenIsReported)
{
  std::remove ((sandbox.home () + "/work.token").c_str ());
  EXPECT_EQ (fetch ().status, 77);
  EXPECT_EQ (endpoint.forms ().size (), 0u);
}

TEST_F (OauthFetch, WithoutTheProgramThereIsASentence)
{
  expect_status (fetch ({ { "POSTSEAL_TOKEN_PROGRAM", "/none/such" } }), 77, "/none/such");
}

/* Other users see arguments; children inherit the environment. */
TEST_F (OauthFetch, TheSecretsAreNeitherArgumentsNorEnvironment)
{
  std::string script
      = sandbox.write ("token-program", "#!/bin/sh\n"
                                        "tr '\\0' '\\n' < /proc/$$/cmdline > \"$HOME/seen\"\n"
                                        "env >> \"$HOME/seen\"\n"
                                        "cat > \"$HOME/input\"\n"
                                        "echo access_token access-9\n");

  chmod (script.c_str (), 0700);
  EXPECT_EQ (fetch ({ { "POSTSEAL_TOKEN_PROGRAM", script } }).status, 0);
  EXPECT_EQ (gate.attempts (), (std::vector<std::string>{ "OAUTHBEARER access-9" }));
  std::string seen = read_file (sandbox.home () + "/seen");
  EXPECT_NE (seen.find ("HOME="), std::string::npos);
  for (const char *secret : { "refresh-1", "secret/1", "access-" })
    EXPECT_EQ (seen.find (secret), std::string::npos) << seen;
  EXPECT_NE (read_file (sandbox.home () + "/input").find ("field refresh_token refresh-1\n"),
             std::string::npos);
}

} // namespace postseal_test
