/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenario/outbox-fixture.h"

#include <cstring>
#include <filesystem>
#include <future>
#include <thread>

#include "scenario/line-hooks.h"
#include "scenario/terminal.h"
#include "scenario/toy-smtp.h"

using postseal_test::cut_at;
using postseal_test::has;
using postseal_test::Json;
using postseal_test::OutboxTest;
using postseal_test::Outcome;
using postseal_test::Peer;
using postseal_test::say_to;
using postseal_test::Terminal;
using postseal_test::ToySmtp;

class CliSend : public OutboxTest
{
protected:
  /* Nothing is left behind by a refusal. */
  void
  expect_refused (const Outcome &outcome, int status, const std::string &words)
  {
    EXPECT_EQ (outcome.status, status) << outcome.err;
    EXPECT_EQ (outcome.out, "");
    EXPECT_TRUE (has (outcome.err, words)) << outcome.err;
    EXPECT_TRUE (sandbox.files ("state/postseal/outbox/queue").empty ());
    EXPECT_TRUE (sandbox.files ("state/postseal/outbox/tmp").empty ());
  }
};

TEST_F (CliSend, PutsTheMessageIntoTheOutboxAndNamesIt)
{
  std::string id = queue ({ "bob@example.net", "carol@example.net" });
  Json entries = list ();

  ASSERT_EQ (entries.size (), 1u);
  EXPECT_EQ (entries["0.id"], id);
  EXPECT_EQ (entries["0.account"], "work");
  EXPECT_EQ (entries["0.state"], "queued");
  EXPECT_EQ (entries["0.sender"], "jane@example.org");
  EXPECT_EQ (entries["0.recipients.0.address"], "bob@example.net");
  EXPECT_EQ (entries["0.recipients.1.address"], "carol@example.net");
  EXPECT_EQ (entries["0.recipients.1.state"], "pending");
  EXPECT_EQ (entries["0.recipients.1.code"], "null");
  EXPECT_EQ (entries["0.subject"], "Tea at four");
  EXPECT_EQ (entries["0.message-id"], "<tea@example.org>");
  EXPECT_EQ (entries["0.attempts"], "0");
  EXPECT_EQ (entries["0.in-clear"], "false");
  EXPECT_EQ (entries["0.may-be-doubled"], "false");
  EXPECT_EQ (entries["0.seal"], "null");
  EXPECT_EQ (entries["0.next-attempt"], entries["0.arrived"]);
}

TEST_F (CliSend, WritesAnObjectForPrograms)
{
  Outcome outcome = postseal ({ "send", "--json", "bob@example.net" }, kMessage);
  Json object (outcome.out);

  EXPECT_EQ (outcome.status, 0);
  EXPECT_EQ (object["id"], list ()["0.id"]);
  EXPECT_EQ (object["account"], "work");
  EXPECT_EQ (object["state"], "queued");
  EXPECT_EQ (object["status"], "0");
  EXPECT_EQ (object["error"], "null");
}

TEST_F (CliSend, TakesRecipientsFromTheMessageAndHidesBcc)
{
  std::string id = queue ({ "-t" }, std::string ("Bcc: secret@example.net\n") + kMessage);
  Json entries = list ();
  Outcome text = postseal ({ "queue", "show", "--message", id });

  EXPECT_EQ (entries["0.recipients.1.address"] + entries["0.recipients.0.address"],
             "secret@example.netbob@example.net")
      << entries["0.recipients"];
  EXPECT_FALSE (has (text.out, "secret")) << text.out;
  EXPECT_TRUE (has (text.out, "\r\n\r\nCome along.\r\n")) << text.out;
}

TEST_F (CliSend, GivesTheMessageBackWholeHoweverLarge)
{
  std::string body;

  for (int i = 0; i < 20000; i++)
    body += "line " + std::to_string (i) + "\r\n";
  std::string id = queue ({ "bob@example.net" },
                          "From: jane@example.org\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
                          "Message-ID: <x@example.org>\r\n\r\n"
                              + body);
  Outcome text = postseal ({ "queue", "show", "--message", id });

  EXPECT_EQ (text.status, 0);
  EXPECT_EQ (text.out.substr (text.out.find ("\r\n\r\n") + 4), body);
}

TEST_F (CliSend, ChoosesTheAccountByTheSender)
{
  queue ({ "-f", "treasurer+fees@club.example", "bob@example.net" });
  queue ({ "-a", "club", "bob@example.net" });
  Json entries = list ();

  EXPECT_EQ (entries["0.account"], "club");
  EXPECT_EQ (entries["0.sender"], "treasurer+fees@club.example");
  EXPECT_EQ (entries["1.account"], "club");
}

