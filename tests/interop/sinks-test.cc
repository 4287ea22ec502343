/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Delivery to what is no Maildir: mbox, a program, LMTP. */

#include "fetch-fixture.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

using namespace postseal_test;

namespace
{

class SinksTest : public FetchTest
{
protected:
  void
  configure_sink (const std::string &deliver,
                  const std::string &more = {},
                  const std::string &scheme = "imap")
  {
    postseal_.configure (server ().account ("main", scheme, user_, deliver, more));
  }

  /* A delivery program that counts its calls and does @body with $1, a folder for it. */
  std::string
  make_program (const std::string &body)
  {
    std::string path = postseal_.path ("deliver");
    write_file (path, "#!/bin/sh\n" + body, 0700);
    std::filesystem::create_directories (postseal_.path ("out"));
    return "command:" + path + " " + postseal_.path ("out");
  }

  Contents
  handed_over () const
  {
    Contents contents;
    for (const auto &name : list_folder (postseal_.path ("out")))
      contents.insert (read_file (postseal_.path ("out/") + name));
    return contents;
  }
};

TEST_F (SinksTest, AppendsToAnMbox)
{
  fill (some_mail ());
  configure_sink ("mbox:" + postseal_.path ("box"), "keep=no\n");
  fetch_well ();
  EXPECT_EQ (on_server (), 0u);
  Outcome read = run_program ({ "/usr/bin/python3", "-c",
                                "import mailbox,sys\n"
                                "for m in mailbox.mbox(sys.argv[1]): print(m['Message-ID'])",
                                postseal_.path ("box") });
  ASSERT_EQ (read.status, 0) << read.err;
  for (const auto &message : some_mail ())
    {
      size_t at = message.text.find ("Message-ID: ") + 12;
      std::string id = message.text.substr (at, message.text.find ('\r', at) - at);
      EXPECT_NE (read.out.find (id + "\n"), std::string::npos) << id;
    }
  std::istringstream lines (read.out);
  size_t count = 0;
  for (std::string line; std::getline (lines, line);)
    count++;
  EXPECT_EQ (count, some_mail ().size ());
}

TEST_F (SinksTest, WaitsForNobodyWhoHoldsTheMboxForGood)
{
  fill ({ some_mail ()[0] });
  configure_sink ("mbox:" + postseal_.path ("box"));
  fetch_well ();
  EXPECT_FALSE (std::filesystem::exists (postseal_.path ("box.lock")));
}

TEST_F (SinksTest, HandsMessagesToAProgram)
{
  fill (some_mail ());
  configure_sink (make_program ("exec cat > \"$(mktemp \"$1/XXXXXX\")\"\n"), "keep=no\n");
  fetch_well ();
  EXPECT_EQ (compare_contents (file_forms (some_mail ()), handed_over ()), "");
  EXPECT_EQ (on_server (), 0u);
}

TEST_F (SinksTest, KeepsWhatTheProgramCannotTakeNow)
{
  fill (some_mail ());
  configure_sink (make_program ("exit 75\n"), "keep=no\n");
  Outcome outcome = fetch ();
  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_EQ (on_server (), some_mail ().size ());
  make_program ("exec cat > \"$(mktemp \"$1/XXXXXX\")\"\n");
  fetch_well ();
  EXPECT_EQ (compare_contents (file_forms (some_mail ()), handed_over ()), "");
  EXPECT_EQ (on_server (), 0u);
}

TEST_F (SinksTest, KeepsWhatTheProgramRefusesAndGoesOnWithTheRest)
{
  fill (some_mail ());
  configure_sink (make_program ("f=$(mktemp \"$1/XXXXXX\"); cat > $f\n"
                                "grep -q 'multipart/report' $f || exit 0\n"
                                "rm $f; exit 69\n"),
                  "keep=no\n");
  size_t bounces = 0;
  for (const auto &message : some_mail ())
    bounces += message.text.find ("multipart/report") != std::string::npos;
  ASSERT_GT (bounces, 0u);
  Outcome outcome = fetch ();
  EXPECT_EQ (outcome.status, 69) << outcome.err;
  EXPECT_EQ (handed_over ().size (), some_mail ().size () - bounces);
  EXPECT_EQ (on_server (), bounces);
}

TEST_F (SinksTest, TakesNoShellForTheProgram)
{
  fill ({ some_mail ()[0] });
  configure_sink ("command:/bin/cat $(touch " + postseal_.path ("touched") + ")");
  fetch ();
  EXPECT_FALSE (std::filesystem::exists (postseal_.path ("touched")));
}

TEST_F (SinksTest, HandsMessagesToLmtp)
{
  std::string target = server ().new_user ();
  fill (some_mail ());
  postseal_.configure (server ().account (
      "main", "imap", user_, "lmtp:127.0.0.1:" + std::to_string (server ().port ("lmtp")),
      "keep=no\naddress=" + target + "\n"));
  /* The recipient is the account's address. */
  std::string text = read_file (postseal_.path ("config/postseal/accounts.conf"));
  size_t first = text.find ("address=");
  text.erase (first, text.find ('\n', first) + 1 - first);
  size_t second = text.find ("address=" + target);
  text.replace (second, 8 + target.size (), "address=" + target + "@example.org");
  postseal_.configure (text);
  fetch_well ();
  EXPECT_EQ (on_server (), 0u);
  auto arrived = server ().admin (target + "@example.org")->messages ("INBOX");
  EXPECT_EQ (arrived.size (), some_mail ().size ());
  Contents tails;
  for (const auto &[uid, message] : arrived)
    tails.insert (message);
  for (const auto &message : some_mail ())
    EXPECT_TRUE (std::any_of (tails.begin (), tails.end (), [&] (const std::string &got) {
      return got.size () >= message.text.size ()
             && got.compare (got.size () - message.text.size (), std::string::npos, message.text)
                    == 0;
    })) << message.name;
}

TEST_F (SinksTest, SendsNothingToLmtpElsewhere)
{
  fill ({ some_mail ()[0] });
  configure_sink ("lmtp:192.0.2.1:24", "keep=no\ntimeout=2s\n");
  Outcome outcome = fetch ();
  EXPECT_TRUE (outcome.status == 76 || outcome.status == 78) << outcome.status << outcome.err;
  EXPECT_LT (outcome.seconds, 2.0);
  EXPECT_EQ (on_server (), 1u);
}

TEST_F (SinksTest, PrependsTheTraceHeaderWhereItIsAskedFor)
{
  fill (some_mail ());
  configure ("imap", "trace-header=yes\n");
  fetch_well ();
  Contents found = delivered ();
  ASSERT_EQ (found.size (), some_mail ().size ());
  Contents bodies;
  for (const auto &text : found)
    {
      EXPECT_EQ (text.compare (0, 9, "Received:"), 0) << text.substr (0, 80);
      EXPECT_NE (text.find ("TLS"), std::string::npos);
      size_t at = text.find ("\nReturn-Path:");
      ASSERT_NE (at, std::string::npos);
      bodies.insert (text.substr (at + 1));
    }
  EXPECT_EQ (compare_contents (file_forms (some_mail ()), bodies), "");
}

} // namespace
