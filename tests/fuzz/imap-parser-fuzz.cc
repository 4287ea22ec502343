/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz/fuzz.h"
#include "support/imap-transcript.h"

namespace
{

const char too_large[] = "BAD literal too large for its place\n";
const char too_much[] = "BAD response larger than 2 MiB\n";

bool
ends_with (const std::string &text, const std::string &end)
{
  return text.size () >= end.size ()
         && text.compare (text.size () - end.size (), end.size (), end) == 0;
}

} // namespace

/* Whole or in pieces, streamed or kept: the same responses, except that what is kept has a limit.
 */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fuzz::Input input = fuzz::split (data, size);
  fuzz::Pieces pieces (input.seed);
  auto whole = [&] (size_t) { return input.bytes.size (); };
  auto cut = [&] (size_t) { return pieces.next (); };
  auto stream = [] (const PostsealImapResponse *, guint64) { return true; };
  auto stream_odd = [] (const PostsealImapResponse *, guint64 length) { return length % 2 == 1; };
  std::string kept = imap_transcript::run (input.bytes, whole);
  std::string streamed = imap_transcript::run (input.bytes, whole, stream);
  std::string mixed = imap_transcript::run (input.bytes, whole, stream_odd);

  std::string in_pieces = imap_transcript::run (input.bytes, cut);
  fuzz::demand (in_pieces == kept, "pieces, kept", kept, in_pieces);
  in_pieces = imap_transcript::run (input.bytes, cut, stream);
  fuzz::demand (in_pieces == streamed, "pieces, streamed", streamed, in_pieces);
  in_pieces = imap_transcript::run (input.bytes, cut, stream_odd);
  fuzz::demand (in_pieces == mixed, "pieces, mixed", mixed, in_pieces);

  for (std::string *text : { &kept, &mixed })
    {
      bool is_cut = false;

      for (const char *limit : { too_large, too_much })
        if (ends_with (*text, limit))
          {
            text->resize (text->size () - std::string (limit).size ());
            is_cut = true;
          }
      fuzz::demand (is_cut ? streamed.compare (0, text->size (), *text) == 0 : streamed == *text,
                    "streamed and kept", streamed, *text);
    }
  return 0;
}
