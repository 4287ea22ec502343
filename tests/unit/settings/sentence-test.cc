/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/sentence.h"

#include <gtest/gtest.h>

namespace
{

std::string
begin (const char *text)
{
  g_autofree char *sentence = postseal_sentence_begin (text);

  return sentence;
}

} // namespace

TEST (Sentence, BeginsWithACapitalInEveryAlphabet)
{
  EXPECT_EQ (begin ("a port is a number"), "A port is a number");
  EXPECT_EQ (begin ("ąbc"), "Ąbc");
  EXPECT_EQ (begin ("nothing."), "Nothing.");
  EXPECT_EQ (begin ("note: this"), "Note: this");
  EXPECT_EQ (begin ("“x” is no value"), "“x” is no value");
  EXPECT_EQ (begin (""), "");
}

TEST (Sentence, LeavesNamesAsTheyAre)
{
  for (const char *text : { "mail.example.org does not answer", "jane@example.org is known",
                            "imap:993 is silent", "~/x cannot be read", "accounts.conf:3: no" })
    EXPECT_EQ (begin (text), text);
}
