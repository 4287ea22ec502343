/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal-sendmail as scripts and mail clients call it: what it answers, and what it leaves in the
   outbox. */
#include <sys/stat.h>
#include <unistd.h>

#include "scenario/sendmail-fixture.h"

namespace postseal_test
{

namespace
{

/* --- messages --- */

TEST_F (SendmailProgram, TakesAMessageWithoutAWord)
{
  Outcome outcome = run ({ "bob@example.com" });

  EXPECT_EQ (outcome.status, 0);
  EXPECT_EQ (outcome.out + outcome.err, "");
  Queued one = taken ();
  EXPECT_EQ (one.account, "work");
  EXPECT_EQ (one.sender, "jane@example.org");
  EXPECT_EQ (one.recipients, Strings{ "bob@example.com" });
  EXPECT_EQ (one.text, on_the_wire (WHOLE));
  struct stat status;
  ASSERT_EQ (stat ((outbox () + "/queue/" + one.id).c_str (), &status), 0);
  EXPECT_EQ (status.st_mode & 0777, 0600u);
}

TEST_F (SendmailProgram, AddsWhatIsAbsent)
{
  EXPECT_EQ (run ({ "-F", "Jane at work", "bob@example.com" }, "Subject: x\n\ntext\n").status, 0);
  Queued one = taken ();
  EXPECT_TRUE (has (one.text, "From: ") && has (one.text, "Jane at work")
               && has (one.text, "<jane@example.org>\r\n"))
      << one.text;
  EXPECT_TRUE (has (one.text, "Date: ") && has (one.text, "Message-ID: <"));
  EXPECT_TRUE (has (one.text, "\r\n\r\ntext\r\n"));
}

TEST_F (SendmailProgram, EndsAtADotUnlessToldOtherwise)
{
  std::string input = WHOLE + "..\n.\nafter\n";
  std::string head = on_the_wire (WHOLE + "..\n");

  EXPECT_EQ (run ({ "bob@example.com" }, input).status, 0);
  EXPECT_EQ (taken ().text, head);
  for (const char *option : { "-i", "-oi", "-ti" })
    {
      forget ();
      EXPECT_EQ (run ({ option, "bob@example.com" }, input).status, 0);
      EXPECT_EQ (taken ().text, head + ".\r\nafter\r\n") << option;
    }
}

/* RFC 5322 section 3.6.3. */
TEST_F (SendmailProgram, TakesRecipientsFromTheHeaderAndHidesBcc)
{
  Outcome outcome = run ({ "-t", "-i", "erin@example.com" },
                         "From: jane@example.org\nTo: Bob <bob@example.com>,\n carol@example.com\n"
                         "Cc: friends: dave@example.com;\nbcc: secret@example.com,\n"
                         " hidden@example.com\nSubject: x\n\nBcc: not a field\n");

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  Queued one = taken ();
  std::sort (one.recipients.begin (), one.recipients.end ());
  EXPECT_EQ (one.recipients,
             (Strings{ "bob@example.com", "carol@example.com", "dave@example.com",
                       "erin@example.com", "hidden@example.com", "secret@example.com" }));
  EXPECT_FALSE (has (one.text, "secret") || has (one.text, "hidden")) << one.text;
  EXPECT_TRUE (has (one.text, "Bcc: not a field"));
}

TEST_F (SendmailProgram, HidesBccWithoutTooButSendsItNothing)
{
  EXPECT_EQ (run ({ "bob@example.com" }, "Bcc: secret@example.com\n" + WHOLE).status, 0);
  Queued one = taken ();
  EXPECT_EQ (one.recipients, Strings{ "bob@example.com" });
  EXPECT_FALSE (has (one.text, "secret"));
}

/* RFC 5322 section 3.6.6. */
TEST_F (SendmailProgram, TakesTheTopMostResentBlock)
{
  EXPECT_EQ (run ({ "-t" }, "Resent-From: jane@example.org\nResent-To: carol@example.com\n"
                            "Resent-Date: Mon, 05 Jan 2026 11:00:00 +0000\n"
                                + WHOLE)
                 .status,
             0);
  EXPECT_EQ (taken ().recipients, Strings{ "carol@example.com" });
}

TEST_F (SendmailProgram, ChoosesTheAccountBySender)
{
  struct
  {
    Strings options;
    const char *account;
    const char *sender;
  } cases[] = {
    { { "-f", "jane@example.org" }, "work", "jane@example.org" },
    { { "-fjane+news@EXAMPLE.org" }, "work", "jane+news@EXAMPLE.org" },
    { { "-rjd@example.net" }, "lists", "jd@example.net" },
    { { "-f", "<some-owner@lists.example.net>" }, "lists", "some-owner@lists.example.net" },
    { { "-f", "<>" }, "work", "" },
    { { "-f", "" }, "work", "" },
  };

  for (const auto &one : cases)
    {
      Strings arguments = one.options;

      arguments.push_back ("bob@example.com");
      Outcome outcome = run (arguments);
      EXPECT_EQ (outcome.status, 0) << outcome.err;
      Queued entry = taken ();
      EXPECT_EQ (entry.account, one.account) << one.options[0];
      EXPECT_EQ (entry.sender, one.sender) << one.options[0];
      forget ();
    }
}

TEST_F (SendmailProgram, KeepsWhatReportsAreWanted)
{
  EXPECT_EQ (run ({ "-N", "success,delay", "-Rhdrs", "-V", "id+1", "bob@example.com" }).status, 0);
  Queued one = taken ();
  EXPECT_EQ (one.notify,
             std::vector<guint>{ POSTSEAL_SMTP_NOTIFY_SUCCESS | POSTSEAL_SMTP_NOTIFY_DELAY });
  EXPECT_EQ (one.ret, POSTSEAL_SMTP_RETURN_HEADERS);
  EXPECT_EQ (one.envid, "id+1");
}

TEST_F (SendmailProgram, TakesWhatCronSays)
{
  g_autofree char *user = g_strdup (g_get_user_name ());

  EXPECT_EQ (run ({ "-FCronDaemon", "-i", "-B8BITMIME", "-oem", user },
                  "From: root (Cron Daemon)\nTo: root\nSubject: Cron\n\n"
                  "gr\xc3\xbc\xc3\x9f"
                  "e\n")
                 .status,
             0);
  EXPECT_EQ (taken ().recipients, Strings{ "jane@example.org" });
}

TEST_F (SendmailProgram, NeedsNoBusAndNoHome)
{
  std::string config = postseal_.path ("config/postseal/accounts.conf");
  Outcome outcome = run_in_shell ("unset DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR HOME DISPLAY\n"
                                  "exec \"$1\" -C \""
                                  + config + "\" bob@example.com");

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  taken ();
}

/* --- refusals --- */

TEST_F (SendmailProgram, RefusesWithTheRightStatusAndLeavesNothing)
{
  struct
  {
    Strings arguments;
    std::string input;
    int status;
  } cases[] = {
    { {}, WHOLE, 64 },
    { { "-Z", "bob@example.com" }, WHOLE, 64 },
    { { "-bd" }, WHOLE, 64 },
    { { "-N", "never,delay", "bob@example.com" }, WHOLE, 64 },
    { { "-t" }, "From: jane@example.org\n\ntext\n", 65 },
    { { "-t" }, "From: jane@example.org\nTo: \"bob@example.com\n\ntext\n", 65 },
    { { "bob@example.com" }, "", 65 },
    { { "bob@example.com" }, std::string ("From: jane@example.org\n\n\0\n", 26), 65 },
    { { "bob@example.com" }, "From: jane@example.org\n\na\rb\n", 65 },
    { { "bob@example.com" }, WHOLE + std::string (5000, 'x') + "\n", 65 },
    { { "not an address" }, WHOLE, 65 },
    { { "" }, WHOLE, 65 },
    { { "nobody-of-that-name" }, WHOLE, 65 },
    { { "bob@exa\xff"
        "mple.com" },
      WHOLE,
      65 },
    { { "bob@example.com\r\nRCPT TO:<eve@example.com>" }, WHOLE, 65 },
    { { "bob@example.com", "--", "-t" }, WHOLE, 65 },
    { { "-f", "mallory@elsewhere.example", "bob@example.com" }, WHOLE, 78 },
    { { "-f", "only@example.com", "bob@example.com" }, WHOLE, 78 },
    { { "bob@example.com" }, "From: mallory@elsewhere.example\n\ntext\n", 78 },
    { { "-C", "/nonexistent", "bob@example.com" }, WHOLE, 78 },
  };

  for (const auto &one : cases)
    {
      SCOPED_TRACE (one.arguments.empty () ? "" : one.arguments.back ());
      expect_refused (run (one.arguments, one.input), one.status);
    }
}

/* `-f $'a@b>\r\nRCPT TO:<c@d'` */
TEST_F (SendmailProgram, RefusesASenderThatWouldBecomeACommand)
{
  Outcome outcome
      = run ({ "-f", "jane@example.org>\r\nRCPT TO:<eve@example.com", "bob@example.com" });

  EXPECT_TRUE (outcome.status == 65 || outcome.status == 78) << outcome.status;
  EXPECT_EQ (queued ().size (), 0u);
}

TEST_F (SendmailProgram, SaysHowToMakeAnAccount)
{
  fs::remove (postseal_.path ("config/postseal/accounts.conf"));
  Outcome outcome = run ({ "bob@example.com" });

  expect_refused (outcome, 78);
  EXPECT_TRUE (has (outcome.err, "postseal account add")) << outcome.err;
}

TEST_F (SendmailProgram, TellsWhenTheQueueHasNoPlace)
{
  write_file (postseal_.path ("state/postseal/outbox"), "in the way");
  Outcome outcome = run ({ "bob@example.com" });

  EXPECT_EQ (outcome.status, 73) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "outbox"));
}

