/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz/sections.h"
#include "import/mpop-file.h"

/* As of the others. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fuzz::check_sections (postseal_mpop_file_parse, data, size, "# a comment\n");
  return 0;
}
