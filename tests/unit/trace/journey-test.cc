/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trace/journey.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "temp-dir.h"

using namespace postseal_test;
using std::string;

namespace
{

const char kDate[] = "; Tue, 3 Nov 2026 10:11:12 +0100\n";

/* A Received field as Postfix writes it. @seen: the name that was looked up, and the address */
string
hop (const string &said, const string &seen, const string &by)
{
  return "Received: from " + said + " (" + seen + ")\n\tby " + by + " (Postfix) with ESMTPS id 1"
         + kDate;
}

string
checks (const string &text)
{
  return "Authentication-Results: " + text + "\n";
}

const string kOutside = hop ("mail.example.com", "mail.example.com [192.0.2.1]", "mx.example.org");
const string kStranger
    = hop ("laptop", "unknown [203.0.113.9]", "mail.example.com") + "From: alice@example.com\n";

class Journey : public testing::Test
{
protected:
  /* From the top: "+" for each hop that is trusted, "o" for our own, "-" for others; then, behind a
     space, for each field of checks "+", or why not: "n", "s", "p", "r". */
  string
  judge (const string &header, bool has_own_field = false)
  {
    string path = dir / "message";
    std::ofstream (path) << header << "\nHello\n";
    g_autoptr (PostsealMessageFile) file = postseal_message_file_read (path.c_str (), nullptr);
    if (file == nullptr)
      return "no message";
    g_autoptr (PostsealJourney) journey
        = postseal_journey_new (file, trusted, "imap.example.net", has_own_field);
    string marks;

    for (guint i = 0; i < journey->hops->len; i++)
      {
        auto one = static_cast<PostsealHop *> (g_ptr_array_index (journey->hops, i));
        marks += one->is_own ? "o" : one->is_trusted ? "+" : "-";
      }
    marks += " ";
    for (guint i = 0; i < journey->checks->len; i++)
      marks
          += "+nspr"[static_cast<PostsealChecks *> (g_ptr_array_index (journey->checks, i))->trust];
    return marks;
  }

  TempDir dir;
  const char *const list[3] = { "mx.example.org", "example.net", nullptr };
  const char *const *trusted = list;
};

} // namespace

TEST_F (Journey, TheProvidersHopIsTrustedAndTheSendersIsNot)
{
  EXPECT_EQ (judge (kOutside + kStranger), "+- ");
}

TEST_F (Journey, NobodyIsTrustedByDefault)
{
  trusted = nullptr;
  EXPECT_EQ (judge (kOutside + checks ("mx.example.org; spf=pass") + kStranger), "-- s");
}

TEST_F (Journey, ANameStandsForWhatIsBelowIt)
{
  const char *const names[] = { "example.org", nullptr };

  EXPECT_TRUE (postseal_journey_is_trusted (names, "example.org"));
  EXPECT_TRUE (postseal_journey_is_trusted (names, "MX1.Example.ORG."));
  EXPECT_FALSE (postseal_journey_is_trusted (names, "badexample.org"));
  EXPECT_FALSE (postseal_journey_is_trusted (names, "org"));
  EXPECT_FALSE (postseal_journey_is_trusted (names, "example.org.evil.example"));
  EXPECT_FALSE (postseal_journey_is_trusted (names, ""));
  EXPECT_FALSE (postseal_journey_is_trusted (names, nullptr));
  EXPECT_FALSE (postseal_journey_is_trusted (nullptr, "example.org"));
}

/* What a stranger writes in the provider's name stands below what the provider has written. */
TEST_F (Journey, AForgedHopBelowTheBorderIsNotTrusted)
{
  string forged = hop ("localhost", "localhost [127.0.0.1]", "mx.example.org");

  EXPECT_EQ (judge (kOutside + forged + forged + kStranger), "+--- ");
  EXPECT_EQ (judge (kOutside + "Received: by 10.0.0.1 with SMTP id 1" + kDate + kStranger), "+-- ");
}

TEST_F (Journey, TheRowGoesOnWithinTheProvider)
{
  string delivered = string ("Received: from mx.example.org ([127.0.0.1])\n\tby imap.example.net "
                             "with LMTP id 1")
                     + kDate;
  string filtered = hop ("localhost", "localhost [127.0.0.1]", "mx.example.org");
  string named = hop ("x", "mx.example.org [198.51.100.1]", "store.example.net");
  string within = hop ("mx.example.org", "unknown [10.0.0.1]", "store.example.net");
  string unnamed = string ("Received: by 2002:a05::1 with SMTP id 1") + kDate;

  EXPECT_EQ (judge (delivered + kOutside + kStranger), "++- ");
  EXPECT_EQ (judge (delivered + filtered + kOutside + kStranger), "+++- ");
  EXPECT_EQ (judge (named + kOutside + kStranger), "++- ");
  EXPECT_EQ (judge (within + kOutside + kStranger), "++- ");
  EXPECT_EQ (judge (unnamed + kOutside + kStranger), "++- ");
}