/* Root without the right to write everywhere is like anybody else. */
TEST_F (SendmailProgram, TellsWhenTheQueueCannotBeWritten)
{
  std::string script = geteuid () == 0
                           ? "exec setpriv --bounding-set=-dac_override,-dac_read_search"
                             " \"$1\" bob@example.com"
                           : "exec \"$1\" bob@example.com";

  ASSERT_EQ (run ({ "bob@example.com" }).status, 0);
  fs::permissions (outbox () + "/tmp", fs::perms::none);
  Outcome outcome = run_in_shell (script);
  fs::permissions (outbox () + "/tmp", fs::perms::owner_all);
  EXPECT_EQ (outcome.status, 73) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "postseal-sendmail: ")) << outcome.err;
  EXPECT_EQ (queued ().size (), 1u) << "the first one";
}

TEST_F (SendmailProgram, TellsWhenTheDiskIsFull)
{
  Outcome outcome = run_in_shell (
      "ulimit -f 64; exec \"$1\" -i bob@example.com", WHOLE + std::string (40, 'x') + "\n" + [] {
        std::string lines;
        for (int i = 0; i < 5000; i++)
          lines += "a line of forty letters and some more..\n";
        return lines;
      }());

  EXPECT_EQ (outcome.status, 74) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "postseal-sendmail: "));
  EXPECT_EQ (queued ().size (), 0u);
}

