/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cstdio>
#include <string>
#include <sys/types.h>
#include <vector>

namespace postseal_test
{

/* A server of this machine as if it were far away or unreliable: see delay-proxy.c for @options. */
class NetworkProxy
{
public:
  explicit NetworkProxy (unsigned target, const std::vector<std::string> &options = {});
  ~NetworkProxy ();
  NetworkProxy (const NetworkProxy &) = delete;
  NetworkProxy &operator= (const NetworkProxy &) = delete;

  unsigned
  port () const
  {
    return port_;
  }

  /* It goes silent, as a network that is gone, and comes back. */
  void freeze ();
  void thaw ();

  /* Ends it. Returns: the bytes that came from the server */
  unsigned long stop ();

private:
  pid_t pid_ = -1;
  int in_ = -1;
  FILE *out_ = nullptr;
  unsigned port_ = 0;
};

} // namespace postseal_test
