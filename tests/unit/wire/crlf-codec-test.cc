// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/crlf-codec.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using std::string;

namespace
{

// Feeds @input in the given pieces; each piece gets exactly the room the header asks for.
string
decode (const std::vector<string> &pieces)
{
  PostsealCrlfDecoder decoder = {};
  string output;
  guint8 last = 0;

  for (const string &piece : pieces)
    {
      std::vector<guint8> out (piece.size () + 1);
      gsize n = postseal_crlf_decode (&decoder, reinterpret_cast<const guint8 *> (piece.data ()),
                                      piece.size (), out.data ());

      EXPECT_LE (n, out.size ());
      output.append (reinterpret_cast<char *> (out.data ()), n);
    }
  if (postseal_crlf_decode_finish (&decoder, &last) == 1)
    output.push_back (static_cast<char> (last));
  return output;
}

// The same rule, written in the most obvious way.
string
expected (const string &input)
{
  string output;

  for (size_t i = 0; i < input.size (); i++)
    if (input[i] != '\r' || i + 1 == input.size () || input[i + 1] != '\n')
      output.push_back (input[i]);
  return output;
}

string
encode (const std::vector<string> &pieces)
{
  gboolean had_cr = FALSE;
  GString *out = g_string_new (nullptr);

  for (const string &piece : pieces)
    postseal_crlf_encode (&had_cr, piece.data (), piece.size (), out);
  string output (out->str, out->len);
  g_string_free (out, TRUE);
  return output;
}

} // namespace

TEST (CrlfEncoder, MakesCrLfOfABareLfOnly)
{
  EXPECT_EQ (encode ({ "a\nb\r\nc\rd\n\n\r\r\n" }), "a\r\nb\r\nc\rd\r\n\r\n\r\r\n");
  EXPECT_EQ (encode ({ string ("\0\n\xff", 3) }), string ("\0\r\n\xff", 4));
  EXPECT_EQ (encode ({}), "");
}

TEST (CrlfEncoder, IsTheSameInPieces)
{
  const string input = "\r\n\n\r\r\nx\n\ry\r\n";
  std::vector<string> bytes;

  for (char byte : input)
    bytes.push_back (string (1, byte));
  EXPECT_EQ (encode (bytes), encode ({ input }));
  for (size_t i = 0; i <= input.size (); i++)
    EXPECT_EQ (encode ({ input.substr (0, i), "", input.substr (i) }), encode ({ input }));
}

TEST (CrlfCodec, LineEndsBecomeLineFeeds)
{
  EXPECT_EQ (decode ({ "a\r\nb\r\n" }), "a\nb\n");
  EXPECT_EQ (decode ({ "" }), "");
}

TEST (CrlfCodec, OnlyThePairIsChangedAndOnlyOnce)
{
  EXPECT_EQ (decode ({ "a\rb\nc" }), "a\rb\nc");
  EXPECT_EQ (decode ({ "a\r\r\nb" }), "a\r\nb");
  EXPECT_EQ (decode ({ "\n\r\n\r" }), "\n\n\r");
  EXPECT_EQ (decode ({ string ("\0\r\n\xff", 4) }), string ("\0\n\xff", 3));
}

TEST (CrlfCodec, HeldReturnIsWrittenAtTheEnd)
{
  EXPECT_EQ (decode ({ "a\r" }), "a\r");
  EXPECT_EQ (decode ({ "a\r", "" }), "a\r");
  EXPECT_EQ (decode ({ "\r", "\r", "\r" }), "\r\r\r");
}

TEST (CrlfCodec, EveryShortInputGivesTheSameInAnyTwoPieces)
{
  const char alphabet[] = { '\r', '\n', 'a', '\0' };

  for (int length = 0; length <= 6; length++)
    for (int code = 0; code < 1 << (2 * length); code++)
      {
        string input;

        for (int i = 0; i < length; i++)
          input.push_back (alphabet[code >> (2 * i) & 3]);
        for (size_t split = 0; split <= input.size (); split++)
          ASSERT_EQ (decode ({ input.substr (0, split), input.substr (split) }), expected (input));
      }
}

TEST (CrlfCodec, WorksByteByByte)
{
  const string input = "one\r\ntwo\r\r\n\rthree\n\r";
  std::vector<string> pieces;

  for (char byte : input)
    pieces.push_back (string (1, byte));
  EXPECT_EQ (decode (pieces), expected (input));
}
