/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/account-fixture.h"

namespace postseal_test
{

namespace
{

const std::string usual = "# my accounts\n"
                          "[account home]\naddress=jane@example.net\n"
                          "send=submissions://mail.example.net\n\n"
                          "# the office\n"
                          "[account work]\n"
                          "address=jane@example.org\n"
                          "# as told by the admin\n"
                          "receive=imaps://jane@imap.example.org\n"
                          "deliver=maildir:~/Mail/work\n"
                          "send=submission://jane@smtp.example.org\n"
                          "# the end\n";

} // namespace

using AccountPageTest = AccountTest;

TEST_F (AccountPageTest, ShowsAllGroupsOfAnAccountInLightAndDark)
{
  open_account (usual);

  EXPECT_EQ (shown_part (), "content");
  EXPECT_FALSE (can_save ());
  EXPECT_FALSE (is_shown ("panel"));
  for (const bool is_dark : { false, true })
    {
      const std::string suffix = is_dark ? "-dark" : "";

      set_dark (is_dark);
      for (const std::string group : { "status", "receive", "send", "delivery", "news" })
        {
          scroll_to (group + "_group");
          shoot ("account-" + group + suffix);
        }
      adw_expander_row_set_expanded (ADW_EXPANDER_ROW (find ("expander")), TRUE);
      wait ([this] { return gtk_widget_get_mapped (find ("ca_file_field")); });
      scroll_to ("advanced_group");
      shoot ("account-advanced" + suffix);
    }
  set_dark (false);
}

TEST_F (AccountPageTest, FitsANarrowWindow)
{
  open_account (usual);
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (find ("expander")), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (window ()), 360, 700);
  ASSERT_TRUE (wait ([this] { return gtk_widget_get_width (GTK_WIDGET (window ())) <= 360; }));

  for (const std::string group : { "status", "receive", "security", "delivery", "advanced" })
    {
      scroll_to (group + "_group");
      shoot ("account-narrow-" + group);
    }
}

TEST_F (AccountPageTest, AsksBeforeChangesAreLost)
{
  open_account (usual);
  edit ("name", "Jane Doe");
  EXPECT_TRUE (can_save ());

  press ("account.back");
  ASSERT_NE (dialog (), nullptr);
  EXPECT_STREQ (adw_message_dialog_get_default_response (ADW_MESSAGE_DIALOG (dialog ())), "keep");
  EXPECT_STREQ (adw_message_dialog_get_close_response (ADW_MESSAGE_DIALOG (dialog ())), "keep");
  shoot ("account-discard");
  respond ("keep");
  EXPECT_TRUE (is_open ());
  EXPECT_TRUE (can_save ());

  gtk_window_close (GTK_WINDOW (window ()));
  settle ();
  ASSERT_NE (dialog (), nullptr);
  respond ("keep");

  press ("account.back");
  respond ("discard");
  EXPECT_FALSE (is_open ());
  EXPECT_EQ (accounts_conf (), usual);
}

TEST_F (AccountPageTest, SavesOnTheWayOut)
{
  open_account (usual);
  edit ("name", "Jane Doe");
  press ("account.back");
  respond ("save");

  EXPECT_TRUE (wait ([this] { return !is_open (); }));
  EXPECT_NE (accounts_conf ().find ("\nname=Jane Doe\n"), std::string::npos);
}

TEST_F (AccountPageTest, ClosesTheWindowWithTheChangesThrownAwayOrSaved)
{
  for (const std::string response : { "discard", "save" })
    {
      open_account (usual);
      edit ("name", "Jane Doe");
      gtk_window_close (GTK_WINDOW (window ()));
      settle ();
      respond (response);
      ASSERT_TRUE (wait ([this] { return window () == nullptr; })) << response;
      EXPECT_EQ (accounts_conf ().find ("\nname=Jane Doe\n") != std::string::npos,
                 response == "save");
      close ();
    }
}

/* The server takes connections, and is silent. */
TEST_F (AccountPageTest, EndsATestThatIsLeft)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  const guint16 port = g_socket_listener_add_any_inet_port (listener, nullptr, nullptr);

  open_account ("[account work]\naddress=jane@example.org\npassword=command:true\n"
                "receive=imaps://localhost:"
                + std::to_string (port) + "\ndeliver=maildir:~/Mail/work\n");
  press ("account.test");
  ASSERT_TRUE (wait_for_text (":" + std::to_string (port)));
  gpointer view = find ("view");
  g_object_add_weak_pointer (G_OBJECT (view), &view);
  click ("back_button");
  EXPECT_TRUE (wait ([&view] { return view == nullptr; }));
}

TEST_F (AccountPageTest, LeavesWithoutAQuestionWhereNothingHasChanged)
{
  open_account (usual);
  edit ("name", "Jane Doe");
  edit ("name", "");
  EXPECT_FALSE (can_save ());

  press ("account.back");
  EXPECT_EQ (dialog (), nullptr);
  EXPECT_FALSE (is_open ());
}

/* What a program or another window has written meanwhile is not undone unseen. */
TEST_F (AccountPageTest, DoesNotOverwriteWhatOthersHaveChanged)
{
  open_account (usual);
  const std::string changed = replace (usual, "jane@example.org", "joan@example.org");

  edit ("name", "Jane Doe");
  write ("XDG_CONFIG_HOME-dir/postseal/accounts.conf", changed);
  press ("account.save");
  EXPECT_TRUE (wait_for_text ("changed by somebody else"));
  EXPECT_EQ (accounts_conf (), changed);
  EXPECT_TRUE (can_save ());
}

