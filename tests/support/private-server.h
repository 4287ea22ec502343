/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "support/corpus.h"

#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace postseal_test
{

/* One of the private servers of data/demo ("private-dovecot", "private-submission") in a folder of
   its own. It ends with this object, or with this process. */
class PrivateServer
{
public:
  /* @options: of its command "run". Throws std::runtime_error when it does not start. */
  PrivateServer (const std::string &script, const std::vector<std::string> &options);
  ~PrivateServer ();
  PrivateServer (const PrivateServer &) = delete;
  PrivateServer &operator= (const PrivateServer &) = delete;

  /* From the file "env" that it wrote. Throws std::out_of_range */
  const std::string &
  value (const std::string &name) const
  {
    return values_.at (name);
  }
  /* Whole numbers. */
  unsigned number (const std::string &name) const;
  std::string
  path (const std::string &name) const
  {
    return folder_ / "d/" + name;
  }

private:
  TemporaryFolder folder_;
  pid_t pid_ = -1;
  int stop_ = -1;
  std::map<std::string, std::string> values_;
};

} // namespace postseal_test
