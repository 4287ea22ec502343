/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/account-reader.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

std::string
spell (const std::string &text)
{
  g_autofree char *name = postseal_account_reader_spell_name (text.c_str ());

  return name;
}

std::string
repeat (const char *text, int count)
{
  std::string all;

  for (int i = 0; i < count; i++)
    all += text;
  return all;
}

TEST (AccountReader, SpellsNamesThatItTakes)
{
  for (const std::string &text :
       { std::string (), std::string (" \n"), std::string ("-work"), std::string (".work"),
         std::string ("a/[b]"), std::string ("a\nb\x7f"), std::string ("a\u0085b"),
         std::string ("a\xff"), repeat ("a", 63) + " b", repeat ("ü", 70) })
    {
      g_autofree char *complaint = postseal_account_reader_check_name (spell (text).c_str ());

      EXPECT_STREQ (complaint, nullptr) << "“" << text << "”";
    }
}

TEST (AccountReader, ChangesNoMoreOfANameThanItMust)
{
  EXPECT_EQ (spell ("jane.doe-x@example.org"), "jane.doe-x@example.org");
  EXPECT_EQ (spell (" Jane’s mail "), "Jane’s mail");
  EXPECT_EQ (spell ("-a/b"), "_a_b");
  EXPECT_EQ (spell (repeat ("ü", 70)), repeat ("ü", 64));
}

} // namespace
