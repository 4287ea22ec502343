/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz/fuzz.h"
#include "wire/sasl-line.h"

/* A line that can be decoded is the only one that encodes its bytes, and any bytes survive both
 * ways. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  std::string bytes (reinterpret_cast<const char *> (data), size);
  g_autoptr (GBytes) decoded = postseal_sasl_line_decode (bytes.data (), bytes.size ());

  if (decoded != nullptr)
    {
      gsize length;
      const void *content = g_bytes_get_data (decoded, &length);
      std::string line (postseal_sasl_line_encoded_length (length), '\0');

      fuzz::demand (postseal_sasl_line_encode (content, length, line.data ()) == line.size (),
                    "length", bytes);
      fuzz::demand (line == bytes, "decode, encode", bytes, line);
    }

  std::string line (postseal_sasl_line_encoded_length (size), '\0');
  fuzz::demand (postseal_sasl_line_encode (data, size, line.data ()) == line.size (), "length",
                bytes);
  g_autoptr (GBytes) again = postseal_sasl_line_decode (line.data (), line.size ());
  fuzz::demand (again != nullptr && g_bytes_get_size (again) == size, "encode, decode", bytes,
                line);
  fuzz::demand (size == 0 || memcmp (g_bytes_get_data (again, nullptr), data, size) == 0,
                "encode, decode", bytes, line);
  return 0;
}
