/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line beside a daemon. */
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "net/seal.h"
#include "scenario/fake-daemon.h"
#include "scenario/outbox-fixture.h"
#include "scenario/terminal.h"

using postseal_test::FakeDaemon;
using postseal_test::has;
using postseal_test::Json;
using postseal_test::Outcome;
using postseal_test::Sandbox;
using postseal_test::Terminal;

namespace
{

gint64
get_now ()
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* A program whose output is read as it comes. */
class Reader
{
public:
  Reader (const Sandbox &sandbox,
          const std::vector<std::string> &arguments,
          const std::map<std::string, std::string> &environment)
  {
    g_autoptr (GSubprocessLauncher) launcher
        = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
    std::vector<const char *> argv = { g_getenv ("POSTSEAL") };

    for (const std::string &argument : arguments)
      argv.push_back (argument.c_str ());
    argv.push_back (nullptr);
    g_subprocess_launcher_setenv (launcher, "HOME", sandbox.home ().c_str (), TRUE);
    g_subprocess_launcher_setenv (launcher, "XDG_CONFIG_HOME",
                                  (sandbox.home () + "/config").c_str (), TRUE);
    g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", (sandbox.home () + "/state").c_str (),
                                  TRUE);
    for (const auto &[name, value] : environment)
      g_subprocess_launcher_setenv (launcher, name.c_str (), value.c_str (), TRUE);
    process_ = g_subprocess_launcher_spawnv (launcher, argv.data (), nullptr);
    lines_ = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process_));
  }
  ~Reader ()
  {
    g_subprocess_force_exit (process_);
    g_object_unref (lines_);
    g_object_unref (process_);
  }

  /* The next line, "" at the end. */
  std::string
  line ()
  {
    g_autofree char *text = g_data_input_stream_read_line (lines_, nullptr, nullptr, nullptr);

    return text != nullptr ? text : "";
  }
  /* The next line with @words. */
  std::string
  line_with (const std::string &words)
  {
    std::string text;

    do
      text = line ();
    while (!text.empty () && !has (text, words));
    return text;
  }
  int
  interrupt ()
  {
    g_subprocess_send_signal (process_, SIGINT);
    g_subprocess_wait (process_, nullptr, nullptr);
    return g_subprocess_get_if_exited (process_) ? g_subprocess_get_exit_status (process_) : -1;
  }

private:
  GSubprocess *process_;
  GDataInputStream *lines_;
};

} // namespace

