/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <cstring>

#include "fuzz/fuzz.h"
#include "outbox/envelope.h"
#include "outbox/outbox-error.h"

namespace
{

PostsealEnvelope *
parse (const std::string &text, gsize *ret_length)
{
  g_autoptr (GError) error = nullptr;
  PostsealEnvelope *envelope
      = postseal_envelope_parse (text.data (), text.size (), ret_length, &error);

  fuzz::demand ((envelope == nullptr) == (error != nullptr), "an envelope or an error");
  if (error != nullptr)
    fuzz::demand (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED),
                  "damage is said to be damage");
  return envelope;
}

} // namespace

/* Whatever is read is written so that it reads the same, and nothing cut is read at all. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  std::string text (reinterpret_cast<const char *> (data), size);
  gsize length = 0;
  g_autoptr (PostsealEnvelope) envelope = parse (text, &length);

  if (envelope == nullptr)
    return 0;
  fuzz::demand (length > 0 && length <= size, "the message begins in the file");
  fuzz::demand (text.compare (length - 2, 2, "\n\n") == 0, "an empty line is the end");
  fuzz::demand (envelope->recipients->len > 0, "somebody to send it to");

  gsize cut_length = 0;
  g_autoptr (PostsealEnvelope) cut = parse (text.substr (0, length - 1), &cut_length);
  fuzz::demand (cut == nullptr, "what is cut is not read", text);

  g_autofree char *written = postseal_envelope_serialize (envelope);
  gsize written_length = 0;
  g_autoptr (PostsealEnvelope) again = parse (written, &written_length);
  fuzz::demand (again != nullptr, "what is written can be read", text, written);
  g_autofree char *twice = postseal_envelope_serialize (again);
  fuzz::demand (strcmp (written, twice) == 0, "and is the same", written, twice);
  fuzz::demand (written_length == strlen (written), "as a whole", written);
  return 0;
}
