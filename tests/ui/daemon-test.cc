/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The dialog with the real daemon behind it. */

#include <algorithm>
#include <filesystem>
#include <set>

#include "settings/accounts-page.h"
#include "ui/account-fixture.h"
#include "ui/add-fixture.h"
#include "ui/desktop-daemon.h"

namespace postseal_test
{

namespace
{

const char kByItself[] = "Mail comes and goes by itself";
const char kNotRunning[] = "The Postseal service is not running";

/* The other end of a mailbox. */
DovecotAdmin
admin_of (const std::string &user)
{
  const BothSides &server = BothSides::shared ();

  return { unsigned (std::stoul (server.port ("imap"))), user, server.password () };
}

void
append_one (DovecotAdmin &admin)
{
  admin.append ("INBOX", "From: ada@example.org\r\nSubject: More\r\n\r\nAnd more.\r\n");
}

unsigned
count_files (const std::string &folder)
{
  return std::filesystem::exists (folder)
             ? unsigned (std::distance (std::filesystem::directory_iterator (folder), {}))
             : 0;
}

std::string
get_state (PostsealSession *session, const std::string &account)
{
  PostsealService *service = postseal_session_get_service (session);
  PostsealAccountStatus *status
      = service != nullptr ? postseal_service_find_account (service, account.c_str ()) : nullptr;
  g_autofree char *state = nullptr;

  if (status != nullptr)
    g_object_get (status, "receive-state", &state, nullptr);
  return state != nullptr ? state : "";
}

} // namespace

class AddWithDaemonTest : public AddTest
{
protected:
  ~AddWithDaemonTest () override { close (); }

  unsigned
  arrived () const
  {
    return count_files (path (std::string ("Mail/") + kAddress + "/new"));
  }

  DesktopDaemon daemon;
};

TEST_F (AddWithDaemonTest, TheDaemonReceivesForANewAccountAtOnceAndFromThenOn)
{
  BothSides &server = BothSides::shared ();

  server.fill ("jane");
  DovecotAdmin jane = admin_of ("jane");
  const unsigned n_before = jane.count ("INBOX");
  daemon.start_and_wait ();
  publish_good ();
  begin ();
  ASSERT_TRUE (postseal_session_has_daemon (session ()));
  search ();
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("Proven: both servers proved who they are"));
  click ("main_button");
  type ("password_row", server.password ());
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("Your mail is being fetched"));
  ASSERT_TRUE (wait ([&] { return arrived () == n_before; }));
  EXPECT_TRUE (wait ([this] { return get_state (session (), kAddress) == "watching"; }));
  shoot ("daemon-add-done");

  click ("main_button");
  EXPECT_TRUE (wait_for_text (kAddress));
  EXPECT_TRUE (wait_for_text (kByItself));
  append_one (jane);
  EXPECT_TRUE (wait ([&] { return arrived () == n_before + 1; }));
}

/* Two accounts with one server, each with one message. */
class AccountsWithDaemonTest : public AccountTest
{
protected:
  AccountsWithDaemonTest () : server (BothSides::shared ())
  {
    for (const char *user : { "work", "garden" })
      {
        server.fill (user);
        store_secret (user, server.password ());
      }
  }

  ~AccountsWithDaemonTest () override
  {
    close ();
    clear_secret ("work");
    clear_secret ("garden");
  }

  std::string
  section (const std::string &name, const std::string &port = "") const
  {
    return "[account " + name + "]\naddress=" + name + "@example.localhost\nreceive=imaps://" + name
           + "@localhost:" + (port.empty () ? server.port ("imaps") : port)
           + "\ndeliver=maildir:~/Mail/" + name + "\nca-file=" + server.ca_file () + "\n";
  }

  /* Opens the list. */
  void
  open_with (const std::string &accounts)
  {
    write (kConfig, accounts);
    open ();
  }

  void
  edit_work ()
  {
    gtk_widget_activate_action (GTK_WIDGET (window ()), "win.edit", "s", "work");
    ASSERT_TRUE (wait ([this] { return is_shown ("save_button") && is_shown ("person_group"); }));
  }

  unsigned
  arrived (const std::string &account) const
  {
    return count_files (path ("Mail/" + account + "/new"));
  }

