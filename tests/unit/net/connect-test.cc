/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/limits.h"
#include "fake-resolver.h"
#include "net/connect-private.h"
#include "net/net-error.h"
#include "support/main-loop.h"
#include "support/scripted-server.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace postseal_test;

namespace
{

/* A port of this machine that answers nothing, not even a refusal: its queue is full. */
class BlackHole
{
public:
  explicit BlackHole (const char *address)
  {
    sockaddr_in name = {};
    socklen_t size = sizeof name;

    listener_ = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    name.sin_family = AF_INET;
    inet_pton (AF_INET, address, &name.sin_addr);
    EXPECT_EQ (bind (listener_, reinterpret_cast<sockaddr *> (&name), size), 0);
    EXPECT_EQ (listen (listener_, 0), 0);
    getsockname (listener_, reinterpret_cast<sockaddr *> (&name), &size);
    port = ntohs (name.sin_port);
    for (int &fd : fillers_)
      {
        fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        connect (fd, reinterpret_cast<sockaddr *> (&name), size);
      }
  }

  ~BlackHole ()
  {
    for (int fd : fillers_)
      close (fd);
    close (listener_);
  }

  unsigned short port;

private:
  int listener_;
  int fillers_[4];
};

class Connect : public testing::Test
{
protected:
  Connect ()
  {
    transcript = postseal_transcript_new (
        [] (PostsealTranscriptKind, const char *line, gpointer data) {
          static_cast<std::string *> (data)->append (line).append ("\n");
        },
        &heard, nullptr);
  }

  ~Connect () override
  {
    g_clear_object (&connection);
    g_clear_error (&error);
    postseal_transcript_unref (transcript);
  }

  bool
  connect_to (unsigned short port, const char *host = "mail.example.org")
  {
    g_autoptr (PostsealEndpoint) endpoint
        = postseal_endpoint_new (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, host, port);
    gint64 start = g_get_monotonic_time ();

    _postseal_connect_async (endpoint, timeout_ms, transcript, cancellable, AsyncLoop::on_ready,
                             &loop);
    connection = _postseal_connect_finish (loop.wait (), &error);
    took_ms = (g_get_monotonic_time () - start) / 1000;
    EXPECT_NE (connection == nullptr, error == nullptr);
    return connection != nullptr;
  }

  std::string
  peer ()
  {
    g_autoptr (GSocketAddress) address = g_socket_get_remote_address (connection, nullptr);
    g_autofree char *text = g_inet_address_to_string (
        g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));

    return text;
  }

  int
  option (int level, int name)
  {
    int value = 0;

    EXPECT_TRUE (g_socket_get_option (connection, level, name, &value, nullptr));
    return value;
  }

  AsyncLoop loop; /* before whatever attaches to it */
  FakeResolver resolver;
  PostsealTranscript *transcript;
  std::string heard;
  unsigned timeout_ms = 10000;
  GCancellable *cancellable = nullptr;
  GSocket *connection = nullptr;
  GError *error = nullptr;
  gint64 took_ms = 0;
};

void
stall (Peer &peer)
{
  peer.stall ();
}

} // namespace

TEST_F (Connect, IpLiteralsAreNotResolved)
{
  ScriptedServer server (stall);

  ASSERT_TRUE (connect_to (server.port (), "127.0.0.1")) << error->message;
  EXPECT_EQ (resolver.lookups, 0u);
  EXPECT_EQ (peer (), "127.0.0.1");
}

