/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/scripted-server.h"
#include "support/test-ca.h"

namespace postseal_test
{

/* An https server on a free port of this machine that gives out what it was told, 404 otherwise,
   and notes all it was asked.

     HttpsServer server ({ "autoconfig.example.localhost" });
     server.serve ("autoconfig.example.localhost/mail/config-v1.1.xml", "<clientConfig/>");
     ... discovery.conf: "https-port=" + server.port (), "ca-file=" + test_ca ().ca_file () ... */
class HttpsServer
{
public:
  /* One name, in the certificate of test_ca() or not. */
  HttpsServer (std::initializer_list<std::string> names);
  explicit HttpsServer (const TestIdentity &identity);

  /* @place: "HOST/PATH?QUERY", HOST without the port. */
  void serve (const std::string &place, const std::string &body, int status = 200);
  void redirect (const std::string &place, const std::string &location, int status = 302);
  /* The request is read, and nothing said. */
  void stall (const std::string &place);
  /* Bytes as they are, head included. */
  void serve_raw (const std::string &place, const std::string &reply);

  unsigned short
  port () const
  {
    return server_->port ();
  }
  /* "https://HOST:PORT/PATH" of @place. */
  std::string uri (const std::string &place) const;
  /* As keys of discovery.conf: the port and who vouches. */
  std::string settings () const;

  struct Request
  {
    std::string line; /* "GET /x HTTP/1.1" */
    std::string host; /* of the header field, with its port */
    std::string sni; /* seen by everybody on the way */
    std::string head; /* all of it */
  };
  std::vector<Request> requests ();
  /* Everything that anybody here has learnt from the requests, in one text: that "jane" is not in
     it. */
  std::string learnt ();
  /* Connections, with those that said nothing. */
  unsigned
  connections ()
  {
    return server_->connections ();
  }

private:
  void answer (Peer &peer);
  void put (const std::string &place, const std::string &reply);

  ServerTls tls_;
  std::mutex mutex_; /* all below but the server */
  std::map<std::string, std::string> replies_; /* by place; empty: nothing is said */
  std::vector<Request> requests_;
  std::unique_ptr<ScriptedServer> server_;
};

} // namespace postseal_test
