/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/claws-host.h"
#include "support/submission-server.h"

namespace postseal_test
{

/* Claws Mail whose account 1 sends through the Postseal account "work", to a server that keeps what
   it gets. */
class SendTest : public ClawsTest
{
protected:
  /* @kind: of the server */
  explicit SendTest (const std::string &kind = "aiosmtpd");

  /* Another accounts.conf for "work". @more: further lines. @port: 0 for the server's own */
  void configure (const std::string &more, unsigned port = 0);

  /* A daemon on the bus of with-desktop. */
  void start_daemon ();
  void kill_daemon ();

  /* Opens a compose window with this text ("To: ...", an empty line, the body). */
  void open_window (const std::string &text, const std::string &attachment = {});
  /* Opens one by a command of the menus, for the message FOLDER/N. */
  void open_window_for (const std::string &message, const std::string &action);
  /* The command "Send" of the window; waits until the window is gone. */
  void send ();
  /* Sent and Queue hold so many messages. */
  bool wait_for_filed (size_t in_sent, size_t in_queue);
  /* All records of messages under way are gone. */
  bool wait_for_no_records ();
  size_t count_records () const;
  /* The host's log, whose status bar cuts lines short, has @text. */
  bool has_logged (const std::string &text) const;
  /* Nothing waits in the outbox, and nothing was given up there. */
  bool outbox_is_empty ();

  /* What the server has accepted since it was asked last. */
  std::vector<Submitted>
  take ()
  {
    return server_->take ();
  }

  SubmissionServer *server_; /* NULL: this one may not be here */
  std::unique_ptr<ChildProcess> daemon_;
};

} // namespace postseal_test
