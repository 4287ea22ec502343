/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "support/scripted-server.h"
#include "support/test-ca.h"

namespace postseal_test
{

/* A POP3 server with a maildrop, honest unless the hook answers a command itself. What it holds may
   be changed between two runs of the client. */
class ToyPop3
{
public:
  struct Message
  {
    std::string uidl;
    std::string text; /* with CR LF, no line that begins with a dot */
    std::string size = {}; /* what LIST says; the truth when empty */
  };
  /* Returns: TRUE when it has answered @line itself */
  using Hook = std::function<bool (Peer &peer, const std::string &line)>;

  ToyPop3 ();

  std::vector<Message> messages;
  std::string capabilities = "USER\r\nUIDL\r\nSASL PLAIN\r\nPIPELINING\r\n";
  Hook hook;

  unsigned short
  port () const
  {
    return server_->port ();
  }
  std::vector<std::string> commands ();
  unsigned count (const std::string &beginning);
  /* Waits until every connection has ended: then the hook and what is held may be changed. */
  void settle ();
  void
  stop ()
  {
    server_->stop ();
  }
  ScriptedServer &
  server ()
  {
    return *server_;
  }

private:
  void serve (Peer &peer);
  void converse (Peer &peer);
  void answer (Peer &peer, const std::string &line, std::vector<bool> &is_deleted);

  ServerTls tls_{ test_ca ().issue () };
  std::mutex mutex_; /* commands_, n_served_ */
  std::condition_variable changed_;
  unsigned n_served_ = 0; /* connections */
  std::vector<std::string> commands_;
  std::unique_ptr<ScriptedServer> server_;
};

} // namespace postseal_test