/* --- broken ones --- */

TEST_F (AccountPageTest, OpensABrokenAccountWithItsMistakeAndMendsIt)
{
  const std::string broken = replace (usual, "# the end\n", "keep=14 days\n# the end\n");

  open_account (broken);
  EXPECT_TRUE (is_shown ("panel"));
  EXPECT_NE (text ().find ("“14 days” is no value for “keep”"), std::string::npos) << text ();
  EXPECT_NE (mistake_below (in ("keep_group", "days_field")), "");
  EXPECT_EQ (accounts_conf (), broken);
  shoot ("account-broken");

  type_in ("keep_group", "days_field", "14");
  EXPECT_FALSE (is_shown ("panel"));
  EXPECT_EQ (mistake_below (in ("keep_group", "days_field")), "");
  save ();
  EXPECT_EQ (accounts_conf (), replace (broken, "keep=14 days", "keep=14d"));
}

TEST_F (AccountPageTest, ShowsAServerThatNobodyCanReadAsItStands)
{
  const std::string broken
      = replace (usual, "receive=imaps://jane@imap.example.org", "receive=imap.example.org");

  open_account (broken);
  EXPECT_STREQ (gtk_editable_get_text (GTK_EDITABLE (in ("receive_group", "host_field"))),
                "imap.example.org");
  EXPECT_TRUE (is_shown ("panel"));

  type_in ("receive_group", "user_field", "jane");
  save ();
  EXPECT_EQ (accounts_conf (), usual);
}

TEST_F (AccountPageTest, LeavesToThePersonWhatNoFieldCanMend)
{
  const std::string broken = replace (usual, "# the end\n", "recieve=x\n# the end\n");

  open_account (broken);
  EXPECT_NE (text ().find ("recieve"), std::string::npos);
  EXPECT_TRUE (is_shown ("reload_button"));
  shoot ("account-by-hand");

  write ("XDG_CONFIG_HOME-dir/postseal/accounts.conf", usual);
  click ("reload_button");
  EXPECT_TRUE (wait ([this] { return !is_shown ("panel"); }));
  EXPECT_FALSE (is_shown ("file_group"));
}

TEST_F (AccountPageTest, NeverOverwritesWhatIsNoKeyFile)
{
  const std::string letter = "Dear Sir,\nthis is a letter.\n";

  open_account (letter);
  EXPECT_EQ (shown_part (), "failure");
  EXPECT_NE (text ().find ("accounts.conf:1: "), std::string::npos) << text ();
  EXPECT_FALSE (can_save ());
  EXPECT_EQ (accounts_conf (), letter);
  shoot ("account-no-file");

  write ("XDG_CONFIG_HOME-dir/postseal/accounts.conf", usual);
  click ("failure_reload_button");
  EXPECT_TRUE (wait ([this] { return shown_part () == "content"; }));
}

TEST_F (AccountPageTest, NeverWritesBehindALetter)
{
  const std::string letter = "Dear Sir,\n" + usual;

  open_account (letter);
  edit ("name", "Jane Doe");
  press ("account.save");
  EXPECT_TRUE (wait_for_text ("is not a file of accounts"));
  EXPECT_EQ (accounts_conf (), letter);
}

/* --- removal --- */

TEST_F (AccountPageTest, SaysWhatStaysAndRemovesTheAccountWithItsPassword)
{
  store_secret ("work", "s3cret");
  open_account (usual);
  press ("account.remove");
  const std::string said = dialog_text ();

  EXPECT_NE (said.find ("maildir:~/Mail/work"), std::string::npos) << said;
  EXPECT_NE (said.find ("Mail on the server stays there"), std::string::npos);
  EXPECT_NE (said.find ("fetch nothing twice"), std::string::npos);
  EXPECT_STREQ (adw_message_dialog_get_close_response (ADW_MESSAGE_DIALOG (dialog ())), "cancel");
  shoot ("account-remove");
  respond ("cancel");
  EXPECT_EQ (accounts_conf (), usual);
  EXPECT_EQ (stored_secret ("work"), "s3cret");

  press ("account.remove");
  respond ("remove");
  ASSERT_TRUE (wait ([this] { return !is_open (); }));
  EXPECT_EQ (accounts_conf ().find ("[account work]"), std::string::npos);
  EXPECT_NE (accounts_conf ().find ("# my accounts\n[account home]\n"), std::string::npos);
  EXPECT_EQ (stored_secret ("work"), "");
}

TEST_F (AccountPageTest, LeavesThePasswordWhereItIsToStay)
{
  store_secret ("work", "s3cret");
  open_account (usual);
  press ("account.remove");
  gtk_check_button_set_active (GTK_CHECK_BUTTON (find ("password_check", GTK_WIDGET (dialog ()))),
                               FALSE);
  respond ("remove");

  ASSERT_TRUE (wait ([this] { return !is_open (); }));
  EXPECT_EQ (accounts_conf ().find ("[account work]"), std::string::npos);
  EXPECT_EQ (stored_secret ("work"), "s3cret");
  clear_secret ("work");
}

TEST_F (AccountPageTest, AsksForNoPasswordThatIsKeptElsewhere)
{
  open_account (replace (usual, "# the end\n", "password=command:pass work\n# the end\n"));

  EXPECT_NE (text ().find ("A program tells it: pass work"), std::string::npos);
  EXPECT_FALSE (is_shown ("change_button"));
  press ("account.remove");
  EXPECT_FALSE (gtk_widget_get_visible (find ("password_check", GTK_WIDGET (dialog ()))));
  respond ("cancel");
}

} // namespace postseal_test
