/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "postseal password authorize --device": the user's consent by way of a code (RFC 8628). */
#include "scenario/oauth-fixture.h"

namespace postseal_test
{

class OauthDevice : public Oauth
{
protected:
  std::string uri = "https://provider.example/device";
  std::vector<std::string> decisions; /* what is answered to the polls; then the token is given */
  std::string interval = "1";

  void
  SetUp () override
  {
    Oauth::SetUp ();
    store_refresh_token ("old");
    provide ("device-endpoint=" + endpoint.url () + "\nscope=mail all\n");
    configure ("receive=imaps://jane%40example.org@localhost\ndeliver=maildir:" + sandbox.home ()
               + "/Mail\n");
    endpoint.answer = [this] (const TokenEndpoint::Form &form) { return decide (form); };
  }
  void
  provide (const std::string &keys)
  {
    providers ("token-endpoint=" + endpoint.url () + "\n" + keys);
  }
  std::string
  decide (const TokenEndpoint::Form &form)
  {
    if (form.count ("grant_type") == 0)
      return TokenEndpoint::reply (
          200, "{\"device_code\":\"device/1 =\",\"user_code\":\"WDJB-MJHT\","
               "\"verification_uri\":\""
                   + uri + "\",\"expires_in\":1800,\"interval\":" + interval + "}");
    size_t n = endpoint.forms ().size () - 2;
    if (n < decisions.size ())
      return TokenEndpoint::refusal (decisions[n], "");
    return TokenEndpoint::reply (200, "{\"access_token\":\"access-1\",\"token_type\":\"Bearer\","
                                      "\"refresh_token\":\"refresh-1\"}");
  }
  Outcome
  authorize (const std::vector<std::string> &options = {})
  {
    std::vector<std::string> words = { "password", "authorize", "--device", "work" };

    words.insert (words.end (), options.begin (), options.end ());
    return sandbox.run (words);
  }
};

TEST_F (OauthDevice, ACodeThatIsTypedElsewhereBringsARefreshToken)
{
  decisions = { "authorization_pending" };
  Outcome outcome = authorize ();
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (refresh_token (), "refresh-1\n");
  EXPECT_NE (outcome.out.find ("WDJB-MJHT"), std::string::npos) << outcome.out;
  EXPECT_NE (outcome.out.find ("https://provider.example/device\n"), std::string::npos);
  EXPECT_EQ (outcome.out.find ("device/1"), std::string::npos) << "the device code is a secret";

  ASSERT_EQ (endpoint.forms ().size (), 3u);
  TokenEndpoint::Form first = endpoint.forms ()[0], last = endpoint.forms ()[2];
  EXPECT_EQ (first["client_id"], "client+id&1");
  EXPECT_EQ (first["scope"], "mail all");
  EXPECT_EQ (first.count ("client_secret"), 0u);
  EXPECT_EQ (last["grant_type"], "urn:ietf:params:oauth:grant-type:device_code");
  EXPECT_EQ (last["device_code"], "device/1 =");
  EXPECT_EQ (last["client_id"], "client+id&1");
  EXPECT_EQ (last["client_secret"], "secret/1 =");
}

TEST_F (OauthDevice, ProgramsAreToldTheCode)
{
  Outcome outcome = authorize ({ "--json" });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_NE (outcome.out.find ("\"code\""), std::string::npos) << outcome.out;
  EXPECT_NE (outcome.out.find ("WDJB-MJHT"), std::string::npos) << outcome.out;
}

TEST_F (OauthDevice, ARefusalChangesNothing)
{
  decisions = { "access_denied" };
  Outcome outcome = authorize ();
  EXPECT_EQ (outcome.status, 77);
  EXPECT_NE (outcome.err.find ("has not let Postseal into"), std::string::npos) << outcome.err;
  EXPECT_EQ (refresh_token (), "old\n");
}

TEST_F (OauthDevice, ACodeThatHasEndedIsSaid)
{
  decisions = { "expired_token" };
  Outcome outcome = authorize ();
  EXPECT_EQ (outcome.status, 77);
  EXPECT_NE (outcome.err.find ("not used in time"), std::string::npos) << outcome.err;
}

/* A person would type the code, and then the password, into whatever page this is. */
TEST_F (OauthDevice, NobodyIsSentToAPageWithoutTls)
{
  for (const char *bad : { "http://provider.example/device", "javascript:alert(1)", "" })
    {
      uri = bad;
      Outcome outcome = authorize ();
      EXPECT_EQ (outcome.status, 77) << bad;
      EXPECT_EQ (outcome.out.find ("WDJB-MJHT"), std::string::npos) << outcome.out;
    }
}

TEST_F (OauthDevice, WhatCannotWorkIsSaidAtOnce)
{
  provide ("");
  Outcome outcome = authorize ();
  EXPECT_EQ (outcome.status, 78);
  EXPECT_NE (outcome.err.find ("device-endpoint"), std::string::npos) << outcome.err;
  provide ("device-endpoint=http://localhost/device\n");
  EXPECT_EQ (authorize ().status, 78);
  EXPECT_EQ (endpoint.forms ().size (), 0u);
}

} // namespace postseal_test
