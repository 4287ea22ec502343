/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string>
#include <sys/types.h>

#include "support/child-process.h"

namespace postseal_test
{

/* The windows of a program as a screen reader sees and uses them. Needs with-desktop --assistive.
   Windows are named by how their title begins; questions are answered at once, with what is there
   at the moment. */
class Onlooker
{
public:
  /* @socket: a path that is free. @environment: of the program with @pid */
  Onlooker (pid_t pid, const std::string &socket, const Environment &environment);

  /* The titles of all, one a line. */
  std::string windows () const;
  /* What is in it, one a line: "role: name", " | " and its description, " (insensitive)". */
  std::string tell (const std::string &title) const;
  /* A button or item: "pressed", "insensitive" or "absent" */
  std::string press (const std::string &title, const std::string &name) const;
  /* A row: "selected" or "absent" */
  std::string select (const std::string &title, const std::string &name) const;
  /* Another item of the choice that says @now: "chosen" or "absent" */
  std::string
  choose (const std::string &title, const std::string &now, const std::string &item) const;
  /* FALSE until it looks. */
  bool is_ready () const;

private:
  std::string ask (const std::string &question) const;

  std::string socket_;
  ChildProcess process_;
};

} // namespace postseal_test
