/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <map>
#include <string>

namespace postseal_test
{

/* The browser of a person who is asked for consent (RFC 6749 section 4.1.1). */
class FakeBrowser
{
public:
  /* Shows the page: no network is used. */
  void open (const std::string &uri);

  /* The parameters of the address. */
  std::map<std::string, std::string> asked;
  /* Where it is to come back to. */
  std::string host;
  unsigned short port = 0;

  /* Comes back with @target ("/?code=..."), and blocks. Returns: the HTTP status that it sees; 0
     when nobody answers */
  int visit (const std::string &target) const;
};

} // namespace postseal_test