  bool
  wait_for_state (const std::string &account, const std::string &state)
  {
    return wait ([this, &account, &state] { return get_state (session (), account) == state; });
  }

  static constexpr const char *kConfig = "XDG_CONFIG_HOME-dir/postseal/accounts.conf";
  /* Nobody can listen there. */
  static constexpr const char *kNoPort = "1";

  BothSides &server;
  DesktopDaemon daemon;
};

TEST_F (AccountsWithDaemonTest, TheListShowsWhatTheDaemonMeetsAndAnEditMendsIt)
{
  daemon.start_and_wait ();
  open_with (section ("work", kNoPort));
  EXPECT_TRUE (wait_for_text (kByItself));
  ASSERT_TRUE (wait_for_text ("refused"));
  shoot ("daemon-list-refused");

  edit_work ();
  type_in ("receive_group", "port_field", server.port ("imaps"));
  gtk_widget_activate_action (page (), "account.save", nullptr);
  EXPECT_TRUE (wait ([this] { return arrived ("work") > 0; }));
  EXPECT_TRUE (wait_for_state ("work", "watching"));
  gtk_widget_activate_action (page (), "account.back", nullptr);
  EXPECT_TRUE (wait_for_text (kByItself));
  EXPECT_EQ (text ().find ("refused"), std::string::npos) << text ();
}

TEST_F (AccountsWithDaemonTest, AnEditLeavesTheOtherAccountAtItsWork)
{
  DovecotAdmin garden = admin_of ("garden");
  const unsigned n_before = garden.count ("INBOX");

  daemon.start_and_wait ();
  open_with (section ("work") + "\n" + section ("garden"));
  ASSERT_TRUE (wait_for_state ("work", "watching"));
  ASSERT_TRUE (wait_for_state ("garden", "watching"));
  server.take_log ();

  edit_work ();
  type_in ("news_group", "interval_field", "10m");
  gtk_widget_activate_action (page (), "account.save", nullptr);
  std::string log;
  ASSERT_TRUE (wait ([this, &log] {
    log += server.take_log ();
    return log.find ("Login: user=<work>") != std::string::npos;
  }));
  ASSERT_TRUE (wait_for_state ("work", "watching"));
  /* The connection that was open before tells of this one. */
  append_one (garden);
  EXPECT_TRUE (wait ([&] { return arrived ("garden") == n_before + 1; }));
  log += server.take_log ();
  EXPECT_EQ (log.find ("imap-login: Login: user=<garden>"), std::string::npos) << log;
}

TEST_F (AccountsWithDaemonTest, ARemovedAccountIsLetGo)
{
  daemon.start_and_wait ();
  open_with (section ("work") + "\n" + section ("garden"));
  ASSERT_TRUE (wait_for_state ("work", "watching"));
  server.take_log ();

  edit_work ();
  gtk_widget_activate_action (page (), "account.remove", nullptr);
  ASSERT_TRUE (wait ([this] { return dialog () != nullptr; }));
  respond ("remove");
  std::string log;
  EXPECT_TRUE (wait ([this, &log] {
    log += server.take_log ();
    return log.find ("imap(work)") != std::string::npos
           && log.find ("Logged out") != std::string::npos;
  }));
  EXPECT_TRUE (wait ([this] { return text ().find ("work") == std::string::npos; }));
  EXPECT_NE (text ().find ("garden"), std::string::npos) << text ();
}

TEST_F (AccountsWithDaemonTest, AFileWrittenByHandIsFollowed)
{
  daemon.start_and_wait ();
  open_with (section ("work"));
  ASSERT_TRUE (wait_for_state ("work", "watching"));

  write (kConfig, section ("work") + "keeep=yes\n" + section ("garden"));
  EXPECT_TRUE (wait_for_text ("The file of accounts has mistakes"));
  EXPECT_TRUE (wait_for_text ("keeep"));
  EXPECT_TRUE (wait_for_state ("garden", "watching"));
  write (kConfig, section ("work") + section ("garden"));
  EXPECT_TRUE (wait ([this] { return text ().find ("keeep") == std::string::npos; }));
  EXPECT_TRUE (wait_for_state ("work", "watching"));
}

/* --- it comes and goes --- */

