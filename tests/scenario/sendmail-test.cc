/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal-sendmail as scripts and mail clients call it: what it answers, and what it leaves in the
   outbox. Nothing is sent: it wakes a stub. */
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "outbox/envelope.h"
#include "support/postseal-instance.h"

namespace fs = std::filesystem;

namespace postseal_test
{

namespace
{

using Strings = std::vector<std::string>;

const std::string WHOLE = "From: jane@example.org\nTo: bob@example.com\nSubject: Hello\n"
                          "Date: Mon, 05 Jan 2026 10:00:00 +0000\nMessage-ID: <1@example.org>\n\n"
                          "text\n";

std::string
on_the_wire (const std::string &text)
{
  std::string out;

  for (char letter : text)
    out += letter == '\n' ? "\r\n" : std::string (1, letter);
  return out;
}

bool
has (const std::string &text, const std::string &piece)
{
  return text.find (piece) != std::string::npos;
}

/* One file of the queue. */
struct Queued
{
  std::string id;
  std::string account;
  std::string sender;
  Strings recipients;
  std::vector<guint> notify;
  PostsealSmtpReturn ret = POSTSEAL_SMTP_RETURN_UNSET;
  std::string envid;
  std::string text;
};

class SendmailProgram : public testing::Test
{
protected:
  void
  SetUp () override
  {
    ASSERT_NE (getenv ("POSTSEAL_SENDMAIL"), nullptr);
    postseal_.configure ("[account work]\naddress=jane@example.org\nname=Jane Doe\n"
                         "send=submission://smtp.example.org\n"
                         "[account lists]\naddress=jd@example.net\nsend-as=*@lists.example.net\n"
                         "send=submissions://smtp.example.net\n"
                         "[account inbox]\naddress=only@example.com\n"
                         "receive=imap://imap.example.com\n");
    /* What postseal-sendmail takes for the program postseal. */
    write_file (postseal_.path ("stub"), "#!/bin/sh\nprintf '%s\\n' \"$*\" >> \"" + log_path ()
                                             + "\"\necho said by the stub\n[ ! -e \"" + log_path ()
                                             + ".fail\" ] || exit 75\n");
    fs::permissions (postseal_.path ("stub"), fs::perms::owner_all);
  }

  std::string
  log_path () const
  {
    return postseal_.path ("calls");
  }

  /* The calls of the stub, once there are @count of them: it is woken in the background. */
  Strings
  calls (size_t count)
  {
    Strings lines;

    for (int i = 0; i < 500 && lines.size () < count; i++)
      {
        std::string text = fs::exists (log_path ()) ? read_file (log_path ()) : "";

        lines.clear ();
        for (size_t at = 0, end; (end = text.find ('\n', at)) != std::string::npos; at = end + 1)
          lines.push_back (text.substr (at, end - at));
        if (lines.size () < count)
          std::this_thread::sleep_for (std::chrono::milliseconds (10));
      }
    return lines;
  }

  Outcome
  run (const Strings &arguments, const std::string &input = WHOLE, Environment environment = {})
  {
    if (environment.count ("POSTSEAL") == 0)
      environment["POSTSEAL"] = "/bin/true";
    return postseal_.run_sendmail (arguments, input, environment);
  }

  Outcome
  run_with_stub (const Strings &arguments, const std::string &input = WHOLE)
  {
    return run (arguments, input, { { "POSTSEAL", postseal_.path ("stub") } });
  }

  /* "$1" is the program. */
  Outcome
  run_in_shell (const std::string &script, const std::string &input = WHOLE)
  {
    return run_program ({ "/bin/sh", "-c", script, "sh", getenv ("POSTSEAL_SENDMAIL") },
                        postseal_.complete ({ { "POSTSEAL", "/bin/true" } }), input);
  }

  /* Called as @name. */
  Outcome
  run_as (const std::string &name, const Strings &arguments = {})
  {
    Strings all = arguments;

    if (!fs::exists (postseal_.path (name)))
      fs::create_symlink (getenv ("POSTSEAL_SENDMAIL"), postseal_.path (name));
    all.insert (all.begin (), postseal_.path (name));
    return run_program (all, postseal_.complete ({ { "POSTSEAL", postseal_.path ("stub") } }), "");
  }

  std::string
  outbox () const
  {
    return postseal_.path ("state/postseal/outbox");
  }

  static Strings
  names (const std::string &folder)
  {
    Strings all;
    std::error_code ignored;

    for (const auto &entry : fs::directory_iterator (folder, ignored))
      all.push_back (entry.path ().filename ());
    std::sort (all.begin (), all.end ());
    return all;
  }

