/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/talking-server.h"

#include <algorithm>

namespace postseal_test
{

TalkingServer::TalkingServer (const Talk &talk)
    : talk_ (talk),
      server_ (std::make_unique<ScriptedServer> ([this] (Peer &peer) { serve (peer); }))
{
}

std::string
TalkingServer::url () const
{
  const std::string scheme = talk_.kind == Kind::Imap   ? "imap"
                             : talk_.kind == Kind::Pop3 ? "pop3"
                                                        : "submission";

  return scheme + (talk_.is_implicit ? "s" : "") + "://localhost:" + std::to_string (port ());
}

void
TalkingServer::greet (Peer &peer) const
{
  if (talk_.is_preauth)
    peer.send ("* PREAUTH welcome\r\n");
  else if (talk_.kind == Kind::Imap)
    peer.send ("* OK ready\r\n");
  else if (talk_.kind == Kind::Pop3)
    peer.send ("+OK ready\r\n");
  else
    peer.send ("220 localhost ESMTP\r\n");
}

std::string
TalkingServer::list_capabilities (bool is_tls, const std::string &tag) const
{
  const bool has_upgrade = talk_.has_upgrade && !is_tls;
  const bool has_passwords = is_tls || talk_.takes_clear_passwords;

  if (talk_.kind == Kind::Imap)
    return std::string ("* CAPABILITY IMAP4rev1 IDLE") + (has_upgrade ? " STARTTLS" : "")
           + (has_passwords ? " AUTH=PLAIN" : " LOGINDISABLED") + "\r\n" + tag + " OK done\r\n";
  if (talk_.kind == Kind::Pop3)
    return std::string ("+OK\r\nUIDL\r\nTOP\r\n") + (has_upgrade ? "STLS\r\n" : "")
           + (has_passwords ? "USER\r\nSASL PLAIN\r\n" : "") + ".\r\n";
  return std::string ("250-localhost\r\n250-PIPELINING\r\n")
         + (has_upgrade ? "250-STARTTLS\r\n" : "")
         + (has_passwords ? "250-AUTH PLAIN LOGIN\r\n" : "") + "250 8BITMIME\r\n";
}

bool
TalkingServer::upgrade (Peer &peer, const std::string &tag) const
{
  const std::string injected = talk_.injects ? "* OK injected\r\n" : "";

  if (talk_.refuses_upgrade)
    {
      peer.send (talk_.kind == Kind::Imap   ? tag + " NO not now\r\n"
                 : talk_.kind == Kind::Pop3 ? "-ERR not now\r\n"
                                            : "454 4.7.0 not now\r\n");
      return true;
    }
  peer.send ((talk_.kind == Kind::Imap   ? tag + " OK go\r\n"
              : talk_.kind == Kind::Pop3 ? "+OK go\r\n"
                                         : "220 go\r\n")
             + injected);
  /* What came in the same segment is obeyed later, or never. */
  std::string kept;
  while (peer.has_more ())
    kept = peer.read_line ().value_or ("");
  if (!peer.start_tls (talk_.tls))
    return false;
  return !talk_.keeps_clear_commands || kept.empty () || answer (peer, kept);
}

/* Returns: whether the conversation goes on */
bool
TalkingServer::answer (Peer &peer, const std::string &line) const
{
  const bool is_imap = talk_.kind == Kind::Imap;
  const size_t space = line.find (' ');
  const std::string tag = is_imap ? line.substr (0, space) : "";
  std::string verb = is_imap && space != std::string::npos ? line.substr (space + 1) : line;

  verb = verb.substr (0, verb.find (' '));
  std::transform (verb.begin (), verb.end (), verb.begin (), ::toupper);
  if (verb == "CAPABILITY" || verb == "CAPA" || verb == "EHLO")
    peer.send (list_capabilities (peer.is_tls (), tag));
  else if ((verb == "STARTTLS" || verb == "STLS") && talk_.has_upgrade && !peer.is_tls ())
    return upgrade (peer, tag);
  else if (verb == "LOGOUT" || verb == "QUIT")
    {
      peer.send (is_imap                    ? "* BYE bye\r\n" + tag + " OK bye\r\n"
                 : talk_.kind == Kind::Pop3 ? "+OK bye\r\n"
                                            : "221 bye\r\n");
      return false;
    }
  else if (verb == "NOOP")
    peer.send (is_imap ? tag + " OK\r\n" : talk_.kind == Kind::Pop3 ? "+OK\r\n" : "250 ok\r\n");
  else
    peer.send (is_imap                    ? tag + " BAD what\r\n"
               : talk_.kind == Kind::Pop3 ? "-ERR what\r\n"
                                          : "500 5.5.1 what\r\n");
  return true;
}

void
TalkingServer::serve (Peer &peer) const
{
  if (talk_.is_implicit && !peer.start_tls (talk_.tls))
    return;
  greet (peer);
  while (auto line = peer.read_line ())
    if (!answer (peer, *line))
      return;
}

} // namespace postseal_test