TEST_F (CliSend, TakesTheNullSender)
{
  queue ({ "-f", "<>", "-a", "work", "bob@example.net" });

  EXPECT_EQ (list ()["0.sender"], "");
}

TEST_F (CliSend, RefusesToSendToNobody)
{
  Outcome outcome = postseal ({ "send" }, kMessage);

  expect_refused (outcome, 64, "no recipients");
  EXPECT_TRUE (has (outcome.err, "-t")) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "Try “postseal send --help”")) << outcome.err;
}

TEST_F (CliSend, RefusesWhatBelongsToNoAccount)
{
  expect_refused (postseal ({ "send", "-a", "wrok", "bob@example.net" }, kMessage), 78, "“work”");
  expect_refused (postseal ({ "send", "-f", "eve@evil.example", "bob@example.net" }, kMessage), 78,
                  "send-as");
}

TEST_F (CliSend, RefusesWhatCannotTravel)
{
  using namespace std::string_literals;

  expect_refused (postseal ({ "send", "bob@example.net" }, ""), 65, "empty");
  expect_refused (postseal ({ "send", "bob@example.net" }, kMessage + "a\0b\n"s), 65, "zero byte");
  expect_refused (postseal ({ "send", "bob@exa mple.net" }, kMessage), 65, "exa mple");
  expect_refused (postseal ({ "send", "bob@example.net\r\nRCPT TO:<eve@example.net>" }, kMessage),
                  65, "bob@example.net");
}

TEST_F (CliSend, SaysHowToMakeAnAccountWhereThereIsNone)
{
  std::filesystem::remove_all (sandbox.home () + "/config");

  expect_refused (postseal ({ "send", "bob@example.net" }, kMessage), 78, "postseal account add");
}

TEST_F (CliSend, SaysWhatIsWrongWithAValueAndTheNearestThatIsRight)
{
  static const std::vector<std::vector<std::string>> cases = {
    { "--notify=sucess", "did you mean “success”" },
    { "--notify=never,delay", "“never” stands alone" },
    { "--notify=", "it takes “never”, “success”, “failure”, “delay”" },
    { "--return=header", "did you mean “headers”" },
    { "--body=8bitmine", "did you mean “8bitmime”" },
    { "--envelope-id=", "1 to 100 ASCII characters" },
    { "--envelope-id=a\nb", "1 to 100 ASCII characters" },
    { "--hold-until=tomorrow", "like “2026-11-24 08:00”" },
    { "--hold-until=+5", "+2h30m" },
    { "--hold-until=2001-01-01", "that is over" },
    { "--hold-until=2999-01-01", "too far away" },
    { "--deliver-by=2", "like “2h”" },
    { "--deliver-by=2h:notfy", "did you mean “notify”" },
    { "--deliver-by=99999999999999999999h", "like “2h”" },
    { "--hold-untl=18:00", "did you mean “--hold-until”" },
  };

  for (const std::vector<std::string> &item : cases)
    {
      SCOPED_TRACE (item[0]);
      Outcome outcome = postseal ({ "send", item[0], "bob@example.net" }, kMessage);

      expect_refused (outcome, 64, item[1]);
      EXPECT_TRUE (has (outcome.err, "postseal send --help")) << outcome.err;
    }
}

TEST_F (CliSend, KeepsWhatWasWished)
{
  std::string id = queue ({ "--hold-until=2031-02-03 04:05", "--deliver-by=1d12h:return:trace",
                            "--require-tls", "--return=headers", "--envelope-id=QQ 314",
                            "--notify=success,delay", "bob@example.net" });
  Outcome shown = postseal ({ "queue", "show", id });

  EXPECT_TRUE (has (shown.out, "authenticated TLS on the whole way")) << shown.out;
  EXPECT_TRUE (has (shown.out, "not before 2031-02-03 04:05")) << shown.out;
  EXPECT_TRUE (has (shown.out, "returned unless delivered within 129600 s")) << shown.out;
  EXPECT_TRUE (has (shown.out, "reports with its header only")) << shown.out;
  EXPECT_TRUE (has (shown.out, "envelope ID  QQ 314")) << shown.out;
  EXPECT_TRUE (has (shown.out, "at 2031-02-03 04:05")) << shown.out;
}

