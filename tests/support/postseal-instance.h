/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "support/child-process.h"
#include "support/corpus.h"

#include <memory>
#include <string>
#include <vector>

namespace postseal_test
{

/* The program "postseal" with a home, a configuration and a state of its own. */
class PostsealInstance
{
public:
  PostsealInstance ();

  /* Replaces accounts.conf. */
  void configure (const std::string &accounts);

  Outcome run (const std::vector<std::string> &arguments,
               const Environment &environment = {},
               const std::string &input = {});
  std::unique_ptr<ChildProcess>
  start (const std::vector<std::string> &arguments, const Environment &environment = {});

  /* A path in the home: "Mail" is where tests deliver to. */
  std::string
  path (const std::string &name) const
  {
    return home_ / name;
  }
  std::string
  maildir () const
  {
    return home_ / "Mail";
  }
  std::string
  deliver () const
  {
    return "maildir:" + maildir ();
  }

private:
  Environment complete (const Environment &environment) const;
  TemporaryFolder home_;
};

} // namespace postseal_test
