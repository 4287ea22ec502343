/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fuzz/fuzz.h"
#include "import/rc-section.h"

namespace fuzz
{

using ParseSections = GPtrArray *(*)(const char *text, gsize length, GError **error);

/* Everything in it, lines moved back by @moved. */
inline std::string
spell_sections (const GPtrArray *sections, guint moved)
{
  std::string text;

  for (guint i = 0; i < sections->len; i++)
    {
      auto section = static_cast<const PostsealRcSection *> (g_ptr_array_index (sections, i));

      text += std::string (section->kind) + " " + (section->name != nullptr ? section->name : "-")
              + "\n";
      for (guint j = 0; j < section->settings->len; j++)
        {
          auto setting
              = static_cast<const PostsealRcSetting *> (g_ptr_array_index (section->settings, j));

          demand (setting->line > moved, "settings stand in lines");
          text += std::to_string (setting->line - moved) + " " + setting->name;
          for (guint k = 0; k < setting->values->len; k++)
            {
              auto value = static_cast<const char *> (g_ptr_array_index (setting->values, k));

              demand (g_utf8_validate (value, -1, nullptr), "values are UTF-8", value);
              text += std::string ("|") + value;
            }
          if (setting->secret != nullptr)
            text += std::string ("<") + postseal_credential_get (setting->secret) + ">";
          text += "\n";
        }
    }
  return text;
}

/* Sections or an error with a line; @comment in front, one line, moves all lines by one and changes
   nothing else. */
inline void
check_sections (ParseSections parse, const uint8_t *data, size_t size, const std::string &comment)
{
  std::string text (reinterpret_cast<const char *> (data), size);
  std::string longer = comment + text;
  g_autoptr (GError) error = nullptr;
  g_autoptr (GError) other_error = nullptr;
  g_autoptr (GPtrArray) sections = parse (text.data (), text.size (), &error);
  g_autoptr (GPtrArray) others = parse (longer.data (), longer.size (), &other_error);

  demand ((sections == nullptr) == (error != nullptr), "sections or an error");
  demand ((sections == nullptr) == (others == nullptr), "a comment changes nothing", text);
  if (sections == nullptr)
    {
      demand (g_ascii_isdigit (error->message[0]) && error->message[0] != '0',
              "an error has a line", error->message);
      return;
    }
  std::string one = spell_sections (sections, 0);
  std::string other = spell_sections (others, 1);
  demand (one == other, "a comment changes nothing", one, other);
}

} // namespace fuzz