TEST_F (CliSend, HoldsForADurationToo)
{
  queue ({ "--hold-until=+1h30m", "bob@example.net" });
  Json entries = list ();
  long long wait
      = atoll (entries["0.next-attempt"].c_str ()) - atoll (entries["0.arrived"].c_str ());

  EXPECT_GE (wait, 5399);
  EXPECT_LE (wait, 5400);
}

TEST_F (CliSend, SaysOnATerminalHowTheMessageEnds)
{
  Terminal terminal (sandbox, { "send", "bob@example.net" }, { { "POSTSEAL", "/bin/true" } });

  ASSERT_TRUE (terminal.wait_for ("reading the message from the terminal, end with Ctrl-D"))
      << terminal.seen ();
  terminal.type ("Subject: typed\n\nhello\n\004");
  EXPECT_EQ (terminal.finish (), 0);
  EXPECT_TRUE (has (terminal.seen (), "Queued as ")) << terminal.seen ();
  EXPECT_EQ (list ()["0.subject"], "typed");
}

/* --- with a server --- */

class CliSendWait : public OutboxTest
{
protected:
  CliSendWait ()
  {
    std::string secret = sandbox.write ("secret", "correct-horse-77\n");

    configure (smtp.port (), "ca-file=" + postseal_test::test_ca ().ca_file ()
                                 + "\npassword=file:" + secret + "\ntimeout=5s\n");
  }

  Outcome
  send (std::vector<std::string> arguments = { "bob@example.net" })
  {
    arguments.insert (arguments.begin (), { "send", "--wait" });
    return postseal (arguments, kMessage);
  }

  /* "Queued as ID" is the first line. */
  static std::string
  id_of (const Outcome &outcome)
  {
    size_t start = strlen ("Queued as ");

    return outcome.out.substr (start, outcome.out.find ('\n') - start);
  }

  ToySmtp smtp;
};

TEST_F (CliSendWait, ReturnsWithTheServersWordsAndTheSeal)
{
  Outcome outcome = send ({ "bob@example.net", "carol@example.net" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.err, "");
  EXPECT_TRUE (has (outcome.out, "\nbob@example.net: 250 2.0.0 Ok: queued as 1\n")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "\ncarol@example.net: 250 2.0.0 Ok")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "TLS 1.3")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "\nSent\n")) << outcome.out;
  ASSERT_EQ (smtp.messages ().size (), 1u);
  EXPECT_EQ (smtp.messages ()[0].sender, "jane@example.org");
  EXPECT_EQ (smtp.messages ()[0].recipients.size (), 2u);
  EXPECT_TRUE (has (smtp.messages ()[0].text, "\r\n\r\nCome along.\r\n"));
  EXPECT_EQ (list ().size (), 0u);
}

TEST_F (CliSendWait, WritesTheOutcomeForPrograms)
{
  Outcome outcome = send ({ "--json", "bob@example.net" });
  Json object (outcome.out);

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (object["state"], "sent");
  EXPECT_EQ (object["status"], "0");
  EXPECT_EQ (object["seal.confidentiality"], "verified");
  EXPECT_EQ (object["in-clear"], "false");
}

TEST_F (CliSendWait, SaysThatItStaysQueuedAndUntilWhen)
{
  smtp.hook = say_to ("RCPT", "451 4.7.1 Greylisted\r\n");
  Outcome outcome = send ();

  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "bob@example.net: 451 4.7.1 Greylisted\n")) << outcome.out;
  EXPECT_TRUE (has (outcome.out,
                    "The message stays queued as " + id_of (outcome) + " and is tried again in "))
      << outcome.out;
  EXPECT_TRUE (has (outcome.err, "Greylisted")) << outcome.err;
  EXPECT_EQ (list ()["0.state"], "queued");
  EXPECT_EQ (smtp.messages ().size (), 0u);
}

TEST_F (CliSendWait, SaysThatItWasRefused)
{
  smtp.hook = say_to ("RCPT", "550 5.1.1 No such user\r\n");
  Outcome outcome = send ();

  EXPECT_EQ (outcome.status, 69) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "bob@example.net: 550 5.1.1 No such user\n")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "Failed for good")) << outcome.out;
  EXPECT_EQ (list ()["0.state"], "failed");
}

TEST_F (CliSendWait, SaysThatItIsInDoubt)
{
  smtp.hook = cut_at (".");
  Outcome outcome = send ();

  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "In doubt; the message stays queued as ")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "may arrive twice")) << outcome.out;
  EXPECT_EQ (list ()["0.state"], "in-doubt");
}

