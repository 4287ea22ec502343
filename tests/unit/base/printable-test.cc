/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <string>

#include "base/printable.h"

static std::string
print (const std::string &text)
{
  g_autofree char *printable = postseal_printable (text.data (), text.size ());

  return printable;
}

TEST (Printable, LetsOrdinaryTextPass) { EXPECT_EQ (print ("Grüße, 你好 <b>"), "Grüße, 你好 <b>"); }

TEST (Printable, EscapesControlsNulAndBrokenUtf8)
{
  EXPECT_EQ (print (std::string ("a\0b\r\n\x1b[2J\xff", 10)), "a\\x00b\\x0D\\x0A\\x1B[2J\\xFF");
}

TEST (Printable, EscapesWhatTurnsTextAround)
{
  EXPECT_EQ (print ("\u202Etxt.exe"), "\\xE2\\x80\\xAEtxt.exe");
}

TEST (Printable, IsNeverLong)
{
  g_autofree char *printable = postseal_printable (std::string (100000, 'x').c_str (), -1);

  EXPECT_EQ (std::string (printable), std::string (200, 'x') + "…");
}
