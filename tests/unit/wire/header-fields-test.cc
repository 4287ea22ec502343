// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/header-fields.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using std::string;

namespace
{

// {where the header ends, where the body begins}, or nothing.
std::vector<gsize>
find_end (const string &message)
{
  std::vector<char> block (message.begin (), message.end ());
  gsize header_length = 0;
  gsize body_start = 0;

  if (!postseal_header_fields_find_end (block.data (), block.size (), &header_length, &body_start))
    return {};
  return { header_length, body_start };
}

// Every field as "name|value", a line that is none as "|line".
std::vector<string>
split (const string &header)
{
  std::vector<char> block (header.begin (), header.end ());
  g_autoptr (GArray) fields = postseal_header_fields_split (block.data (), block.size ());
  std::vector<string> result;
  gsize end = 0;

  for (guint i = 0; i < fields->len; i++)
    {
      const PostsealHeaderField &field = g_array_index (fields, PostsealHeaderField, i);

      EXPECT_EQ (field.start, end) << "nothing between the fields";
      end = field.start + field.length;
      EXPECT_GE (field.value_start, field.start + field.name_length);
      EXPECT_LE (field.value_start + field.value_length, end);
      result.push_back (header.substr (field.start, field.name_length) + "|"
                        + header.substr (field.value_start, field.value_length));
    }
  EXPECT_EQ (end, header.size ());
  return result;
}

using Fields = std::vector<string>;
using Ends = std::vector<gsize>;

} // namespace

TEST (HeaderFields, HeaderEndsAtTheFirstEmptyLine) // RFC 5322 section 2.1
{
  EXPECT_EQ (find_end ("A: b\r\n\r\nbody\r\n\r\n"), (Ends{ 6, 8 }));
  EXPECT_EQ (find_end ("A: b\n\nbody"), (Ends{ 5, 6 }));
  EXPECT_EQ (find_end ("A: b\r\n\nbody"), (Ends{ 6, 7 }));
  EXPECT_EQ (find_end ("A: b\n\r\nbody"), (Ends{ 5, 7 }));
}

TEST (HeaderFields, HeaderMayBeEmpty)
{
  EXPECT_EQ (find_end ("\nbody"), (Ends{ 0, 1 }));
  EXPECT_EQ (find_end ("\r\n"), (Ends{ 0, 2 }));
}

TEST (HeaderFields, EndIsNotSeenBeforeItIsThere)
{
  const string message = "A: b\r\nC: d\r\n e\r\n\r\nx";

  for (size_t n = 0; n <= message.size (); n++)
    EXPECT_EQ (find_end (message.substr (0, n)), n < 18 ? Ends{} : (Ends{ 16, 18 })) << n;
}

TEST (HeaderFields, LoneReturnsAndBlanksMakeNoEmptyLine)
{
  for (const char *open : { "A: b\r\r", "A: b\n\r\r\nx", "A: b\n \n", "A: b\r", "A: b\n\r" })
    EXPECT_EQ (find_end (open), Ends{}) << open;
}

TEST (HeaderFields, FieldsAreNamesAndValues) // RFC 5322 section 2.2
{
  EXPECT_EQ (split ("From: a@b\r\nTo:c@d\nX-Empty:\r\n"),
             (Fields{ "From| a@b", "To|c@d", "X-Empty|" }));
  EXPECT_EQ (split (""), Fields{});
}

TEST (HeaderFields, FoldedLinesBelongToTheirField) // RFC 5322 section 2.2.3
{
  EXPECT_EQ (split ("To: a,\r\n b,\n\tc\r\nX: y\r\n"), (Fields{ "To| a,\r\n b,\n\tc", "X| y" }));
  EXPECT_EQ (split ("To:\r\n \r\n a\r\n"), (Fields{ "To|\r\n \r\n a" }));
}

TEST (HeaderFields, LastFieldMayLackItsLineEnd)
{
  EXPECT_EQ (split ("A: b\nC: d"), (Fields{ "A| b", "C| d" }));
  EXPECT_EQ (split ("A: b\nC: d\r"), (Fields{ "A| b", "C| d\r" }));
}

TEST (HeaderFields, WhiteSpaceBeforeTheColonIsObsolete) // RFC 5322 section 4.5
{
  EXPECT_EQ (split ("Subject \t: x\n"), (Fields{ "Subject| x" }));
}

TEST (HeaderFields, LinesThatAreNoFieldStandAlone)
{
  EXPECT_EQ (split ("From a@b Mon Jan  1 00:00:00 2024\nTo: c\n"),
             (Fields{ "|From a@b Mon Jan  1 00:00:00 2024", "To| c" }));
  EXPECT_EQ (split (": x\n"), (Fields{ "|: x" }));
  EXPECT_EQ (split ("no field\n"), (Fields{ "|no field" }));
  EXPECT_EQ (split ("\xc3\xa9: x\n"), (Fields{ "|\xc3\xa9: x" }));
  EXPECT_EQ (split ("A\rB: x\n"), (Fields{ "|A\rB: x" }));
}

TEST (HeaderFields, AContinuationNeedsAFieldBefore)
{
  EXPECT_EQ (split (" x\nTo: c\n"), (Fields{ "| x", "To| c" }));
  EXPECT_EQ (split ("no field\n x: y\n"), (Fields{ "|no field", "| x: y" }));
}

TEST (HeaderFields, NulIsAByteOfTheValue)
{
  EXPECT_EQ (split (string ("A: b\0c\r\n", 8)), (Fields{ string ("A| b\0c", 6) }));
}

TEST (HeaderFields, NamesAreComparedWholeAndInAnyCase) // RFC 5322 section 1.2.2
{
  const char header[] = "SUBJECT: x\nno field\n";
  g_autoptr (GArray) fields = postseal_header_fields_split (header, sizeof header - 1);
  const auto *subject = &g_array_index (fields, PostsealHeaderField, 0);
  const auto *other = &g_array_index (fields, PostsealHeaderField, 1);

  EXPECT_TRUE (postseal_header_field_is (subject, header, "Subject"));
  EXPECT_FALSE (postseal_header_field_is (subject, header, "Subjec"));
  EXPECT_FALSE (postseal_header_field_is (subject, header, "Subjects"));
  EXPECT_FALSE (postseal_header_field_is (other, header, ""));
  EXPECT_FALSE (postseal_header_field_is (other, header, "no"));
}
