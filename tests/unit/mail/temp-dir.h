/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <glib/gstdio.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace postseal_test
{

/* A directory that goes with the test. */
class TempDir
{
public:
  TempDir ()
  {
    g_autofree char *path = g_dir_make_tmp ("postseal-mail-XXXXXX", nullptr);

    path_ = path;
  }

  ~TempDir ()
  {
    std::error_code ignored;

    std::filesystem::remove_all (path_, ignored);
  }

  TempDir (const TempDir &) = delete;
  TempDir &operator= (const TempDir &) = delete;

  const std::string &
  path () const
  {
    return path_;
  }

  std::string
  operator/ (const std::string &name) const
  {
    return path_ + "/" + name;
  }

private:
  std::string path_;
};

inline std::string
slurp (const std::string &path)
{
  std::ifstream in (path, std::ios::binary);
  std::ostringstream out;

  out << in.rdbuf ();
  return out.str ();
}

inline void
spill (const std::string &path, const std::string &content)
{
  std::filesystem::create_directories (std::filesystem::path (path).parent_path ());
  std::ofstream (path, std::ios::binary) << content;
}

/* Names in a directory, sorted; empty when it is not there. */
inline std::vector<std::string>
list (const std::string &path)
{
  std::vector<std::string> names;
  std::error_code ignored;

  for (const auto &entry : std::filesystem::directory_iterator (path, ignored))
    names.push_back (entry.path ().filename ());
  std::sort (names.begin (), names.end ());
  return names;
}

/* Contents of all files in a directory, sorted. */
inline std::vector<std::string>
contents (const std::string &path)
{
  std::vector<std::string> result;

  for (const auto &name : list (path))
    result.push_back (slurp (path + "/" + name));
  std::sort (result.begin (), result.end ());
  return result;
}

} // namespace postseal_test
