/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "import/rc-section.h"

#include <string>

/* What a grammar has read, on one line a setting: "KIND NAME", "  LINE: name value|value". Secrets
   are shown: tests only. */
inline std::string
spell_sections (const GPtrArray *sections)
{
  std::string text;

  for (guint i = 0; i < sections->len; i++)
    {
      auto section = static_cast<const PostsealRcSection *> (g_ptr_array_index (sections, i));

      text += section->kind;
      text += section->name != nullptr ? std::string (" ") + section->name + "\n" : "\n";
      for (guint j = 0; j < section->settings->len; j++)
        {
          auto setting
              = static_cast<const PostsealRcSetting *> (g_ptr_array_index (section->settings, j));

          text += "  " + std::to_string (setting->line) + ": ";
          text += setting->is_negated ? "no " : "";
          text += setting->name;
          for (guint k = 0; k < setting->values->len; k++)
            text += (k == 0 ? " " : "|")
                    + std::string (
                        static_cast<const char *> (g_ptr_array_index (setting->values, k)));
          if (setting->secret != nullptr)
            text += " <" + std::string (postseal_credential_get (setting->secret)) + ">";
          text += "\n";
        }
    }
  return text;
}

/* The same of @text, or the message. */
template <typename Parse>
std::string
spell (Parse parse, const std::string &text)
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (GPtrArray) sections = parse (text.data (), text.size (), &error);

  if (sections != nullptr)
    return spell_sections (sections);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMPORT_ERROR, POSTSEAL_IMPORT_ERROR_SYNTAX));
  return error->message;
}
