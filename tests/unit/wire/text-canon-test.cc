// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/text-canon.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "wire/dot-codec.h"

using std::string;

namespace
{

struct Canon
{
  string text;
  PostsealTextCanonProblem problem;
  guint64 line;
  guint column;
  bool has_8bit;

  bool
  operator== (const Canon &other) const
  {
    return text == other.text && problem == other.problem && line == other.line
           && column == other.column && has_8bit == other.has_8bit;
  }
};

std::ostream &
operator<< (std::ostream &stream, const Canon &self)
{
  return stream << testing::PrintToString (self.text) << " problem " << self.problem << " at "
                << self.line << ":" << self.column << (self.has_8bit ? " 8-bit" : "");
}

// Feeds @pieces, each with exactly the room the header asks for.
Canon
canon (const std::vector<string> &pieces)
{
  PostsealTextCanon state = {};
  char last[2];
  string text;

  for (const string &piece : pieces)
    {
      std::vector<char> in (piece.begin (), piece.end ());
      std::vector<char> out (2 * piece.size () + 2);
      gsize written = postseal_text_canon (&state, in.data (), in.size (), out.data ());

      EXPECT_LE (written, out.size ());
      text.append (out.data (), written);
    }
  text.append (last, postseal_text_canon_finish (&state, last));
  return { text, state.problem, state.line, state.column, bool (state.has_8bit) };
}

string
encode (const std::vector<string> &pieces)
{
  PostsealDotEncoder state = {};
  string text;

  for (const string &piece : pieces)
    {
      std::vector<char> in (piece.begin (), piece.end ());
      std::vector<char> out (2 * piece.size ());

      text.append (out.data (), postseal_dot_encode (&state, in.data (), in.size (), out.data ()));
    }
  return text;
}

// The rule of the header, byte by byte.
Canon
expected (const string &input)
{
  Canon result = { "", POSTSEAL_TEXT_CANON_OK, 0, 0, false };

  for (size_t i = 0; i < input.size (); i++)
    {
      bool is_end = input[i] == '\n' || (input[i] == '\r' && input.substr (i + 1, 1) == "\n");

      if (is_end)
        {
          i += input[i] == '\r';
          result.text += "\r\n";
          result.line++;
          result.column = 0;
          continue;
        }
      if (input[i] == '\r')
        result.problem = POSTSEAL_TEXT_CANON_LONE_CR;
      else if (input[i] == '\0')
        result.problem = POSTSEAL_TEXT_CANON_NUL;
      else if (result.column == 998)
        result.problem = POSTSEAL_TEXT_CANON_LONG_LINE;
      if (result.problem != POSTSEAL_TEXT_CANON_OK)
        return result;
      result.text += input[i];
      result.column++;
      result.has_8bit = result.has_8bit || static_cast<guchar> (input[i]) > 127;
    }
  if (result.column > 0)
    {
      result.text += "\r\n";
      result.line++;
      result.column = 0;
    }
  return result;
}

bool
has_lone_line_end (const string &text)
{
  for (size_t i = 0; i < text.size (); i++)
    if ((text[i] == '\r' && text.substr (i + 1, 1) != "\n")
        || (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')))
      return true;
  return false;
}

string
with_line_feeds (const string &text)
{
  string result;

  for (size_t i = 0; i < text.size (); i++)
    if (text[i] != '\r' || text.substr (i + 1, 1) != "\n")
      result.push_back (text[i]);
  return result;
}

template <typename Visit>
void
for_every_string (size_t length, const string &alphabet, Visit visit)
{
  for (size_t n = 0; n <= length; n++)
    {
      size_t n_strings = 1;

      for (size_t i = 0; i < n; i++)
        n_strings *= alphabet.size ();
      for (size_t number = 0; number < n_strings; number++)
        {
          string text;

          for (size_t code = number; text.size () < n; code /= alphabet.size ())
            text.push_back (alphabet[code % alphabet.size ()]);
          visit (text);
        }
    }
}

// @cuts: bit i cuts behind byte i.
std::vector<string>
cut (const string &text, size_t cuts)
{
  std::vector<string> pieces = { "" };

  for (size_t i = 0; i < text.size (); i++)
    {
      pieces.back ().push_back (text[i]);
      if ((cuts >> i & 1) != 0)
        pieces.push_back ("");
    }
  return pieces;
}

// A server that knows line ends as RFC 5321 section 2.3.8 does: the messages in what it reads.
std::vector<string>
receive (const string &bytes)
{
  PostsealDotDecoder decoder = {};
  std::vector<string> messages;
  size_t at = 0;

  while (at < bytes.size ())
    {
      std::vector<guint8> in (bytes.begin () + at, bytes.end ());
      std::vector<guint8> out (in.size () + 4);
      gsize consumed = 0;
      gsize written = 0;
      bool is_whole = postseal_dot_decode (&decoder, in.data (), in.size (), &consumed, out.data (),
                                           &written);

      messages.push_back (string (out.begin (), out.begin () + written)
                          + (is_whole ? "" : " without an end"));
      at += consumed;
    }
  return messages;
}

const string dangerous ("\r\n.a\0", 5);

} // namespace

TEST (TextCanon, LineFeedsBecomeLineEnds) // RFC 5321 section 2.3.8
{
  EXPECT_EQ (canon ({ "a\nb\r\n\n" }).text, "a\r\nb\r\n\r\n");
  EXPECT_EQ (canon ({ "" }).text, "");
}

TEST (TextCanon, AnUnfinishedLastLineIsEnded) // RFC 5321 section 4.1.1.4
{
  EXPECT_EQ (canon ({ "a\nb" }).text, "a\r\nb\r\n");
  EXPECT_EQ (canon ({ "a", "b" }).text, "ab\r\n");
}

TEST (TextCanon, ALoneReturnIsRefused) // RFC 5321 section 2.3.8
{
  EXPECT_EQ (canon ({ "a\nb\rc" }), (Canon{ "a\r\nb", POSTSEAL_TEXT_CANON_LONE_CR, 1, 1, false }));
  EXPECT_EQ (canon ({ "a\r" }).problem, POSTSEAL_TEXT_CANON_LONE_CR);
  EXPECT_EQ (canon ({ "\r\r\n" }).problem, POSTSEAL_TEXT_CANON_LONE_CR);
}

TEST (TextCanon, NulIsRefused) // RFC 5321 section 4.1.1.4, RFC 5322 section 3.5
{
  EXPECT_EQ (canon ({ string ("ab\0c", 4) }),
             (Canon{ "ab", POSTSEAL_TEXT_CANON_NUL, 0, 2, false }));
}

TEST (TextCanon, LinesAreLimited) // RFC 5321 section 4.5.3.1.6, RFC 5322 section 2.1.1
{
  const string longest (POSTSEAL_LIMIT_TEXT_LINE, 'x');

  ASSERT_EQ (longest.size (), 998u);
  for (const char *end : { "", "\n", "\r\n" })
    {
      EXPECT_EQ (canon ({ longest + end }).text, longest + "\r\n");
      EXPECT_EQ (canon ({ "a\n" + longest + "x" + end }),
                 (Canon{ "a\r\n" + longest, POSTSEAL_TEXT_CANON_LONG_LINE, 1, 998, false }));
      EXPECT_EQ (canon ({ longest, string ("x") + end }).problem, POSTSEAL_TEXT_CANON_LONG_LINE);
    }
  EXPECT_EQ (canon ({ longest + "\r", "\n" }).text, longest + "\r\n");
}

TEST (TextCanon, NothingIsWrittenAfterAProblem)
{
  EXPECT_EQ (canon ({ "a\rb\n", "c\n", string (5000, 'x') }),
             (Canon{ "a", POSTSEAL_TEXT_CANON_LONE_CR, 0, 1, false }));
}

TEST (TextCanon, OctetsBeyondAsciiAreSeenWhereverTheyStand)
{
  for (size_t length = 1; length < 40; length++)
    for (size_t at = 0; at < length; at++)
      {
        string line (length, 'a');

        EXPECT_FALSE (canon ({ line }).has_8bit);
        line[at] = '\x80';
        EXPECT_TRUE (canon ({ line }).has_8bit) << length << " " << at;
      }
}

TEST (TextCanon, EveryOtherOctetGoesThrough)
{
  string text;

  for (int byte = 1; byte < 256; byte++)
    if (byte != '\r' && byte != '\n')
      text.push_back (static_cast<char> (byte));
  EXPECT_EQ (canon ({ text + "\n" }).text, text + "\r\n");
}

TEST (TextCanon, ABadOctetIsFoundWhereverItStands)
{
  for (char bad : { '\0', '\r' })
    for (size_t length = 1; length < 40; length++)
      for (size_t at = 0; at < length; at++)
        {
          string line (length, '\x8d'); // a CR but for its highest bit

          line[at] = bad;
          EXPECT_EQ (canon ({ "x\n" + line + "y\n" }), expected ("x\n" + line + "y\n"));
        }
}

TEST (TextCanon, EveryShortInputGivesTheSameInAllPieces)
{
  for_every_string (6, dangerous, [] (const string &input) {
    Canon whole = expected (input);
    size_t n_cuts = input.empty () ? 1 : size_t (1) << (input.size () - 1);

    ASSERT_FALSE (has_lone_line_end (whole.text));
    if (whole.problem == POSTSEAL_TEXT_CANON_OK)
      {
        string back = with_line_feeds (input);

        back += !back.empty () && back.back () != '\n' ? "\n" : "";
        ASSERT_EQ (with_line_feeds (whole.text), back);
      }
    for (size_t cuts = 0; cuts < n_cuts; cuts++)
      ASSERT_EQ (canon (cut (input, cuts)), whole)
          << testing::PrintToString (input) << " cut at " << cuts;
  });
}

TEST (TextCanon, LongLinesGiveTheSameInAnyTwoPieces)
{
  for (const char *end : { "\n", "\r\n", "\rx", "" })
    for (size_t length : { 997, 998, 999 })
      {
        const string input = string (length, 'x') + end;

        for (size_t at = 990; at <= input.size (); at++)
          EXPECT_EQ (canon ({ input.substr (0, at), input.substr (at) }), expected (input));
      }
}

// What cannot be sent as it is never becomes a second message: whatever a text holds, a strict
// server reads it back, once, and a lax one finds no end of a message in it.
TEST (TextCanon, NoTextSmugglesASecondMessage) // RFC 5321 section 4.1.1.4
{
  for_every_string (6, dangerous, [] (const string &middle) {
    for (const string &input : { middle, "a" + middle + ".\r\nMAIL FROM:<x@y>" })
      {
        Canon text = canon ({ input });
        string sent = encode ({ text.text }) + ".\r\n";

        if (text.problem != POSTSEAL_TEXT_CANON_OK)
          continue;
        ASSERT_FALSE (has_lone_line_end (sent)) << testing::PrintToString (sent);
        ASSERT_EQ (receive (sent), (std::vector<string>{ text.text }))
            << testing::PrintToString (input);
        for (const char *end : { "\n.\n", "\r.\r", "\r\n.\n", "\r.\n", "\n.\r\n" })
          {
            size_t at = sent.find (end);

            ASSERT_TRUE (at == string::npos || at + strlen (end) == sent.size ())
                << testing::PrintToString (sent);
          }
      }
  });
}

TEST (TextCanon, EveryMixtureOfLineEndsAroundADotIsRefusedOrMadeHarmless)
{
  for_every_string (4, "\r\n", [] (const string &before) {
    for_every_string (4, "\r\n", [&before] (const string &after) {
      const string input = "x" + before + "." + after + "QUIT\n";
      Canon text = canon ({ input });
      string sent = encode ({ text.text }) + ".\r\n";

      ASSERT_EQ (text, expected (input));
      if (text.problem == POSTSEAL_TEXT_CANON_OK)
        {
          ASSERT_EQ (receive (sent), (std::vector<string>{ text.text }));
        }
    });
  });
}

TEST (TextCanon, LargeTextsComeThroughInAnyPieces)
{
  string input;
  string output;

  for (int i = 0; i < 20000; i++)
    {
      string line (i * 7919 % 100, static_cast<char> ('a' + i % 26));

      input += line + (i % 3 == 0 ? "\r\n" : "\n");
      output += line + "\r\n";
    }
  EXPECT_EQ (canon ({ input }).text, output);
  EXPECT_EQ (canon ({ input.substr (0, 262144), input.substr (262144) }).text, output);
  EXPECT_EQ (canon ({ input }).line, 20000u);
}
