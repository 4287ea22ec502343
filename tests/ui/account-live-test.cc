/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <filesystem>

#include "ui/account-fixture.h"
#include "ui/add-fixture.h"

namespace postseal_test
{

/* With real servers. */
class AccountLiveTest : public AccountTest
{
protected:
  AccountLiveTest () : server (BothSides::shared ())
  {
    server.fill ("jane");
    store_secret ("work", server.password ());
  }

  ~AccountLiveTest () override
  {
    close ();
    clear_secret ("work");
  }

  std::string
  account (const std::string &port = "") const
  {
    return "[account work]\naddress=jane@example.localhost\nreceive=imaps://jane@localhost:"
           + (port.empty () ? server.port ("imaps") : port)
           + "\ndeliver=maildir:~/Mail\nsend=submissions://jane@localhost:"
           + server.port ("submissions") + "\nca-file=" + server.ca_file () + "\n";
  }

  unsigned
  fetched () const
  {
    unsigned n = 0;

    if (std::filesystem::exists (path ("Mail/new")))
      for (const auto &entry : std::filesystem::directory_iterator (path ("Mail/new")))
        n += entry.is_regular_file ();
    return n;
  }

  /* Its end comes after the mail. */
  bool
  is_fetching () const
  {
    g_autoptr (PostsealAccountStatus) status = POSTSEAL_ACCOUNT_STATUS (
        g_list_model_get_item (postseal_session_get_accounts (session ()), 0));
    g_autofree char *state = nullptr;

    g_object_get (status, "receive-state", &state, nullptr);
    return g_strcmp0 (state, "working") == 0;
  }

  BothSides &server;
};

TEST_F (AccountLiveTest, FetchesNowAndShowsTheSealAndWhatItTeaches)
{
  open_account (account ());
  EXPECT_FALSE (is_shown ("receive_seal_row"));
  click ("fetch_button");
  ASSERT_TRUE (wait ([this] { return is_shown ("receive_seal_row"); }));
  ASSERT_TRUE (wait ([this] { return fetched () == 1; }));
  /* Certificates of the tests end in a day or two, which is told. */
  EXPECT_TRUE (wait_for_text ("Receiving: a warning\nThe server's certificate expires in "));
  EXPECT_NE (text (find ("receive_seal_row")).find ("TLS 1.3, vouched for by"), std::string::npos)
      << text ();

  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (find ("receive_seal_row")), TRUE);
  settle ();
  const std::string facts = text (find ("receive_seal_row"));
  EXPECT_NE (facts.find ("What has changed\nThe server's certificate expires"), std::string::npos);
  EXPECT_NE (facts.find ("sha256:"), std::string::npos) << facts;
  EXPECT_NE (facts.find ("You sign in by"), std::string::npos);
  EXPECT_NE (facts.find ("From the first byte"), std::string::npos);
  shoot ("account-seal");
}

TEST_F (AccountLiveTest, ForgetsWhatIsKnownOfTheServersOnlyAfterAQuestion)
{
  open_account (account ());
  click ("fetch_button");
  ASSERT_TRUE (wait ([this] { return is_shown ("receive_seal_row"); }));
  ASSERT_TRUE (wait ([this] { return fetched () == 1; }));
  ASSERT_TRUE (wait_for_text ("Receiving: a warning"));
  ASSERT_TRUE (wait ([this] { return !is_fetching (); }));
  press ("account.back");
  gtk_widget_activate_action (GTK_WIDGET (window ()), "win.edit", "s", "work");
  ASSERT_TRUE (wait_for_text ("was encrypted before: Postseal never connects without"));
  EXPECT_NE (text ().find ("has proven who it is before"), std::string::npos);
  scroll_to ("latch_group");
  shoot ("account-latches");

  click ("forget_button");
  EXPECT_NE (dialog_text ().find ("weaker"), std::string::npos);
  EXPECT_STREQ (adw_message_dialog_get_default_response (ADW_MESSAGE_DIALOG (dialog ())), "cancel");
  shoot ("account-forget");
  respond ("cancel");
  EXPECT_NE (text ().find ("was encrypted before"), std::string::npos);
  click ("forget_button");
  respond ("forget");
  EXPECT_TRUE (wait_for_text ("Nothing yet."));
}

TEST_F (AccountLiveTest, TellsWhatIsWrongAndWhatToDo)
{
  store_secret ("work", "wrong");
  open_account (account ());
  click ("fetch_button");
  ASSERT_TRUE (wait_for_text ("rejected the user name or password"));
  EXPECT_TRUE (gtk_widget_get_mapped (in ("receive_row", "advice_label"))) << text ();
  shoot ("account-refused");
}

TEST_F (AccountLiveTest, TestsWhatIsSetThoughItIsNotSaved)
{
  const std::string saved = account ("1");

  open_account (saved);
  type_in ("receive_group", "port_field", server.port ("imaps"));
  press ("account.test");
  EXPECT_TRUE (wait_for_text ("Everything works."));
  EXPECT_FALSE (is_open ());
  EXPECT_EQ (accounts_conf (), saved);
  EXPECT_EQ (fetched (), 0u);
  shoot ("account-test");
  click ("again_button");
  EXPECT_TRUE (wait_for_text ("Everything works."));
  click ("back_button");
  EXPECT_TRUE (is_open ());
  EXPECT_TRUE (can_save ());
}

TEST_F (AccountLiveTest, StoresANewPasswordOnceBothServersTakeIt)
{
  store_secret ("work", "old");
  open_account (account ());
  press ("account.password");
  EXPECT_FALSE (gtk_widget_is_sensitive (find ("store_button")));
  shoot ("account-password");
  server.take_log ();
  type ("entry", "wrong");
  enter ("entry");
  ASSERT_TRUE (wait_for_text ("The password was refused"));
  EXPECT_EQ (stored_secret ("work"), "old");
  EXPECT_TRUE (is_shown ("anyway_button"));
  shoot ("account-password-refused");
  ASSERT_TRUE (wait ([this] { return server.logs ("auth failed"); }));
  server.take_log ();
  enter ("entry"); /* the same once more is not tried */
  EXPECT_FALSE (gtk_widget_is_sensitive (find ("store_button")));
  EXPECT_EQ (server.take_log ().find ("auth failed"), std::string::npos);

  type ("entry", server.password ());
  click ("store_button");
  ASSERT_TRUE (wait_for_text ("The new password is stored."));
  EXPECT_EQ (stored_secret ("work"), server.password ());
  EXPECT_STREQ (gtk_editable_get_text (GTK_EDITABLE (find ("entry"))), "");
  shoot ("account-password-stored");
}

TEST_F (AccountLiveTest, StoresAPasswordWithoutATestOnRequest)
{
  open_account (account ("1"));
  press ("account.password");
  type ("entry", "later");
  click ("store_button");
  ASSERT_TRUE (wait ([this] { return is_shown ("anyway_button"); }));
  ASSERT_TRUE (wait ([this] { return gtk_widget_is_sensitive (find ("anyway_button")); }));
  click ("anyway_button");
  ASSERT_TRUE (wait_for_text ("The new password is stored."));
  EXPECT_EQ (stored_secret ("work"), "later");
}

} // namespace postseal_test
