/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/claws-host.h"
#include "support/corpus.h"

namespace postseal_test
{

/* Claws Mail whose account 1 is received by the Postseal account "work", with two filter rules. */
class ReceiveTest : public ClawsTest
{
protected:
  ReceiveTest ();

  /* @count messages: every tenth is for "work" and every seventh of the others for "news". */
  static std::vector<std::string> make_messages (unsigned count);
  static std::string folder_of (unsigned number);

  /* Those for "work" go into this folder, by the host's identifier. */
  void file_work_into (const std::string &folder);
  /* Leaves them where the daemon does, each at once as a whole. */
  void deliver (const std::vector<std::string> &messages);
  std::string
  spool () const
  {
    return path ("state/postseal/claws/work");
  }
  /* All that are in a folder of the user's. */
  size_t count_filed () const;
  /* Each message is in its folder, and only there, and the spool is empty. */
  void expect_filed (unsigned count);

private:
  unsigned delivered_ = 0;
};

} // namespace postseal_test
