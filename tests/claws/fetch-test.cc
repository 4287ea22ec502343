/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "claws/receive-fixture.h"
#include "support/dovecot.h"

/* From a real server into the folders of the real host. */

namespace postseal_test
{

namespace
{

std::string
to_wire_form (const std::string &text)
{
  std::string wire;

  for (char c : text)
    wire += c == '\n' ? "\r\n" : std::string (1, c);
  return wire;
}

} // namespace

class ClawsFetchTest : public ReceiveTest
{
protected:
  ClawsFetchTest () : user_ (Dovecot::shared ().new_user ()) {}
  ~ClawsFetchTest () override
  {
    daemon_.reset ();
    Dovecot::shared ().forget_user (user_);
  }

  /* @more: lines of the account "work", which delivers into the spool. */
  void
  configure (const std::string &more = "")
  {
    instance_.configure (Dovecot::shared ().account ("work", "imaps", user_, "maildir:" + spool (),
                                                     "layout=single\n" + more));
  }

  /* Puts the next @n messages on the server. */
  void
  fill (unsigned n)
  {
    auto all = make_messages (filled_ + n);
    std::vector<std::string> fresh;

    for (unsigned i = filled_; i < filled_ + n; i++)
      fresh.push_back (to_wire_form (all[i]));
    Dovecot::shared ().admin (user_)->append ("INBOX", fresh);
    filled_ += n;
  }

  void
  start_daemon ()
  {
    daemon_ = std::make_unique<ChildProcess> (std::vector<std::string>{ getenv ("POSTSEALD") },
                                              environment ());
  }

  /* All that is on the server is filed, once. */
  void
  expect_all ()
  {
    ASSERT_TRUE (wait_for (
        "all mail", [this] { return count_filed () >= filled_; }, 90));
    ASSERT_TRUE (wait_for ("an empty spool", [this] {
      return list_folder (spool () + "/new").empty () && list_folder (spool () + "/cur").empty ();
    }));
    expect_filed (filled_);
    EXPECT_EQ (ask ("dialogs"), "0");
  }

