/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/https-server.h"

namespace postseal_test
{

namespace
{

CertOptions
for_names (const std::vector<std::string> &names)
{
  CertOptions options;

  options.dns = names;
  return options;
}

std::string
make_reply (int status, const std::string &fields, const std::string &body)
{
  return "HTTP/1.1 " + std::to_string (status) + " X\r\nConnection: close\r\n" + fields
         + "Content-Length: " + std::to_string (body.size ()) + "\r\n\r\n" + body;
}

std::string
get_server_name (Peer &peer)
{
  char name[256] = "";
  size_t length = sizeof name;
  unsigned type = 0;

  if (gnutls_server_name_get (peer.session (), name, &length, &type, 0) != 0)
    return "";
  return name;
}

} // namespace

HttpsServer::HttpsServer (std::initializer_list<std::string> names)
    : HttpsServer (test_ca ().issue (for_names (names)))
{
}

HttpsServer::HttpsServer (const TestIdentity &identity) : tls_{ identity }
{
  server_ = std::make_unique<ScriptedServer> ([this] (Peer &peer) { answer (peer); });
}

void
HttpsServer::put (const std::string &place, const std::string &reply)
{
  std::lock_guard<std::mutex> guard (mutex_);

  replies_[place] = reply;
}

void
HttpsServer::serve (const std::string &place, const std::string &body, int status)
{
  put (place, make_reply (status, "Content-Type: text/xml\r\n", body));
}

void
HttpsServer::redirect (const std::string &place, const std::string &location, int status)
{
  put (place, make_reply (status, "Location: " + location + "\r\n", ""));
}

void
HttpsServer::stall (const std::string &place)
{
  put (place, "");
}

void
HttpsServer::serve_raw (const std::string &place, const std::string &reply)
{
  put (place, reply);
}

std::string
HttpsServer::uri (const std::string &place) const
{
  size_t slash = place.find ('/');

  return "https://" + place.substr (0, slash) + ":" + std::to_string (port ())
         + place.substr (slash);
}

std::string
HttpsServer::settings () const
{
  return "https-port=" + std::to_string (port ()) + "\nca-file=" + test_ca ().ca_file () + "\n";
}

std::vector<HttpsServer::Request>
HttpsServer::requests ()
{
  std::lock_guard<std::mutex> guard (mutex_);

  return requests_;
}

std::string
HttpsServer::learnt ()
{
  std::string all;

  for (const Request &request : requests ())
    all += request.sni + "\n" + request.head + "\n";
  return all;
}

void
HttpsServer::answer (Peer &peer)
{
  Request request;
  std::string reply = make_reply (404, "", "no such file\n");

  if (!peer.start_tls (tls_))
    return;
  request.sni = get_server_name (peer);
  while (auto line = peer.read_line ())
    {
      if (request.line.empty ())
        request.line = *line;
      if (line->rfind ("Host: ", 0) == 0)
        request.host = line->substr (6);
      request.head += *line + "\n";
      if (line->empty ())
        break;
    }
  size_t from = request.line.find (' ') + 1;
  std::string place = request.host.substr (0, request.host.rfind (':'))
                      + request.line.substr (from, request.line.rfind (' ') - from);
  {
    std::lock_guard<std::mutex> guard (mutex_);
    auto found = replies_.find (place);

    requests_.push_back (request);
    if (found != replies_.end ())
      reply = found->second;
  }
  if (reply.empty ())
    peer.stall ();
  else
    peer.send (reply);
}

} // namespace postseal_test