TEST_F (SendmailProgram, TellsWhenThereIsNothingToRead)
{
  EXPECT_EQ (run_in_shell ("exec \"$1\" bob@example.com </").status, 74);
  EXPECT_EQ (run_in_shell ("exec \"$1\" bob@example.com <&-").status, 74);
  EXPECT_EQ (queued ().size (), 0u);
}

/* A sentence that nobody reads is no reason to lose mail. */
TEST_F (SendmailProgram, TakesTheMessageWithNobodyToTalkTo)
{
  EXPECT_EQ (run_in_shell ("exec \"$1\" bob@example.com >&- 2>&-").status, 0);
  EXPECT_EQ (taken ().text, on_the_wire (WHOLE));
}

/* --- waking --- */

TEST_F (SendmailProgram, HasTheQueueSentInTheBackground)
{
  Outcome outcome = run_with_stub ({ "bob@example.com" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out, "");
  EXPECT_EQ (calls (1), Strings{ "queue flush --due" });
}

TEST_F (SendmailProgram, WakesWithTheSameAccounts)
{
  std::string other = postseal_.path ("other.conf");

  fs::copy_file (postseal_.path ("config/postseal/accounts.conf"), other);
  EXPECT_EQ (run_with_stub ({ "-C", other, "bob@example.com" }).status, 0);
  Strings all = calls (1);
  ASSERT_EQ (all.size (), 1u);
  EXPECT_TRUE (has (all[0], "--config") && has (all[0], other)) << all[0];
  EXPECT_TRUE (has (all[0], "queue flush --due")) << all[0];
}

TEST_F (SendmailProgram, WakesNobodyForNothing)
{
  EXPECT_NE (run_with_stub ({ "-t" }, "Subject: x\n\n").status, 0);
  std::this_thread::sleep_for (std::chrono::milliseconds (50));
  EXPECT_FALSE (fs::exists (log_path ()));
}

TEST_F (SendmailProgram, KeepsTheMessageWhenNobodyCanBeWoken)
{
  Outcome outcome = run ({ "bob@example.com" }, WHOLE, { { "POSTSEAL", "/nonexistent" } });

  EXPECT_EQ (outcome.status, 0);
  EXPECT_TRUE (has (outcome.err, "stays in the outbox")) << outcome.err;
  taken ();
}

TEST_F (SendmailProgram, SendsVisiblyWhenVerbose)
{
  Outcome outcome = run_with_stub ({ "-v", "bob@example.com" });
  std::string id = taken ().id;

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out, "Queued as " + id + "\nsaid by the stub\n");
  EXPECT_EQ (calls (1), Strings{ "queue flush --verbose " + id });

  write_file (log_path () + ".fail", "");
  outcome = run_with_stub ({ "-v", "bob@example.com" });
  EXPECT_EQ (outcome.status, 0);
  EXPECT_TRUE (has (outcome.err, "not sent yet")) << outcome.err;
}

