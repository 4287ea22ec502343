/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <vector>

#include "base/limits.h"
#include "fuzz/fuzz.h"
#include "wire/dot-codec.h"
#include "wire/text-canon.h"

namespace
{

struct Sent
{
  std::string text; /* canonical */
  std::string stuffed;
  PostsealTextCanon state;
};

/* As a message goes out: made canonical and stuffed piece by piece. */
Sent
send (const std::string &bytes, fuzz::Pieces *pieces)
{
  Sent sent = { "", "", {} };
  PostsealDotEncoder encoder = { 0 };
  auto stuff = [&] (const std::vector<char> &text) {
    std::vector<char> room (2 * text.size ());
    gsize written = postseal_dot_encode (&encoder, text.data (), text.size (), room.data ());

    sent.text.append (text.begin (), text.end ());
    sent.stuffed.append (room.begin (), room.begin () + written);
  };

  for (size_t offset = 0; offset < bytes.size ();)
    {
      size_t length = bytes.size () - offset;

      if (pieces != nullptr)
        length = std::min (length, pieces->next ());
      std::vector<char> in (bytes.begin () + offset, bytes.begin () + offset + length);
      std::vector<char> room (2 * length + 2);

      room.resize (postseal_text_canon (&sent.state, in.data (), length, room.data ()));
      stuff (room);
      offset += length;
    }

  std::vector<char> last (2);
  last.resize (postseal_text_canon_finish (&sent.state, last.data ()));
  stuff (last);
  return sent;
}

/* A strict server finds one message, the text as it was. */
void
receive (const Sent &sent)
{
  PostsealDotDecoder decoder = { 0 };
  std::string bytes = sent.stuffed + ".\r\n";
  std::vector<guint8> in (bytes.begin (), bytes.end ());
  std::vector<guint8> out (in.size () + 4);
  gsize consumed = 0;
  gsize written = 0;

  fuzz::demand (
      postseal_dot_decode (&decoder, in.data (), in.size (), &consumed, out.data (), &written),
      "an end", bytes);
  fuzz::demand (consumed == in.size (), "one message", bytes);
  fuzz::demand (std::string (out.begin (), out.begin () + written) == sent.text, "the same text",
                sent.text, bytes);
  for (const char *end : { "\n.\n", "\r.\r", "\r.\n", "\r\n.\n" })
    fuzz::demand (bytes.find (end) == std::string::npos, "no other end", bytes);
  fuzz::demand (bytes.find ("\n.\r\n") >= bytes.size () - 4, "no end before the end", bytes);
}

void
check_text (const Sent &sent, const std::string &input)
{
  std::string back;
  std::string expected;
  size_t column = 0;

  for (size_t i = 0; i < sent.text.size (); i++)
    {
      bool is_end = sent.text.compare (i, 2, "\r\n") == 0;

      fuzz::demand (is_end
                        || (sent.text[i] != '\r' && sent.text[i] != '\n' && sent.text[i] != '\0'),
                    "no lone line end, no NUL", input, sent.text);
      column = is_end ? 0 : column + 1;
      fuzz::demand (column <= POSTSEAL_LIMIT_TEXT_LINE, "no long line", input);
      back += is_end ? '\n' : sent.text[i];
      i += is_end;
    }
  for (size_t i = 0; i < input.size (); i++)
    if (input.compare (i, 2, "\r\n") != 0)
      expected += input[i];
  if (!expected.empty () && expected.back () != '\n')
    expected += '\n';
  if (sent.state.problem == POSTSEAL_TEXT_CANON_OK)
    fuzz::demand (back == expected, "the input with LF", input, sent.text);
  else
    fuzz::demand (expected.compare (0, back.size (), back) == 0, "the input until then", input,
                  sent.text);
}

} // namespace

/* Whole and in pieces the same; canonical; and one message at the other end. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fuzz::Input input = fuzz::split (data, size);
  fuzz::Pieces pieces (input.seed);
  Sent whole = send (input.bytes, nullptr);
  Sent other = send (input.bytes, &pieces);

  fuzz::demand (whole.text == other.text && whole.stuffed == other.stuffed, "pieces", whole.stuffed,
                other.stuffed);
  fuzz::demand (whole.state.problem == other.state.problem && whole.state.line == other.state.line
                    && whole.state.column == other.state.column
                    && whole.state.has_8bit == other.state.has_8bit,
                "the same state", input.bytes);
  check_text (whole, input.bytes);
  if (whole.state.problem == POSTSEAL_TEXT_CANON_OK)
    receive (whole);
  return 0;
}
