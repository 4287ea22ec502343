/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenario/toy-pop3.h"

#include <algorithm>
#include <cstdlib>

namespace postseal_test
{

ToyPop3::ToyPop3 ()
{
  server_ = std::make_unique<ScriptedServer> ([this] (Peer &peer) { serve (peer); });
}

std::vector<std::string>
ToyPop3::commands ()
{
  std::lock_guard guard (mutex_);

  return commands_;
}

unsigned
ToyPop3::count (const std::string &beginning)
{
  std::vector<std::string> all = commands ();

  return (unsigned)std::count_if (all.begin (), all.end (), [&] (const std::string &command) {
    return command.rfind (beginning, 0) == 0;
  });
}

/* RFC 1939: what is marked goes at QUIT, and only then. */
void
ToyPop3::answer (Peer &peer, const std::string &line, std::vector<bool> &is_deleted)
{
  size_t index = strtoul (line.c_str () + std::min<size_t> (line.size (), 5), nullptr, 10) - 1;
  std::string all = "+OK\r\n";

  if (line == "CAPA")
    all += capabilities + ".\r\n";
  else if (line == "STAT")
    all = "+OK " + std::to_string (messages.size ()) + " 0\r\n";
  else if (line == "UIDL" && messages.size () > 0 && messages[0].uidl.empty ())
    all = "-ERR unknown command\r\n";
  else if (line == "UIDL" || line == "LIST")
    {
      for (size_t i = 0; i < messages.size (); i++)
        {
          const Message &message = messages[i];
          std::string size
              = message.size.empty () ? std::to_string (message.text.size ()) : message.size;

          all += std::to_string (i + 1) + " " + (line == "UIDL" ? message.uidl : size) + "\r\n";
        }
      all += ".\r\n";
    }
  else if (line.rfind ("RETR ", 0) == 0)
    all += messages.at (index).text + ".\r\n";
  else if (line.rfind ("DELE ", 0) == 0)
    is_deleted.at (index) = true;
  peer.send (all);
}

void
ToyPop3::settle ()
{
  std::unique_lock guard (mutex_);

  changed_.wait (guard, [this] { return n_served_ == 0; });
}

void
ToyPop3::serve (Peer &peer)
{
  {
    std::lock_guard guard (mutex_);
    n_served_++;
  }
  converse (peer);
  {
    std::lock_guard guard (mutex_);
    n_served_--;
  }
  changed_.notify_all ();
}

void
ToyPop3::converse (Peer &peer)
{
  std::vector<bool> is_deleted (messages.size ());

  if (!peer.start_tls (tls_))
    return;
  peer.send ("+OK POP3 ready\r\n");
  while (auto line = peer.read_line ())
    {
      {
        std::lock_guard guard (mutex_);
        commands_.push_back (*line);
      }
      if (hook && hook (peer, *line))
        continue;
      if (*line == "QUIT")
        for (size_t i = is_deleted.size (); i-- > 0;)
          if (is_deleted[i])
            messages.erase (messages.begin () + (long)i);
      answer (peer, *line, is_deleted);
      if (*line == "QUIT")
        return;
    }
}

} // namespace postseal_test
