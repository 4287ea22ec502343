// SPDX-License-Identifier: LGPL-2.1-or-later
#include "smtp-peer.h"

using std::string;
using Lines = std::vector<string>;

class SmtpSession : public Smtp
{
};

TEST_F (SmtpSession, NoopSaysThatTheConnectionLives)
{
  open_and_login ();
  noop ();
  ASSERT_TRUE (run_to (1));
  EXPECT_EQ (outcomes[0], "noop ok");
  EXPECT_EQ (server.lines, Lines{ "NOOP" });
}