TEST_F (SendmailProgram, RunsTheQueueOnce)
{
  EXPECT_EQ (run_with_stub ({ "-q" }).status, 0);
  EXPECT_EQ (run_with_stub ({ "-q30m" }).status, 0);
  EXPECT_EQ (run_with_stub ({ "-v", "-qI0abcdefghi" }).status, 0);
  EXPECT_EQ (calls (3),
             (Strings{ "queue flush", "queue flush", "queue flush --verbose 0abcdefghi" }));
  write_file (log_path () + ".fail", "");
  EXPECT_EQ (run_with_stub ({ "-q" }).status, 75);
}

/* --- other modes --- */

TEST_F (SendmailProgram, VerifiesAddressesWithoutSending)
{
  Outcome outcome = run ({ "-bv", "bob@example.com", "postmaster" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out, "bob@example.com... deliverable: account work\n"
                          "jane@example.org... deliverable: account work\n");
  outcome = run ({ "-bv", "-f", "jd@example.net", "no address", "carol@example.com" });
  EXPECT_EQ (outcome.status, 65);
  EXPECT_EQ (outcome.out, "carol@example.com... deliverable: account lists\n");
  EXPECT_EQ (run ({ "-bv" }).status, 64);
  EXPECT_EQ (queued ().size (), 0u);
}

TEST_F (SendmailProgram, ListsTheQueue)
{
  Outcome outcome = run ({ "-bp" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out, "Mail queue is empty\n");
  ASSERT_EQ (run ({ "bob@example.com", "carol@example.com" }).status, 0);
  ASSERT_EQ (run ({ "-f", "<>", "dave@example.com" }).status, 0);
  std::string id = queued ()[0].id;
  outcome = run ({ "-bp" });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient"));
  EXPECT_TRUE (has (outcome.out, id + " ")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, " jane@example.org\n" + std::string (42, ' ') + "bob@example.com\n"
                                     + std::string (42, ' ') + "carol@example.com\n\n"))
      << outcome.out;
  EXPECT_TRUE (has (outcome.out, " MAILER-DAEMON\n"));
  EXPECT_TRUE (has (outcome.out, "-- 1 Kbytes in 2 Requests.\n")) << outcome.out;
  EXPECT_EQ (run_as ("mailq").out, outcome.out);
  EXPECT_EQ (run_as ("mailq", { "-v" }).out, outcome.out);
}

TEST_F (SendmailProgram, HasNoAliases)
{
  for (const Outcome &outcome : { run_as ("newaliases"), run ({ "-bi" }), run ({ "-I" }) })
    {
      EXPECT_EQ (outcome.status, 0);
      EXPECT_EQ (outcome.out + outcome.err, "");
    }
}

TEST_F (SendmailProgram, ExplainsItself)
{
  EXPECT_TRUE (has (run ({ "--help" }).out, "postseal-sendmail"));
  EXPECT_TRUE (has (run ({ "--version" }).out, "postseal-sendmail"));
}

/* What it does not link cannot send a byte in clear, and costs no time to load. */
TEST_F (SendmailProgram, HoldsNeitherNetworkNorSecrets)
{
  Outcome outcome = run_program ({ "ldd", getenv ("POSTSEAL_SENDMAIL") });

  ASSERT_EQ (outcome.status, 0) << outcome.err;
  for (const char *library : { "libpostseal", "libgnutls", "libsecret", "libgmime", "libssl" })
    EXPECT_FALSE (has (outcome.out, library)) << outcome.out;
}

} // namespace
} // namespace postseal_test
