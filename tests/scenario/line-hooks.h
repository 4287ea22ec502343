/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <functional>
#include <string>

#include "support/scripted-server.h"

namespace postseal_test
{

/* The hooks of ToySmtp and ToyPop3 that most tests need. */
using LineHook = std::function<bool (Peer &peer, const std::string &line)>;

/* To each line that begins like this the server says @reply, and does nothing. */
inline LineHook
say_to (const std::string &beginning, const std::string &reply)
{
  return [beginning, reply] (Peer &peer, const std::string &line) {
    if (line.rfind (beginning, 0) != 0)
      return false;
    peer.send (reply);
    return true;
  };
}

/* At a line that begins like this it cuts the connection. */
inline LineHook
cut_at (const std::string &beginning)
{
  return [beginning] (Peer &peer, const std::string &line) {
    if (line.rfind (beginning, 0) != 0)
      return false;
    peer.cut ();
    return true;
  };
}

} // namespace postseal_test
