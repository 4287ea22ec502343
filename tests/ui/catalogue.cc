/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/catalogue.h"

#include <glib.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace postseal_test
{

namespace
{

/* With fewer letters than this a pattern such as “%s: %s” would fit everything. */
constexpr int kLettersOfPattern = 8;

uint32_t
read_number (const std::string &file, size_t at)
{
  uint32_t number = 0;

  std::memcpy (&number, file.data () + at, sizeof number);
  return number;
}

/* The text number @i of the table whose offset stands at @at; plural forms are parted by zeros. */
std::string
read_text (const std::string &file, size_t at, uint32_t i)
{
  const size_t entry = read_number (file, at) + size_t{ 8 } * i;

  return file.substr (read_number (file, entry + 4), read_number (file, entry));
}

std::string
strip_mnemonic (const std::string &label)
{
  std::string text;

  for (size_t i = 0; i < label.size (); i++)
    if (label[i] != '_')
      text += label[i];
  return text;
}

/* “%1$s of %d” → “* of *” */
std::string
make_pattern (const std::string &format)
{
  std::string pattern;

  for (size_t i = 0; i < format.size (); i++)
    if (format[i] == '%' && i + 1 < format.size () && format[i + 1] == '%')
      pattern += format[++i];
    else if (format[i] == '%')
      {
        const size_t end = format.find_first_of ("diouxXcsfgGpP", i + 1);

        if (end == std::string::npos)
          return "";
        /* the macros of <inttypes.h> are resolved by gettext: “%<PRIu64>” */
        i = format[i + 1] == '<' ? format.find ('>', i) : end;
        pattern += '*';
      }
    else
      pattern += format[i] == '?' || format[i] == '*' ? '?' : format[i];
  return pattern;
}

} // namespace

void
Catalogue::Words::add (const std::string &text)
{
  if (text.find ('%') == std::string::npos)
    plain.insert (strip_mnemonic (text));
  else
    {
      const std::string pattern = make_pattern (strip_mnemonic (text));

      if (std::count_if (pattern.begin (), pattern.end (),
                         [] (unsigned char c) { return std::isalpha (c) != 0 || c >= 0x80; })
          >= kLettersOfPattern)
        patterns.push_back (pattern);
    }
}

bool
Catalogue::Words::has (const std::string &text) const
{
  const std::string shown = strip_mnemonic (text);

  return plain.count (shown) != 0
         || std::any_of (patterns.begin (), patterns.end (), [&shown] (const std::string &pattern) {
              return g_pattern_match_simple (pattern.c_str (), shown.c_str ());
            });
}

Catalogue::Catalogue (const std::string &language)
{
  std::ostringstream text;

  text << std::ifstream (std::string (std::getenv ("BUILDDIR")) + "/po/" + language
                             + "/LC_MESSAGES/postseal.mo",
                         std::ios::binary)
              .rdbuf ();
  const std::string file = text.str ();
  if (file.size () < 28)
    return;
  for (uint32_t i = 0; i < read_number (file, 8); i++)
    {
      const std::string own = read_text (file, 12, i);
      std::istringstream forms (read_text (file, 16, i));

      if (own.empty ())
        continue;
      for (std::string form; std::getline (forms, form, '\0');)
        translated_.add (form);
      std::istringstream singular_and_plural (own);
      for (std::string form; std::getline (singular_and_plural, form, '\0');)
        english_.add (form);
    }
}

bool
Catalogue::is_translation (const std::string &text) const
{
  return translated_.has (text);
}

bool
Catalogue::is_untranslated (const std::string &text) const
{
  return english_.has (text) && !translated_.has (text);
}

} // namespace postseal_test
