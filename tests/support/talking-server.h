/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <memory>
#include <string>

#include "support/scripted-server.h"

namespace postseal_test
{

/* A mail server with good manners, as far as anybody gets who does not sign in; or with a fault. */
class TalkingServer
{
public:
  enum class Kind
  {
    Imap,
    Pop3,
    Smtp,
  };

  struct Talk
  {
    Kind kind = Kind::Imap;
    bool is_implicit = true;
    ServerTls tls = { .identity = test_ca ().issue (),
                      .priority = "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1:-RSA",
                      .ticket_key = make_ticket_key () };
    bool has_upgrade = true; /* offers STARTTLS, STLS; else it does not know it */
    bool refuses_upgrade = false; /* offers it all the same */
    bool injects = false; /* puts a line behind the answer */
    bool keeps_clear_commands = false; /* obeys within TLS what came behind the command in clear */
    bool takes_clear_passwords = false;
    bool is_preauth = false; /* IMAP */
  };

  /* Listens on 127.0.0.1. */
  explicit TalkingServer (const Talk &talk);

  unsigned short
  port () const
  {
    return server_->port ();
  }
  /* "imaps://localhost:10993", as accounts have it. */
  std::string url () const;
  void
  stop ()
  {
    server_->stop ();
  }
  std::string
  all_clear ()
  {
    return server_->all_clear ();
  }

private:
  void serve (Peer &peer) const;
  void greet (Peer &peer) const;
  bool answer (Peer &peer, const std::string &line) const;
  bool upgrade (Peer &peer, const std::string &tag) const;
  std::string list_capabilities (bool is_tls, const std::string &tag) const;

  Talk talk_;
  std::unique_ptr<ScriptedServer> server_;
};

} // namespace postseal_test
