/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the daemon does with new mail: all the way from the server to the desktop. */
#include <atomic>
#include <csignal>

#include "scenario/daemon-fixture.h"
#include "support/main-loop.h"
#include "support/scripted-server.h"
#include "unit/daemon/fake-notification-server.h"

namespace postseal_test
{

namespace
{

/* A POP3 server with one message, until it was deleted. */
class DaemonMail : public DaemonTest
{
protected:
  void
  serve (Peer &peer)
  {
    if (!peer.start_tls (tls_))
      return;
    peer.send ("+OK ready\r\n");
    while (auto line = peer.read_line ())
      {
        if (*line == "CAPA")
          peer.send ("+OK\r\nUSER\r\nUIDL\r\nSASL PLAIN\r\n.\r\n");
        else if (line->rfind ("AUTH", 0) == 0 && is_refusing_)
          peer.send ("-ERR [AUTH] no\r\n");
        else if (line->rfind ("AUTH PLAIN", 0) == 0 && line->size () == 10)
          peer.send ("+ \r\n");
        else if (*line == "UIDL")
          peer.send (is_empty_ ? "+OK\r\n.\r\n" : "+OK\r\n1 u1\r\n.\r\n");
        else if (*line == "LIST")
          peer.send (is_empty_ ? "+OK\r\n.\r\n"
                               : "+OK\r\n1 " + std::to_string (kMessage.size ()) + "\r\n.\r\n");
        else if (*line == "STAT")
          peer.send (is_empty_ ? "+OK 0 0\r\n"
                               : "+OK 1 " + std::to_string (kMessage.size ()) + "\r\n");
        else if (line->rfind ("RETR", 0) == 0)
          peer.send ("+OK\r\n" + kMessage + ".\r\n");
        else
          {
            if (line->rfind ("DELE", 0) == 0)
              is_empty_ = true;
            peer.send ("+OK\r\n");
          }
      }
  }

  void
  configure_mail (const std::string &extra = "")
  {
    configure ("receive=pop3s://jane@localhost:" + std::to_string (server_.port ())
               + "\nca-file=" + test_ca ().ca_file () + "\nkeep=no\n" + extra);
  }

  const std::string kMessage
      = "From: =?UTF-8?Q?J=C3=B6rg?= <joerg@example.net>\r\nSubject: Tea & <cake>\r\n\r\nCome.\r\n";
  ServerTls tls_{ test_ca ().issue () };
  std::atomic<bool> is_empty_{ false };
  std::atomic<bool> is_refusing_{ false };
  ScriptedServer server_{ [this] (Peer &peer) { serve (peer); } };
  AsyncLoop loop_;
};

} // namespace

TEST_F (DaemonMail, GoesToTheDesktopTheCommandAndTheLog)
{
  start_bus ();
  FakeNotificationServer desktop (bus_address ());
  configure_mail ("notify=details\non-mail=command:/bin/sh -c \"cat >"
                  + instance_.path ("input.part") + "; env >" + instance_.path ("environment")
                  + "; mv " + instance_.path ("input.part") + " " + instance_.path ("input")
                  + "; echo done\"\n");
  auto daemon = start ({ "--verbose" });
  ASSERT_TRUE (loop_.wait_for ([&] { return desktop.notices.size () == 1; }));
  EXPECT_EQ (desktop.notices[0].body, "Jörg: Tea &amp; &lt;cake&gt;");
  EXPECT_EQ (desktop.notices[0].category, "email.arrived");

  std::string input = read_file (instance_.path ("input"));
  Contents mail = read_maildir (instance_.maildir ());
  ASSERT_EQ (mail.size (), 1u);
  EXPECT_NE (input.find ("\"account\":\"work\""), std::string::npos) << input;
  EXPECT_NE (input.find ("\"count\":1,\"files\":[\"" + instance_.maildir () + "/new/"),
             std::string::npos)
      << input;
  EXPECT_EQ (read_file (instance_.path ("environment")).find ("NOTIFY_SOCKET"), std::string::npos);

  Outcome outcome = stop (*daemon);
  EXPECT_EQ (outcome.status, 0);
  EXPECT_NE (outcome.err.find ("work: 1 new message"), std::string::npos) << outcome.err;
  EXPECT_NE (outcome.err.find ("work: /bin/sh: done"), std::string::npos) << outcome.err;
  EXPECT_EQ (outcome.err.find ("Tea"), std::string::npos) << outcome.err;
  EXPECT_EQ (outcome.err.find ("joerg"), std::string::npos) << outcome.err;
  EXPECT_EQ (outcome.err.find ("correct-horse"), std::string::npos) << outcome.err;
}

TEST_F (DaemonMail, NeverKeepsTheDaemonFromEnding)
{
  ScriptedServer stuck ([this] (Peer &peer) {
    if (peer.start_tls (tls_))
      peer.freeze ();
  });

  configure ("receive=pop3s://jane@localhost:" + std::to_string (stuck.port ())
             + "\nca-file=" + test_ca ().ca_file () + "\n");
  auto daemon = start ();
  notify_.expect ("READY=1");
  for (int i = 0; i < 10000 && stuck.connections () == 0; i++)
    g_usleep (1000);
  gint64 before = g_get_monotonic_time ();
  EXPECT_EQ (stop (*daemon).status, 0);
  EXPECT_LT (g_get_monotonic_time () - before, G_TIME_SPAN_SECOND);
}

TEST_F (DaemonMail, ThatCannotBeHadBecauseOfThePasswordIsToldOnce)
{
  start_bus ();
  FakeNotificationServer desktop (bus_address ());
  is_refusing_ = true;
  configure_mail ();
  auto daemon = start ();
  ASSERT_TRUE (loop_.wait_for ([&] { return desktop.notices.size () == 1; }));
  EXPECT_EQ (desktop.notices[0].summary, "Mail account work needs you");
  notify_.expect ("STATUS=1 is refused");

  /* The user says that it is mended, and it is. */
  is_refusing_ = false;
  daemon->kill (SIGHUP);
  ASSERT_TRUE (loop_.wait_for ([&] { return !desktop.closed.empty (); }));
  ASSERT_TRUE (loop_.wait_for ([&] { return desktop.notices.size () == 2; }));
  EXPECT_EQ (desktop.notices[1].body, "1 new message");
  EXPECT_EQ (stop (*daemon).status, 0);
}

} // namespace postseal_test
