/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "postseal trace": what was fetched is found again, with its seal. */

#include "fetch-fixture.h"

#include <filesystem>
#include <fstream>

using namespace postseal_test;

namespace
{

namespace fs = std::filesystem;

class TraceTest : public FetchTest
{
protected:
  static std::string
  message (const std::string &id)
  {
    return "Received: from mail.example.com (mail.example.com [192.0.2.1])\r\n"
           "\tby mx.example.org (Postfix) with ESMTPS id 1\r\n"
           "\tfor <jane@example.org>; Tue, 3 Nov 2026 10:11:12 +0100\r\n"
           "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=example.com\r\n"
           "Received: from laptop (unknown [203.0.113.9]) by mail.example.com with ESMTP id 2;\r\n"
           "\tTue, 3 Nov 2026 10:11:10 +0100\r\n"
           "From: Alice <alice@example.com>\r\nSubject: tea\r\nMessage-ID: <"
           + id + "@example.com>\r\n\r\nHello " + id + "\r\n";
  }

  /* Fetches messages 1 and 2. */
  void
  fetch_two (const std::string &scheme, const std::string &more = {})
  {
    server ().admin (user_)->append ("INBOX", { message ("1"), message ("2") });
    configure (scheme, more);
    fetch_well ();
  }

  /* The file of message 1, wherever it is. */
  fs::path
  find_file (const std::string &id = "1") const
  {
    for (const auto &entry : fs::recursive_directory_iterator (postseal_.maildir ()))
      if (entry.is_regular_file ())
        {
          std::ifstream in (entry.path ());
          std::string text ((std::istreambuf_iterator<char> (in)), {});
          if (text.find ("<" + id + "@example.com>") != std::string::npos)
            return entry.path ();
        }
    ADD_FAILURE () << "no message " << id;
    return {};
  }

  Outcome
  trace (std::vector<std::string> arguments, const std::string &input = {})
  {
    arguments.insert (arguments.begin (), "trace");
    return postseal_.run (arguments, {}, input);
  }

  static void
  expect_seal (const Outcome &outcome, const std::string &what)
  {
    EXPECT_EQ (outcome.status, 0) << what << outcome.out << outcome.err;
    EXPECT_NE (outcome.out.find ("sealed: TLS 1.3"), std::string::npos) << what << outcome.out;
    EXPECT_NE (outcome.out.find ("seen by this computer: account main"), std::string::npos)
        << what << outcome.out;
    EXPECT_NE (outcome.out.find ("Proven is the last way"), std::string::npos)
        << what << outcome.out;
  }

  static bool
  has (const Outcome &outcome, const std::string &text)
  {
    return outcome.out.find (text) != std::string::npos;
  }
};

} // namespace

TEST_F (TraceTest, AFetchedMessageIsFoundWithItsSealWhereverItIs)
{
  fetch_two ("imap");
  fs::path file = find_file ();
  expect_seal (trace ({ file }), "as delivered\n");
  EXPECT_TRUE (has (trace ({ file }), "folder INBOX"));

  std::ifstream in (file);
  std::string text ((std::istreambuf_iterator<char> (in)), {});
  expect_seal (trace ({ "-" }, text), "from standard input\n");
  expect_seal (trace ({ "-" }, message ("1")), "with the line ends of the server\n");

  fs::path cur = fs::path (postseal_.maildir ()) / "cur" / (file.filename ().string () + ":2,RS");
  fs::rename (file, cur);
  expect_seal (trace ({ cur }), "read and answered\n");
  fs::path other = fs::path (postseal_.maildir ()) / ".Archive/cur/renamed.eml";
  fs::create_directories (other.parent_path ());
  fs::rename (cur, other);
  expect_seal (trace ({ other }), "in another folder by another name\n");
  expect_seal (trace ({ "<1@example.com>" }), "by its Message-ID\n");
  expect_seal (trace ({ "1@example.com" }), "by its Message-ID without brackets\n");
  EXPECT_TRUE (has (trace ({ "<1@example.com>" }), other.string ()));
}

