/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The programs that people send with, with Postseal in the place of their sendmail. */

#include "send-fixture.h"

#include <filesystem>

using namespace postseal_test;

namespace fs = std::filesystem;

namespace
{

using Strings = std::vector<std::string>;

class SendProgramsTest : public SendTest
{
protected:
  void
  SetUp () override
  {
    use_server ("aiosmtpd");
    if (server_)
      configure ("submission");
    sendmail_ = getenv ("POSTSEAL_SENDMAIL") ? getenv ("POSTSEAL_SENDMAIL") : "";
    ASSERT_NE (sendmail_, "");
  }

  Outcome
  run (const Strings &arguments, const std::string &input = {}, Environment more = {})
  {
    return run_program (arguments, postseal_.complete (more), input);
  }

  /* Runs a Python program with the path of postseal-sendmail as its argument. */
  void
  run_python (const std::string &text)
  {
    Outcome outcome = run ({ "/usr/bin/python3", "-c", text, sendmail_ });
    EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  }

  /* Runs git in a repository, and demands success. */
  void
  git (Strings arguments)
  {
    arguments.insert (arguments.begin (),
                      { "git", "-C", postseal_.path ("repository"), "-c", "user.name=Jane Ambrose",
                        "-c", "user.email=jane@example.org" });
    Outcome outcome
        = run (arguments, {}, { { "GIT_CONFIG_NOSYSTEM", "1" }, { "GIT_TERMINAL_PROMPT", "0" } });
    ASSERT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  }

  void
  make_commits (int count)
  {
    fs::create_directories (postseal_.path ("repository"));
    git ({ "init", "-q" });
    for (int i = 1; i <= count; i++)
      {
        write_file (postseal_.path ("repository/file"), "line " + std::to_string (i)
                                                            + "\n.\nFrom gr\xc3\xbc\xc3\x9f"
                                                              "e\n");
        git ({ "add", "file" });
        git ({ "commit", "-qm", "Change " + std::to_string (i) });
      }
  }

  static std::string
  field (const Submitted &submitted, const std::string &name)
  {
    std::string head = "\r\n" + submitted.text.substr (0, submitted.text.find ("\r\n\r\n") + 2);
    size_t at = head.find ("\r\n" + name + ": ");
    if (at == std::string::npos)
      return {};
    at += name.size () + 4;
    return head.substr (at, head.find ("\r\n", at) - at);
  }

