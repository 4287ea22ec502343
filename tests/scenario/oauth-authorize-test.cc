/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "postseal password authorize": the user's consent by way of a browser, which is played here. */
#include <gio/gio.h>

#include "scenario/oauth-fixture.h"
#include "support/fake-browser.h"

namespace postseal_test
{

class OauthAuthorize : public Oauth
{
protected:
  GSubprocess *program = nullptr;
  GDataInputStream *output = nullptr;
  FakeBrowser browser;

  void
  SetUp () override
  {
    Oauth::SetUp ();
    store_refresh_token ("old");
    provide ("authorization-endpoint=https://provider.example/consent?a=b\nscope=mail all\n"
             "authorization-extra=prompt=consent\n");
    configure ("receive=imaps://jane%40example.org@localhost\ndeliver=maildir:" + sandbox.home ()
               + "/Mail\n");
    endpoint.answer = [] (const TokenEndpoint::Form &) {
      return TokenEndpoint::reply (200, "{\"access_token\":\"access-1\",\"token_type\":\"Bearer\","
                                        "\"refresh_token\":\"refresh-1\"}");
    };
  }
  void
  TearDown () override
  {
    if (program != nullptr)
      g_subprocess_force_exit (program);
    g_clear_object (&output);
    g_clear_object (&program);
  }
  void
  provide (const std::string &keys)
  {
    providers ("token-endpoint=" + endpoint.url () + "\n" + keys);
  }
  /* Up to the moment when the user is to open the address. */
  void
  start ()
  {
    g_autoptr (GSubprocessLauncher) launcher
        = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
    const char *argv[] = { g_getenv ("POSTSEAL"), "password", "authorize", "work", nullptr };

    for (const auto &[name, value] : std::map<std::string, std::string>{
             { "HOME", "" }, { "XDG_CONFIG_HOME", "/config" }, { "XDG_STATE_HOME", "/state" } })
      g_subprocess_launcher_setenv (launcher, name.c_str (), (sandbox.home () + value).c_str (),
                                    TRUE);
    program = g_subprocess_launcher_spawnv (launcher, argv, nullptr);
    ASSERT_NE (program, nullptr);
    output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (program));
    for (std::string line = read (); browser.asked.empty () && line != "(end)"; line = read ())
      take_address (line);
    ASSERT_FALSE (browser.asked.empty ());
  }
  std::string
  read ()
  {
    g_autofree char *line = g_data_input_stream_read_line (output, nullptr, nullptr, nullptr);

    return line != nullptr ? line : "(end)";
  }
  void
  take_address (const std::string &line)
  {
    if (line.rfind ("https://provider.example/consent?a=b&", 0) == 0)
      browser.open (line);
  }
  int
  end ()
  {
    g_subprocess_wait (program, nullptr, nullptr);
    return g_subprocess_get_exit_status (program);
  }
};

TEST_F (OauthAuthorize, ConsentIsExchangedForARefreshToken)
{
  start ();
  EXPECT_EQ (browser.asked["response_type"], "code");
  EXPECT_EQ (browser.asked["client_id"], "client+id&1");
  EXPECT_EQ (browser.asked["scope"], "mail all");
  EXPECT_EQ (browser.asked["login_hint"], "jane@example.org");
  EXPECT_EQ (browser.asked["prompt"], "consent");
  EXPECT_EQ (browser.host, "127.0.0.1") << "RFC 8252 section 8.3";
  EXPECT_EQ (browser.visit ("/?code=abc%2F1&state=" + browser.asked["state"]), 200);
  EXPECT_EQ (end (), 0);
  EXPECT_EQ (refresh_token (), "refresh-1\n");

  ASSERT_EQ (endpoint.forms ().size (), 1u);
  TokenEndpoint::Form form = endpoint.forms ()[0];
  EXPECT_EQ (form["grant_type"], "authorization_code");
  EXPECT_EQ (form["code"], "abc/1");
  EXPECT_EQ (form["redirect_uri"], browser.asked["redirect_uri"]);
  EXPECT_EQ (form["client_secret"], "secret/1 =");
}