  static Queued
  read_entry (const std::string &path)
  {
    std::string file = read_file (path);
    g_autoptr (GError) error = nullptr;
    gsize length = 0;
    g_autoptr (PostsealEnvelope) envelope
        = postseal_envelope_parse (file.data (), file.size (), &length, &error);
    Queued one;

    if (envelope == nullptr)
      {
        ADD_FAILURE () << error->message;
        return one;
      }
    one.id = fs::path (path).filename ();
    one.account = envelope->account;
    one.sender = envelope->sender;
    one.ret = envelope->ret;
    one.envid = envelope->envid != nullptr ? envelope->envid : "";
    one.text = file.substr (length);
    EXPECT_EQ (envelope->length, one.text.size ());
    for (guint i = 0; i < envelope->recipients->len; i++)
      {
        auto *known = (PostsealEnvelopeRecipient *)g_ptr_array_index (envelope->recipients, i);

        one.recipients.push_back (known->address);
        one.notify.push_back (known->notify);
      }
    return one;
  }

  std::vector<Queued>
  queued ()
  {
    std::vector<Queued> all;

    for (const auto &name : names (outbox () + "/queue"))
      all.push_back (read_entry (outbox () + "/queue/" + name));
    EXPECT_EQ (names (outbox () + "/tmp"), Strings{});
    return all;
  }

  /* The only one. */
  Queued
  taken ()
  {
    auto all = queued ();

    EXPECT_EQ (all.size (), 1u);
    all.resize (1);
    return all[0];
  }

  void
  expect_refused (const Outcome &outcome, int status)
  {
    EXPECT_EQ (outcome.status, status) << outcome.err;
    EXPECT_EQ (outcome.err.substr (0, 19), "postseal-sendmail: ") << outcome.err;
    EXPECT_EQ (outcome.out, "");
    EXPECT_TRUE (g_utf8_validate (outcome.err.c_str (), -1, nullptr));
    EXPECT_EQ (queued ().size (), 0u);
  }

  void
  forget ()
  {
    fs::remove_all (outbox ());
  }

