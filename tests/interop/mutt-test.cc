/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* mutt, with Postseal in the place of its sendmail and of whoever fills its Maildir. */

#include "send-fixture.h"
#include "support/dovecot.h"

#include <regex>

using namespace postseal_test;

namespace
{

using Strings = std::vector<std::string>;

class MuttTest : public SendTest
{
protected:
  void
  SetUp () override
  {
    use_server ("aiosmtpd");
    if (!server_)
      return;
    user_ = Dovecot::shared ().new_user ();
    postseal_.configure (
        server ().account ("main", "submission")
        + Dovecot::shared ().account ("inbox", "imap", user_, postseal_.deliver ()));
  }

  void
  TearDown () override
  {
    if (!user_.empty ())
      Dovecot::shared ().forget_user (user_);
  }

  /* What a user writes into the muttrc, and what keeps mutt from asking anything. */
  std::string
  write_muttrc ()
  {
    std::string path = postseal_.path ("muttrc");
    write_file (path, "set mbox_type=Maildir folder=" + postseal_.path ("")
                          + " spoolfile=+Mail record=\n"
                            "set sendmail=\""
                          + getenv ("POSTSEAL_SENDMAIL")
                          + " -oi\" use_envelope_from=yes\n"
                            "set from=jane@example.org realname=\"Jane Ambrose\"\n"
                            "set charset=utf-8 send_charset=utf-8 hostname=example.org\n"
                            "set confirmappend=no confirmcreate=no wait_key=no quit=yes\n"
                            "set tmpdir=\""
                          + postseal_.path ("") + "\"\n");
    return path;
  }

  /* Without a terminal, as scripts use it. */
  Outcome
  run_mutt (const Strings &arguments, const std::string &body)
  {
    Strings all = { "mutt", "-n", "-F", write_muttrc () };
    all.insert (all.end (), arguments.begin (), arguments.end ());
    return run_program (all, postseal_.complete ({ { "HOME", postseal_.path ("") } }), body);
  }

  /* With a terminal, and somebody who presses @keys. */
  Outcome
  press (const std::string &keys)
  {
    std::string more = postseal_.path ("keys");
    write_file (more, "source " + write_muttrc () + "\npush '" + keys + "'\n");
    return run_program (
        { "timeout", "60", "script", "-q", "-e", "-c", "mutt -n -F " + more, "/dev/null" },
        postseal_.complete (
            { { "HOME", postseal_.path ("") }, { "TERM", "xterm" }, { "SHELL", "/bin/sh" } }));
  }

  void
  fill (const std::vector<CorpusMessage> &corpus)
  {
    Strings texts;
    for (const auto &message : corpus)
      texts.push_back (message.text);
    Dovecot::shared ().admin (user_)->append ("INBOX", texts);
  }

  /* mutt counts what it copies. */
  static Contents
  without_counts (const Contents &contents)
  {
    static const std::regex counts ("(^|\n)(Content-Length|Lines): [0-9]+(?=\n)");
    Contents plain;
    for (const auto &text : contents)
      {
        size_t end = text.find ("\n\n");
        plain.insert (std::regex_replace (text.substr (0, end + 1), counts, "")
                      + text.substr (end + 1));
      }
    return plain;
  }

  std::string user_;
};

TEST_F (MuttTest, SendsWithBccAndAttachment)
{
  std::string all_bytes;
  for (int i = 0; i < 256; i++)
    all_bytes += static_cast<char> (i);
  write_file (postseal_.path ("all.bin"), all_bytes);
  Outcome outcome = run_mutt ({ "-s", "Dots", "-c", "carol@example.com", "-b", "dave@example.org",
                                "-a", postseal_.path ("all.bin"), "--", "bob@example.net" },
                              "Hello,\n.\n..two\n.dot\nFrom here on\nGr\xc3\xbc\xc3\x9f"
                              "e \n");
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  wait_until_sent ();
  Submitted mail = arrived (1)[0];
  EXPECT_EQ (mail.sender, "jane@example.org");
  EXPECT_EQ (sorted (mail.recipients),
             (Strings{ "bob@example.net", "carol@example.com", "dave@example.org" }));
  EXPECT_EQ (mail.text.find ("dave"), std::string::npos) << mail.text;
  EXPECT_NE (mail.text.find ("\r\nHello,\r\n.\r\n..two\r\n.dot\r\nFrom here on\r\n"
                             "Gr\xc3\xbc\xc3\x9f"
                             "e \r\n"),
             std::string::npos)
      << mail.text;
  EXPECT_NE (mail.text.find ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"), std::string::npos);
}

TEST_F (MuttTest, ShowsWhyAMessageIsRefused)
{
  Outcome outcome = run_mutt (
      { "-s", "Refused", "-e", "set from=mallory@elsewhere.example", "--", "bob@example.net" },
      "Hello\n");
  EXPECT_NE (outcome.status, 0);
  EXPECT_NE ((outcome.out + outcome.err).find ("mallory@elsewhere.example"), std::string::npos)
      << outcome.out << outcome.err;
  EXPECT_TRUE (is_queue_empty ());
}

TEST_F (MuttTest, ReadsWhatArrivesBeforeAndWhileItIsOpen)
{
  auto corpus = make_corpus ("demo", 30, 3);
  fill (corpus);
  EXPECT_EQ (postseal_.run ({ "fetch", "inbox" }).status, 0);
  auto later = make_corpus ("demo", 5, 4);
  fill (later);
  Outcome outcome = press (std::string ("<shell-escape>") + getenv ("POSTSEAL") + " fetch inbox >"
                           + postseal_.path ("fetched")
                           + "<enter><tag-pattern>.<enter><tag-prefix><copy-message>"
                           + postseal_.path ("copy") + "<enter><exit>");
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_NE (read_file (postseal_.path ("fetched")).find ("5 new messages"), std::string::npos);
  corpus.insert (corpus.end (), later.begin (), later.end ());
  Contents wanted = file_forms (corpus);
  EXPECT_EQ (compare_contents (wanted, read_maildir (postseal_.maildir ())), "");
  EXPECT_EQ (compare_contents (without_counts (wanted),
                               without_counts (read_maildir (postseal_.path ("copy")))),
             "");
  EXPECT_NE (postseal_.run ({ "fetch", "inbox" }).out.find ("nothing new"), std::string::npos);
}

} // namespace
