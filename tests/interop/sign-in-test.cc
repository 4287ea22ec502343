/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SASL mechanisms against Dovecot, and the latch that holds a server to what it once could. */

#include "fetch-fixture.h"

using namespace postseal_test;

namespace
{

class SignInTest : public FetchTest, public testing::WithParamInterface<const char *>
{
};

/* What Dovecot's log says of the last sign-in. */
std::string
logged_method (const std::string &log)
{
  size_t at = log.rfind ("method=");
  return at == std::string::npos ? "none" : log.substr (at + 7, log.find (',', at) - at - 7);
}

TEST_P (SignInTest, UsesTheStrongestMechanism)
{
  configure (GetParam ());
  server ().take_log ();
  fetch_well ();
  EXPECT_EQ (logged_method (server ().take_log ()), "SCRAM-SHA-256");
}

TEST_P (SignInTest, UsesTheMechanismAskedFor)
{
  for (const std::string mechanism :
       { "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN", "CRAM-MD5" })
    {
      PostsealInstance fresh; /* no latch of the mechanism before */
      fresh.configure (server ().account ("main", GetParam (), user_, fresh.deliver (),
                                          "auth=" + mechanism + "\n"));
      server ().take_log ();
      Outcome outcome = fresh.run ({ "fetch" });
      EXPECT_EQ (outcome.status, 0) << mechanism << ": " << outcome.err;
      EXPECT_EQ (logged_method (server ().take_log ()), mechanism);
    }
}

TEST_P (SignInTest, RefusesAMechanismThatIsNotOffered)
{
  configure (GetParam (), "auth=EXTERNAL\n");
  server ().take_log ();
  Outcome outcome = fetch ();
  EXPECT_NE (outcome.status, 0);
  EXPECT_NE (outcome.err.find ("EXTERNAL"), std::string::npos) << outcome.err;
  EXPECT_EQ (server ().take_log ().find ("Login: user=<" + user_ + ">"), std::string::npos);
}

TEST_P (SignInTest, HoldsAServerToTheMechanismItOnceHad)
{
  std::string port;
  {
    NetworkProxy before (server ().port (GetParam ()));
    port = std::to_string (before.port ());
    configure (GetParam (), "", before.port ());
    fetch_well ();
  }
  Dovecot weaker ({ "--mechanisms", "plain login" });
  {
    NetworkProxy after (weaker.port (GetParam ()), { "--listen", port });
    postseal_.configure (
        weaker.account ("main", GetParam (), user_, postseal_.deliver (), "", after.port ()));
    Outcome outcome = fetch ();
    EXPECT_TRUE (outcome.status == 76 || outcome.status == 77) << outcome.status << outcome.err;
    EXPECT_NE (outcome.err.find ("SCRAM"), std::string::npos) << outcome.err;
    EXPECT_EQ (weaker.take_log ().find ("Login: user=<" + user_ + ">"), std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P (Schemes,
                          SignInTest,
                          testing::Values ("imap", "pop3", "pop3s", "imaps"),
                          [] (const auto &about) { return std::string (about.param); });

} // namespace