  std::string user_;
  unsigned filled_ = 0;
  std::unique_ptr<ChildProcess> daemon_;
};

TEST_F (ClawsFetchTest, ReceivesByItselfWhereThereIsNoDaemonAndNoBus)
{
  configure ();
  fill (500);
  start ();
  expect_all ();
  EXPECT_TRUE (wait_for ("the seal", [this] {
    return ask ("status").find (" new, TLS 1.3, work") != std::string::npos;
  }));
  fill (1);
  expect_all ();
  stop ();
}

/* One of the rules files into a mailbox on a server, where the host has to upload them. */
TEST_F (ClawsFetchTest, FilesIntoAnotherMailboxOfTheHost)
{
  Dovecot &server = Dovecot::shared ();
  std::string other = server.new_user ();

  server.admin (other)->create ("Lists");
  add_account ("account_name=imap\naddress=jane@example.net\nprotocol=1\n"
               "receive_server=127.0.0.1\nuser_id="
               + other
               + "\nssl_imap=1\nset_imapport=1\nimap_port=" + std::to_string (server.port ("imaps"))
               + "\nreceive_at_get_all=0\nconfig_version=4\n");
  add_folder ("<folder type=\"imap\" name=\"imap\" account_id=\"2\">\n"
              "<folderitem type=\"inbox\" name=\"INBOX\" path=\"INBOX\"/>\n"
              "<folderitem type=\"normal\" name=\"Lists\" path=\"Lists\"/>\n</folder>\n");
  file_work_into ("#imap/imap/Lists");
  configure ("push=no\ninterval=1d\n");
  start ();
  ASSERT_EQ (ask ("password " + server.password ()), "password " + server.password ());
  fill (500);
  ASSERT_EQ (ask ("activate /Menu/Tools/PostsealGetMail"), "activated");
  ASSERT_TRUE (wait_for (
      "all mail",
      [&] {
        return count_filed () == 450 && list_folder (spool () + "/cur").empty ()
               && list_folder (spool () + "/new").empty ()
               && count ("../.claws-mail/tempfolder/processing-1") == 0;
      },
      120));
  EXPECT_EQ (count ("work"), 0u);
  Contents wanted, found;
  auto all = make_messages (500);
  for (unsigned i = 0; i < 500; i++)
    if (folder_of (i) == "work")
      wanted.insert (to_wire_form (all[i]));
  for (const auto &[uid, text] : server.admin (other)->messages ("Lists"))
    found.insert (text);
  EXPECT_EQ (compare_contents (wanted, found), "");
  EXPECT_EQ (count ("inbox") + count ("news"), 450u);
  EXPECT_NE (remote ("--status-full", "#mh/Mail/inbox").find (std::to_string (count ("inbox"))),
             std::string::npos);
  EXPECT_NE (remote ("--status-full", "#imap/imap/Lists").find ("50 "), std::string::npos)
      << remote ("--status-full", "#imap/imap/Lists");
  EXPECT_EQ (ask ("dialogs"), "0");
  stop ();
  server.forget_user (other);
}

TEST_F (ClawsFetchTest, GetsMailWhenTheUserAsks)
{
  configure ("push=no\ninterval=1d\n");
  start ();
  EXPECT_EQ (ask ("activate /Menu/Tools/PostsealGetMail"), "activated");
  EXPECT_TRUE (wait_for (
      "an answer", [this] { return ask ("status") == "Postseal: nothing new, TLS 1.3, work"; }));
  for (const char *item :
       { "Tools/PostsealGetMail", "Message/Receive/AllAccounts", "Message/Receive/CurrentAccount" })
    {
      fill (1);
      EXPECT_EQ (ask ("activate /Menu/" + std::string (item)), "activated");
      expect_all ();
    }
  stop ();
}

TEST_F (ClawsFetchTest, SaysWhatIsWrongWithoutADialog)
{
  instance_.configure (Dovecot::shared ().account ("work", "imaps", user_, "maildir:" + spool (),
                                                   "layout=single\n", 1));
  start ();
  EXPECT_EQ (ask ("activate /Menu/Tools/PostsealGetMail"), "activated");
  EXPECT_TRUE (
      wait_for ("an error", [this] { return ask ("status").find ("Postseal: work: ") == 0; }));
  EXPECT_EQ (ask ("dialogs"), "0");
  stop ();
}

TEST_F (ClawsFetchTest, FollowsADaemonThatComesAndGoesAndComesBack)
{
  use_bus ();
  configure ();
  start ();
  fill (100);
  start_daemon ();
  ASSERT_TRUE (wait_for (
      "some mail", [this] { return count_filed () > 0; }, 90));
  daemon_->kill (SIGKILL);
  daemon_.reset ();
  fill (100);
  ASSERT_TRUE (wait_for (
      "more mail", [this] { return count_filed () > 100; }, 90));
  start_daemon ();
  fill (100);
  expect_all ();
  stop ();
}

TEST_F (ClawsFetchTest, GoesOnWhereAKilledHostWas)
{
  use_bus ();
  configure ();
  start_daemon ();
  fill (500);
  start ();
  ASSERT_TRUE (wait_for (
      "some mail", [this] { return count_filed () > 50; }, 90));
  kill ();
  start ();
  expect_all ();
  stop ();
}

TEST_F (ClawsFetchTest, CanBeUnloadedAndLoadedAgainInTheMiddle)
{
  configure ();
  fill (500);
  start ();
  for (size_t n : { 20, 150, 300 })
    {
      ASSERT_TRUE (wait_for (
          "some mail", [this, n] { return count_filed () > n; }, 90));
      EXPECT_EQ (ask ("unload Postseal"), "unloaded");
      EXPECT_EQ (ask ("load " + plugin ()), "loaded");
    }
  expect_all ();
  stop ();
}

TEST_F (ClawsFetchTest, WaitsWhileTheHostLetsNobodyIn)
{
  configure ();
  start ();
  ask ("lock");
  fill (3);
  ASSERT_TRUE (wait_for ("mail in the spool", [this] {
    return list_folder (spool () + "/new").size () + list_folder (spool () + "/cur").size () == 3;
  }));
  EXPECT_EQ (count_filed (), 0u);
  ask ("unlock");
  expect_all ();
  stop ();
}

TEST_F (ClawsFetchTest, TakesOverDeliveryAndGivesItBackAfterACrash)
{
  add_account ("account_name=other\naddress=jane@example.net\nprotocol=0\n"
               "receive_server=127.0.0.1\nuser_id=jane\nset_popport=1\npop_port=1\n"
               "receive_at_get_all=1\nconfig_version=4\n");
  bind ("[account 2]\naccount=work\nreceive=true\n");
  instance_.configure ("# mine\n[account work]\naddress=jane@example.net\n"
                       "receive=imaps://jane@localhost:1\npassword=command:false\n"
                       "deliver=maildir:~/Mail/other # here\nkeep=yes\n");
  start ();
  EXPECT_TRUE (wait_for ("accounts.conf", [this] {
    std::string text = read_file (path ("config/postseal/accounts.conf"));

    return text.find ("\ndeliver=maildir:" + spool ()) != std::string::npos
           && text.find ("\nlayout=single") != std::string::npos
           && text.find ("# mine\n") != std::string::npos;
  }));
  kill ();
  bind ("");
  start ();
  EXPECT_TRUE (wait_for ("what was there before", [this] {
    std::string text = read_file (path ("config/postseal/accounts.conf"));

    return text.find ("\ndeliver=maildir:~/Mail/other") != std::string::npos
           && text.find ("layout") == std::string::npos;
  }));
  stop ();
}

/* Whether the daemon was quicker than the user, or the host was killed. */
TEST_F (ClawsFetchTest, FilesWhatCameForAnAccountThatIsReceivedNoMore)
{
  configure ("push=no\ninterval=1d\n");
  start ();
  ASSERT_TRUE (
      wait_for ("the spool", [this] { return std::filesystem::exists (spool () + "/before"); }));
  stop ();
  bind ("");
  deliver (make_messages (3));
  start ();
  ASSERT_TRUE (wait_for ("all mail", [this] {
    return count_filed () == 3 && list_folder (spool () + "/cur").empty ();
  }));
  expect_filed (3);
  stop ();
}

} // namespace postseal_test
