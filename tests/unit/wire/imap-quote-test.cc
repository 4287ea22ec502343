/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <string>

#include "wire/imap-quote.h"

namespace
{

std::string
quote (const std::string &bytes)
{
  g_autoptr (GString) command = g_string_new (nullptr);

  if (!postseal_imap_quote_append (command, bytes.data (), bytes.size ()))
    return command->len == 0 ? "<literal>" : "<changed>";
  return std::string (command->str, command->len);
}

} // namespace

TEST (ImapQuote, WritesAnAtomWhereNothingCanMistakeIt)
{
  EXPECT_EQ (quote ("INBOX"), "INBOX");
  EXPECT_EQ (quote ("jane@example.org"), "jane@example.org");
  EXPECT_EQ (quote ("Entw&APw-rfe/2024"), "Entw&APw-rfe/2024");
}

TEST (ImapQuote, QuotesTheRest) /* RFC 9051 section 9: quoted */
{
  EXPECT_EQ (quote (""), "\"\"");
  EXPECT_EQ (quote ("Sent Items"), "\"Sent Items\"");
  EXPECT_EQ (quote ("nil"), "\"nil\"");
  EXPECT_EQ (quote ("[Gmail]/All"), "\"[Gmail]/All\"");
  EXPECT_EQ (quote ("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_EQ (quote ("a%b"), "\"a%b\"");
  EXPECT_EQ (quote ("a*b"), "\"a*b\"");
  EXPECT_EQ (quote ("{5}"), "\"{5}\"");
  EXPECT_EQ (quote ("(a)"), "\"(a)\"");
  EXPECT_EQ (quote ("a\tb\177"), "\"a\tb\177\"");
}

TEST (ImapQuote, LeavesToALiteralWhatNoQuotesCanHold)
{
  EXPECT_EQ (quote ("a\rb"), "<literal>");
  EXPECT_EQ (quote ("a\nb"), "<literal>");
  EXPECT_EQ (quote (std::string ("a\0b", 3)), "<literal>");
  EXPECT_EQ (quote ("p\303\244ss"), "<literal>");
  EXPECT_EQ (quote (std::string (1025, 'x')), "<literal>");
  EXPECT_EQ (quote (std::string (1024, '"')).size (), 2050u);
}
