// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/pop3-reply.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

using std::string;

namespace
{

PostsealPop3Reply
parse (const string &line)
{
  static string kept;
  PostsealPop3Reply reply = {};

  kept = line;
  postseal_pop3_reply_parse (kept.data (), kept.size (), &reply);
  EXPECT_LE (reply.text + reply.length, kept.data () + kept.size ());
  return reply;
}

string
text_of (const PostsealPop3Reply &reply)
{
  return string (reply.text, reply.length);
}

// "NUMBER SIZE", or "bad"
string
parse_list (const string &line)
{
  guint32 number = 0;
  guint64 size = 0;

  if (!postseal_pop3_parse_list_line (line.data (), line.size (), &number, &size))
    return "bad";
  return std::to_string (number) + " " + std::to_string (size);
}

// "COUNT SIZE", or "bad"
string
parse_stat (const string &text)
{
  guint32 count = 0;
  guint64 size = 0;

  if (!postseal_pop3_parse_stat (text.data (), text.size (), &count, &size))
    return "bad";
  return std::to_string (count) + " " + std::to_string (size);
}

// "NUMBER UIDL", or "bad"
string
parse_uidl (const string &line)
{
  guint32 number = 0;
  const char *uidl = nullptr;
  gsize length = 0;

  if (!postseal_pop3_parse_uidl_line (line.data (), line.size (), &number, &uidl, &length))
    return "bad";
  return std::to_string (number) + " " + string (uidl, length);
}

} // namespace

TEST (Pop3Reply, StatusIsTheFirstWordAndNothingElse) // RFC 1939 section 3
{
  EXPECT_EQ (parse ("+OK").kind, POSTSEAL_POP3_REPLY_OK);
  EXPECT_EQ (parse ("+OK -ERR really").kind, POSTSEAL_POP3_REPLY_OK);
  EXPECT_EQ (parse ("-ERR").kind, POSTSEAL_POP3_REPLY_ERR);
  EXPECT_EQ (parse ("-ERR +OK").kind, POSTSEAL_POP3_REPLY_ERR);
  for (const char *line :
       { "", "+OKAY", "-ERROR", "+ok", "-err", "OK", " +OK", "-", "* OK", "220 hi", "++" })
    EXPECT_EQ (parse (line).kind, POSTSEAL_POP3_REPLY_UNKNOWN) << line;
}

TEST (Pop3Reply, TextFollowsTheStatus)
{
  EXPECT_EQ (text_of (parse ("+OK ready")), "ready");
  EXPECT_EQ (text_of (parse ("+OK")), "");
  EXPECT_EQ (text_of (parse ("+OK  two")), " two");
}

TEST (Pop3Reply, ChallengeMayBeEmpty) // RFC 5034 section 4
{
  EXPECT_EQ (parse ("+ ").kind, POSTSEAL_POP3_REPLY_CHALLENGE);
  EXPECT_EQ (text_of (parse ("+ ")), "");
  EXPECT_EQ (parse ("+").kind, POSTSEAL_POP3_REPLY_CHALLENGE);
  EXPECT_EQ (text_of (parse ("+ Zm9v")), "Zm9v");
}

TEST (Pop3Reply, CodesAreHierarchicalAndCaseless) // RFC 2449 section 8, RFC 3206 sections 4 to 6
{
  const struct
  {
    const char *line;
    PostsealPop3Code code;
  } cases[] = {
    { "-ERR no", POSTSEAL_POP3_CODE_NONE },
    { "-ERR", POSTSEAL_POP3_CODE_NONE },
    { "-ERR [IN-USE] locked", POSTSEAL_POP3_CODE_IN_USE },
    { "-ERR [in-use]", POSTSEAL_POP3_CODE_IN_USE },
    { "-ERR [LOGIN-DELAY] wait", POSTSEAL_POP3_CODE_LOGIN_DELAY },
    { "-ERR [SYS/TEMP] later", POSTSEAL_POP3_CODE_SYS_TEMP },
    { "-ERR [Sys/Temp/Disk] later", POSTSEAL_POP3_CODE_SYS_TEMP },
    { "-ERR [SYS/PERM]", POSTSEAL_POP3_CODE_SYS_PERM },
    { "-ERR [AUTH] no", POSTSEAL_POP3_CODE_AUTH },
    { "-ERR [AUTH/EXPIRED] no", POSTSEAL_POP3_CODE_AUTH },
    { "-ERR [AUTHENTICATION] no", POSTSEAL_POP3_CODE_OTHER },
    { "-ERR [SYS]", POSTSEAL_POP3_CODE_OTHER },
    { "-ERR [X]", POSTSEAL_POP3_CODE_OTHER },
    { "-ERR []", POSTSEAL_POP3_CODE_OTHER },
    { "-ERR [AUTH no", POSTSEAL_POP3_CODE_NONE },
    { "-ERR sorry [AUTH]", POSTSEAL_POP3_CODE_NONE },
    { "+OK [AUTH]", POSTSEAL_POP3_CODE_NONE },
  };

  for (const auto &test : cases)
    EXPECT_EQ (parse (test.line).code, test.code) << test.line;
}

