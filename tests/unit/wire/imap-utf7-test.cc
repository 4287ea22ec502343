/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include "wire/imap-utf7.h"

namespace
{

std::string
decode (const std::string &bytes)
{
  g_autofree char *text = postseal_imap_utf7_decode (bytes.data (), bytes.size ());

  return text != nullptr ? text : "<invalid>";
}

std::string
encode (const std::string &utf8)
{
  g_autofree char *text = postseal_imap_utf7_encode (utf8.c_str ());

  return text != nullptr ? text : "<invalid>";
}

} // namespace

TEST (ImapUtf7, GoesBothWays)
{
  const struct
  {
    const char *utf8;
    const char *utf7;
  } names[] = {
    { "", "" },
    { "INBOX", "INBOX" },
    { "a & b", "a &- b" },
    { "&&", "&-&-" },
    { "~peter/mail/\345\217\260\345\214\227/\346\227\245\346\234\254\350\252\236",
      "~peter/mail/&U,BTFw-/&ZeVnLIqe-" }, /* RFC 3501 section 5.1.3 */
    { "Entw\303\274rfe", "Entw&APw-rfe" },
    { "\303\274&", "&APw-&-" },
    { "&\303\274", "&-&APw-" },
    { "\360\237\230\200", "&2D3eAA-" },
    { "a\tb", "a&AAk-b" },
    { "a\177b", "a&AH8-b" },
    { "\357\277\277", "&,,8-" },
  };

  for (const auto &name : names)
    {
      EXPECT_EQ (encode (name.utf8), name.utf7);
      EXPECT_EQ (decode (name.utf7), name.utf8);
    }
}

TEST (ImapUtf7, RefusesWhatTheEncoderWouldNotWrite)
{
  for (const char *bytes : {
           "a&b", /* shift without an end */
           "&", /* the same */
           "&APw", /* the same */
           "Entw\303\274rfe", /* 8-bit */
           "a\tb", /* control character */
           "&AGE-", /* "a", which needs no shift */
           "&ACY-", /* "&", the same */
           "&AAA-", /* NUL */
           "&A-", /* no whole unit */
           "&AP-", /* the same */
           "&APwA-", /* a digit too many */
           "&APx-", /* padding that is not zero */
           "&AP/-", /* "/" is "," here */
           "&2D0-", /* high surrogate alone */
           "&3gA-", /* low surrogate alone */
           "&2D3YPQ-", /* high surrogate twice */
           "&2D0A,A-", /* high surrogate before another character */
           "&APw-&APw-", /* two runs that are one */
       })
    EXPECT_EQ (decode (bytes), "<invalid>") << bytes;
  EXPECT_EQ (decode (std::string ("a\0b", 3)), "<invalid>");
  EXPECT_EQ (decode (std::string ("&AP\0w-", 6)), "<invalid>");
}

TEST (ImapUtf7, RefusesToEncodeWhatIsNotUtf8) { EXPECT_EQ (encode ("\374"), "<invalid>"); }
