// SPDX-License-Identifier: LGPL-2.1-or-later
#include "net/local-link.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"
#include "net/net-error.h"

using std::string;

namespace
{

// A listening socket; the kernel completes connections without anybody accepting them.
class LocalLink : public testing::Test
{
protected:
  GSocket *listener = nullptr;
  GSocket *peer = nullptr;
  PostsealLocalLink *link = nullptr;
  GError *error = nullptr;
  string path;

  string
  listen_at (GSocketAddress *address)
  {
    g_autoptr (GSocketAddress) bound = nullptr;
    GInetAddress *host = nullptr;

    listener = g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM,
                             G_SOCKET_PROTOCOL_DEFAULT, nullptr);
    EXPECT_TRUE (g_socket_bind (listener, address, TRUE, nullptr));
    EXPECT_TRUE (g_socket_listen (listener, nullptr));
    bound = g_socket_get_local_address (listener, nullptr);
    if (!G_IS_INET_SOCKET_ADDRESS (bound))
      return path;
    host = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (bound));

    g_autofree char *name = g_inet_address_to_string (host);
    guint port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));

    return (strchr (name, ':') != nullptr ? "[" + string (name) + "]" : string (name)) + ":"
           + std::to_string (port);
  }

  string
  listen_on_loopback ()
  {
    g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", 0);

    return listen_at (address);
  }

  void
  open (const string &address, guint timeout_ms = 5000)
  {
    link = postseal_local_link_open (address.c_str (), timeout_ms, &error);
    if (link != nullptr && listener != nullptr)
      {
        peer = g_socket_accept (listener, nullptr, nullptr);
        g_socket_set_blocking (peer, FALSE);
      }
  }

  void
  say (const string &text)
  {
    EXPECT_EQ (g_socket_send (peer, text.data (), text.size (), nullptr, nullptr),
               static_cast<gssize> (text.size ()));
  }

  string
  read_line ()
  {
    g_autofree char *line = postseal_local_link_read_line (link, &error);

    return line != nullptr ? line : "(error)";
  }

  bool
  has_failed (GQuark domain, int code)
  {
    return g_error_matches (error, domain, code);
  }

  void
  TearDown () override
  {
    postseal_local_link_close (link);
    g_clear_object (&peer);
    g_clear_object (&listener);
    g_clear_error (&error);
    if (!path.empty ())
      {
        g_autofree char *folder = g_path_get_dirname (path.c_str ());

        g_unlink (path.c_str ());
        g_rmdir (folder);
      }
  }
};

} // namespace

TEST_F (LocalLink, CarriesLinesOverLoopback)
{
  char heard[32] = "";

  open (listen_on_loopback ());
  ASSERT_NE (link, nullptr) << error->message;
  say ("220 ready\r\n250-one\n250");
  EXPECT_EQ (read_line (), "220 ready");
  EXPECT_EQ (read_line (), "250-one");
  say (" two\r\n\r\n");
  EXPECT_EQ (read_line (), "250 two");
  EXPECT_EQ (read_line (), "");
  ASSERT_TRUE (postseal_local_link_write (link, "LHLO x\r\n", 8, &error));
  EXPECT_EQ (g_socket_receive (peer, heard, sizeof heard, nullptr, nullptr), 8);
  EXPECT_STREQ (heard, "LHLO x\r\n");
}

TEST_F (LocalLink, ReachesAUnixSocket)
{
  g_autofree char *folder = g_dir_make_tmp ("local-link-XXXXXX", nullptr);
  g_autoptr (GSocketAddress) address = nullptr;

  path = string (folder) + "/lmtp";
  address = g_unix_socket_address_new (path.c_str ());
  open (listen_at (address));
  ASSERT_NE (link, nullptr) << error->message;
  say ("220\r\n");
  EXPECT_EQ (read_line (), "220");
}

TEST_F (LocalLink, AddressOfAnotherMachineIsRefused)
{
  for (const char *address : { "192.0.2.1:24", "[2001:db8::1]:24", "0.0.0.0:24", "[::]:24" })
    {
      open (address);
      EXPECT_EQ (link, nullptr);
      EXPECT_TRUE (has_failed (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_NOT_LOOPBACK)) << address;
      g_clear_error (&error);
    }
}

TEST_F (LocalLink, BadAddressesAreErrors)
{
  for (const char *address : { "", "localhost", "localhost:", "127.0.0.1:99999", "[::1:24" })
    {
      open (address);
      EXPECT_EQ (link, nullptr) << address;
      EXPECT_TRUE (has_failed (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_RESOLVE)) << address;
      g_clear_error (&error);
    }
  open ("/" + string (200, 'x'));
  EXPECT_TRUE (has_failed (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT));
}

TEST_F (LocalLink, NobodyListeningIsAConnectError)
{
  string address = listen_on_loopback ();

  g_clear_object (&listener);
  open (address);
  EXPECT_EQ (link, nullptr);
  EXPECT_TRUE (has_failed (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT));
  g_clear_error (&error);
  open ("/nonexistent/lmtp");
  EXPECT_TRUE (has_failed (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT));
}

TEST_F (LocalLink, SilenceIsATimeout)
{
  open (listen_on_loopback (), 20);
  ASSERT_NE (link, nullptr);
  say ("220 half");
  EXPECT_EQ (read_line (), "(error)");
  EXPECT_TRUE (has_failed (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT));
}

TEST_F (LocalLink, PeerThatDoesNotReadIsATimeout)
{
  const string text (64 << 20, 'x');

  open (listen_on_loopback (), 20);
  ASSERT_NE (link, nullptr);
  EXPECT_FALSE (postseal_local_link_write (link, text.data (), text.size (), &error));
  EXPECT_TRUE (has_failed (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT));
}

TEST_F (LocalLink, LineCutByTheEndIsAnError)
{
  open (listen_on_loopback ());
  ASSERT_NE (link, nullptr);
  say ("250 ok\r\n250 o");
  g_clear_object (&peer);
  EXPECT_EQ (read_line (), "250 ok");
  EXPECT_EQ (read_line (), "(error)");
  EXPECT_TRUE (has_failed (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED));
}

TEST_F (LocalLink, WritingToAClosedPeerIsAnErrorAndNoSignal)
{
  open (listen_on_loopback ());
  ASSERT_NE (link, nullptr);
  g_clear_object (&peer);
  for (int i = 0; i < 100 && error == nullptr; i++)
    postseal_local_link_write (link, "NOOP\r\n", 6, &error);
  EXPECT_TRUE (has_failed (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED));
}

TEST_F (LocalLink, LinesHaveALimit)
{
  open (listen_on_loopback ());
  ASSERT_NE (link, nullptr);
  say (string (POSTSEAL_LIMIT_LINE, 'x') + "\r\n");
  EXPECT_EQ (read_line ().size (), static_cast<size_t> (POSTSEAL_LIMIT_LINE));
  say (string (POSTSEAL_LIMIT_LINE + 2, 'x'));
  EXPECT_EQ (read_line (), "(error)");
  EXPECT_TRUE (has_failed (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED));
}
