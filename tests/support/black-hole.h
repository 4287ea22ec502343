/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace postseal_test
{

/* A DNS server of this machine that takes questions and never answers. */
class BlackHole
{
public:
  BlackHole ()
  {
    socklen_t length = sizeof address_;

    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    if (bind (fd_, as_address (), length) != 0 || getsockname (fd_, as_address (), &length) != 0)
      throw std::runtime_error ("no socket for a black hole");
  }

  ~BlackHole () { close (fd_); }
  BlackHole (const BlackHole &) = delete;
  BlackHole &operator= (const BlackHole &) = delete;

  /* As a key of discovery.conf. */
  std::string
  settings () const
  {
    return "dns-server=127.0.0.1@" + std::to_string (ntohs (address_.sin_port)) + "\n";
  }

private:
  struct sockaddr *
  as_address ()
  {
    return reinterpret_cast<struct sockaddr *> (&address_);
  }

  int fd_ = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address_ = {};
};

} // namespace postseal_test
