/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <set>
#include <string>
#include <vector>

namespace postseal_test
{

/* What a language makes of the dialog's words, read from the file that gettext reads. */
class Catalogue
{
public:
  /* @language: "de" */
  explicit Catalogue (const std::string &language);

  /* Shown words that are one of the catalogue's, or made by one with "%". */
  bool is_translation (const std::string &text) const;
  /* Those that the catalogue would have had other words for. */
  bool is_untranslated (const std::string &text) const;

private:
  /* Words as they are shown: without mnemonics; what stands for "%s" may be anything. */
  struct Words
  {
    std::set<std::string> plain;
    std::vector<std::string> patterns;

    void add (const std::string &text);
    bool has (const std::string &text) const;
  };

  Words english_, translated_;
};

} // namespace postseal_test
