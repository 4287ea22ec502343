/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <sys/stat.h>

#include "scenario/token-endpoint.h"
#include "support/sandbox.h"
#include "support/scram-server.h"

namespace postseal_test
{

/* Whole-program tests with an account "work" that signs in with tokens of a provider "test". */
class Oauth : public testing::Test
{
protected:
  Sandbox sandbox;
  TokenEndpoint endpoint;
  TokenGate gate;
  std::string password = "oauth:test:client+id&1";

  void
  SetUp () override
  {
    store_refresh_token ("refresh-1");
    sandbox.write ("work.secret", "secret/1 =\n");
    providers ("token-endpoint=" + endpoint.url () + "\n");
  }
  /* Who vouches for the mail servers vouches for the provider, too, unless @ca is empty. */
  void
  providers (const std::string &keys, const std::string &ca = test_ca ().ca_file ())
  {
    sandbox.write ("config/postseal/oauth-providers.conf",
                   "[test]\ntitle=Test Mail\nrefresh-token=file:" + sandbox.home ()
                       + "/%a.token\nclient-secret=file:" + sandbox.home () + "/%a.secret\n"
                       + (ca.empty () ? "" : "ca-file=" + ca + "\n") + keys);
  }
  void
  store_refresh_token (const std::string &token)
  {
    sandbox.write ("work.token", token + "\n");
  }
  std::string
  refresh_token ()
  {
    return read_file (sandbox.home () + "/work.token");
  }
  void
  configure (const std::string &keys)
  {
    sandbox.configure ("[account work]\naddress=jane@example.org\nca-file=" + test_ca ().ca_file ()
                       + "\ntimeout=5s\npassword=" + password + "\n" + keys);
  }
  void
  expect_no_secret (const Outcome &outcome)
  {
    for (const std::string secret : { "refresh-1", "secret/1", "access-1", "access-2" })
      {
        std::string said = outcome.out + outcome.err;

        EXPECT_EQ (said.find (secret), std::string::npos) << said;
        for (size_t skip = 0; skip < 3; skip++)
          EXPECT_EQ (said.find (base64_encode (secret.substr (skip)).substr (0, 6)),
                     std::string::npos)
              << said;
      }
  }
};

} // namespace postseal_test
