/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "support/scripted-server.h"
#include "support/test-ca.h"

namespace postseal_test
{

/* A submission server, honest unless told otherwise, that writes down what it has taken and what
   the client has done wrong. Verbs are those of the commands, "GREETING" before the first of them
   and "CONTENT" when a message has come whole. */
class ToySubmission
{
public:
  enum class Start
  {
    Implicit, /* TLS from the first byte */
    Upgrade, /* STARTTLS offered, and nothing else done in clear */
    Optional, /* STARTTLS offered, mail taken in clear, too */
    Clear, /* no TLS at all */
  };

  /* A message for which the server has taken the responsibility. */
  struct Delivery
  {
    unsigned connection = 0;
    bool is_clear = false;
    bool is_chunked = false; /* by BDAT */
    std::string sender;
    std::string parameters; /* of MAIL, without the blank in front */
    std::vector<std::string> recipients;
    std::vector<std::string> recipient_parameters;
    std::string content; /* as it came, without stuffing */

    /* The value of a header field. */
    std::string field (const std::string &name) const;
  };

  struct Call
  {
    Peer &peer;
    const std::string &verb;
    const std::string &line; /* the command; for CONTENT the message */
    unsigned nth; /* of its verb, from 1, over all connections */
  };
  /* Returns: the reply in place of the honest one; "" for none. Its code decides what is done: a
     hook that cuts the connection and returns "250 ok\r\n" takes a message and loses the reply. */
  using Hook = std::function<std::optional<std::string> (const Call &call)>;

  /* @port: 0: a free one */
  explicit ToySubmission (Start start = Start::Implicit, unsigned short port = 0);

  /* Reply to the @nth command of its kind (0: to each that has none of its own), CR LF added. */
  void answer (const std::string &verb, unsigned nth, const std::string &reply);
  /* Honest again. Only between two runs: see settle(). */
  void behave ();
  Hook hook;

  /* Offers in EHLO; the keyword is what stands before the first blank. */
  void offer (const std::string &line);
  void withdraw (const std::string &keyword);

  bool demands_login = true;
  std::string password;
  ServerTls tls;

  unsigned short
  port () const
  {
    return server_->port ();
  }
  std::vector<Delivery> deliveries ();
  std::vector<std::string> commands ();
  unsigned count (const std::string &beginning);
  /* What no honest client does, in words: pipelining where it must not, parameters nobody offered,
     bare CR or LF, 8-bit octets out of place, a wrong SIZE ... */
  std::vector<std::string> violations ();
  unsigned
  connections ()
  {
    return server_->connections ();
  }
  /* Waits until every connection has ended: then hooks, offers and answers may be changed. */
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
  class Session;

  void serve (Peer &peer);
  unsigned note (const std::string &verb, const std::string &line);
  std::optional<std::string> find_answer (const std::string &verb, unsigned nth);
  void complain (const std::string &violation);
  std::string limit (const std::string &keyword) const; /* of LIMITS, "" when there is none */
  bool offers (const std::string &keyword) const;
  std::string parameter (const std::string &keyword) const; /* what stands behind it */

  Start start_;
  std::vector<std::string> offers_;
  std::mutex mutex_; /* all below */
  std::condition_variable changed_;
  unsigned n_served_ = 0; /* connections */
  std::map<std::string, unsigned> counts_;
  std::map<std::pair<std::string, unsigned>, std::string> answers_;
  std::vector<std::string> commands_, violations_;
  std::vector<Delivery> deliveries_;
  std::unique_ptr<ScriptedServer> server_;
};

} // namespace postseal_test
