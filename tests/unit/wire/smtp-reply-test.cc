// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/smtp-reply.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"

using std::string;

namespace
{

struct Reply
{
  PostsealSmtpReply raw;
  std::vector<PostsealSmtpReplyState> states;

  explicit Reply (const std::vector<string> &lines)
  {
    postseal_smtp_reply_init (&raw);
    for (const string &line : lines)
      states.push_back (feed (line));
  }
  Reply (const Reply &) = delete;
  ~Reply () { postseal_smtp_reply_clear (&raw); }

  // From memory that ends where the line ends.
  PostsealSmtpReplyState
  feed (const string &line)
  {
    std::vector<char> bytes (line.begin (), line.end ());

    return postseal_smtp_reply_feed (&raw, bytes.data (), bytes.size ());
  }

  string
  text () const
  {
    return string (raw.text->str, raw.text->len);
  }

  string
  status () const
  {
    g_autofree char *status = postseal_smtp_reply_get_status (&raw);

    return status;
  }
};

constexpr auto MORE = POSTSEAL_SMTP_REPLY_MORE;
constexpr auto COMPLETE = POSTSEAL_SMTP_REPLY_COMPLETE;
constexpr auto MALFORMED = POSTSEAL_SMTP_REPLY_MALFORMED;

} // namespace

TEST (SmtpReply, OneLineIsAReply) // RFC 5321 section 4.2
{
  Reply reply ({ "220 mx.example ready" });

  EXPECT_EQ (reply.states, (std::vector{ COMPLETE }));
  EXPECT_EQ (reply.raw.code, 220u);
  EXPECT_EQ (reply.text (), "mx.example ready");
}

TEST (SmtpReply, LinesWithAHyphenGoOn) // RFC 5321 section 4.2.1
{
  Reply reply ({ "250-mx.example", "250-SIZE 1000", "250 DSN" });

  EXPECT_EQ (reply.states, (std::vector{ MORE, MORE, COMPLETE }));
  EXPECT_EQ (reply.text (), "mx.example\nSIZE 1000\nDSN");
}

TEST (SmtpReply, TextMayBeMissingAndWithItTheSpace) // RFC 5321 section 4.2.1
{
  EXPECT_EQ (Reply ({ "250" }).states, (std::vector{ COMPLETE }));
  EXPECT_EQ (Reply ({ "250 " }).states, (std::vector{ COMPLETE }));
  EXPECT_EQ (Reply ({ "250-", "250" }).states, (std::vector{ MORE, COMPLETE }));
  EXPECT_EQ (Reply ({ "250-", "250" }).text (), "\n");
}

TEST (SmtpReply, EveryCodeFrom200To599AndNoOther) // RFC 5321 section 4.2
{
  for (int code = 0; code <= 999; code++)
    {
      char line[16];

      g_snprintf (line, sizeof line, "%03d x", code);
      Reply reply ({ line });
      bool is_good = code >= 200 && code <= 599;

      EXPECT_EQ (reply.states[0], is_good ? COMPLETE : MALFORMED) << code;
      EXPECT_EQ (reply.raw.code, is_good ? static_cast<guint> (code) : 0u);
    }
}

TEST (SmtpReply, WhatIsNoReplyLineIsMalformed)
{
  for (const char *line : { "", "2", "25", "ok", "+OK", "25x ok", "2500 ok", " 250 ok", "250\tok",
                            "250_ok", "-250", "\xb2\x35\x30 x" })
    EXPECT_EQ (Reply ({ line }).states[0], MALFORMED) << line;
}

TEST (SmtpReply, CodesOfOneReplyAreTheSame) // RFC 5321 section 4.2.1
{
  Reply reply ({ "250-a", "550 b" });

  EXPECT_EQ (reply.states, (std::vector{ MORE, MALFORMED }));
  EXPECT_EQ (reply.raw.code, 250u);
  EXPECT_EQ (reply.text (), "a");
}

