/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/scripted-server.h"
#include "support/test-ca.h"

namespace postseal_test
{

/* A submission server (RFC 6409) with STARTTLS, honest unless the hook answers a command itself.
   Takes any user and password. */
class ToySmtp
{
public:
  struct Message
  {
    std::string sender;
    std::vector<std::string> recipients;
    std::string text; /* with CR LF, dots unstuffed */
  };
  /* @line: a command, or "." when all of a message is there. Returns: TRUE when it has answered
     itself; then the command has had no effect. */
  using Hook = std::function<bool (Peer &peer, const std::string &line)>;

  ToySmtp ();

  /* Offered after TLS. */
  std::vector<std::string> capabilities
      = { "PIPELINING", "8BITMIME", "SIZE 100000000", "ENHANCEDSTATUSCODES", "AUTH PLAIN" };
  Hook hook;

  unsigned short
  port () const
  {
    return server_->port ();
  }
  std::vector<Message> messages (); /* accepted */
  std::vector<std::string> commands ();
  ScriptedServer &
  server ()
  {
    return *server_;
  }

private:
  void serve (Peer &peer);
  void greet (Peer &peer);
  void read_data (Peer &peer, Message &message);
  void read_chunk (Peer &peer, Message &message, const std::string &line);
  void accept (Peer &peer, Message &message);
  bool answers_itself (Peer &peer, const std::string &line);

  ServerTls tls_{ test_ca ().issue () };
  std::mutex mutex_; /* messages_, commands_ */
  std::vector<Message> messages_;
  std::vector<std::string> commands_;
  std::unique_ptr<ScriptedServer> server_;
};

} // namespace postseal_test