TEST (Pop3Reply, ListLines)
{
  EXPECT_EQ (parse_list ("1 120"), "1 120");
  EXPECT_EQ (parse_list ("2 200 and more"), "2 200");
  EXPECT_EQ (parse_list ("4294967295 18446744073709551615"), "4294967295 18446744073709551615");
  for (const char *line : { "", "1", "1 ", "0 5", "x 5", "1 x", "1 5x", "-1 5", "1 -5",
                            "4294967296 1", "1 18446744073709551616", " 1 5", "1\0 5" })
    EXPECT_EQ (parse_list (line), "bad") << line;
}

TEST (Pop3Reply, StatTexts) // RFC 1939 section 5
{
  EXPECT_EQ (parse_stat ("0 0"), "0 0");
  EXPECT_EQ (parse_stat ("2 320"), "2 320");
  EXPECT_EQ (parse_stat ("2 320 and more"), "2 320");
  for (const char *text : { "", "2", "2 ", "x 5", "1 x", "1 5x", "-1 5", "4294967296 1",
                            "1 18446744073709551616", " 1 5" })
    EXPECT_EQ (parse_stat (text), "bad") << text;
}

TEST (Pop3Reply, UidlLines) // RFC 1939 section 7
{
  EXPECT_EQ (parse_uidl ("1 whqtswO00WBw418f9t5JxYwZ"), "1 whqtswO00WBw418f9t5JxYwZ");
  EXPECT_EQ (parse_uidl ("2  !~."), "2 !~.");
  EXPECT_EQ (parse_uidl ("2 \xe4\xff "), "2 \xe4\xff");
  EXPECT_EQ (parse_uidl ("3 " + string (255, 'u')), "3 " + string (255, 'u'));
  EXPECT_EQ (parse_uidl ("3 " + string (256, 'u')), "bad");
  EXPECT_EQ (parse_uidl (string ("3 a\0b", 5)), "bad");
  for (const char *line : { "", "1", "1 ", "0 a", "a a", "1 a b", "1 a\tb", "1 \x01", "1 \x7f" })
    EXPECT_EQ (parse_uidl (line), "bad") << line;
}

TEST (Pop3Reply, CapabilityLines) // RFC 2449 section 3
{
  const char *const good[][3] = { { "uidl", "UIDL", "" },
                                  { "SASL PLAIN SCRAM-SHA-256", "SASL", "PLAIN SCRAM-SHA-256" },
                                  { "LOGIN-DELAY  900", "LOGIN-DELAY", "900" } };

  for (const auto &test : good)
    {
      g_autofree char *name = nullptr;
      g_autofree char *arguments = nullptr;

      ASSERT_TRUE (
          postseal_pop3_parse_capability_line (test[0], strlen (test[0]), &name, &arguments));
      EXPECT_STREQ (name, test[1]);
      EXPECT_STREQ (arguments, test[2]);
    }
  for (const string &line :
       { string (""), string (" UIDL"), string ("UI\xffL"), string ("U\0L", 3) })
    {
      char *name = nullptr;
      char *arguments = nullptr;

      EXPECT_FALSE (
          postseal_pop3_parse_capability_line (line.data (), line.size (), &name, &arguments));
      EXPECT_EQ (name, nullptr) << "untouched on failure";
    }
}
