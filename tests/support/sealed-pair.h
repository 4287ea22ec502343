// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gio/gio.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "net/sealed-link-private.h"

// A sealed link whose other end is a plain file descriptor in the test's hand. It never blocks.
class SealedPair
{
public:
  explicit SealedPair (bool awaits_greeting = true,
                       PostsealProtocol protocol = POSTSEAL_PROTOCOL_POP3,
                       const PostsealSealedLinkTls *tls = nullptr)
  {
    int fds[2] = { -1, -1 };
    g_autoptr (GSocket) socket = nullptr;
    g_autoptr (GSocketConnection) connection = nullptr;
    g_autoptr (PostsealEndpoint) endpoint
        = postseal_endpoint_new (protocol, POSTSEAL_TLS_START_IMPLICIT, "mail.example.org", 0);
    g_autoptr (PostsealSeal) seal = postseal_seal_new ();

    EXPECT_EQ (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    seal->voucher = POSTSEAL_VOUCHER_CA;
    peer = fds[1];
    socket = g_socket_new_from_fd (fds[0], nullptr);
    connection = g_socket_connection_factory_create_connection (socket);
    link = _postseal_sealed_link_new (G_IO_STREAM (connection), endpoint, seal, tls,
                                      awaits_greeting);
  }

  ~SealedPair ()
  {
    if (link != nullptr)
      postseal_sealed_link_free (link);
    hang_up ();
  }

  PostsealSealedLink *
  take_link ()
  {
    return g_steal_pointer (&link);
  }

  // Writes what fits. Returns: bytes written
  size_t
  say (const std::string &text)
  {
    ssize_t n = send (peer, text.data (), text.size (), MSG_NOSIGNAL);

    return n > 0 ? static_cast<size_t> (n) : 0;
  }

  // Everything that has arrived.
  std::string
  hear ()
  {
    std::string text;
    char buffer[65536];
    ssize_t n = 0;

    while ((n = recv (peer, buffer, sizeof buffer, 0)) > 0)
      text.append (buffer, static_cast<size_t> (n));
    is_ended = n == 0;
    return text;
  }

  void
  hang_up ()
  {
    if (peer >= 0)
      close (peer);
    peer = -1;
  }

  int peer = -1;
  bool is_ended = false; // hear() has met the end

private:
  PostsealSealedLink *link = nullptr;
};

// Turns the main loop until @is_done, for at most ten seconds. Returns: whether it was reached
inline bool
run_until (const std::function<bool ()> &is_done)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (!is_done ())
    {
      if (g_get_monotonic_time () > end)
        return false;
      if (!g_main_context_iteration (g_main_context_get_thread_default (), FALSE))
        g_usleep (100);
    }
  return true;
}

// Lets everything happen that can happen without the peer.
inline void
settle ()
{
  while (g_main_context_iteration (g_main_context_get_thread_default (), FALSE))
    ;
}
