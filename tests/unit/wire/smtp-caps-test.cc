// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/smtp-caps.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using std::string;

namespace
{

struct Caps : PostsealSmtpCaps
{
  explicit Caps (const string &offer) : PostsealSmtpCaps ()
  {
    parse ("mx.example Hello\n" + offer);
  }
  Caps (const Caps &) = delete;
  ~Caps () { postseal_smtp_caps_clear (this); }

  void
  parse (const string &text)
  {
    std::vector<char> bytes (text.begin (), text.end ());

    postseal_smtp_caps_parse (this, bytes.data (), bytes.size ());
  }

  string
  auth () const
  {
    g_autofree char *names = g_strjoinv (" ", mechanisms);

    return names;
  }
};

} // namespace

TEST (SmtpCaps, GreetingOffersNothing) // RFC 5321 section 4.1.1.1
{
  Caps caps ("");

  caps.parse ("PIPELINING");
  EXPECT_FALSE (caps.has_pipelining);
  caps.parse ("");
  EXPECT_FALSE (caps.has_pipelining);
  ASSERT_NE (caps.mechanisms, nullptr);
  EXPECT_EQ (caps.auth (), "");
}

TEST (SmtpCaps, KeywordsInAnyCase)
{
  Caps caps ("pipelining\n8bitMIME\nSmtpUtf8\nCHUNKING\nBINARYMIME\nDSN\nEnhancedStatusCodes\n"
             "REQUIRETLS\nSTARTTLS");

  EXPECT_TRUE (caps.has_pipelining && caps.has_8bitmime && caps.has_smtputf8 && caps.has_chunking
               && caps.has_binarymime && caps.has_dsn && caps.has_enhanced_status
               && caps.has_requiretls && caps.has_starttls);
}

TEST (SmtpCaps, OneKeywordDoesNotStandForAnother)
{
  Caps caps ("XPIPELINING\nPIPELINING2\n8BIT\nDSNX\n\n \nPIPE LINING\nHELP DSN\nAUTHX PLAIN");

  EXPECT_FALSE (caps.has_pipelining || caps.has_8bitmime || caps.has_dsn);
  EXPECT_EQ (caps.auth (), "");
}

TEST (SmtpCaps, BinaryMimeNeedsChunking) // RFC 3030 section 3
{
  EXPECT_FALSE (Caps ("BINARYMIME").has_binarymime);
  EXPECT_TRUE (Caps ("BINARYMIME\nCHUNKING").has_binarymime);
}

TEST (SmtpCaps, SizeMayHaveANumber) // RFC 1870 section 3
{
  EXPECT_FALSE (Caps ("DSN").has_size);
  EXPECT_TRUE (Caps ("SIZE").has_size);
  EXPECT_EQ (Caps ("SIZE").size, 0u);
  EXPECT_EQ (Caps ("SIZE 0").size, 0u);
  EXPECT_EQ (Caps ("size  35882577 ").size, 35882577u);
  EXPECT_EQ (Caps ("SIZE 18446744073709551615").size, G_MAXUINT64);
  for (const char *bad :
       { "SIZE 18446744073709551616", "SIZE -1", "SIZE 10k", "SIZE +5", "SIZE x" })
    EXPECT_TRUE (Caps (bad).has_size && Caps (bad).size == 0) << bad;
}

TEST (SmtpCaps, MechanismsInOrderUpperCaseAndOnce) // RFC 4954 section 4
{
  EXPECT_EQ (Caps ("AUTH plain SCRAM-SHA-256 PLAIN").auth (), "PLAIN SCRAM-SHA-256");
  EXPECT_EQ (Caps ("AUTH").auth (), "");
  EXPECT_EQ (Caps ("AUTH\tPLAIN   LOGIN ").auth (), "PLAIN LOGIN");
}

TEST (SmtpCaps, OldServersWriteASignBehindAuth)
{
  EXPECT_EQ (Caps ("AUTH=LOGIN PLAIN").auth (), "LOGIN PLAIN");
  EXPECT_EQ (Caps ("AUTH=").auth (), "");
  EXPECT_EQ (Caps ("AUTH PLAIN\nAUTH=PLAIN LOGIN").auth (), "PLAIN LOGIN");
}

TEST (SmtpCaps, NamesThatNoMechanismCanHaveAreLeftOut) // RFC 4422 section 3.1
{
  EXPECT_EQ (Caps ("AUTH A+B PL\x01IN \xc3\xa4 THIS-IS-ONE-TOO-LONG-X LOGIN").auth (), "LOGIN");
  EXPECT_EQ (Caps (string ("AUTH A\0B X", 10)).auth (), "X");
}

TEST (SmtpCaps, ThousandsOfMechanismsAreCut)
{
  string offer = "AUTH";

  for (int i = 0; i < 9000; i++)
    offer += " M" + std::to_string (i);
  EXPECT_LE (g_strv_length (Caps (offer).mechanisms), 64u);
}

TEST (SmtpCaps, LimitsAreRead) // RFC 9422 section 4
{
  Caps caps ("LIMITS RCPTMAX=20 mailmax=5 RCPTDOMAINMAX=1 FUTURE=3");

  EXPECT_EQ (caps.recipients_max, 20u);
  EXPECT_EQ (caps.messages_max, 5u);
  EXPECT_EQ (caps.recipient_domains_max, 1u);
}

TEST (SmtpCaps, LimitsOfABadSyntaxAreIgnored) // RFC 9422 section 4
{
  for (const char *bad : { "RCPTMAX", "RCPTMAX=", "RCPTMAX=x", "RCPTMAX=-1", "RCPTMAX=1234567",
                           "=5", "RCPTMAX =5", "RCPTMAX=5;", "RCPT=5" })
    EXPECT_EQ (Caps (string ("LIMITS ") + bad).recipients_max, 0u) << bad;
  EXPECT_EQ (Caps ("LIMITS = RCPTMAX=x MAILMAX=7").messages_max, 7u);
}

TEST (SmtpCaps, TimesOfFutureReleaseAndDeliverBy) // RFC 4865 section 4, RFC 2852 section 2
{
  Caps caps ("FUTURERELEASE 86400 2030-01-01T00:00:00Z\nDELIVERBY 240,X-MORE");

  EXPECT_TRUE (caps.has_futurerelease && caps.has_deliverby);
  EXPECT_EQ (caps.futurerelease_max_seconds, 86400u);
  EXPECT_EQ (caps.deliverby_min_seconds, 240u);
  EXPECT_TRUE (Caps ("DELIVERBY").has_deliverby);
  EXPECT_EQ (Caps ("DELIVERBY").deliverby_min_seconds, 0u);
}

TEST (SmtpCaps, NextOfferReplacesThisOne) // RFC 5321 section 4.1.4
{
  Caps caps ("PIPELINING\nSIZE 5\nAUTH PLAIN\nLIMITS RCPTMAX=2");

  caps.parse ("mx\nDSN\nAUTH LOGIN");
  EXPECT_TRUE (caps.has_dsn);
  EXPECT_FALSE (caps.has_pipelining || caps.has_size);
  EXPECT_EQ (caps.recipients_max, 0u);
  EXPECT_EQ (caps.auth (), "LOGIN");
}

TEST (SmtpCaps, ClearMayBeRepeated)
{
  PostsealSmtpCaps caps = {};

  postseal_smtp_caps_parse (&caps, "mx\nDSN", 6);
  postseal_smtp_caps_clear (&caps);
  postseal_smtp_caps_clear (&caps);
  EXPECT_EQ (caps.mechanisms, nullptr);
  EXPECT_FALSE (caps.has_dsn);
}