/* RFC 7636 sections 4.1, 4.2: what is proven later is not what is shown now. */
TEST_F (OauthAuthorize, TheVerifierFitsTheChallenge)
{
  start ();
  EXPECT_EQ (browser.asked["code_challenge_method"], "S256");
  EXPECT_EQ (browser.visit ("/?code=c&state=" + browser.asked["state"]), 200);
  EXPECT_EQ (end (), 0);
  std::string verifier = endpoint.forms ().at (0)["code_verifier"];
  EXPECT_EQ (verifier.size (), 43u);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize length = sizeof digest;
  g_checksum_update (sum, (const guchar *)verifier.data (), (gssize)verifier.size ());
  g_checksum_get_digest (sum, digest, &length);
  g_autofree char *expected = g_base64_encode (digest, length);
  g_strdelimit (g_strdelimit (expected, "+", '-'), "/", '_');
  EXPECT_EQ (browser.asked["code_challenge"] + "=", expected);
}

/* RFC 8252 section 8.9: a page somewhere can make a browser come here, too. */
TEST_F (OauthAuthorize, WhatIsNotTheAnswerIsTurnedAway)
{
  start ();
  std::string state = browser.asked["state"];

  EXPECT_EQ (browser.visit ("/?code=evil"), 404);
  EXPECT_EQ (browser.visit ("/?code=evil&state="), 404);
  EXPECT_EQ (browser.visit ("/?code=evil&state=x" + state.substr (1)), 404);
  EXPECT_EQ (browser.visit ("/?code=evil&state=" + state + "x"), 404);
  EXPECT_EQ (browser.visit ("/favicon.ico?state=" + state), 404);
  EXPECT_EQ (browser.visit ("/"), 404);
  EXPECT_EQ (browser.visit ("/?code=good&state=" + state), 200);
  EXPECT_EQ (end (), 0);
  ASSERT_EQ (endpoint.forms ().size (), 1u);
  EXPECT_EQ (endpoint.forms ()[0]["code"], "good");
}

TEST_F (OauthAuthorize, ARefusalChangesNothing)
{
  start ();
  EXPECT_EQ (browser.visit ("/?error=access_denied&state=" + browser.asked["state"]), 200);
  EXPECT_EQ (end (), 77);
  EXPECT_EQ (refresh_token (), "old\n");
  EXPECT_EQ (endpoint.forms ().size (), 0u);
}

TEST_F (OauthAuthorize, ATokenThatCannotBeRenewedIsNoConsent)
{
  endpoint.answer = [] (const TokenEndpoint::Form &) {
    return TokenEndpoint::reply (200, "{\"access_token\":\"a\",\"token_type\":\"Bearer\"}");
  };
  start ();
  EXPECT_EQ (browser.visit ("/?code=c&state=" + browser.asked["state"]), 200);
  EXPECT_EQ (end (), 77);
  EXPECT_EQ (refresh_token (), "old\n");
}

TEST_F (OauthAuthorize, SomeProvidersWantTheWordLocalhost)
{
  provide (
      "authorization-endpoint=https://provider.example/consent?a=b\nredirect-host=localhost\n");
  start ();
  EXPECT_EQ (browser.host, "localhost");
  EXPECT_EQ (browser.visit ("/?code=c&state=" + browser.asked["state"]), 200);
  EXPECT_EQ (end (), 0);
}

TEST_F (OauthAuthorize, WhatCannotWorkIsSaidAtOnce)
{
  provide ("");
  EXPECT_EQ (sandbox.run ({ "password", "authorize", "work" }).status, 78);
  password = "secret-service";
  configure ("receive=imaps://localhost\ndeliver=maildir:" + sandbox.home () + "/Mail\n");
  Outcome outcome = sandbox.run ({ "password", "authorize", "work" });
  EXPECT_EQ (outcome.status, 78);
  EXPECT_NE (outcome.err.find ("oauth:PROVIDER:CLIENT-ID"), std::string::npos) << outcome.err;
  EXPECT_EQ (sandbox.run ({ "password", "authorize" }).status, 64);
}

} // namespace postseal_test
