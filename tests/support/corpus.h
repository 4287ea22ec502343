/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <set>
#include <string>
#include <vector>

namespace postseal_test
{

/* A message as a server holds it, with CR LF. */
struct CorpusMessage
{
  std::string name;
  std::string text;
};

/* The messages of data/demo/make-messages.py. @profile: demo, mixed, tiny, odd. */
std::vector<CorpusMessage>
make_corpus (const std::string &profile, unsigned count, unsigned seed = 1);

/* What becomes of a message in a file: each CR LF is one LF, nothing else changes. */
std::string to_file_form (const std::string &text);

/* Contents, each as often as it is there. */
using Contents = std::multiset<std::string>;

/* What the corpus should look like in a Maildir. */
Contents file_forms (const std::vector<CorpusMessage> &corpus);

/* The files of new/ and cur/; empty when there is no such Maildir. */
Contents read_maildir (const std::string &path);

/* The names in @folder, without "." and "..", sorted. */
std::vector<std::string> list_folder (const std::string &path);

std::string read_file (const std::string &path);
void write_file (const std::string &path, const std::string &text, unsigned mode = 0600);

/* Says in one line what @found lacks and has too much against @wanted; "" when they are the same.
 */
std::string compare_contents (const Contents &wanted, const Contents &found);

/* A folder of its own below the system's temporary one, removed at the end. */
class TemporaryFolder
{
public:
  TemporaryFolder ();
  ~TemporaryFolder ();
  TemporaryFolder (const TemporaryFolder &) = delete;
  TemporaryFolder &operator= (const TemporaryFolder &) = delete;

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

} // namespace postseal_test