  PostsealInstance postseal_;
};

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

TEST_F (SendmailProgram, TellsWhenTheQueueCannotBeWritten)
{
  if (geteuid () == 0)
    GTEST_SKIP () << "root may write everywhere";
  ASSERT_EQ (run ({ "bob@example.com" }).status, 0);
  fs::permissions (outbox () + "/tmp", fs::perms::none);
  EXPECT_EQ (run ({ "bob@example.com" }).status, 73);
  fs::permissions (outbox () + "/tmp", fs::perms::owner_all);
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
  EXPECT_TRUE (has (outcome.err, "queued")) << outcome.err;
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

/* --- SMTP on standard input --- */

class SendmailSmtp : public SendmailProgram
{
protected:
  /* The codes of the replies to @lines, behind the greeting; of a multi-line one the last. */
  std::string
  talk (const std::string &lines)
  {
    std::string codes;

    outcome_ = run_with_stub ({ "-bs" }, lines);
    for (size_t at = 0, end; (end = outcome_.out.find ("\r\n", at)) != std::string::npos;
         at = end + 2)
      if (outcome_.out[at + 3] == ' ')
        codes += (codes.empty () ? "" : " ") + outcome_.out.substr (at, 3);
    EXPECT_EQ (codes.substr (0, 3), "220") << outcome_.out << outcome_.err;
    return codes.size () > 4 ? codes.substr (4) : "";
  }

  const std::string head_ = "EHLO desk\r\nMAIL FROM:<jane@example.org>\r\n"
                            "RCPT TO:<bob@example.com>\r\nDATA\r\n";
  Outcome outcome_;
};

TEST_F (SendmailSmtp, TakesAMessage)
{
  std::string text = on_the_wire (WHOLE);

  EXPECT_EQ (talk (head_ + text + "..dot\r\n.\r\nQUIT\r\n"), "250 250 250 354 250 221")
      << outcome_.out;
  EXPECT_EQ (outcome_.status, 0);
  Queued one = taken ();
  EXPECT_EQ (one.text, text + ".dot\r\n");
  EXPECT_EQ (one.sender, "jane@example.org");
  EXPECT_EQ (one.recipients, Strings{ "bob@example.com" });
  EXPECT_TRUE (has (outcome_.out, "Queued as " + one.id));
  EXPECT_EQ (calls (1), Strings{ "queue flush --due" });
}

TEST_F (SendmailSmtp, OffersWhatItCanDo)
{
  talk ("EHLO desk\r\nQUIT\r\n");
  for (const char *keyword : { "250-8BITMIME\r\n", "250-SIZE ", "250-DSN\r\n", "250-SMTPUTF8\r\n",
                               "250 ENHANCEDSTATUSCODES\r\n" })
    EXPECT_TRUE (has (outcome_.out, keyword)) << keyword;
  for (const char *keyword : { "PIPELINING", "AUTH", "STARTTLS", "CHUNKING" })
    EXPECT_FALSE (has (outcome_.out, keyword)) << keyword;
}

TEST_F (SendmailSmtp, TakesSeveralMessagesAndWakesOnce)
{
  std::string message = "MAIL FROM:<jane@example.org> SIZE=100 BODY=8BITMIME RET=FULL ENVID=x\r\n"
                        "RCPT TO:<bob@example.com> NOTIFY=NEVER\r\nDATA\r\n"
                        + on_the_wire (WHOLE) + ".\r\n";

  EXPECT_EQ (talk ("HELO desk\r\n" + message + message + "RSET\r\n" + message + "QUIT\r\n"),
             "250 250 250 354 250 250 250 354 250 250 250 250 354 250 221");
  auto all = queued ();
  ASSERT_EQ (all.size (), 3u);
  for (const auto &one : all)
    {
      EXPECT_EQ (one.notify, std::vector<guint>{ POSTSEAL_SMTP_NOTIFY_NEVER });
      EXPECT_EQ (one.envid, "x");
      EXPECT_EQ (one.ret, POSTSEAL_SMTP_RETURN_FULL);
    }
  EXPECT_EQ (calls (1).size (), 1u);
}

/* What was acknowledged is sent, whether or not goodbye was said. */
TEST_F (SendmailSmtp, WakesWithoutQuitToo)
{
  EXPECT_EQ (talk (head_ + on_the_wire (WHOLE) + ".\r\n"), "250 250 250 354 250");
  taken ();
  EXPECT_EQ (calls (1).size (), 1u);
}

TEST_F (SendmailSmtp, QueuesNoHalfMessage)
{
  for (const char *end : { "", "\r\n", "\r\n.", "\r\n.\r", "\n.\n", "\r\n.\n", "\n.\r\n" })
    {
      EXPECT_EQ (talk (head_ + "Subject: x\r\n\r\ntext" + end), "250 250 250 354") << end;
      EXPECT_EQ (queued ().size (), 0u);
    }
  EXPECT_FALSE (fs::exists (log_path ()));
}

/* SMTP smuggling: every combination of CR, LF and a dot, once with CR LF . CR LF behind it. */
TEST_F (SendmailSmtp, TakesOneMessageOrNoneWhateverTheLineEnds)
{
  const Strings ends = { "\r", "\n", "\r\n", "\n\r", "\r\r\n", "\n\n", "\r\r", "\n\r\n", "" };
  const std::string smuggled = "MAIL FROM:<jane@example.org>\r\nRCPT TO:<eve@example.com>\r\n"
                               "DATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n";

  for (const auto &before : ends)
    for (const auto &after : ends)
      {
        bool is_end = before.size () >= 2 && before.substr (before.size () - 2) == "\r\n"
                      && after.substr (0, 2) == "\r\n";

        if (is_end)
          continue;
        talk (head_ + "From: jane@example.org\r\nSubject: x\r\n\r\ntext" + before + "." + after
              + smuggled + "QUIT\r\n");
        for (const auto &one : queued ())
          {
            EXPECT_EQ (one.recipients, Strings{ "bob@example.com" });
            EXPECT_TRUE (has (one.text, "smuggled")) << "it is text of the one message";
            EXPECT_FALSE (has (one.text, "\n.\r\n"));
          }
        EXPECT_LE (queued ().size (), 1u);
        if (!before.empty () && before != "\r\n")
          {
            EXPECT_EQ (queued ().size (), 0u);
            EXPECT_TRUE (has (outcome_.out, "554 5.6.0")) << outcome_.out;
          }
        forget ();
      }
}

TEST_F (SendmailSmtp, RefusesLinesThatDoNotEndWithCrLf)
{
  EXPECT_EQ (talk ("EHLO desk\nEHLO desk\r\nMAIL FROM:<jane@example.org>\nNOOP\rQUIT\r\n"
                   "RCPT TO:<bob@example.com>\r\nQUIT\r\n"),
             "500 250 500 500 503 221")
      << outcome_.out;
  EXPECT_EQ (talk ("NOOP " + std::string (10000, 'x') + "\r\nQUIT\r\n"), "500 221");
}

TEST_F (SendmailSmtp, KeepsTheOrderOfCommands)
{
  EXPECT_EQ (talk ("MAIL FROM:<jane@example.org>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n"
                   "EHLO desk\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n"
                   "MAIL FROM:<jane@example.org>\r\nMAIL FROM:<jane@example.org>\r\nDATA\r\n"
                   "RCPT TO:<bob@example.com>\r\nRSET\r\nDATA\r\nQUIT\r\n"),
             "503 503 503 250 503 503 250 503 503 250 250 503 221")
      << outcome_.out;
}

TEST_F (SendmailSmtp, KnowsTheOtherCommands)
{
  EXPECT_EQ (talk ("NOOP\r\nNOOP x\r\nVRFY bob\r\nHELP\r\nEXPN x\r\nAUTH PLAIN =\r\nSTARTTLS\r\n"
                   "BDAT 5 LAST\r\nXYZZY\r\n\r\nDATA now\r\nHELO\r\nMAIL\r\nMAILFROM:<a@b>\r\n"
                   "quit\r\n"),
             "250 250 252 214 502 502 502 502 500 500 501 501 500 500 221")
      << outcome_.out;
}

TEST_F (SendmailSmtp, RefusesWhoIsNotAnAccount)
{
  EXPECT_EQ (talk ("EHLO desk\r\nMAIL FROM:<mallory@elsewhere.example>\r\nMAIL FROM:<>\r\n"
                   "RCPT TO:<>\r\nRCPT TO:<not an address>\r\nRCPT TO:<nobody-here>\r\n"
                   "RCPT TO:<postmaster>\r\nQUIT\r\n"),
             "250 550 250 553 553 553 250 221")
      << outcome_.out;
}

TEST_F (SendmailSmtp, ReadsParametersStrictly)
{
  EXPECT_EQ (talk ("EHLO desk\r\n"
                   "MAIL FROM:<jane@example.org> SIZE=x\r\n"
                   "MAIL FROM:<jane@example.org> FUTURE=1\r\n"
                   "MAIL FROM:<jane@example.org> SIZE=9000000000000\r\n"
                   "MAIL FROM:jane@example.org\r\n"
                   "MAIL FROM:<jane@example.org>\r\n"
                   "RCPT TO:<bob@example.com> NOTIFY=SOMETIMES\r\n"
                   "RCPT TO:<\xce\xb4@example.com>\r\n"
                   "RCPT TO:<bob@example.com> NOTIFY=SUCCESS ORCPT=rfc822;b@example.com\r\n"
                   "RCPT TO:<carol@example.com>\r\n"
                   "RSET\r\nMAIL FROM:<jane@example.org> SMTPUTF8\r\n"
                   "RCPT TO:<\xce\xb4@example.com>\r\n"
                   "QUIT\r\n"),
             "250 501 555 552 501 250 501 553 250 452 250 250 250 221")
      << outcome_.out;
}

TEST_F (SendmailSmtp, SaysWhatIsWrongWithAMessage)
{
  EXPECT_EQ (talk (head_ + ".\r\nQUIT\r\n"), "250 250 250 354 554 221") << outcome_.out;
  EXPECT_EQ (talk (head_ + "From: jane@example.org\r\n\r\n" + std::string (2000, 'x')
                   + "\r\n.\r\nQUIT\r\n"),
             "250 250 250 354 554 221")
      << outcome_.out;
  /* And has forgotten it. */
  EXPECT_EQ (talk (head_ + ".\r\nDATA\r\nQUIT\r\n"), "250 250 250 354 554 503 221");
  EXPECT_EQ (queued ().size (), 0u);
  EXPECT_TRUE (g_str_is_ascii (outcome_.out.c_str ()));
}

TEST_F (SendmailSmtp, TellsWhenTheDiskIsFull)
{
  std::string lines;

  for (int i = 0; i < 5000; i++)
    lines += "a line of forty letters and some more..\r\n";
  Outcome outcome = run_in_shell ("ulimit -f 64; exec \"$1\" -bs",
                                  head_ + on_the_wire (WHOLE) + lines + ".\r\nNOOP\r\nQUIT\r\n");

  EXPECT_TRUE (has (outcome.out, "\r\n452 4.3.1")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "\r\n221 ")) << outcome.out;
  EXPECT_EQ (queued ().size (), 0u);
}

TEST_F (SendmailSmtp, SpeaksToNobodyWithoutAccounts)
{
  fs::remove (postseal_.path ("config/postseal/accounts.conf"));
  Outcome outcome = run ({ "-bs" }, "QUIT\r\n");

  EXPECT_EQ (outcome.status, 78);
  EXPECT_EQ (outcome.out.substr (0, 4), "421 ");
}

} // namespace
} // namespace postseal_test
