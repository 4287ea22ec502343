/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz/fuzz.h"
#include "net/seal.h"

/* What the ledger holds may be damaged: it is no seal then, or one that survives being written. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  std::string text (reinterpret_cast<const char *> (data), size);
  g_autoptr (PostsealSeal) seal = postseal_seal_parse (text.c_str ());

  if (seal == nullptr)
    return 0;

  g_autofree char *line = postseal_seal_to_string (seal, 1700000000);
  g_autofree char *written = postseal_seal_serialize (seal);
  g_autoptr (PostsealSeal) again = postseal_seal_parse (written);
  fuzz::demand (again != nullptr && line != nullptr, "serialize, parse", text, written);

  g_autofree char *rewritten = postseal_seal_serialize (again);
  fuzz::demand (strcmp (written, rewritten) == 0, "the same seal", written, rewritten);
  return 0;
}
