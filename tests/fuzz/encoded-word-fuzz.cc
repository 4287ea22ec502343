/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <vector>

#include "fuzz/fuzz.h"
#include "wire/encoded-word.h"

/* ASCII in, UTF-8 out; and where nothing begins an encoded word, nothing but line ends goes. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  std::string value (reinterpret_cast<const char *> (data), size);
  std::vector<char> bytes (value.begin (), value.end ());
  g_autofree char *text = postseal_encoded_word_decode (bytes.data (), bytes.size ());

  if (g_str_is_ascii (value.c_str ()) && value.find ('\0') == std::string::npos
      && !g_utf8_validate (text, -1, nullptr))
    abort ();
  if (value.find ("=?") == std::string::npos)
    {
      std::string kept;
      for (char c : value)
        if (c != '\r' && c != '\n' && c != '\0')
          kept += c;
      if (kept != text)
        abort ();
    }
  return 0;
}