TEST_F (CliSendWait, SaysThatTheTlsPolicyBlocksIt)
{
  smtp.hook = say_to ("STARTTLS", "502 5.5.1 No such command\r\n");
  Outcome outcome = send ();

  EXPECT_EQ (outcome.status, 76) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "Blocked; the message stays queued as ")) << outcome.out;
  EXPECT_EQ (list ()["0.state"], "blocked");
  smtp.server ().stop ();
  EXPECT_FALSE (has (smtp.server ().all_clear (), "MAIL"));
}

TEST_F (CliSendWait, SaysThatTheLogInBlocksIt)
{
  smtp.hook = say_to ("AUTH", "535 5.7.8 Wrong password\r\n");
  Outcome outcome = send ();

  EXPECT_EQ (outcome.status, 77) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "Wrong password")) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "Blocked; the message stays queued as ")) << outcome.out;
  EXPECT_FALSE (has (outcome.err + outcome.out, "correct-horse"));
}

TEST_F (CliSendWait, TellsWhatAnotherSenderMadeOfIt)
{
  static const struct
  {
    PostsealOutboxState state;
    unsigned code;
    int status;
    const char *words;
  } cases[] = {
    { POSTSEAL_OUTBOX_SENT, 250, 0, "\nSent\n" },
    { POSTSEAL_OUTBOX_QUEUED, 451, 75, "and is tried again at 2100-01-01 00:00: 451 4.7.1" },
    { POSTSEAL_OUTBOX_IN_DOUBT, 0, 75, "\nIn doubt; the message stays queued as " },
    { POSTSEAL_OUTBOX_BLOCKED, 0, 77, "\nBlocked; the message stays queued as " },
    { POSTSEAL_OUTBOX_FAILED, 550, 69, "\nFailed for good; the message is kept as " },
  };

  for (const auto &item : cases)
    {
      SCOPED_TRACE (postseal_outbox_state_name (item.state));
      g_autoptr (GError) error = nullptr;
      PostsealLockFile *lock = postseal_outbox_lock ("work", &error);
      Outcome outcome;

      ASSERT_NE (lock, nullptr) << error->message;
      std::thread waiter ([&] { outcome = send (); });
      while (sandbox.files ("state/postseal/outbox/queue").empty ())
        std::this_thread::yield ();
      std::string id = sandbox.files ("state/postseal/outbox/queue")[0];
      finish (id, item.state, item.code);
      /* The lock is still held: it hears of it all the same. */
      waiter.join ();
      postseal_lock_file_release (lock);
      EXPECT_EQ (outcome.status, item.status) << outcome.err;
      EXPECT_TRUE (has (outcome.out, item.words)) << outcome.out;
      postseal ({ "queue", "remove", "--all" });
    }
  EXPECT_EQ (smtp.messages ().size (), 0u) << "the other one has sent it";
}

TEST_F (CliSendWait, SendsItselfWhenWhoeverWasSendingHasGone)
{
  g_autoptr (GError) error = nullptr;
  PostsealLockFile *lock = postseal_outbox_lock ("work", &error);
  Outcome outcome;

  ASSERT_NE (lock, nullptr) << error->message;
  std::thread waiter ([&] { outcome = send (); });
  while (sandbox.files ("state/postseal/outbox/queue").empty ())
    std::this_thread::yield ();
  postseal_lock_file_release (lock);
  waiter.join ();
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (smtp.messages ().size (), 1u);
}

TEST_F (CliSendWait, FlushesWhatWaitsAndSaysWhatBecameOfEach)
{
  std::string first = queue ();
  std::string second = queue ({ "eve@example.net" });
  smtp.hook = say_to ("RCPT TO:<eve", "450 4.2.1 Not today\r\n");
  Outcome outcome = postseal ({ "queue", "flush" });
  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_TRUE (has (outcome.out, first + " sent: 250 2.0.0 Ok: queued as 1\n")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, second + " queued: 450 4.2.1 Not today\n")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "work: 1 sent, 1 to be tried again, 0 failed\n")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "  TLS 1.3")) << outcome.out;

  smtp.hook = nullptr;
  Json again (postseal ({ "queue", "flush", "--json", second }).out);
  EXPECT_EQ (again["0.account"], "work");
  EXPECT_EQ (again["0.status"], "0");
  EXPECT_EQ (again["0.sent"], "1");
  EXPECT_EQ (again["0.messages.0.id"], second);
  EXPECT_EQ (again["0.messages.0.state"], "sent");
  EXPECT_EQ (again["0.messages.0.code"], "250");
  EXPECT_EQ (again["0.seal.confidentiality"], "verified");
  EXPECT_EQ (smtp.messages ().size (), 2u);
}