  std::string sendmail_;
};

TEST_F (SendProgramsTest, GitSendsPatches)
{
  make_commits (3);
  git ({ "send-email", "--sendmail-cmd=" + sendmail_, "--to=bob@example.net",
         "--cc=carol@example.com", "--bcc=dave@example.org", "--suppress-cc=self",
         "--confirm=never", "--quiet", "-3" });
  wait_until_sent ();
  auto all = arrived (3);
  for (const auto &submitted : all)
    {
      EXPECT_EQ (submitted.sender, "jane@example.org");
      EXPECT_EQ (sorted (submitted.recipients),
                 (Strings{ "bob@example.net", "carol@example.com", "dave@example.org" }));
      EXPECT_NE (submitted.text.find ("diff --git"), std::string::npos);
      EXPECT_EQ (submitted.text.find ("dave"), std::string::npos);
    }
}

TEST_F (SendProgramsTest, GitKnowsTheOldWayOfNamingSendmail)
{
  make_commits (1);
  git ({ "-c", "sendemail.smtpserver=" + sendmail_, "send-email", "--to=bob@example.net",
         "--suppress-cc=all", "--confirm=never", "--quiet", "-1" });
  wait_until_sent ();
  EXPECT_EQ (arrived (1)[0].recipients, Strings{ "bob@example.net" });
}

TEST_F (SendProgramsTest, MailxSends)
{
  if (!may_have_mta ())
    GTEST_SKIP () << "needs root, and a machine without another mail server";
  write_file (postseal_.path ("mailrc"), "set sendmail=" + sendmail_ + "\n");
  Outcome outcome = run ({ "bsd-mailx", "-s", "Disk nearly full", "-c", "carol@example.com", "-b",
                           "dave@example.org", "bob@example.net" },
                         "93 % used\n.\nreally\n", { { "MAILRC", postseal_.path ("mailrc") } });
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  /* It does not wait for its sendmail. */
  std::vector<Submitted> all;
  for (int i = 0; i < 1000 && all.empty (); i++)
    {
      std::this_thread::sleep_for (std::chrono::milliseconds (10));
      all = server ().take ();
    }
  ASSERT_EQ (all.size (), 1u);
  EXPECT_EQ (sorted (all[0].recipients),
             (Strings{ "bob@example.net", "carol@example.com", "dave@example.org" }));
  EXPECT_EQ (field (all[0], "Subject"), "Disk nearly full");
  EXPECT_EQ (all[0].text.find ("dave"), std::string::npos);
  EXPECT_NE (field (all[0], "From").find ("jane@example.org"), std::string::npos) << all[0].text;
  EXPECT_NE (field (all[0], "Date"), "");
  EXPECT_NE (field (all[0], "Message-ID"), "");
}

TEST_F (SendProgramsTest, SwaksTalksToItThroughAPipe)
{
  Outcome outcome
      = run ({ "swaks", "--pipe", sendmail_ + " -bs", "--helo", "desk.example.org", "--from",
               "jane@example.org", "--to", "bob@example.net,carol@example.com", "--header",
               "Subject: through a pipe", "--body", "one\n.\n..two\n" });
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  wait_until_sent ();
  auto all = arrived (1);
  EXPECT_EQ (sorted (all[0].recipients), (Strings{ "bob@example.net", "carol@example.com" }));
  EXPECT_EQ (field (all[0], "Subject"), "through a pipe");
  EXPECT_NE (all[0].text.find ("\r\none\r\n.\r\n..two\r\n"), std::string::npos) << all[0].text;
}

TEST_F (SendProgramsTest, PythonSendsWhatItsEmailPackageBuilds)
{
  run_python (R"(
import subprocess, sys
from email.message import EmailMessage
from email.policy import SMTP
message = EmailMessage()
message["From"] = "Jane Ambrose <jane@example.org>"
message["To"] = "Bob <bob@example.net>, Łukasz <carol@example.com>"
message["Bcc"] = "dave@example.org"
message["Subject"] = "Grüße, mit Anhang"
message.set_content("Guten Tag.\n.\n")
message.add_alternative("<p>Guten Tag.</p>", subtype="html")
message.add_attachment(bytes(range(256)), maintype="application", subtype="octet-stream", filename="all.bin")
for data in (message.as_bytes(), message.as_bytes(policy=SMTP)):
    subprocess.run([sys.argv[1], "-t", "-oi"], input=data, check=True)
)");
  wait_until_sent ();
  auto all = arrived (2);
  for (const auto &submitted : all)
    {
      EXPECT_EQ (sorted (submitted.recipients),
                 (Strings{ "bob@example.net", "carol@example.com", "dave@example.org" }));
      EXPECT_EQ (submitted.text.find ("dave"), std::string::npos);
      EXPECT_NE (submitted.text.find ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"),
                 std::string::npos);
    }
}

TEST_F (SendProgramsTest, PythonReadsBackExactlyWhatItSent)
{
  /* smtplib's own idea of the message, recorded by the same server, against ours. */
  std::string program = R"(
import smtplib, ssl, subprocess, sys
from email.message import EmailMessage
message = EmailMessage()
message["From"] = "jane@example.org"
message["To"] = "bob@example.net"
message["Date"] = "Mon, 05 Jan 2026 10:00:00 +0000"
message["Message-ID"] = "<twice@example.org>"
message["Subject"] = "Twice the same"
message.set_content("one\n.\n..\nthree\n", cte="7bit")
with smtplib.SMTP("localhost", PORT) as peer:
    peer.starttls(context=ssl.create_default_context(cafile="CA"))
    peer.login("jane", open("SECRET").read().strip())
    peer.send_message(message)
subprocess.run([sys.argv[1], "-t", "-i"], input=message.as_bytes(), check=True)
)";
  for (const auto &[word, value] :
       Environment{ { "PORT", std::to_string (server ().port ("submission")) },
                    { "CA", server ().ca_file () },
                    { "SECRET", server ().password_file () } })
    for (size_t at = program.find (word); at != std::string::npos; at = program.find (word, at))
      program.replace (at, word.size (), value);
  run_python (program);
  wait_until_sent ();
  auto all = arrived (2);
  EXPECT_EQ (all[0].text, all[1].text);
}

