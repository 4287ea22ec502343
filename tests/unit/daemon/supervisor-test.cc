/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/supervisor.h"

#include <gtest/gtest.h>

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "support/main-loop.h"
#include "support/sandbox.h"

namespace
{

/* The service manager's end. */
class Supervisor : public testing::Test
{
protected:
  ~Supervisor () override
  {
    postseal_supervisor_free (supervisor);
    g_clear_object (&socket);
  }

  void
  listen (const std::string &name)
  {
    g_autoptr (GSocketAddress) address = name[0] == '@' ? g_unix_socket_address_new_with_type (
                                             name.c_str () + 1, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT)
                                                        : g_unix_socket_address_new (name.c_str ());

    socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_DEFAULT,
                           nullptr);
    ASSERT_TRUE (g_socket_bind (socket, address, FALSE, nullptr));
    g_socket_set_blocking (socket, FALSE);
    g_setenv ("NOTIFY_SOCKET", name.c_str (), TRUE);
  }

  /* All that has come. */
  std::vector<std::string>
  heard ()
  {
    std::vector<std::string> found;
    char text[1024];
    gssize n;

    while ((n = g_socket_receive (socket, text, sizeof text, nullptr, nullptr)) > 0)
      found.emplace_back (text, n);
    return found;
  }

  using Lines = std::vector<std::string>;

  postseal_test::AsyncLoop loop;
  postseal_test::Sandbox sandbox;
  GSocket *socket = nullptr;
  PostsealSupervisor *supervisor = nullptr;
};

} // namespace

TEST_F (Supervisor, HearsHowWeFare)
{
  listen (sandbox.home () + "/notify");
  supervisor = postseal_supervisor_new ();
  EXPECT_EQ (g_getenv ("NOTIFY_SOCKET"), nullptr) << "our children would speak for us";

  postseal_supervisor_ready (supervisor);
  postseal_supervisor_set_status (supervisor, "all is well");
  EXPECT_EQ (heard (), (Lines{ "READY=1", "STATUS=all is well" }));

  postseal_supervisor_reloading (supervisor);
  Lines reloading = heard ();
  ASSERT_EQ (reloading.size (), 1u);
  EXPECT_EQ (reloading[0].rfind ("RELOADING=1\nMONOTONIC_USEC=", 0), 0u) << reloading[0];
  postseal_supervisor_stopping (supervisor);
  EXPECT_EQ (heard (), Lines{ "STOPPING=1" });
}

TEST_F (Supervisor, MayBeAnAbstractName)
{
  listen ("@postseal-test-" + std::to_string (getpid ()));
  supervisor = postseal_supervisor_new ();
  postseal_supervisor_ready (supervisor);
  EXPECT_EQ (heard (), Lines{ "READY=1" });
}

TEST_F (Supervisor, IsNotPesteredWithStatuses)
{
  listen (sandbox.home () + "/notify");
  supervisor = postseal_supervisor_new ();
  postseal_supervisor_set_status (supervisor, "one");
  postseal_supervisor_set_status (supervisor, "two");
  postseal_supervisor_set_status (supervisor, "three");
  EXPECT_EQ (heard (), Lines{ "STATUS=one" }) << "the others come later, if still true";
  postseal_supervisor_stopping (supervisor);
  EXPECT_EQ (heard (), Lines{ "STOPPING=1" });
}

TEST_F (Supervisor, KnowsThatTheLoopTurns)
{
  listen (sandbox.home () + "/notify");
  g_setenv ("WATCHDOG_USEC", "20000", TRUE);
  g_setenv ("WATCHDOG_PID", std::to_string (getpid ()).c_str (), TRUE);
  supervisor = postseal_supervisor_new ();
  EXPECT_EQ (g_getenv ("WATCHDOG_USEC"), nullptr);
  postseal_supervisor_ready (supervisor);
  heard ();
  unsigned pings = 0;
  loop.wait_for ([&] {
    for (const std::string &line : heard ())
      pings += line == "WATCHDOG=1";
    return pings >= 3;
  });
}

TEST_F (Supervisor, WatchesNobodyElse)
{
  listen (sandbox.home () + "/notify");
  g_setenv ("WATCHDOG_USEC", "1000", TRUE);
  g_setenv ("WATCHDOG_PID", std::to_string (getpid () + 1).c_str (), TRUE);
  supervisor = postseal_supervisor_new ();
  postseal_supervisor_ready (supervisor);
  EXPECT_FALSE (g_main_context_pending (loop.context ()));
  g_usleep (5000);
  loop.settle ();
  EXPECT_EQ (heard (), Lines{ "READY=1" });
}

TEST_F (Supervisor, MayBeAbsent)
{
  for (const char *value : { "", "relative", "@", "/nowhere/at/all" })
    {
      g_setenv ("NOTIFY_SOCKET", value, TRUE);
      g_autoptr (PostsealSupervisor) nobody = postseal_supervisor_new ();
      postseal_supervisor_ready (nobody);
      postseal_supervisor_set_status (nobody, "unheard");
      postseal_supervisor_stopping (nobody);
    }
}
