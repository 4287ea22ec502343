/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <vector>

#include "fuzz/fuzz.h"
#include "wire/crlf-codec.h"

namespace
{

std::string
decode (const std::string &bytes, fuzz::Pieces *pieces)
{
  PostsealCrlfDecoder decoder = { 0 };
  std::string out;

  for (size_t offset = 0; offset < bytes.size ();)
    {
      size_t length = bytes.size () - offset;

      if (pieces != nullptr)
        length = std::min (length, pieces->next ());
      std::vector<guint8> in (bytes.begin () + offset, bytes.begin () + offset + length);
      std::vector<guint8> room (length + 1);
      gsize written = postseal_crlf_decode (&decoder, in.data (), length, room.data ());

      out.append (room.begin (), room.begin () + written);
      offset += length;
    }

  guint8 last;
  if (postseal_crlf_decode_finish (&decoder, &last) > 0)
    out += static_cast<char> (last);
  return out;
}

std::string
decode_plainly (const std::string &bytes)
{
  std::string out;

  for (size_t i = 0; i < bytes.size (); i++)
    if (bytes[i] != '\r' || i + 1 == bytes.size () || bytes[i + 1] != '\n')
      out += bytes[i];
  return out;
}

} // namespace

/* Whole, in pieces, and by the plainest code there is: the same bytes. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fuzz::Input input = fuzz::split (data, size);
  fuzz::Pieces pieces (input.seed);
  std::string whole = decode (input.bytes, nullptr);

  fuzz::demand (whole == decode_plainly (input.bytes), "as defined", input.bytes, whole);
  fuzz::demand (whole == decode (input.bytes, &pieces), "pieces", input.bytes, whole);
  return 0;
}
