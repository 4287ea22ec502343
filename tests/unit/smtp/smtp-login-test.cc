// SPDX-License-Identifier: LGPL-2.1-or-later
#include "smtp-peer.h"

using std::string;
using Lines = std::vector<string>;

class SmtpLogin : public Smtp
{
};

TEST_F (SmtpLogin, ReadsTheGreetingOfAnImplicitLink)
{
  open ();
  login ();
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "login ok") << message ();
  EXPECT_EQ (server.lines, (Lines{ "EHLO [127.0.0.1]", "AUTH PLAIN " PLAIN_RESPONSE }));
  EXPECT_EQ (transcript.substr (0, transcript.find ('\n')), "< 220 mail.example.org ESMTP");
  EXPECT_TRUE (postseal_smtp_session_get_caps (session)->has_pipelining);
  EXPECT_STREQ (postseal_smtp_session_get_seal (session)->mechanism, "PLAIN");
}
