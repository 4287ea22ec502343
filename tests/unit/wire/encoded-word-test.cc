/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/encoded-word.h"

#include <gtest/gtest.h>
#include <string>

static std::string
decode (const std::string &value)
{
  g_autofree char *text = postseal_encoded_word_decode (value.data (), value.size ());
  return text;
}

TEST (EncodedWord, BecomesItsText)
{
  /* RFC 2047 sections 4.1, 4.2 and 8 */
  EXPECT_EQ (decode ("=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?="), "Keld Jørn Simonsen");
  EXPECT_EQ (decode ("=?utf-8?b?R3LDvMOfZQ==?= aus Kiel"), "Grüße aus Kiel");
  EXPECT_EQ (decode ("Re: =?utf-8*de?q?Gr=C3=BC=C3=9Fe?="), "Re: Grüße"); /* RFC 2231 section 5 */
}

TEST (EncodedWord, LosesWhiteSpaceAndFoldingBetweenTwo)
{
  /* RFC 2047 section 6.2 */
  EXPECT_EQ (decode ("=?utf-8?q?a?= =?utf-8?q?b?="), "ab");
  EXPECT_EQ (decode ("=?utf-8?q?a?=\r\n  =?utf-8?q?b?= c"), "ab c");
  EXPECT_EQ (decode ("=?utf-8?q?a?= x =?utf-8?q?b?="), "a x b");
  EXPECT_EQ (decode ("plain\r\n folded"), "plain folded");
}

TEST (EncodedWord, StaysWhereItIsNone)
{
  for (const char *text :
       { "", "=", "=?", "=?=", "=?utf-8?q?", "=?utf-8?q?a", "=?utf-8?x?a?=", "=?nocharset?q?a?=",
         "=?utf-8?q?a b?=", "=??q?a?=", "=?utf-8?q?=FF?=", "1 = 2?", "Grüße" })
    EXPECT_EQ (decode (text), text);
  g_autofree char *nothing = postseal_encoded_word_decode (nullptr, 0);
  EXPECT_STREQ (nothing, "");
}

TEST (EncodedWord, CutAnywhereIsRead)
{
  std::string whole = "x =?utf-8?b?R3LDvMOfZQ==?= =?iso-8859-1?q?=F8_?= y";
  for (size_t length = 0; length <= whole.size (); length++)
    decode (whole.substr (0, length));
}
