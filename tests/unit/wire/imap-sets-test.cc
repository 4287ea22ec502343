/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/imap-sets.h"

namespace
{

std::string
write (const std::vector<guint32> &numbers, gsize max_length = POSTSEAL_IMAP_SETS_LENGTH)
{
  g_autoptr (GString) out = g_string_new (nullptr);
  gsize used = postseal_imap_sets_append (out, numbers.data (), numbers.size (), max_length);

  return std::string (out->str) + " (" + std::to_string (used) + ")";
}

std::string
read (const char *text, gsize max_numbers = 100)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  std::string out;

  if (!postseal_imap_sets_to_array (text, max_numbers, numbers))
    return numbers->len == 0 ? "<invalid>" : "<changed>";
  for (guint i = 0; i < numbers->len; i++)
    out += (i > 0 ? " " : "") + std::to_string (g_array_index (numbers, guint32, i));
  return out;
}

} // namespace

TEST (ImapSets, JoinsNeighboursIntoRanges)
{
  EXPECT_EQ (write ({}), " (0)");
  EXPECT_EQ (write ({ 7 }), "7 (1)");
  EXPECT_EQ (write ({ 1, 2, 3, 5, 7, 8 }), "1:3,5,7:8 (6)");
  EXPECT_EQ (write ({ 4, 4, 5, 5 }), "4:5 (4)");
  EXPECT_EQ (write ({ 4294967294, 4294967295 }), "4294967294:4294967295 (2)");
}

TEST (ImapSets, StopsBeforeTheCommandGetsTooLong) /* RFC 7162 section 4 */
{
  EXPECT_EQ (write ({ 1000000000, 2000000000, 3000000000 }, 21), "1000000000,2000000000 (2)");
  EXPECT_EQ (write ({ 1000000000, 2000000000, 2000000001 }, 31), "1000000000 (1)");
}

TEST (ImapSets, SplitsFiftyThousandScatteredNumbersWithoutLosingAny)
{
  std::vector<guint32> numbers;
  std::vector<guint32> seen;
  g_autoptr (GArray) read_back = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint32 i = 0; i < 50000; i++)
    numbers.push_back (1000000 + i * 7 / 3);
  for (gsize done = 0; done < numbers.size ();)
    {
      g_autoptr (GString) out = g_string_new ("UID FETCH ");
      gsize used = postseal_imap_sets_append (out, numbers.data () + done, numbers.size () - done,
                                              POSTSEAL_IMAP_SETS_LENGTH);

      ASSERT_GT (used, 0u);
      ASSERT_LE (out->len, 10u + POSTSEAL_IMAP_SETS_LENGTH);
      ASSERT_TRUE (postseal_imap_sets_to_array (out->str + 10, used, read_back));
      done += used;
    }
  ASSERT_EQ (read_back->len, numbers.size ());
  EXPECT_EQ (memcmp (read_back->data, numbers.data (), numbers.size () * sizeof (guint32)), 0);
}

TEST (ImapSets, ReadsNumbersAndRangesInEitherDirection)
{
  EXPECT_EQ (read ("1"), "1");
  EXPECT_EQ (read ("4:2,9,4294967295"), "2 3 4 9 4294967295");
  EXPECT_EQ (read ("3:3"), "3");
}

TEST (ImapSets, RefusesWhatIsNoSet)
{
  for (const char *text : { "", "0", "1:0", "1:*", "*", "1,", ",1", "1:2:3", "1 2", "a", "-1",
                            "4294967296", "1:", ":1", "99999999999999999999999" })
    EXPECT_EQ (read (text), "<invalid>") << text;
}

TEST (ImapSets, HoldsNoMoreThanItIsAllowed)
{
  EXPECT_EQ (read ("1:3,7", 4), "1 2 3 7");
  EXPECT_EQ (read ("1:3,7", 3), "<invalid>");
  EXPECT_EQ (read ("1:4294967295", 1000), "<invalid>");
  EXPECT_EQ (read ("1", 0), "<invalid>");
}
