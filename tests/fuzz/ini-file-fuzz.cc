/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz/sections.h"
#include "import/ini-file.h"

static GPtrArray *
parse_getmail (const char *text, gsize length, GError **error)
{
  return postseal_ini_file_parse (text, length, POSTSEAL_INI_GETMAIL, error);
}

static GPtrArray *
parse_claws (const char *text, gsize length, GError **error)
{
  return postseal_ini_file_parse (text, length, POSTSEAL_INI_CLAWS, error);
}

/* As of the others, in both styles; and any text is strings of Python. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fuzz::check_sections (parse_getmail, data, size, "# a comment\n");
  fuzz::check_sections (parse_claws, data, size, "# a comment\n");

  std::string text (reinterpret_cast<const char *> (data), size);
  g_autoptr (GPtrArray) strings = postseal_ini_python_strings (text.c_str ());
  for (guint i = 0; i < strings->len; i++)
    fuzz::demand (g_ptr_array_index (strings, i) != nullptr, "a string");
  return 0;
}
