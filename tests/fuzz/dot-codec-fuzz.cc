/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <vector>

#include "fuzz/fuzz.h"
#include "wire/dot-codec.h"

namespace
{

/* What one body turned out to be; the end is where the next response would begin. */
struct Body
{
  std::string content;
  size_t end;
  bool is_complete;

  bool
  operator== (const Body &other) const
  {
    return content == other.content && end == other.end && is_complete == other.is_complete;
  }
};

Body
decode (const std::string &bytes, fuzz::Pieces *pieces)
{
  PostsealDotDecoder decoder = { 0 };
  Body body = { "", 0, false };

  while (body.end < bytes.size () && !body.is_complete)
    {
      size_t length = bytes.size () - body.end;

      if (pieces != nullptr)
        length = std::min (length, pieces->next ());
      std::vector<guint8> in (bytes.begin () + body.end, bytes.begin () + body.end + length);
      std::vector<guint8> room (length + 4);
      gsize consumed = 0;
      gsize written = 0;

      body.is_complete
          = postseal_dot_decode (&decoder, in.data (), length, &consumed, room.data (), &written);
      fuzz::demand (body.is_complete || consumed == length, "all input used before the end", bytes);
      body.content.append (room.begin (), room.begin () + written);
      body.end += consumed;
    }
  return body;
}

/* Only for a body that is complete. Lines end with CR LF; everything else is content. */
Body
decode_plainly (const std::string &bytes)
{
  Body body = { "", 0, false };

  for (;;)
    {
      size_t line_end = bytes.find ("\r\n", body.end);
      std::string line;

      if (line_end == std::string::npos)
        return body;
      line = bytes.substr (body.end, line_end - body.end);
      body.end = line_end + 2;
      if (line == ".")
        {
          body.is_complete = true;
          return body;
        }
      body.content += (!line.empty () && line[0] == '.' ? line.substr (1) : line) + "\r\n";
    }
}

} // namespace

/* Whole, in pieces, and by the plainest code there is: the same content and the same end. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fuzz::Input input = fuzz::split (data, size);
  fuzz::Pieces pieces (input.seed);
  Body whole = decode (input.bytes, nullptr);
  Body plain = decode_plainly (input.bytes);

  fuzz::demand (whole == decode (input.bytes, &pieces), "pieces", input.bytes, whole.content);
  fuzz::demand (whole.is_complete == plain.is_complete, "the same end", input.bytes, whole.content);
  if (plain.is_complete)
    fuzz::demand (whole == plain, "as defined", plain.content, whole.content);
  return 0;
}