TEST_F (SendProgramsTest, CronWritesToTheUser)
{
  std::string message = "From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@desk> backup\n"
                        "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
                        "Content-Transfer-Encoding: 8bit\nX-Cron-Env: <SHELL=/bin/sh>\n\n"
                        "rsync: gr\xc3\xbc\xc3\x9f"
                        "e\n";
  Outcome outcome
      = postseal_.run_sendmail ({ "-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root" }, message);
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  wait_until_sent ();
  auto all = arrived (1);
  EXPECT_EQ (all[0].recipients, Strings{ "jane@example.org" });
  EXPECT_EQ (all[0].sender, "jane@example.org");
  EXPECT_NE (all[0].text.find ("Subject: Cron <root@desk> backup\r\n"), std::string::npos);
}

TEST_F (SendProgramsTest, OptionsOfMailClientsAreUnderstood)
{
  /* mutt, alpine, nail, php, exim's habits: what they pass before the recipients */
  const std::vector<Strings> habits = {
    { "-oem", "-oi" },
    { "-oem", "-oi", "-f", "jane@example.org", "--" },
    { "-oi", "-oem", "-odb", "-B8BITMIME" },
    { "-bm", "-i", "-r", "jane@example.org" },
    { "-i", "-F", "Jane Ambrose", "-fjane@example.org", "--" },
    { "-N", "failure,delay", "-R", "hdrs", "-i", "--" },
    { "-oem", "-om", "-oi", "-O", "DeliveryMode=b", "-O", "ErrorMode=m" },
  };
  for (const auto &options : habits)
    {
      Strings arguments = options;
      arguments.push_back ("bob@example.net");
      Outcome outcome = postseal_.run_sendmail (arguments, whole_message ("habit"));
      EXPECT_EQ (outcome.status, 0) << options[0] << outcome.err;
    }
  wait_until_sent ();
  for (const auto &submitted : arrived (habits.size ()))
    EXPECT_EQ (submitted.text, to_wire_form (whole_message ("habit")));
}

TEST_F (SendProgramsTest, ALineWithADotEndsTheMessageUnlessToldOtherwise)
{
  Outcome outcome = postseal_.run_sendmail (
      { "bob@example.net" }, "From: jane@example.org\nSubject: dot\n\nbefore\n.\nafter\n");
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  wait_until_sent ();
  auto all = arrived (1);
  EXPECT_NE (all[0].text.find ("before"), std::string::npos);
  EXPECT_EQ (all[0].text.find ("after"), std::string::npos);
}

TEST_F (SendProgramsTest, MailqShowsWhatWaits)
{
  fs::create_symlink (sendmail_, postseal_.path ("mailq"));
  fs::create_symlink (sendmail_, postseal_.path ("newaliases"));
  Outcome outcome
      = postseal_.run_sendmail ({ "-i", "bob@example.net" }, whole_message ("mailq"), asleep);
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  outcome = run ({ postseal_.path ("mailq") });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_NE (outcome.out.find ("bob@example.net"), std::string::npos) << outcome.out;
  outcome = postseal_.run_sendmail ({ "-bp" }, "");
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_NE (outcome.out.find ("bob@example.net"), std::string::npos) << outcome.out;
  EXPECT_EQ (run ({ postseal_.path ("newaliases") }).status, 0);
  outcome = postseal_.run_sendmail ({ "-q" }, "");
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  wait_until_sent ();
  arrived (1);
}

TEST_F (SendProgramsTest, WhatCannotGoIsRefusedWithTheRightStatus)
{
  struct
  {
    Strings arguments;
    std::string message;
    int status;
  } cases[] = {
    { { "-i" }, whole_message ("nobody"), 64 },
    { { "-t", "-i" }, "Subject: nobody\n\ntext\n", 65 },
    { { "-i", "not an address" }, whole_message ("address"), 65 },
    { { "-i", "bob@example.net" }, "", 65 },
    { { "-i", "bob@example.net" }, "Subject: long\n\n" + std::string (5000, 'x') + "\n", 65 },
    { { "-i", "-f", "mallory@elsewhere.example", "bob@example.net" }, whole_message ("f"), 78 },
    { { "-i", "--no-such-option", "bob@example.net" }, whole_message ("option"), 64 },
  };
  for (const auto &one : cases)
    {
      Outcome outcome = postseal_.run_sendmail (one.arguments, one.message, asleep);
      EXPECT_EQ (outcome.status, one.status)
          << one.arguments.back () << ": " << outcome.out << outcome.err;
      EXPECT_FALSE (outcome.err.empty ()) << one.arguments.back ();
    }
  EXPECT_TRUE (is_queue_empty ()) << queue ();
}

} // namespace
