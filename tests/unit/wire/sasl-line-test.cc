// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/sasl-line.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

using std::string;

namespace
{

string
encode (const string &data)
{
  string out (postseal_sasl_line_encoded_length (data.size ()) + 1, '#');
  gsize n = postseal_sasl_line_encode (data.data (), data.size (), &out[0]);

  EXPECT_EQ (n, out.size () - 1);
  EXPECT_EQ (out.back (), '#') << "wrote more than announced";
  out.resize (n);
  return out;
}

// Returns: the decoded text, or "(refused)"
string
decode (const string &line)
{
  g_autoptr (GBytes) bytes
      = postseal_sasl_line_decode (line.data (), static_cast<gssize> (line.size ()));

  if (bytes == nullptr)
    return "(refused)";

  gsize length = 0;
  const void *data = g_bytes_get_data (bytes, &length);

  return length > 0 ? string (static_cast<const char *> (data), length) : string ();
}

} // namespace

TEST (SaslLine, EncodesTheVectorsOfRfc4648Section10)
{
  const char *const vectors[][2] = { { "", "" },
                                     { "f", "Zg==" },
                                     { "fo", "Zm8=" },
                                     { "foo", "Zm9v" },
                                     { "foob", "Zm9vYg==" },
                                     { "fooba", "Zm9vYmE=" },
                                     { "foobar", "Zm9vYmFy" } };

  for (const auto &vector : vectors)
    {
      EXPECT_EQ (encode (vector[0]), vector[1]);
      EXPECT_EQ (decode (vector[1]), vector[0]);
    }
  EXPECT_EQ (encode ("\xfb\xff\xbf"), "+/+/");
}

TEST (SaslLine, EveryByteComesBackAtEveryLength)
{
  string data;

  for (int i = 0; i < 600; i++)
    {
      ASSERT_EQ (decode (encode (data)), data);
      data.push_back (static_cast<char> (i * 7));
    }
}

TEST (SaslLine, AgreesWithGlib)
{
  string data;

  for (int i = 0; i < 300; i++)
    {
      g_autofree char *theirs
          = g_base64_encode (reinterpret_cast<const guchar *> (data.data ()), data.size ());

      ASSERT_EQ (encode (data), theirs);
      data.push_back (static_cast<char> (255 - i * 5));
    }
}

TEST (SaslLine, MalformedTextIsRefused) // RFC 5034 section 4: strict
{
  for (const char *line :
       { "Z", "Zg", "Zg=", "Zm9", "Zg===", "Z===", "====", "=", "Zg==Zg==", "Zm=v", "Zm9v\n",
         "Zm9v ", " Zm9v", "Zm 9", "Zm9-", "Zm9_", "Zm9v\r\n", "Zm\xc3\xa4" })
    EXPECT_EQ (decode (line), "(refused)") << line;
  EXPECT_EQ (decode (string ("Zm\0v", 4)), "(refused)");
}

TEST (SaslLine, StrayBitsInTheLastGroupAreRefused) // RFC 4648 section 3.5
{
  EXPECT_EQ (decode ("Zh=="), "(refused)");
  EXPECT_EQ (decode ("Zm9="), "(refused)");
}

TEST (SaslLine, ChallengeHasALimit)
{
  string at_limit (POSTSEAL_LIMIT_SASL_CHALLENGE, 'x');

  EXPECT_EQ (decode (encode (at_limit)), at_limit);
  EXPECT_EQ (decode (encode (at_limit + "x")), "(refused)");
  EXPECT_EQ (decode (string (10 * POSTSEAL_LIMIT_SASL_CHALLENGE, 'A')), "(refused)");
}

TEST (SaslLine, LengthMayBeLeftToTheNul)
{
  g_autoptr (GBytes) bytes = postseal_sasl_line_decode ("Zm9v", -1);

  ASSERT_NE (bytes, nullptr);
  EXPECT_EQ (g_bytes_get_size (bytes), 3u);
}