TEST_F (CliSendWait, FlushesInTheBackgroundWithoutAWord)
{
  queue ();
  Outcome outcome = postseal ({ "queue", "flush", "--due" });

  EXPECT_EQ (outcome.status, 0);
  EXPECT_EQ (outcome.out + outcome.err, "");
  EXPECT_EQ (smtp.messages ().size (), 1u);
}

TEST_F (CliSendWait, ShowsWhatIsSaidWithoutSecrets)
{
  queue ();
  Outcome outcome = postseal ({ "queue", "flush", "--verbose" });

  EXPECT_TRUE (has (outcome.err, "work > MAIL FROM:<jane@example.org>")) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "work < 250 ")) << outcome.err;
  EXPECT_FALSE (has (outcome.err, "correct-horse")) << outcome.err;
  EXPECT_FALSE (has (outcome.err, "AGphbmU")) << outcome.err; /* of AUTH PLAIN */
  EXPECT_FALSE (has (outcome.err, "Come along")) << outcome.err;
}

TEST_F (CliSendWait, DrawsProgressOfALargeMessageOnATerminal)
{
  std::string text = "Subject: large\n\n";

  for (int i = 0; i < 100000; i++)
    text += "One of very many lines that look the same\n";
  std::string id = queue ({ "bob@example.net" }, text);
  std::promise<void> is_drawn;
  smtp.hook = [&] (Peer &peer, const std::string &line) {
    if (line == ".")
      is_drawn.get_future ().wait ();
    return false;
  };
  Terminal terminal (sandbox, { "queue", "flush", id });
  EXPECT_TRUE (terminal.wait_for (" of 4.")) << terminal.seen ();
  is_drawn.set_value ();
  EXPECT_EQ (terminal.finish (), 0) << terminal.seen ();
  EXPECT_TRUE (has (terminal.seen (), "work: sending")) << terminal.seen ();
  EXPECT_TRUE (has (terminal.seen (), " sent: 250 2.0.0 Ok: queued as 1")) << terminal.seen ();
}

TEST_F (CliSendWait, SaysThatItWentInClear)
{
  sandbox.configure ("[account work]\naddress=jane@example.org\nsend=smtp://localhost:"
                     + std::to_string (smtp.port ()) + "\nsend-tls=opportunistic\nauth=none\n");
  smtp.hook = [] (Peer &peer, const std::string &line) {
    if (line != "STARTTLS" && line.rfind ("EHLO", 0) != 0)
      return false;
    peer.send (line == "STARTTLS" ? "502 5.5.1 Unknown command\r\n" : "250 toy.example\r\n");
    return true;
  };
  Outcome outcome = send ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "\nSent\nIt went in clear, without TLS: everybody on the way"))
      << outcome.out;
  EXPECT_EQ (list ({ "--done" })["0.in-clear"], "true");
}

TEST_F (CliSendWait, IsInterruptedInGoodOrder)
{
  std::promise<void> is_reached;
  Outcome outcome;

  smtp.hook = [&] (Peer &peer, const std::string &line) {
    if (line.rfind ("MAIL", 0) != 0)
      return false;
    is_reached.set_value ();
    peer.stall ();
    return true;
  };
  std::thread sender ([&] { outcome = send (); });
  is_reached.get_future ().wait ();
  sandbox.signal (SIGTERM);
  sender.join ();
  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "cancelled")) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "The message stays queued as " + id_of (outcome))) << outcome.out;
  EXPECT_EQ (list ()["0.state"], "queued");
}

TEST_F (CliSendWait, FlushWaitsForWhoeverSendsAlready)
{
  g_autoptr (GError) error = nullptr;
  std::string id = queue ();
  PostsealLockFile *lock = postseal_outbox_lock ("work", &error);
  Terminal terminal (sandbox, { "queue", "flush" });

  ASSERT_NE (lock, nullptr) << error->message;
  EXPECT_TRUE (terminal.wait_for ("postseal: work: Waiting: ")) << terminal.seen ();
  postseal_lock_file_release (lock);
  EXPECT_EQ (terminal.finish (), 0) << terminal.seen ();
  EXPECT_TRUE (has (terminal.seen (), id + " sent: 250 ")) << terminal.seen ();
  EXPECT_EQ (smtp.messages ().size (), 1u);
}