class CliDaemon : public testing::Test
{
protected:
  CliDaemon ()
  {
    sandbox.configure (
        "[account work]\naddress=jane@example.org\nreceive=imap://imap.example.org\n"
        "deliver=maildir:~/Mail/work\nsend=submission://smtp.example.org\npassword=file:"
        + sandbox.home ()
        + "/secret\n"
          "[account home]\naddress=jane@home.example\nreceive=pop3s://pop.home.example\n"
          "deliver=maildir:~/Mail/home\n");
    daemon.set ("work", [] (PostsealAccountStatus *status) {
      const char *const watched[] = { "INBOX", "Lists", nullptr };
      const char *const changes[]
          = { "The certificate has another key than the last time", nullptr };
      g_autoptr (PostsealSeal) seal = postseal_seal_new ();

      seal->voucher = POSTSEAL_VOUCHER_CA;
      seal->tls_version = g_strdup ("TLS 1.3");
      seal->cipher = g_strdup ("AES-256-GCM");
      seal->endpoint = g_strdup ("imap.example.org:143");
      seal->protocol = POSTSEAL_PROTOCOL_IMAP;
      seal->start = POSTSEAL_TLS_START_UPGRADE;
      seal->address = g_strdup ("192.0.2.1:143");
      seal->name = g_strdup ("imap.example.org");
      seal->issuer = g_strdup ("CN=Example CA");
      seal->not_after = get_now () + 71 * 86400 + 3600;
      seal->spki = g_strdup ("sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
      seal->mechanism = g_strdup ("SCRAM-SHA-256");
      g_object_set (status, "address", "jane@example.org", "receives", TRUE, "sends", TRUE,
                    "receive-state", "watching", "receive-since", get_now () - 190, "receive-last",
                    get_now () - 130, "receive-watched", watched, "receive-seal",
                    postseal_seal_to_variant (seal), "receive-changes", changes, "send-state",
                    "waiting", nullptr);
    });
    daemon.set ("home", [] (PostsealAccountStatus *status) {
      g_object_set (status, "address", "jane@home.example", "receives", TRUE, "receive-state",
                    "refused", "receive-since", get_now () - 7300, "receive-status", 77,
                    "receive-error", "The server refused the password", "receive-advice",
                    "Run “postseal password set home”", nullptr);
    });
  }

  Outcome
  run (const std::vector<std::string> &arguments, const std::string &input = "")
  {
    return sandbox.run (arguments, input, daemon.environment ());
  }

  Sandbox sandbox;
  FakeDaemon daemon{ sandbox };
};

/* --- status --- */

TEST_F (CliDaemon, TellsStatusWhatItDoesAndWhatToDo)
{
  Outcome outcome = run ({ "status" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.err, "");
  for (const char *words :
       { "The daemon runs.\n", "work  jane@example.org\n",
         "  receiving   watching INBOX, Lists for 3 minutes\n",
         "  changed     The certificate has another key than the last time\n",
         "  checked     2 minutes ago\n", "71 days left, SCRAM-SHA-256\n", "  outbox      empty\n",
         "  receiving   stopped for 2 hours; you are needed\n",
         "  error       The server refused the password\n",
         "  to do       Run “postseal password set home”\n", "  checked     never\n" })
    EXPECT_TRUE (has (outcome.out, words)) << words << " in\n" << outcome.out;
  EXPECT_FALSE (has (outcome.out, "\033")) << outcome.out;
}

TEST_F (CliDaemon, TellsStatusForPrograms)
{
  Json accounts (run ({ "status", "--json" }).out);

  EXPECT_EQ (accounts["0.account"], "work");
  EXPECT_EQ (accounts["0.daemon"], "true");
  EXPECT_EQ (accounts["0.receive.state"], "watching");
  EXPECT_EQ (accounts["0.receive.watched.1"], "Lists");
  EXPECT_EQ (accounts["0.receive.seal.mechanism"], "SCRAM-SHA-256");
  EXPECT_EQ (accounts["0.seal.mechanism"], "SCRAM-SHA-256");
  EXPECT_EQ (accounts["0.receive.error"], "null");
  EXPECT_EQ (accounts["0.send.state"], "waiting");
  EXPECT_EQ (accounts["1.receive.state"], "refused");
  EXPECT_EQ (accounts["1.receive.status"], "77");
  EXPECT_EQ (accounts["1.receive.advice"], "Run “postseal password set home”");
  EXPECT_EQ (accounts["1.receive.last"], "null");
  EXPECT_EQ (accounts["1.send"], "null");
}

TEST_F (CliDaemon, IsNotAskedWhenToldNotTo)
{
  EXPECT_TRUE (has (run ({ "status", "--no-daemon" }).out, "No daemon runs"));
}

TEST_F (CliDaemon, IsNotAskedAboutOtherAccounts)
{
  std::string other = sandbox.write (
      "other.conf", "[account other]\naddress=x@example.org\nreceive=imaps://imap.example.org\n"
                    "deliver=maildir:~/Mail/other\n");

  EXPECT_TRUE (has (run ({ "status", "--config", other }).out, "No daemon runs"));
}

TEST_F (CliDaemon, IsNotAskedFromAnotherStateDirectory)
{
  auto environment = daemon.environment ();

  environment["XDG_STATE_HOME"] = sandbox.home () + "/other-state";
  EXPECT_TRUE (has (sandbox.run ({ "status" }, "", environment).out, "No daemon runs"));
}

TEST_F (CliDaemon, ThatIsNotOnTheBusIsNoDaemon)
{
  EXPECT_TRUE (
      has (sandbox
               .run ({ "status" }, "",
                     { { "DBUS_SESSION_BUS_ADDRESS", "unix:path=" + sandbox.home () + "/no-bus" } })
               .out,
           "No daemon runs"));
}

/* --- status --watch --- */

TEST_F (CliDaemon, IsWatchedOnATerminalDrawnOverItself)
{
  Terminal terminal (sandbox, { "status", "--watch" }, daemon.environment ());

  ASSERT_TRUE (terminal.wait_for ("stopped for 2 hours; you are needed")) << terminal.seen ();
  daemon.set ("work", [] (PostsealAccountStatus *status) {
    g_object_set (status, "receive-state", "working", "receive-activity", "fetching",
                  "receive-mailbox", "INBOX", "messages-total", (guint64)2000, "messages-done",
                  (guint64)120, "bytes-total", (guint64)44000000, "bytes-done", (guint64)3100000,
                  nullptr);
  });
  EXPECT_TRUE (terminal.wait_for ("\033[15A")) << terminal.seen (); /* up, where it began */
  EXPECT_TRUE (terminal.wait_for ("fetching INBOX: 120 of 2000 messages, 3.1\u00a0MB of 44.0"))
      << terminal.seen ();
  EXPECT_TRUE (terminal.wait_for ("\033[J")) << terminal.seen ();
  terminal.type ("\003");
  EXPECT_EQ (terminal.finish (), 0) << terminal.seen ();
}

TEST_F (CliDaemon, IsWatchedInAPipeLineByLineAlsoWhenItGoesAndComesBack)
{
  Reader reader (sandbox, { "status", "--watch" }, daemon.environment ());

  EXPECT_TRUE (has (reader.line (), " The daemon runs."));
  EXPECT_TRUE (has (reader.line (), " work: watching INBOX, Lists; nothing to send"));
  EXPECT_TRUE (has (reader.line (), " home: stopped; you are needed; The server refused the "
                                    "password; Run “postseal password set home”"));
  daemon.set ("home", [] (PostsealAccountStatus *status) {
    g_object_set (status, "receive-state", "waiting", "receive-last", get_now (), "receive-error",
                  "", "receive-advice", "", nullptr);
  });
  EXPECT_TRUE (has (reader.line (), " home: up to date"));
  daemon.stop ();
  EXPECT_TRUE (has (reader.line (), " The daemon has gone; "));
  EXPECT_TRUE (has (reader.line (), " work: at rest"));
  daemon.start ();
  EXPECT_NE (reader.line_with (" The daemon runs."), "");
  EXPECT_NE (reader.line_with (" work: watching INBOX, Lists"), "");
  EXPECT_EQ (reader.interrupt (), 0);
}

TEST_F (CliDaemon, IsWatchedByProgramsWithAnObjectOnALine)
{
  Reader reader (sandbox, { "status", "--watch", "--json", "work" }, daemon.environment ());
  Json first (reader.line ());

  EXPECT_EQ (first["account"], "work");
  EXPECT_EQ (first["receive.state"], "watching");
  daemon.set ("home", [] (PostsealAccountStatus *status) {
    g_object_set (status, "receive-state", "waiting", nullptr);
  });
  daemon.set ("work", [] (PostsealAccountStatus *status) {
    g_object_set (status, "receive-state", "offline", nullptr);
  });
  Json second (reader.line ());
  EXPECT_EQ (second["account"], "work");
  EXPECT_EQ (second["receive.state"], "offline");
  EXPECT_EQ (reader.interrupt (), 0);
}

TEST_F (CliDaemon, IsWaitedForByTheWatch)
{
  daemon.stop ();
  Reader reader (sandbox, { "status", "--watch" }, daemon.environment ());

  EXPECT_TRUE (has (reader.line (), " No daemon runs"));
  daemon.start ();
  EXPECT_NE (reader.line_with (" The daemon runs."), "");
  EXPECT_EQ (reader.interrupt (), 0);
}

/* --- work --- */

TEST_F (CliDaemon, Fetches)
{
  daemon.set_answer ("{'account': <'work'>, 'status': <0>, 'error': <''>, 'notes': <@as ['Well']>,"
                     "'delivered': <uint64 3>, 'deleted': <uint64 2>, 'failed': <uint64 0>,"
                     "'bytes': <uint64 4000>}");
  Outcome outcome = run ({ "fetch", "work", "--verbose" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "work: 3 new messages, 4.0")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, ", 2 deleted on the server\n")) << outcome.out;
  EXPECT_EQ (outcome.err, "work > HELLO\npostseal: work: Well\n");
  EXPECT_EQ (daemon.requests (), (std::vector<std::string>{ "reload ", "fetch work" }));
}

TEST_F (CliDaemon, IsNotAskedToFetchWhenToldNotTo)
{
  EXPECT_EQ (run ({ "fetch", "home", "--no-daemon" }).status, 75); /* there is no such host */
  EXPECT_EQ (daemon.requests (), std::vector<std::string>{});
}

TEST_F (CliDaemon, TellsWhatWentWrongWithAFetch)
{
  daemon.set_answer ("{'account': <'work'>, 'status': <76>, 'error': <'Not who it says'>,"
                     "'notes': <@as []>, 'delivered': <uint64 0>}");
  Outcome outcome = run ({ "fetch", "work", "--json" });
  Json accounts (outcome.out);

  EXPECT_EQ (outcome.status, 76);
  EXPECT_EQ (outcome.err, "postseal: work: Not who it says\n");
  EXPECT_EQ (accounts["0.status"], "76");
  EXPECT_EQ (accounts["0.error"], "Not who it says");
  EXPECT_EQ (accounts["0.delivered"], "0");
}

TEST_F (CliDaemon, GoesOnWhenTheUserDoesNotWait)
{
  daemon.set_answer ("");
  Outcome outcome;
  std::thread fetch ([&] { outcome = run ({ "fetch", "work" }); });

  EXPECT_TRUE (daemon.wait_for_requests (2));
  sandbox.signal (SIGINT);
  fetch.join ();
  EXPECT_EQ (outcome.status, 75);
  EXPECT_TRUE (has (outcome.err, "The daemon goes on with it")) << outcome.err;
}

TEST_F (CliDaemon, ThatEndsDuringAFetchIsAnErrorToTryAgainAfter)
{
  daemon.set_answer ("");
  Outcome outcome;
  std::thread fetch ([&] { outcome = run ({ "fetch", "work" }); });

  EXPECT_TRUE (daemon.wait_for_requests (2));
  daemon.stop ();
  fetch.join ();
  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "postseal: work: ")) << outcome.err;
}

