/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/scripted-server.h"

namespace postseal_test
{

/* A mail server that does TLS and then only listens. */
class MailServer
{
public:
  enum class Kind
  {
    Imap,
    Pop3,
    Smtp,
  };
  enum class Start
  {
    Implicit,
    Upgrade,
    Clear, /* no TLS at all */
  };

  /* Names of its certificate, which @ca has issued. Listens on 127.0.0.1, as all of .localhost. */
  MailServer (Kind kind,
              Start start,
              const std::vector<std::string> &names,
              TestCa &ca = test_ca ());

  const TestIdentity &
  identity () const
  {
    return tls_.identity;
  }
  unsigned short
  port () const
  {
    return server_->port ();
  }
  ScriptedServer &
  operator* ()
  {
    return *server_;
  }
  ScriptedServer *
  operator->()
  {
    return server_.get ();
  }

private:
  void serve (Peer &peer);
  void greet (Peer &peer);

  Kind kind_;
  Start start_;
  ServerTls tls_;
  std::unique_ptr<ScriptedServer> server_;
};

} // namespace postseal_test
