// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/dot-codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using std::string;

namespace
{

struct Decoded
{
  string content;
  size_t consumed;
  bool is_done;

  bool
  operator== (const Decoded &other) const
  {
    return content == other.content && consumed == other.consumed && is_done == other.is_done;
  }
};

std::ostream &
operator<< (std::ostream &stream, const Decoded &self)
{
  return stream << testing::PrintToString (self.content) << " after " << self.consumed
                << (self.is_done ? " done" : " open");
}

// Feeds @input in the given pieces, each with exactly the room the header asks for.
Decoded
decode (const std::vector<string> &pieces)
{
  PostsealDotDecoder decoder = {};
  Decoded result = { "", 0, false };

  for (const string &piece : pieces)
    {
      std::vector<guint8> out (piece.size () + 4);
      gsize consumed = 0;
      gsize written = 0;

      if (result.is_done)
        break;
      result.is_done
          = postseal_dot_decode (&decoder, reinterpret_cast<const guint8 *> (piece.data ()),
                                 piece.size (), &consumed, out.data (), &written);
      EXPECT_LE (written, out.size ());
      EXPECT_TRUE (result.is_done || consumed == piece.size ());
      result.consumed += consumed;
      result.content.append (reinterpret_cast<char *> (out.data ()), written);
    }
  return result;
}

// The same rule by whole lines. What is held back at the end of an unfinished input is left out.
Decoded
expected (const string &input)
{
  Decoded result = { "", 0, false };
  size_t start = 0;

  while (start < input.size ())
    {
      size_t end = input.find ("\r\n", start);
      bool is_whole = end != string::npos;
      string line = is_whole ? input.substr (start, end + 2 - start) : input.substr (start);

      start += line.size ();
      if (line == ".\r\n")
        {
          result.is_done = true;
          break;
        }
      if (!is_whole && line == ".\r")
        break;
      result.content += line[0] == '.' ? line.substr (1) : line;
    }
  result.consumed = start;
  return result;
}

// Feeds @input in the given pieces, each with exactly the room the header asks for.
string
encode (const std::vector<string> &pieces)
{
  PostsealDotEncoder encoder = {};
  string stuffed;

  for (const string &piece : pieces)
    {
      std::vector<char> in (piece.begin (), piece.end ());
      std::vector<char> out (2 * piece.size ());

      stuffed.append (out.data (),
                      postseal_dot_encode (&encoder, in.data (), in.size (), out.data ()));
    }
  return stuffed;
}

std::vector<string>
bytes_of (const string &input)
{
  std::vector<string> pieces;

  for (char byte : input)
    pieces.push_back (string (1, byte));
  return pieces;
}

} // namespace

TEST (DotCodec, EndsAtTheLineThatIsADot)
{
  EXPECT_EQ (decode ({ "a\r\n.\r\n+OK" }), (Decoded{ "a\r\n", 6, true }));
  EXPECT_EQ (decode ({ ".\r\n" }), (Decoded{ "", 3, true }));
}

TEST (DotCodec, LeadingDotIsRemovedOnce) // RFC 1939 section 3
{
  EXPECT_EQ (decode ({ "..\r\n..x\r\n.y\r\n.\r\n" }).content, ".\r\n.x\r\ny\r\n");
  EXPECT_EQ (decode ({ "a..b\r\n.\r\n" }).content, "a..b\r\n");
}

TEST (DotCodec, DotBetweenBareLineFeedsOrReturnsEndsNothing)
{
  EXPECT_EQ (decode ({ "a\n.\nb\r\n.\r\n" }), (Decoded{ "a\n.\nb\r\n", 10, true }));
  EXPECT_EQ (decode ({ "a\n.\r\nb\r\n.\r\n" }), (Decoded{ "a\n.\r\nb\r\n", 11, true }));
  EXPECT_EQ (decode ({ "a\r.\r\nb\r\n.\r\n" }), (Decoded{ "a\r.\r\nb\r\n", 11, true }));
  EXPECT_EQ (decode ({ "a\r\n.\nb\r\n.\r\n" }), (Decoded{ "a\r\n\nb\r\n", 11, true }));
  EXPECT_EQ (decode ({ "a\r\n.\r.\r\n.\r\n" }), (Decoded{ "a\r\n\r.\r\n", 11, true }));
}