TEST_F (TraceTest, BelievesTheServersThatTheAccountLists)
{
  fetch_two ("imap");
  Outcome before = trace ({ "<1@example.com>" });
  EXPECT_TRUE (has (before, "claims mx.example.org")) << before.out;
  EXPECT_TRUE (has (before, "whom account main does not list")) << before.out;
  EXPECT_TRUE (has (before, "account edit main authserv-ids=mx.example.org")) << before.out;
  Outcome edited = postseal_.run ({ "account", "edit", "main", "authserv-ids=mx.example.org" });
  EXPECT_EQ (edited.status, 0) << edited.err;
  Outcome after = trace ({ "<1@example.com>" });
  EXPECT_TRUE (has (after, "encrypted, says mx.example.org (trusted)")) << after.out;
  EXPECT_TRUE (has (after, "not encrypted, claims mail.example.com")) << after.out;
  EXPECT_TRUE (has (after, "Checks by mx.example.org (trusted)")) << after.out;
  EXPECT_FALSE (has (after, "account edit")) << after.out;
}

TEST_F (TraceTest, OurOwnTraceFieldIsKnownAndNoHop)
{
  fetch_two ("imap", "trace-header=yes\nauthserv-ids=mx.example.org\n");
  Outcome outcome = trace ({ find_file () });
  expect_seal (outcome, "");
  EXPECT_FALSE (has (outcome, "says localhost")) << outcome.out;
  EXPECT_FALSE (has (outcome, "claims localhost")) << outcome.out;
  EXPECT_TRUE (has (outcome, "says mx.example.org (trusted)")) << outcome.out;
  Outcome json = trace ({ "--json", find_file () });
  EXPECT_TRUE (has (json, "\"own\" : true")) << json.out;
}

TEST_F (TraceTest, AMessageThatWasChangedIsKnownByItsNameAlone)
{
  fetch_two ("imap");
  fs::path file = find_file ();
  std::ofstream (file, std::ios::app) << "-- \nfooter\n";
  Outcome outcome = trace ({ file });
  EXPECT_TRUE (has (outcome, "Known by its file's name alone")) << outcome.out;
  EXPECT_TRUE (has (outcome, "Nothing of this is proven")) << outcome.out;

  fs::path copy = fs::path (postseal_.path ("copy.eml"));
  fs::copy_file (file, copy);
  Outcome unknown = trace ({ copy });
  EXPECT_EQ (unknown.status, 0);
  EXPECT_FALSE (has (unknown, "seen by this computer")) << unknown.out;
  EXPECT_TRUE (has (unknown, "is not known")) << unknown.out;
}

TEST_F (TraceTest, Pop3MessagesAreKnownToo)
{
  fetch_two ("pop3s");
  Outcome outcome = trace ({ find_file () });
  expect_seal (outcome, "");
  EXPECT_FALSE (has (outcome, "folder")) << outcome.out;
}

TEST_F (TraceTest, AMessageThatWasDeletedOnTheServerIsStillKnown)
{
  for (const std::string scheme : { "pop3", "imap" })
    {
      fetch_two (scheme, "keep=no\n");
      ASSERT_EQ (on_server (), 0u) << scheme;
      expect_seal (trace ({ find_file () }), scheme + "\n");
      fs::remove (find_file ());
      fs::remove (find_file ("2"));
      fs::remove_all (postseal_.path ("state"));
    }
}

TEST_F (TraceTest, SaysWhatCannotBeFound)
{
  fetch_two ("imap");
  Outcome outcome = trace ({ "<3@example.com>" });
  EXPECT_EQ (outcome.status, 69);
  EXPECT_NE (outcome.err.find ("the 2 that were looked at"), std::string::npos) << outcome.err;
}
