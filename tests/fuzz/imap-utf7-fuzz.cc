/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz/fuzz.h"
#include "wire/imap-utf7.h"

/* What can be decoded encodes to the same bytes, and what can be encoded decodes to the same text.
 */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  std::string bytes (reinterpret_cast<const char *> (data), size);
  g_autofree char *decoded = postseal_imap_utf7_decode (bytes.data (), bytes.size ());
  g_autofree char *encoded = postseal_imap_utf7_encode (bytes.c_str ());

  if (decoded != nullptr)
    {
      fuzz::demand (g_utf8_validate (decoded, -1, nullptr), "decoded text is UTF-8", bytes,
                    decoded);

      g_autofree char *again = postseal_imap_utf7_encode (decoded);
      fuzz::demand (again != nullptr && bytes == again, "decode, encode", bytes, decoded);
    }
  if (encoded != nullptr)
    {
      g_autofree char *again = postseal_imap_utf7_decode (encoded, strlen (encoded));

      fuzz::demand (again != nullptr && strcmp (bytes.c_str (), again) == 0, "encode, decode",
                    bytes, encoded);
    }
  return 0;
}