TEST (DotCodec, EveryShortInputGivesTheSameInAnyThreePieces)
{
  const char alphabet[] = { '\r', '\n', '.', 'a' };

  for (int length = 0; length <= 7; length++)
    for (int code = 0; code < 1 << (2 * length); code++)
      {
        string input;
        Decoded whole;

        for (int i = 0; i < length; i++)
          input.push_back (alphabet[code >> (2 * i) & 3]);
        whole = expected (input);
        for (size_t first = 0; first <= input.size (); first++)
          for (size_t second = first; second <= std::min (input.size (), first + 2); second++)
            ASSERT_EQ (decode ({ input.substr (0, first), input.substr (first, second - first),
                                 input.substr (second) }),
                       whole)
                << testing::PrintToString (input) << " cut at " << first << " and " << second;
      }
}

TEST (DotCodec, AnyLineLengthAndAnyByteGoesThrough)
{
  string body (200000, 'x');
  string input;

  for (int byte = 0; byte < 256; byte++)
    if (byte != '\r' && byte != '\n')
      body.push_back (static_cast<char> (byte));
  body += "\r\n";
  input = body + ".\r\n";
  EXPECT_EQ (decode ({ input }), (Decoded{ body, input.size (), true }));
  EXPECT_EQ (decode (bytes_of (input)), (Decoded{ body, input.size (), true }));
}

TEST (DotCodec, StuffedTextComesBackFromEverySplitPoint)
{
  const string text = ".\r\n..\r\n.leading\r\n\r\nmiddle . dot\r\r\n\n.\n\r\n.\r.\r\n";
  string stuffed;
  bool at_start = true;

  for (size_t i = 0; i < text.size (); i++)
    {
      if (at_start && text[i] == '.')
        stuffed.push_back ('.');
      stuffed.push_back (text[i]);
      at_start = text[i] == '\n' && i > 0 && text[i - 1] == '\r';
    }
  stuffed += ".\r\n";
  for (size_t split = 0; split <= stuffed.size (); split++)
    EXPECT_EQ (decode ({ stuffed.substr (0, split), stuffed.substr (split) }),
               (Decoded{ text, stuffed.size (), true }));
}

TEST (DotCodec, IsReadyForTheNextBody)
{
  PostsealDotDecoder decoder = {};
  const string input = "a\r\n.\r\n.\r\n";
  guint8 out[64];
  gsize consumed = 0;
  gsize written = 0;

  ASSERT_TRUE (postseal_dot_decode (&decoder, reinterpret_cast<const guint8 *> (input.data ()),
                                    input.size (), &consumed, out, &written));
  EXPECT_EQ (consumed, 6u);
  EXPECT_TRUE (postseal_dot_decode (&decoder,
                                    reinterpret_cast<const guint8 *> (input.data ()) + consumed,
                                    input.size () - consumed, &consumed, out, &written));
  EXPECT_EQ (written, 0u);
}

TEST (DotEncoder, DotsThatBeginALineAreDoubled) // RFC 5321 section 4.5.2
{
  EXPECT_EQ (encode ({ "a\r\n.\r\n..b\r\nc.d\r\n" }), "a\r\n..\r\n...b\r\nc.d\r\n");
  EXPECT_EQ (encode ({ "" }), "");
}

TEST (DotEncoder, AMessageBeginsALine)
{
  EXPECT_EQ (encode ({ "." }), "..");
  EXPECT_EQ (encode ({ ".\r\n" }), "..\r\n");
  EXPECT_EQ (encode ({ "", ".", "." }), "...");
}

TEST (DotEncoder, EveryShortTextComesBackFromAnySplitPoint)
{
  const char *const units[] = { "\r\n", ".", "a" };

  for (int length = 0; length <= 7; length++)
    for (int number = 0; number < std::pow (3, length); number++)
      {
        string text;

        for (int i = 0, code = number; i < length; i++, code /= 3)
          text += units[code % 3];

        string stuffed = encode ({ text });

        ASSERT_EQ (encode (bytes_of (text)), stuffed);
        for (size_t split = 0; split <= text.size (); split++)
          ASSERT_EQ (encode ({ text.substr (0, split), text.substr (split) }), stuffed);
        if (text.size () >= 2 && text.substr (text.size () - 2) == "\r\n")
          {
            ASSERT_EQ (decode ({ stuffed + ".\r\n" }), (Decoded{ text, stuffed.size () + 3, true }))
                << testing::PrintToString (text);
          }
      }
}

TEST (DotEncoder, NothingButDotsFillsTheRoomToTheLastByte)
{
  string text;

  for (int i = 0; i < 1000; i++)
    text += ".\n";
  EXPECT_EQ (encode ({ text }).size (), 3000u);
  EXPECT_EQ (encode (bytes_of (text)), encode ({ text }));
}
