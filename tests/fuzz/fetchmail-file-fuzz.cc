/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz/sections.h"
#include "import/fetchmail-file.h"

/* Sections or an error with a line; a comment in front moves every line by one and changes nothing
   else. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fuzz::check_sections (postseal_fetchmail_file_parse, data, size, "# a comment\n");
  return 0;
}
