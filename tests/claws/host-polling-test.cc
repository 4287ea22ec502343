/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/receive-fixture.h"
#include "support/dovecot.h"
#include "support/scripted-server.h"

namespace postseal_test
{

/* Account 2 of the host is received by Postseal, and in the host's own settings by POP3, from a
   server that counts who comes. */
class ClawsHostPollingTest : public ReceiveTest
{
protected:
  ClawsHostPollingTest () : user_ (Dovecot::shared ().new_user ()), server_ (serve)
  {
    add_account ("account_name=other\naddress=jane@example.net\nprotocol=0\n"
                 "receive_server=127.0.0.1\nuser_id=jane\nset_popport=1\npop_port="
                 + std::to_string (server_.port ())
                 + "\nreceive_at_get_all=1\ninbox=#mh/Mail/inbox\nfilter_on_receive=1\n"
                   "config_version=4\n");
    bind ("[account 2]\naccount=work\nreceive=true\n");
    instance_.configure (Dovecot::shared ().account ("work", "imaps", user_, "maildir:" + spool (),
                                                     "layout=single\npush=no\ninterval=1d\n"));
    write_file (path (".claws-mail/toolbar_main.xml"),
                "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<toolbar>\n"
                "  <item file=\"mail_receive_all\" text=\"All\" action=\"A_RECEIVE_ALL\"/>\n"
                "  <item file=\"mail_receive\" text=\"Get\" action=\"A_RECEIVE_CUR\"/>\n"
                "</toolbar>\n");
  }
  ~ClawsHostPollingTest () override { Dovecot::shared ().forget_user (user_); }

  /* A mailbox without mail. */
  static void
  serve (Peer &peer)
  {
    peer.send ("+OK ready\r\n");
    for (auto line = peer.read_line (); line; line = peer.read_line ())
      peer.send (*line == "STAT" ? "+OK 0 0\r\n" : "+OK\r\n");
  }

  void
  fill ()
  {
    auto all = make_messages (filled_ + 1);

    Dovecot::shared ().admin (user_)->append ("INBOX", all[filled_]);
    filled_++;
  }

  /* Postseal gets what is on the server. */
  void
  expect_fetched (const std::string &what)
  {
    ASSERT_TRUE (wait_for ("mail after " + what, [this] { return count_filed () == filled_; }));
    ASSERT_TRUE (
        wait_for ("an empty spool", [this] { return list_folder (spool () + "/cur").empty (); }));
    EXPECT_EQ (server_.connections (), 0u) << what;
    EXPECT_EQ (ask ("dialogs"), "0") << what;
  }

  std::string user_;
  ScriptedServer server_;
  unsigned filled_ = 0;
};

TEST_F (ClawsHostPollingTest, GetsTheMailInsteadOfTheHostHoweverItIsAskedTo)
{
  start ();
  ASSERT_EQ (ask ("password secret"), "password secret");
  ASSERT_EQ (ask ("activate /Menu/Tools/PostsealGetMail"), "activated");
  ASSERT_TRUE (wait_for ("the first connection", [this] {
    return ask ("status") == "Postseal: nothing new, TLS 1.3, work";
  }));
  ASSERT_EQ (ask ("current 2"), "current");
  for (const char *question :
       { "activate /Menu/Message/Receive/AllAccounts", "entry menu 2", "entry toolbar 2",
         "activate /Menu/Message/Receive/CurrentAccount", "button all", "button current" })
    {
      std::string answer;

      fill ();
      answer = ask (question);
      EXPECT_TRUE (answer == "activated" || answer == "clicked") << question << ": " << answer;
      expect_fetched (question);
      ASSERT_TRUE (is_running ());
    }
  for (const char *option : { "--receive", "--receive-all" })
    {
      fill ();
      remote (option);
      expect_fetched (option);
      ASSERT_TRUE (is_running ());
    }
  stop ();
}

TEST_F (ClawsHostPollingTest, LeavesTheHostsSettingsAlone)
{
  start ();
  ASSERT_EQ (ask ("password secret"), "password secret");
  fill ();
  remote ("--receive-all");
  expect_fetched ("--receive-all");
  EXPECT_EQ (ask ("protocol 2"), "0 1");
  EXPECT_EQ (ask ("unload Postseal"), "unloaded");
  EXPECT_EQ (ask ("protocol 2"), "0 1");
  remote ("--receive-all");
  EXPECT_TRUE (wait_for ("the host itself", [this] { return server_.connections () == 1; }));
  EXPECT_TRUE (wait_for (
      "its end", [this] { return server_.all_clear ().find ("QUIT") != std::string::npos; }));
  EXPECT_NE (server_.all_clear ().find ("USER jane"), std::string::npos);
  stop ();
  std::string accounts = read_file (path (".claws-mail/accountrc"));
  EXPECT_NE (accounts.find ("receive_at_get_all=1"), std::string::npos);
  EXPECT_NE (accounts.find ("protocol=0"), std::string::npos);
}

/* Account 1 is bound to nothing. */
TEST_F (ClawsHostPollingTest, LetsTheHostGetOtherAccounts)
{
  bind ("[account 1]\naccount=work\nreceive=true\n");
  start ();
  ASSERT_EQ (ask ("password secret"), "password secret");
  ASSERT_EQ (ask ("entry menu 2"), "activated");
  EXPECT_TRUE (wait_for ("the host itself", [this] { return server_.connections () == 1; }));
  EXPECT_TRUE (wait_for (
      "its end", [this] { return server_.all_clear ().find ("QUIT") != std::string::npos; }));
  stop ();
}

TEST_F (ClawsHostPollingTest, GetsTheMailAtTheStartWhereTheHostWould)
{
  set ("check_on_startup=1");
  fill ();
  start ();
  expect_fetched ("the start");
  stop ();
}

} // namespace postseal_test