TEST_F (Journey, WhatAClientCallsItselfDoesNotPassTheBorder)
{
  string forged = hop ("localhost", "localhost [127.0.0.1]", "mx.example.org");

  for (const string client :
       { "mx.example.org (unknown [203.0.113.9])", "mx.example.org ([203.0.113.9])",
         "mx.example.org (203.0.113.9)", "x (mx.example.org [203.0.113.9] (may be forged))",
         "unknown (HELO mx.example.org) (203.0.113.9)", "[203.0.113.9] (helo=mx.example.org)",
         "mallory.example ([203.0.113.9] helo=mx.example.org)", "localhost (unknown [203.0.113.9])",
         "x (unknown [10.0.0.1])" })
    EXPECT_EQ (judge ("Received: from " + client + " by mx.example.org with ESMTP id 1" + kDate
                      + forged + kStranger),
               "+-- ")
        << client;
}

/* Anybody may have an account there. */
TEST_F (Journey, AProgramOnTheServerIsAStranger)
{
  string pickup = string ("Received: by mx.example.org (Postfix, from userid 1000) id 1") + kDate;
  string exim
      = string ("Received: from jane by mx.example.org with local (Exim 4.96) id 1") + kDate;

  EXPECT_EQ (judge (pickup + kOutside + "From: a@example.com\n"), "+- ");
  EXPECT_EQ (judge (exim + kOutside + "From: a@example.com\n"), "+- ");
}

TEST_F (Journey, ServersWithoutANameAreNobodysWithoutOneThatIsListed)
{
  string unnamed = string ("Received: by 10.0.0.1 with SMTP id 1") + kDate;

  EXPECT_EQ (judge (unnamed + kStranger), "-- ");
  EXPECT_EQ (judge (unnamed + unnamed + "From: a@example.com\n" + checks ("mx.example.org; a=b")),
             "-- p");
}

TEST_F (Journey, OurOwnFieldIsNoHopAndEndsNoRow)
{
  string own = string ("Received: from imap.example.net by localhost with IMAP\n\t(TLS 1.3, "
                       "AES-256-GCM)\n\tfor <jane@example.org>")
               + kDate;

  EXPECT_EQ (judge (own + checks ("mx.example.org; spf=pass") + kOutside + kStranger, true),
             "o+- +");
  EXPECT_EQ (judge (own + kStranger), "-- ") << "of a message that is not known";
}

/* RFC 8601 sections 1.2, 4.1 and 7.1 */
TEST_F (Journey, ChecksCountAboveTheFirstFieldOfAStranger)
{
  string good = checks ("mx.example.org; spf=pass smtp.mailfrom=example.com");

  EXPECT_EQ (judge (good + kOutside + kStranger), "+- +");
  EXPECT_EQ (judge (kOutside + good + kStranger), "+- +");
  EXPECT_EQ (judge (kOutside + kStranger + good), "+- p");
  EXPECT_EQ (judge (kOutside + checks ("mail.example.com; spf=pass") + kStranger), "+- s");
  EXPECT_EQ (judge (kOutside + checks ("mx9.example.net; spf=pass") + kStranger), "+- +");
  EXPECT_EQ (judge (kOutside + checks ("spf=pass smtp.mailfrom=a") + kStranger), "+- n");
  EXPECT_EQ (judge (kOutside + checks ("mx.example.org 2; spf=pass") + kStranger), "+- n");
}

/* RFC 8601 section 5: a border removes what is forged in its name. One that fails to still has its
   own on top. */
TEST_F (Journey, TheUpperOfTwoFieldsAboutAMethodCounts)
{
  string own = checks ("mx.example.org; dkim=fail header.d=example.com");
  string forged = checks ("mx.example.org; DKIM=pass header.d=example.com");

  EXPECT_EQ (judge (kOutside + own + forged + kStranger), "+- +r");
  EXPECT_EQ (judge (kOutside + own + checks ("mx.example.org; spf=pass") + kStranger), "+- ++");
}

TEST_F (Journey, WithoutAHopOfTheProviderNoChecksCount)
{
  EXPECT_EQ (judge ("From: a@example.com\n" + checks ("mx.example.org; spf=pass")), " p");
  EXPECT_EQ (judge (checks ("mx.example.org; spf=pass") + "From: a@example.com\n"), " p");
}

TEST_F (Journey, KeepsOnlySoManyFields)
{
  string many;

  for (int i = 0; i < 150; i++)
    many += kOutside;
  std::ofstream (dir / "message") << many << "\n";
  g_autoptr (PostsealMessageFile) file
      = postseal_message_file_read ((dir / "message").c_str (), nullptr);
  g_autoptr (PostsealJourney) journey = postseal_journey_new (file, trusted, nullptr, false);

  EXPECT_EQ (journey->hops->len, 100u);
  EXPECT_EQ (journey->n_more, 50u);
}
