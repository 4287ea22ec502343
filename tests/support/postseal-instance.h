/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "support/child-process.h"
#include "support/corpus.h"

#include <memory>
#include <string>
#include <vector>

namespace postseal_test
{

/* The programs of Postseal with a home, a configuration and a state of their own. */
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

  /* The program "postseal-sendmail", named by $POSTSEAL_SENDMAIL. */
  Outcome run_sendmail (const std::vector<std::string> &arguments,
                        const std::string &input,
                        const Environment &environment = {});

  /* For a program that is to find this Postseal: @environment and where everything is. */
  Environment complete (const Environment &environment = {}) const;

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
  TemporaryFolder home_;
};

} // namespace postseal_test
