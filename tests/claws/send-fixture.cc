/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/send-fixture.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "support/corpus.h"

namespace postseal_test
{

SendTest::SendTest (const std::string &kind) : server_ (SubmissionServer::shared (kind))
{
  if (server_ == nullptr)
    return;
  configure ("");
  bind ("[account 1]\naccount=work\nsend=true\n");
  server_->take ();
}

void
SendTest::configure (const std::string &more, unsigned port)
{
  instance_.configure (server_->account ("work", "submissions", more, port));
}

void
SendTest::start_daemon ()
{
  use_bus ();
  daemon_ = std::make_unique<ChildProcess> (std::vector<std::string>{ getenv ("POSTSEALD") },
                                            environment ());
  ASSERT_TRUE (wait_for ("the daemon", [this] {
    return run_program (
               { "gdbus", "wait", "--session", "--timeout", "1", "org.postseal.Postseal1" },
               environment ())
               .status
           == 0;
  }));
}

void
SendTest::kill_daemon ()
{
  daemon_->kill (SIGKILL);
  daemon_->wait ();
  daemon_.reset ();
}

void
SendTest::open_window (const std::string &text, const std::string &attachment)
{
  std::vector<std::string> command{ "timeout", "20", "claws-mail", "--compose-from-file",
                                    path ("draft.txt") };

  write_file (path ("draft.txt"), text);
  if (!attachment.empty ())
    command.insert (command.end (), { "--attach", attachment });
  EXPECT_EQ (run_program (command, environment ()).status, 0);
  ASSERT_TRUE (wait_for ("a compose window", [this] { return ask ("composing") == "1"; }));
}

void
SendTest::open_window_for (const std::string &message, const std::string &action)
{
  ASSERT_TRUE (wait_for ("a compose window", [&] {
    remote ("--select", message);
    if (ask ("composing") == "0")
      ask ("activate " + action);
    return ask ("composing") == "1";
  }));
}

void
SendTest::send ()
{
  ASSERT_EQ (ask ("compose Message/Send"), "activated");
  ASSERT_TRUE (wait_for ("the window to close", [this] { return ask ("composing") == "0"; }));
}

size_t
SendTest::count_records () const
{
  return list_folder (path (".claws-mail/postseal-sending")).size ();
}

bool
SendTest::has_logged (const std::string &text) const
{
  std::string log = path (".claws-mail/claws.log");

  return std::filesystem::exists (log) && read_file (log).find (text) != std::string::npos;
}

bool
SendTest::outbox_is_empty ()
{
  return list_folder (path ("state/postseal/outbox/queue")).empty ();
}

bool
SendTest::wait_for_filed (size_t in_sent, size_t in_queue)
{
  return wait_for ("messages in Sent and Queue",
                   [&] { return count ("sent") == in_sent && count ("queue") == in_queue; });
}

bool
SendTest::wait_for_no_records ()
{
  return wait_for ("the end of all records", [this] { return count_records () == 0; });
}

} // namespace postseal_test