TEST_F (CliDaemon, HearsOfANewPassword)
{
  EXPECT_EQ (run ({ "password", "set", "work" }, "new\n").status, 0);
  EXPECT_EQ (daemon.requests (), std::vector<std::string>{ "retry work" });
}

TEST_F (CliDaemon, IsToldOfMessagesThatAreReleased)
{
  Outcome sent = run ({ "send", "bob@example.net", "-a", "work" },
                      "From: jane@example.org\nSubject: x\n\nx\n");
  ASSERT_EQ (sent.status, 0) << sent.err;
  std::string id = run ({ "queue", "list", "--ids" }).out;

  id.pop_back ();
  daemon.set_answer ("{'results': <[{'id': <'" + id
                     + "'>, 'status': <0>, 'error': <''>, 'state': <'queued'>}]>}");
  Outcome outcome = run ({ "queue", "release", id });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out, id + " released\n");
  EXPECT_EQ (daemon.requests (), std::vector<std::string>{ "change " });
}

TEST_F (CliDaemon, SendsAndTellsWhatCameOfIt)
{
  ASSERT_EQ (
      run ({ "send", "bob@example.net", "-a", "work" }, "From: jane@example.org\nSubject: x\n\nx\n")
          .status,
      0);
  daemon.set_answer ("{'status': <75>, 'error': <'later'>, 'accounts': <[{'account': <'work'>,"
                     "'status': <75>, 'error': <'later'>, 'notes': <@as []>, 'tried': <uint64 1>,"
                     "'sent': <uint64 0>, 'delayed': <uint64 1>, 'failed': <uint64 0>}]>}");
  Outcome outcome = run ({ "queue", "flush" });

  EXPECT_EQ (outcome.status, 75);
  EXPECT_EQ (outcome.out, "work: 0 sent, 1 to be tried again, 0 failed\n");
  EXPECT_EQ (outcome.err, "postseal: work: later\n");
  EXPECT_EQ (daemon.requests (), (std::vector<std::string>{ "reload ", "flush work" }));
}

TEST_F (CliDaemon, IsNotAskedByWhatGoesOnInTheBackground)
{
  EXPECT_EQ (run ({ "queue", "flush", "--due" }).status, 0);
  EXPECT_EQ (daemon.requests (), std::vector<std::string>{});
}
