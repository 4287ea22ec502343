/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <map>
#include <string>

#include "net/endpoint.h"
#include "support/dns-zone.h"
#include "support/dovecot-admin.h"
#include "support/private-server.h"
#include "support/scripted-server.h"
#include "ui/ui-fixture.h"

namespace postseal_test
{

/* One Dovecot for both sides, so that one log has every attempt to sign in. */
class BothSides
{
public:
  BothSides ();
  static BothSides &shared ();

  /* "imap", "imaps", "pop3", "pop3s", "submission", "submissions" */
  std::string port (const std::string &scheme) const;
  std::string password () const;
  std::string ca_file () const;
  /* A mailbox with one message in it. */
  void fill (const std::string &user);
  /* What was logged since the last call. Dovecot logs after it has answered: wait for logs(). */
  std::string take_log ();
  /* Whether it would be among that. */
  bool logs (const std::string &part) const;

private:
  PrivateServer server_;
  std::map<std::string, std::string> dovecot_;
  size_t log_seen_ = 0;
};

/* A server of the tests' own, sealed or not as it is told, that lets nobody in. */
class OddServer
{
public:
  enum class Start
  {
    Implicit,
    Upgrade,
    Clear, /* knows no TLS */
  };

  /* @port: 0: a free one */
  OddServer (PostsealProtocol protocol,
             Start start,
             const TestIdentity &identity,
             unsigned short port = 0);

  std::string
  port () const
  {
    return std::to_string (server_.port ());
  }
  unsigned
  connections ()
  {
    return server_.connections ();
  }
  /* All that came in clear or inside TLS. */
  std::string learnt ();

private:
  void serve (Peer &peer);

  PostsealProtocol protocol_;
  Start start_;
  ServerTls tls_;
  ScriptedServer server_;
};

/* The page of a new account, and a DNS in which its domain is. */
class AddTest : public UiTest
{
protected:
  AddTest ();
  ~AddTest () override;

  static constexpr const char *kAddress = "jane@example.localhost";

  /* The zone says so, is signed unless told otherwise, and served by begin(). @domain: of another
     zone; "": of kAddress */
  void publish (const std::string &service,
                const std::string &port,
                const std::string &host,
                const std::string &domain = "");
  /* A certificate of @host by an authority that the account will trust. Before begin(). */
  TestIdentity trust (const std::string &host);
  /* Both sides of BothSides. */
  void publish_good ();
  /* Starts the DNS and opens the page. */
  void begin ();
  /* Types who it is for, and waits for the end of the search. */
  void search (const std::string &address = kAddress);
  /* The same, and on to the question for the password. Returns: FALSE when it does not come */
  bool reach_password (const std::string &address = kAddress);
  /* The same by hand. */
  void enter_server (bool sending, const std::string &host, const std::string &port);

  std::string main_label ();
  GtkWidget *in_hand (bool sending, const std::string &id);
  /* The page's "Back". */
  void go_back ();
  bool has_focus (const std::string &id);
  std::string mailbox_of (const std::string &account); /* one message, or "" */

  DnsZone zone;
  std::string settings; /* more keys of discovery.conf */
  std::string ca_file;
};

} // namespace postseal_test
