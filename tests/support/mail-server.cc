/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mail-server.h"

namespace postseal_test
{

MailServer::MailServer (Kind kind, Start start, const std::vector<std::string> &names, TestCa &ca)
    : kind_ (kind), start_ (start)
{
  CertOptions options;

  options.dns = names;
  tls_.identity = ca.issue (options);
  server_ = std::make_unique<ScriptedServer> ([this] (Peer &peer) { serve (peer); });
}

void
MailServer::greet (Peer &peer)
{
  if (kind_ == Kind::Imap)
    peer.send ("* OK ready\r\n");
  else if (kind_ == Kind::Pop3)
    peer.send ("+OK ready\r\n");
  else
    {
      peer.send ("220 mail.example ready\r\n");
      peer.read_line ();
      peer.send (start_ == Start::Clear ? "250-mail.example\r\n250 SIZE 1000\r\n"
                                        : "250-mail.example\r\n250 STARTTLS\r\n");
    }
}

void
MailServer::serve (Peer &peer)
{
  if (start_ == Start::Implicit)
    {
      if (peer.start_tls (tls_))
        peer.read_all ();
      return;
    }
  greet (peer);
  std::string tag = peer.read_line ().value_or ("");
  tag = tag.substr (0, tag.find (' '));
  if (start_ == Start::Clear)
    {
      peer.send (kind_ == Kind::Imap   ? tag + " BAD unknown\r\n"
                 : kind_ == Kind::Pop3 ? "-ERR unknown\r\n"
                                       : "502 unknown\r\n");
      peer.read_all ();
      return;
    }
  peer.send (kind_ == Kind::Imap   ? tag + " OK go\r\n"
             : kind_ == Kind::Pop3 ? "+OK go\r\n"
                                   : "220 go\r\n");
  if (peer.start_tls (tls_))
    peer.read_all ();
}

} // namespace postseal_test