TEST_F (Connect, SocketIsTunedForLongQuietConversations)
{
  ScriptedServer server (stall);

  ASSERT_TRUE (connect_to (server.port (), "127.0.0.1"));
  EXPECT_FALSE (g_socket_get_blocking (connection));
  EXPECT_NE (option (SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_NE (option (IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_LT (option (IPPROTO_TCP, TCP_KEEPIDLE), 300); /* what home routers remember */
  EXPECT_EQ (option (IPPROTO_TCP, TCP_KEEPINTVL), POSTSEAL_LIMIT_KEEPALIVE_INTERVAL_S);
  EXPECT_EQ (option (IPPROTO_TCP, TCP_KEEPCNT), POSTSEAL_LIMIT_KEEPALIVE_PROBES);
  /* Linux counts by this instead of by probes: it must leave time for the last but one, and no
     more than for the last. */
  int given_up_ms = 1000
                    * (option (IPPROTO_TCP, TCP_KEEPIDLE)
                       + option (IPPROTO_TCP, TCP_KEEPINTVL) * option (IPPROTO_TCP, TCP_KEEPCNT));
  EXPECT_LE (option (IPPROTO_TCP, TCP_USER_TIMEOUT), given_up_ms);
  EXPECT_GT (option (IPPROTO_TCP, TCP_USER_TIMEOUT),
             given_up_ms - 1000 * option (IPPROTO_TCP, TCP_KEEPINTVL));
}

TEST_F (Connect, KernelIsNoMoreImpatientThanTheUser)
{
  ScriptedServer server (stall);

  timeout_ms = 900000;
  ASSERT_TRUE (connect_to (server.port (), "127.0.0.1"));
  EXPECT_EQ (option (IPPROTO_TCP, TCP_USER_TIMEOUT), 900000);
}

/* RFC 8305 section 4 */
TEST_F (Connect, Ipv6IsPreferred)
{
  ScriptedServer v4 (stall);
  std::unique_ptr<ScriptedServer> v6;
  try
    {
      v6 = std::make_unique<ScriptedServer> (stall, "::1", v4.port ());
    }
  catch (const std::exception &)
    {
      GTEST_SKIP () << "no IPv6 here";
    }
  resolver.ipv6.addresses = { "::1" };
  resolver.ipv6.delay_ms = 10; /* within the resolution delay of section 3 */
  resolver.ipv4.addresses = { "127.0.0.1" };

  ASSERT_TRUE (connect_to (v4.port ()));
  EXPECT_EQ (peer (), "::1");
}

TEST_F (Connect, FamiliesTakeTurnsAndRefusalsCostNoTime)
{
  resolver.ipv6.addresses = { "::1", "::ffff:127.0.0.2" };
  resolver.ipv4.addresses = { "127.0.0.3", "127.0.0.4" };
  unsigned short port = unused_port ();

  EXPECT_FALSE (connect_to (port));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT));
  EXPECT_NE (std::string (error->message).find ("none of 4 addresses"), std::string::npos)
      << error->message;
  EXPECT_LT (took_ms, POSTSEAL_LIMIT_HAPPY_EYEBALLS_MS);
  size_t at = 0;
  for (const char *address :
       { "to ::1 ", "to 127.0.0.3 ", "to ::ffff:127.0.0.2 ", "to 127.0.0.4 " })
    {
      at = heard.find (address, at);
      EXPECT_NE (at, std::string::npos) << address << heard;
    }
}

/* RFC 8305 section 5: the next attempt starts while the first still waits; the first to answer
 * wins. */
TEST_F (Connect, SilentAddressIsOvertaken)
{
  BlackHole hole ("127.0.0.2");
  ScriptedServer server (stall, "127.0.0.1", hole.port);

  resolver.ipv4.addresses = { "127.0.0.2", "127.0.0.1" };
  ASSERT_TRUE (connect_to (hole.port)) << error->message;
  EXPECT_EQ (peer (), "127.0.0.1");
  EXPECT_GE (took_ms, POSTSEAL_LIMIT_HAPPY_EYEBALLS_MS - 5);
  EXPECT_LT (took_ms, 5000);
}

TEST_F (Connect, SilenceEndsInTime)
{
  BlackHole hole ("127.0.0.2");

  timeout_ms = 60;
  resolver.ipv4.addresses = { "127.0.0.2" };
  EXPECT_FALSE (connect_to (hole.port));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT));
  EXPECT_NE (std::string (error->message).find ("no answer for 0.06 seconds"), std::string::npos)
      << error->message;
}