TEST (SmtpReply, IsBounded)
{
  Reply reply ({});
  const string line = "250-" + string (1000, 'x');
  size_t n_lines = 0;

  while (reply.feed (line) == MORE)
    ASSERT_LT (++n_lines, 100u);
  EXPECT_GT (n_lines, 60u);
  EXPECT_LE (reply.raw.text->len, static_cast<gsize> (POSTSEAL_LIMIT_SMTP_REPLY));
  EXPECT_EQ (Reply ({ "250 " + string (POSTSEAL_LIMIT_SMTP_REPLY, 'x') }).states[0], MALFORMED);

  Reply empty ({});
  for (n_lines = 0; empty.feed ("250-") == MORE;)
    ASSERT_LE (++n_lines, static_cast<size_t> (POSTSEAL_LIMIT_SMTP_REPLY));

  Reply bare ({});
  for (n_lines = 0; bare.feed ("250-2.0.0") == MORE;)
    ASSERT_LE (++n_lines, static_cast<size_t> (POSTSEAL_LIMIT_SMTP_REPLY));
}

TEST (SmtpReply, StatusIsTakenOutOfEveryLine) // RFC 2034 section 4
{
  Reply reply ({ "550-5.1.1 No such user", "550 5.1.1 here" });

  EXPECT_EQ (reply.status (), "5.1.1");
  EXPECT_EQ (reply.text (), "No such user\nhere");
  EXPECT_EQ (Reply ({ "250 2.123.7" }).status (), "2.123.7");
  EXPECT_EQ (Reply ({ "250 2.123.7" }).text (), "");
}

TEST (SmtpReply, StatusMayComeWithALaterLine)
{
  Reply reply ({ "550-Sorry", "550 5.7.1 refused" });

  EXPECT_EQ (reply.status (), "5.7.1");
  EXPECT_EQ (reply.text (), "Sorry\nrefused");
}

TEST (SmtpReply, FirstStatusHoldsAndAnotherStaysText)
{
  Reply reply ({ "550-5.1.1 one", "550 5.7.1 two" });

  EXPECT_EQ (reply.status (), "5.1.1");
  EXPECT_EQ (reply.text (), "one\n5.7.1 two");
}

TEST (SmtpReply, StatusOfAnotherClassIsText) // RFC 3463 section 2, RFC 2034 section 4
{
  Reply reply ({ "550 4.0.0 odd" });

  EXPECT_EQ (reply.raw.status[0], 0u);
  EXPECT_EQ (reply.status (), "5.0.0");
  EXPECT_EQ (reply.text (), "4.0.0 odd");
  EXPECT_EQ (Reply ({ "354 3.0.0 go" }).raw.status[0], 0u);
}

TEST (SmtpReply, WhatOnlyLooksLikeAStatusIsText)
{
  for (const char *text : { "5.1.1234 x", "5.1 x", "5.1.1x", "5.1.", "5..1 x", "55.1.1 x",
                            "5.1.1.1", ".5.1.1", "5.1234.1 x", "5.1.1: x" })
    {
      Reply reply ({ string ("550 ") + text });

      EXPECT_EQ (reply.raw.status[0], 0u) << text;
      EXPECT_EQ (reply.text (), text);
    }
}

TEST (SmtpReply, StatusIsMadeFromTheCodeWhereThereIsNone)
{
  EXPECT_EQ (Reply ({ "250 ok" }).status (), "2.0.0");
  EXPECT_EQ (Reply ({ "451 later" }).status (), "4.0.0");
  EXPECT_EQ (Reply ({ "554 no" }).status (), "5.0.0");
  EXPECT_EQ (Reply ({ "354 go" }).status (), "4.0.0");
  EXPECT_EQ (Reply ({}).status (), "4.0.0");
}

TEST (SmtpReply, TextIsKeptByteForByte)
{
  const string text ("a\0\x01\xff\r\tb", 7);

  EXPECT_EQ (Reply ({ "250 " + text }).text (), text);
}

TEST (SmtpReply, ResetMakesReadyForTheNext)
{
  Reply reply ({ "550 5.1.1 no" });

  postseal_smtp_reply_reset (&reply.raw);
  EXPECT_EQ (reply.raw.code, 0u);
  EXPECT_EQ (reply.feed ("250 fine"), COMPLETE);
  EXPECT_EQ (reply.status (), "2.0.0");
  EXPECT_EQ (reply.text (), "fine");
}
