/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/probe-talk-private.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace
{

constexpr auto IMAP = POSTSEAL_PROTOCOL_IMAP;
constexpr auto POP3 = POSTSEAL_PROTOCOL_POP3;
constexpr auto SMTP = POSTSEAL_PROTOCOL_SMTP;
constexpr auto GREETING = POSTSEAL_PROBE_QUESTION_GREETING;
constexpr auto CAPABILITIES = POSTSEAL_PROBE_QUESTION_CAPABILITIES;
constexpr auto HELO = POSTSEAL_PROBE_QUESTION_HELO;
constexpr auto UPGRADE = POSTSEAL_PROBE_QUESTION_UPGRADE;
constexpr auto GOODBYE = POSTSEAL_PROBE_QUESTION_GOODBYE;
constexpr auto MORE = POSTSEAL_PROBE_ANSWER_MORE;
constexpr auto YES = POSTSEAL_PROBE_ANSWER_YES;
constexpr auto NO = POSTSEAL_PROBE_ANSWER_NO;
constexpr auto BUSY = POSTSEAL_PROBE_ANSWER_BUSY;
constexpr auto PREAUTH = POSTSEAL_PROBE_ANSWER_PREAUTH;
constexpr auto STRANGE = POSTSEAL_PROBE_ANSWER_STRANGE;

class ProbeTalkTest : public testing::Test
{
protected:
  ~ProbeTalkTest () override { _postseal_probe_talk_free (talk_); }

  std::string
  ask (PostsealProtocol protocol, PostsealProbeQuestion question)
  {
    _postseal_probe_talk_free (talk_);
    talk_ = _postseal_probe_talk_new (protocol);
    g_autofree char *line = _postseal_probe_talk_ask (talk_, question, "[192.0.2.1]");

    return line != nullptr ? line : "";
  }

  PostsealProbeAnswer
  hear (const std::string &line)
  {
    return _postseal_probe_talk_hear (talk_, line.data (), line.size ());
  }

  /* What the last of @lines comes to; those before it must be MORE. */
  PostsealProbeAnswer
  answer (PostsealProtocol protocol,
          PostsealProbeQuestion question,
          const std::vector<std::string> &lines)
  {
    PostsealProbeAnswer last = MORE;

    ask (protocol, question);
    for (const std::string &line : lines)
      {
        EXPECT_EQ (last, MORE) << line;
        last = hear (line);
      }
    return last;
  }

  std::string
  caps ()
  {
    g_auto (GStrv) list = _postseal_probe_talk_get_caps (talk_);
    g_autofree char *text = g_strjoinv ("|", list);

    return text;
  }

  PostsealProbeTalk *talk_ = nullptr;
};

TEST_F (ProbeTalkTest, AsksInTheWordsOfTheProtocol)
{
  EXPECT_EQ (ask (IMAP, GREETING), "");
  EXPECT_EQ (ask (IMAP, CAPABILITIES), "a1 CAPABILITY");
  EXPECT_EQ (ask (IMAP, UPGRADE), "a1 STARTTLS");
  EXPECT_EQ (ask (IMAP, GOODBYE), "a1 LOGOUT");
  EXPECT_EQ (ask (POP3, CAPABILITIES), "CAPA");
  EXPECT_EQ (ask (POP3, UPGRADE), "STLS");
  EXPECT_EQ (ask (POP3, GOODBYE), "QUIT");
  EXPECT_EQ (ask (SMTP, CAPABILITIES), "EHLO [192.0.2.1]");
  EXPECT_EQ (ask (SMTP, HELO), "HELO [192.0.2.1]");
  EXPECT_EQ (ask (SMTP, UPGRADE), "STARTTLS");
  EXPECT_EQ (ask (SMTP, GOODBYE), "QUIT");
}

/* RFC 9051 section 7.1, RFC 1939 section 4, RFC 5321 section 3.1 */
TEST_F (ProbeTalkTest, TellsGreetingsApart)
{
  EXPECT_EQ (answer (IMAP, GREETING, { "* OK ready\r" }), YES);
  EXPECT_EQ (answer (IMAP, GREETING, { "* ok" }), YES);
  EXPECT_EQ (answer (IMAP, GREETING, { "* PREAUTH jane" }), PREAUTH);
  EXPECT_EQ (answer (IMAP, GREETING, { "* BYE full" }), BUSY);
  EXPECT_EQ (answer (IMAP, GREETING, { "* OKAY" }), STRANGE);
  EXPECT_EQ (answer (IMAP, GREETING, { "+OK ready" }), STRANGE);
  EXPECT_EQ (answer (IMAP, GREETING, { "" }), STRANGE);
  EXPECT_EQ (answer (POP3, GREETING, { "+OK ready" }), YES);
  EXPECT_EQ (answer (POP3, GREETING, { "-ERR full" }), BUSY);
  EXPECT_EQ (answer (POP3, GREETING, { "* OK" }), STRANGE);
  EXPECT_EQ (answer (SMTP, GREETING, { "220-a", "220-b", "220 c" }), YES);
  EXPECT_STREQ (_postseal_probe_talk_get_line (talk_), "220-a");
  EXPECT_EQ (answer (SMTP, GREETING, { "421 later" }), BUSY);
  EXPECT_EQ (answer (SMTP, GREETING, { "554 not you" }), BUSY);
  EXPECT_EQ (answer (SMTP, GREETING, { "200 what" }), STRANGE);
  EXPECT_EQ (answer (SMTP, GREETING, { "220-a", "250 b" }), STRANGE);
  EXPECT_EQ (answer (SMTP, GREETING, { "SSH-2.0-x" }), STRANGE);
}

TEST_F (ProbeTalkTest, ListsCapabilities)
{
  EXPECT_EQ (answer (IMAP, CAPABILITIES,
                     { "* CAPABILITY IMAP4rev1  STARTTLS", "* OK by the way", "a1 OK done" }),
             YES);
  EXPECT_EQ (caps (), "IMAP4rev1|STARTTLS");
  EXPECT_TRUE (_postseal_probe_talk_offers_upgrade (talk_));
  EXPECT_EQ (answer (POP3, CAPABILITIES, { "+OK", "SASL PLAIN LOGIN", "..x", "." }), YES);
  EXPECT_EQ (caps (), "SASL PLAIN LOGIN|.x");
  EXPECT_FALSE (_postseal_probe_talk_offers_upgrade (talk_));
  EXPECT_EQ (answer (SMTP, CAPABILITIES, { "250-STARTTLS", "250-SIZE 1000", "250 starttls" }), YES);
  EXPECT_EQ (caps (), "SIZE 1000|starttls");
  EXPECT_TRUE (_postseal_probe_talk_offers_upgrade (talk_));
  EXPECT_EQ (answer (SMTP, CAPABILITIES, { "250 STARTTLS" }), YES);
  EXPECT_EQ (caps (), "");
  EXPECT_FALSE (_postseal_probe_talk_offers_upgrade (talk_)) << "that is its name";
}

TEST_F (ProbeTalkTest, TellsRefusalsApart)
{
  EXPECT_EQ (answer (IMAP, CAPABILITIES, { "a1 BAD what" }), NO);
  EXPECT_EQ (answer (IMAP, UPGRADE, { "a1 NO not now" }), NO);
  EXPECT_STREQ (_postseal_probe_talk_get_line (talk_), "a1 NO not now");
  EXPECT_EQ (answer (IMAP, UPGRADE, { "* BYE gone" }), BUSY);
  EXPECT_EQ (answer (IMAP, UPGRADE, { "a2 OK" }), STRANGE);
  EXPECT_EQ (answer (IMAP, GOODBYE, { "* BYE gone", "a1 OK" }), YES);
  EXPECT_EQ (answer (POP3, UPGRADE, { "-ERR what" }), NO);
  EXPECT_EQ (answer (SMTP, CAPABILITIES, { "500 what" }), NO);
  EXPECT_EQ (answer (SMTP, CAPABILITIES, { "451 later" }), BUSY);
  EXPECT_EQ (answer (SMTP, HELO, { "502 what" }), NO);
  EXPECT_EQ (answer (SMTP, HELO, { "550 not you" }), BUSY);
  EXPECT_EQ (answer (SMTP, UPGRADE, { "454 not now" }), NO);
  EXPECT_EQ (answer (SMTP, UPGRADE, { "421 not now" }), BUSY);
}

TEST_F (ProbeTalkTest, HearsNoAnswerWithoutEnd)
{
  for (PostsealProtocol protocol : { IMAP, POP3, SMTP })
    {
      const std::string first = protocol == POP3 ? "+OK" : "* CAPABILITY x";
      const std::string line = protocol == SMTP ? "250-x" : first;
      PostsealProbeAnswer last = MORE;
      int count = 0;

      ask (protocol, CAPABILITIES);
      for (; last == MORE && count < 10000; count++)
        last = hear (line);
      EXPECT_EQ (last, STRANGE);
      EXPECT_LT (count, 1000);
    }
}

TEST_F (ProbeTalkTest, ShowsNothingThatCannotBePrinted)
{
  EXPECT_EQ (answer (IMAP, GREETING, { std::string ("* OK a\0b\x1b[2J", 12) }), YES);
  EXPECT_STREQ (_postseal_probe_talk_get_line (talk_), "* OK a\\x00b\\x1B[2J");
}

TEST_F (ProbeTalkTest, KnowsTheAnswerToAStowaway)
{
  const auto is_for = [this] (const std::string &line) {
    return _postseal_probe_talk_is_for_stowaway (talk_, line.data (), line.size ()) != FALSE;
  };

  ask (IMAP, UPGRADE);
  EXPECT_TRUE (is_for ("x1 OK"));
  EXPECT_FALSE (is_for ("* CAPABILITY IMAP4rev1"));
  EXPECT_FALSE (is_for ("a1 OK"));
  ask (POP3, UPGRADE);
  EXPECT_TRUE (is_for ("-ERR what"));
  EXPECT_FALSE (is_for ("what"));
  ask (SMTP, UPGRADE);
  EXPECT_TRUE (is_for ("250 OK"));
  EXPECT_TRUE (is_for ("503 EHLO first"));
  EXPECT_FALSE (is_for ("OK"));
}

} // namespace