TEST_F (Connect, UnknownNameIsSaidSo)
{
  EXPECT_FALSE (connect_to (1));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_RESOLVE));
  EXPECT_NE (std::string (error->message).find ("“mail.example.org”"), std::string::npos);
}

TEST_F (Connect, SilentNameServiceEndsInTime)
{
  resolver.ipv4.never_answers = resolver.ipv6.never_answers = true;
  timeout_ms = 50;
  EXPECT_FALSE (connect_to (1));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_RESOLVE));
}

/* RFC 8305 section 3: broken IPv6 name service must not hold up IPv4. */
TEST_F (Connect, OneFamilysAnswerIsEnough)
{
  ScriptedServer server (stall);

  resolver.ipv6.never_answers = true;
  resolver.ipv4.addresses = { "127.0.0.1" };
  ASSERT_TRUE (connect_to (server.port ()));
  EXPECT_LT (took_ms, 5000);
}

TEST_F (Connect, LateAnswerOfTheOtherFamilyIsStillUsed)
{
  ScriptedServer server (stall);

  resolver.ipv6.addresses = { "::ffff:127.0.0.2" };
  resolver.ipv4.addresses = { "127.0.0.1" };
  resolver.ipv4.delay_ms = 30;
  ASSERT_TRUE (connect_to (server.port ())) << error->message;
  EXPECT_EQ (peer (), "127.0.0.1");
}

TEST_F (Connect, HostileNumberOfAddressesIsNotTriedToTheEnd)
{
  for (int i = 0; i < 200; i++)
    resolver.ipv4.addresses.push_back ("127.0.1." + std::to_string (i + 1));
  EXPECT_FALSE (connect_to (unused_port ()));
  EXPECT_NE (std::string (error->message).find ("none of 32 addresses"), std::string::npos)
      << error->message;
}

TEST_F (Connect, CancelsInEveryWait)
{
  BlackHole hole ("127.0.0.2");
  g_autoptr (GCancellable) stop = g_cancellable_new ();
  g_autoptr (GSource) soon = g_timeout_source_new (20);

  cancellable = stop;
  for (bool is_resolving : { true, false })
    {
      g_cancellable_reset (stop);
      resolver.ipv4.never_answers = resolver.ipv6.never_answers = is_resolving;
      resolver.ipv4.addresses = { "127.0.0.2" };
      GSource *source = g_timeout_source_new (20);
      g_source_set_callback (
          source,
          [] (gpointer data) -> gboolean {
            g_cancellable_cancel (G_CANCELLABLE (data));
            return G_SOURCE_REMOVE;
          },
          stop, nullptr);
      g_source_attach (source, loop.context ());
      g_source_unref (source);
      EXPECT_FALSE (connect_to (hole.port));
      EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
      g_clear_error (&error);
    }
}

TEST (ConnectAddress, LoopbackIsAMatterOfAddresses)
{
  struct
  {
    const char *address;
    bool is_loopback;
  } const table[] = {
    { "127.0.0.1", true },         { "127.255.255.254", true },  { "::1", true },
    { "::ffff:127.0.0.1", true },  { "::ffff:127.9.9.9", true }, { "128.0.0.1", false },
    { "10.0.0.1", false },         { "0.0.0.0", false },         { "::", false },
    { "::ffff:10.0.0.1", false },  { "::127.0.0.1", false },     { "fe80::1", false },
    { "2001:db8::7f00:1", false }, { "169.254.0.1", false },
  };

  for (const auto &row : table)
    {
      g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string (row.address, 1);

      EXPECT_EQ (_postseal_connect_is_loopback (address) != FALSE, row.is_loopback) << row.address;
    }
}
