// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/secret-lines.h"

#include <gtest/gtest.h>

#include <string>

using std::string;

namespace
{

class SecretLines : public testing::Test
{
protected:
  PostsealSecretLines lines = {};

  void
  begin (bool is_tagged, bool awaits_greeting = false)
  {
    postseal_secret_lines_clear (&lines);
    postseal_secret_lines_init (&lines, is_tagged, awaits_greeting);
  }

  // What may be shown of it.
  string
  send (const string &line)
  {
    return line.substr (0, postseal_secret_lines_sent (&lines, line.data (), line.size ()));
  }
  string
  receive (const string &line)
  {
    return line.substr (0, postseal_secret_lines_received (&lines, line.data (), line.size ()));
  }

  void
  TearDown () override
  {
    postseal_secret_lines_clear (&lines);
  }
};

} // namespace

TEST_F (SecretLines, WhatFollowsTheVerbIsHidden)
{
  for (bool is_tagged : { true, false })
    {
      begin (is_tagged);
      EXPECT_EQ (send ("a1 LOGIN jane secret"), "a1 LOGIN");
      EXPECT_EQ (send ("  pass secret with spaces"), "  pass");
      EXPECT_EQ (send ("APOP jane c4c9334bac560ecc979e58001b3e22fb"), "APOP");
      EXPECT_EQ (send ("login jane secret"), "login");
      EXPECT_EQ (send ("LOGIN"), "LOGIN");
      EXPECT_EQ (send (""), "");
      EXPECT_EQ (send ("USER jane"), "USER jane");
      EXPECT_EQ (send ("a2 NOOP"), "a2 NOOP");
      EXPECT_EQ (send ("a3 FETCH 1 LOGIN"), "a3 FETCH 1 LOGIN");
    }
}

// RFC 9051 section 6.2.2
TEST_F (SecretLines, AnImapExchangeEndsWithItsTag)
{
  begin (true, true);
  EXPECT_EQ (send ("a1 CAPABILITY"), "a1 CAPABILITY");
  EXPECT_EQ (send ("a2 AUTHENTICATE PLAIN AGphbmUAc2VjcmV0"), "a2 AUTHENTICATE PLAIN");
  EXPECT_EQ (receive ("* OK hello"), "* OK hello");
  EXPECT_EQ (receive ("a1 OK done"), "a1 OK done");
  EXPECT_EQ (receive ("+ Y2hhbGxlbmdl"), "+");
  EXPECT_EQ (send ("c2VjcmV0"), "");
  EXPECT_EQ (receive ("a2 OK in"), "a2 OK in");
  EXPECT_EQ (send ("a3 APPEND x {3}"), "a3 APPEND x {3}");
  EXPECT_EQ (receive ("+ go on"), "+ go on");
  EXPECT_EQ (send ("abc"), "abc");
}

TEST_F (SecretLines, LiteralsOfLoginAreHiddenToo)
{
  begin (true);
  EXPECT_EQ (send ("a1 LOGIN {4+}"), "a1 LOGIN");
  EXPECT_EQ (send ("jane {6}"), "");
  EXPECT_EQ (receive ("+ go on"), "+");
  EXPECT_EQ (send ("secret"), "");
  EXPECT_EQ (receive ("a1 NO"), "a1 NO");
  EXPECT_EQ (send ("a2 NOOP"), "a2 NOOP");
}

// RFC 4954 section 4: the answers to what was said before are none to AUTH.
TEST_F (SecretLines, AnSmtpExchangeEndsWithItsOwnAnswer)
{
  begin (false, true);
  EXPECT_EQ (send ("EHLO me"), "EHLO me");
  EXPECT_EQ (send ("AUTH LOGIN"), "AUTH LOGIN");
  EXPECT_EQ (receive ("220 hello"), "220 hello");
  EXPECT_EQ (send ("amFuZQ=="), "");
  EXPECT_EQ (receive ("250-hello"), "250-hello");
  EXPECT_EQ (receive ("250 AUTH LOGIN"), "250 AUTH LOGIN");
  EXPECT_EQ (send ("c2VjcmV0"), "");
  EXPECT_EQ (receive ("334 VXNlcm5hbWU6"), "334");
  EXPECT_EQ (receive ("334"), "334");
  EXPECT_EQ (send ("bW9yZQ=="), "");
  EXPECT_EQ (receive ("535 no"), "535 no");
  EXPECT_EQ (send ("AUTH PLAIN"), "AUTH PLAIN");
  EXPECT_EQ (receive ("334 "), "334");
  EXPECT_EQ (send ("AGphbmUAc2VjcmV0"), "");
  EXPECT_EQ (receive ("235 in"), "235 in");
  EXPECT_EQ (send ("MAIL FROM:<jane@example.org>"), "MAIL FROM:<jane@example.org>");
}

// RFC 5034 section 4
TEST_F (SecretLines, APop3ExchangeEndsWithItsStatus)
{
  begin (false);
  EXPECT_EQ (send ("AUTH SCRAM-SHA-256 biwsbj1qYW5l"), "AUTH SCRAM-SHA-256");
  EXPECT_EQ (receive ("+ cj1meWtv"), "+");
  EXPECT_EQ (send ("Yz1iaXdz"), "");
  EXPECT_EQ (receive ("-ERR no"), "-ERR no");
  EXPECT_EQ (send ("STAT"), "STAT");
  EXPECT_EQ (receive ("+OK 1 2"), "+OK 1 2");
}

TEST_F (SecretLines, AChallengeAloneIsAnExchange)
{
  begin (false);
  EXPECT_EQ (receive ("334 VXNlcm5hbWU6"), "334");
  EXPECT_EQ (send ("amFuZQ=="), "");
}

TEST_F (SecretLines, WhatIsNoMechanismIsHidden)
{
  begin (false);
  EXPECT_EQ (send ("AUTH AGphbmUAc2VjcmV0c2VjcmV0"), "AUTH");
}