TEST_F (AccountsWithDaemonTest, TheListTellsThatTheDaemonWasKilledAndThatItIsBack)
{
  daemon.start_and_wait ();
  open_with (section ("work"));
  ASSERT_TRUE (wait_for_state ("work", "watching"));

  daemon.kill ();
  ASSERT_TRUE (wait_for_text (kNotRunning));
  EXPECT_TRUE (wait_for_text ("Up to date")); /* as the last run has left it */
  shoot ("daemon-list-killed");
  daemon.start ();
  EXPECT_TRUE (wait_for_text (kByItself));
  EXPECT_TRUE (wait_for_state ("work", "watching"));
}

TEST_F (AccountsWithDaemonTest, TheBusStartsAKilledDaemonAgain)
{
  daemon.install ();
  open_with (section ("work"));
  ASSERT_TRUE (wait_for_text (kByItself));
  ASSERT_TRUE (wait_for_state ("work", "watching"));

  daemon.kill ();
  ASSERT_TRUE (wait ([this] { return !postseal_session_is_ready (session ()); }));
  EXPECT_TRUE (wait_for_text (kByItself));
  EXPECT_TRUE (wait_for_state ("work", "watching"));
}

TEST_F (AccountsWithDaemonTest, ADaemonThatComesLaterIsFoundAndNothingTypedIsLost)
{
  open_with (section ("work"));
  ASSERT_TRUE (wait_for_text (kNotRunning));
  edit_work ();
  type_in ("news_group", "interval_field", "12");

  daemon.start ();
  EXPECT_TRUE (wait_for_state ("work", "watching"));
  EXPECT_TRUE (postseal_session_has_daemon (session ()));
  EXPECT_STREQ (gtk_editable_get_text (GTK_EDITABLE (in ("news_group", "interval_field"))), "12");
  /* What the page shows is the daemon's. */
  EXPECT_TRUE (wait ([this] { return is_shown ("receive_seal_row"); }));
  gtk_widget_activate_action (page (), "account.save", nullptr);
  EXPECT_TRUE (
      wait ([this] { return accounts_conf ().find ("interval=12m\n") != std::string::npos; }));
}

TEST_F (AccountsWithDaemonTest, WithoutADaemonMailIsFetchedOnRequest)
{
  daemon.start_and_wait ();
  open_with (section ("work", kNoPort));
  ASSERT_TRUE (wait_for_text ("refused"));
  daemon.kill ();
  ASSERT_TRUE (wait_for_text (kNotRunning));

  edit_work ();
  type_in ("receive_group", "port_field", server.port ("imaps"));
  gtk_widget_activate_action (page (), "account.save", nullptr);
  ASSERT_TRUE (wait_for_text ("Saved"));
  click ("fetch_button");
  EXPECT_TRUE (wait ([this] { return arrived ("work") > 0; }));
}

/* What it says of a home without accounts is never said of accounts that were not read yet. */
TEST_F (AccountsWithDaemonTest, TheListIsNotCalledEmptyBeforeItIsKnown)
{
  open_with (section ("work", kNoPort));
  std::set<std::string> seen;
  g_autoptr (PostsealSession) other = postseal_session_new (nullptr);
  g_autoptr (GtkWidget) list = GTK_WIDGET (g_object_ref_sink (postseal_accounts_page_new (other)));
  GtkStack *stack = GTK_STACK (find ("stack", list));

  g_signal_connect (stack, "notify::visible-child-name",
                    G_CALLBACK (+[] (GtkStack *shown, GParamSpec *, gpointer data) {
                      static_cast<std::set<std::string> *> (data)->insert (
                          gtk_stack_get_visible_child_name (shown));
                    }),
                    &seen);
  EXPECT_STREQ (gtk_stack_get_visible_child_name (stack), "looking");
  EXPECT_TRUE (wait ([&] { return seen.count ("list") == 1; }));
  daemon.start_and_wait ();
  EXPECT_TRUE (wait ([&] { return postseal_session_has_daemon (other); }));
  daemon.kill ();
  EXPECT_TRUE (wait ([&] { return !postseal_session_has_daemon (other); }));
  EXPECT_TRUE (
      wait ([&] { return g_list_model_get_n_items (postseal_session_get_accounts (other)) == 1; }));
  EXPECT_EQ (seen.count ("none"), 0u);
}

} // namespace postseal_test
