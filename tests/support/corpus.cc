/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/corpus.h"

#include "support/child-process.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/stat.h>

namespace postseal_test
{

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder ()
{
  std::string pattern = fs::temp_directory_path () / "pst-XXXXXX";
  if (!mkdtemp (pattern.data ()))
    throw std::runtime_error ("cannot make " + pattern);
  path_ = pattern;
  chmod (path_.c_str (), 0755);
}

TemporaryFolder::~TemporaryFolder ()
{
  std::error_code ignored;
  fs::remove_all (path_, ignored);
}

std::string
read_file (const std::string &path)
{
  if (!fs::is_regular_file (path))
    return {};
  /* In one piece: the crash tests read hundreds of thousands of files. */
  std::ifstream in (path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf ();
  return text.str ();
}

void
write_file (const std::string &path, const std::string &text, unsigned mode)
{
  fs::create_directories (fs::path (path).parent_path ());
  std::ofstream (path, std::ios::binary | std::ios::trunc) << text;
  chmod (path.c_str (), mode);
}

std::vector<std::string>
list_folder (const std::string &path)
{
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto &entry : fs::directory_iterator (path, missing))
    names.push_back (entry.path ().filename ());
  std::sort (names.begin (), names.end ());
  return names;
}

std::vector<CorpusMessage>
make_corpus (const std::string &profile, unsigned count, unsigned seed)
{
  TemporaryFolder folder;
  const char *tests = getenv ("SRCDIR");
  std::string script = std::string (tests ? tests : "tests") + "/../data/demo/make-messages.py";
  Outcome outcome
      = run_program ({ "/usr/bin/python3", script, "--profile", profile, "--count",
                       std::to_string (count), "--seed", std::to_string (seed), folder.path () });
  if (outcome.status != 0)
    throw std::runtime_error ("cannot make messages: " + outcome.err);
  std::vector<CorpusMessage> corpus;
  for (const auto &name : list_folder (folder.path ()))
    corpus.push_back ({ name.substr (0, name.rfind ('.')), read_file (folder / name) });
  return corpus;
}

std::string
to_file_form (const std::string &text)
{
  std::string form;
  form.reserve (text.size ());
  size_t from = 0;
  for (size_t end; (end = text.find ("\r\n", from)) != std::string::npos; from = end + 1)
    form.append (text, from, end - from);
  return form.append (text, from);
}

Contents
file_forms (const std::vector<CorpusMessage> &corpus)
{
  Contents contents;
  for (const auto &message : corpus)
    contents.insert (to_file_form (message.text));
  return contents;
}

Contents
read_maildir (const std::string &path)
{
  Contents contents;
  for (const char *part : { "new", "cur" })
    for (const auto &name : list_folder (path + "/" + part))
      contents.insert (read_file (path + "/" + part + "/" + name));
  return contents;
}

std::string
compare_contents (const Contents &wanted, const Contents &found)
{
  std::vector<std::string> lost, extra;
  std::set_difference (wanted.begin (), wanted.end (), found.begin (), found.end (),
                       std::back_inserter (lost));
  std::set_difference (found.begin (), found.end (), wanted.begin (), wanted.end (),
                       std::back_inserter (extra));
  if (lost.empty () && extra.empty ())
    return {};
  size_t twice = 0, truncated = 0;
  for (const auto &text : extra)
    {
      twice += wanted.count (text) > 0;
      truncated += wanted.count (text) == 0
                   && std::any_of (wanted.begin (), wanted.end (), [&] (const std::string &whole) {
                        return whole.compare (0, text.size (), text) == 0;
                      });
    }
  std::string sentence
      = std::to_string (wanted.size ()) + " wanted, " + std::to_string (found.size ())
        + " found: " + std::to_string (lost.size ()) + " lost, " + std::to_string (twice)
        + " twice, " + std::to_string (truncated) + " truncated, "
        + std::to_string (extra.size () - twice - truncated) + " altered";
  if (!lost.empty ())
    sentence += "; first lost (" + std::to_string (lost[0].size ())
                + " bytes): " + lost[0].substr (0, 200);
  if (!extra.empty ())
    sentence += "; first extra (" + std::to_string (extra[0].size ())
                + " bytes): " + extra[0].substr (0, 200);
  return sentence;
}

} // namespace postseal_test
