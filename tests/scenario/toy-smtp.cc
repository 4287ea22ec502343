/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenario/toy-smtp.h"

#include <cstdlib>

namespace postseal_test
{

ToySmtp::ToySmtp ()
{
  server_ = std::make_unique<ScriptedServer> ([this] (Peer &peer) { serve (peer); });
}

std::vector<ToySmtp::Message>
ToySmtp::messages ()
{
  std::lock_guard guard (mutex_);

  return messages_;
}

std::vector<std::string>
ToySmtp::commands ()
{
  std::lock_guard guard (mutex_);

  return commands_;
}

bool
ToySmtp::answers_itself (Peer &peer, const std::string &line)
{
  {
    std::lock_guard guard (mutex_);

    commands_.push_back (line);
  }
  return hook && hook (peer, line);
}

static bool
begins (const std::string &line, const std::string &beginning)
{
  return line.rfind (beginning, 0) == 0;
}

/* What stands between the angle brackets. */
static std::string
path_of (const std::string &line)
{
  size_t start = line.find ('<') + 1;

  return line.substr (start, line.find ('>') - start);
}

void
ToySmtp::accept (Peer &peer, Message &message)
{
  bool is_answered = answers_itself (peer, ".");
  size_t number = 0;

  if (!is_answered)
    {
      std::lock_guard guard (mutex_);

      messages_.push_back (message);
      number = messages_.size ();
    }
  if (!is_answered)
    peer.send ("250 2.0.0 Ok: queued as " + std::to_string (number) + "\r\n");
  message = {};
}

void
ToySmtp::read_data (Peer &peer, Message &message)
{
  if (message.recipients.empty ())
    {
      peer.send ("554 5.5.1 No valid recipients\r\n");
      return;
    }
  peer.send ("354 Go ahead\r\n");
  while (auto line = peer.read_line ())
    {
      if (*line == ".")
        {
          accept (peer, message);
          return;
        }
      message.text += line->substr (begins (*line, ".") ? 1 : 0) + "\r\n";
    }
}

void
ToySmtp::read_chunk (Peer &peer, Message &message, const std::string &line)
{
  size_t size = strtoul (line.c_str () + 5, nullptr, 10);
  std::string bytes = peer.read_bytes (size);

  if (bytes.size () < size)
    return;
  message.text += bytes;
  if (line.find (" LAST") == std::string::npos)
    peer.send ("250 2.0.0 Ok\r\n");
  else if (message.recipients.empty ())
    peer.send ("554 5.5.1 No valid recipients\r\n");
  else
    accept (peer, message);
}

void
ToySmtp::greet (Peer &peer)
{
  std::string all = "250-toy.example\r\n";

  if (!peer.is_tls ())
    all += "250 STARTTLS\r\n";
  else
    {
      for (const std::string &capability : capabilities)
        all += "250-" + capability + "\r\n";
      all += "250 HELP\r\n";
    }
  peer.send (all);
}

void
ToySmtp::serve (Peer &peer)
{
  Message message;

  peer.send ("220 toy.example ESMTP\r\n");
  while (auto line = peer.read_line ())
    if (answers_itself (peer, *line))
      continue;
    else if (begins (*line, "EHLO"))
      greet (peer);
    else if (*line == "STARTTLS")
      {
        peer.send ("220 2.0.0 Go ahead\r\n");
        if (!peer.start_tls (tls_))
          return;
      }
    else if (begins (*line, "AUTH"))
      peer.send ("235 2.7.0 Welcome\r\n");
    else if (begins (*line, "MAIL"))
      {
        message = {};
        message.sender = path_of (*line);
        peer.send ("250 2.1.0 Ok\r\n");
      }
    else if (begins (*line, "RCPT"))
      {
        message.recipients.push_back (path_of (*line));
        peer.send ("250 2.1.5 Ok\r\n");
      }
    else if (*line == "DATA")
      read_data (peer, message);
    else if (begins (*line, "BDAT"))
      read_chunk (peer, message, *line);
    else if (*line == "QUIT")
      {
        peer.send ("221 2.0.0 Bye\r\n");
        return;
      }
    else
      {
        if (*line == "RSET")
          message = {};
        peer.send ("250 2.0.0 Ok\r\n");
      }
}

} // namespace postseal_test
