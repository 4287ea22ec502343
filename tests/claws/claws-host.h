/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/child-process.h"
#include "support/postseal-instance.h"

namespace postseal_test
{

/* One line to the Unix socket at @path, and what comes back until its end. "" when nobody answers
 */
std::string ask_socket (const std::string &path, const std::string &question);

/* The real Claws Mail with the plugin, in a home of its own, on the display that with-desktop has
   made. Its folders are in "Mail": inbox, work, news, sent, queue, draft and trash. It has the
   account 1, "work", which receives nothing by itself. */
class ClawsTest : public testing::Test
{
protected:
  ClawsTest ();
  ~ClawsTest () override;

  /* --- before it starts --- */

  std::string
  path (const std::string &name) const
  {
    return instance_.path (name);
  }
  /* Lines of a section of accountrc, e.g. account 1: written with the next start. */
  void add_account (const std::string &lines);
  /* A filter rule: messages whose subject has @word go to "Mail/@folder", or to the folder with
     that identifier ("#imap/..."). The first rule wins. */
  void add_filter (const std::string &word, const std::string &folder, bool is_first = false);
  /* One more mailbox, as folderlist.xml has it. */
  void add_folder (const std::string &xml);
  /* One of the host's common settings, "NAME=VALUE". */
  void set (const std::string &line);
  /* The plugin's own file. */
  void bind (const std::string &text);

  /* --- running --- */

  /* Starts it and waits until its main loop runs. @with_plugin: loads Postseal as well */
  void start (const Environment &environment = {}, bool with_plugin = true);
  /* The same, without waiting: it may be killed before it is ready. */
  void start_unwatched (const Environment &environment, bool with_plugin = true);
  /* Asks it to end, as a user does. */
  void stop ();
  /* Ends it at once. */
  void kill ();
  /* TRUE once it has ended by itself. */
  bool ended_within (double seconds);
  bool
  is_running () const
  {
    return process_ != nullptr;
  }

  /* One question to the probe. "" when it does not answer */
  std::string ask (const std::string &question);
  /* "claws-mail --receive-all" and the like. Returns: what it says */
  std::string remote (const std::string &option, const std::string &value = {});
  std::string
  plugin () const
  {
    return plugin_;
  }

  /* Waits until @condition holds. FALSE, and a failure that says what Claws Mail has said, after
     @seconds */
  bool
  wait_for (const std::string &what, const std::function<bool ()> &condition, double seconds = 30);

  /* --- what it has --- */

  /* The contents of a folder's messages, e.g. "inbox". */
  Contents messages (const std::string &folder) const;
  size_t count (const std::string &folder) const;

  /* What both programs of this test and the daemon run with. */
  Environment environment () const;
  /* The bus of with-desktop: without it there is no bus at all. */
  void use_bus ();

  PostsealInstance instance_;
  std::unique_ptr<ChildProcess> process_;
  std::string log_; /* what it has said before it ended */

private:
  /* Where mail lies, for people. */
  std::string tell () const;
  void write_configuration (bool with_plugin);

  std::string plugin_, probe_;
  std::string accounts_, filters_, settings_, mailboxes_, bus_;
};

} // namespace postseal_test
