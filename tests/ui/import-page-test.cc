/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/ui-fixture.h"

namespace postseal_test
{

class ImportPageTest : public UiTest
{
protected:
  void
  open_import ()
  {
    open ();
    gtk_widget_activate_action (GTK_WIDGET (window ()), "win.import", nullptr);
    settle ();
  }

  /* Opens the account's row. */
  GtkWidget *
  expand (const std::string &name)
  {
    GtkWidget *row = find_text (name);

    if (row != nullptr)
      adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), TRUE);
    settle ();
    return row;
  }
};

TEST_F (ImportPageTest, SaysThatThereIsNothingToImport)
{
  open_import ();

  EXPECT_TRUE (wait_for_text ("No other program found"));
  shoot ("import-none");
}

TEST_F (ImportPageTest, ShowsWhatBecomesOfEachSettingAndTakesTheAccountOver)
{
  const std::string rc = "defaults\ntls on\n\naccount jane\nhost pop.example.org\n"
                         "user jane@example.org\npassword hunter2hunter2\ntls_certcheck off\n"
                         "delivery maildir ~/Mail/jane\n";

  write (".mpoprc", rc);
  open_import ();
  ASSERT_TRUE (wait_for_text ("jane@example.org"));
  GtkWidget *row = expand ("jane");
  ASSERT_NE (row, nullptr);

  EXPECT_NE (text ().find ("tls_certcheck"), std::string::npos) << text ();
  EXPECT_EQ (text ().find ("hunter2"), std::string::npos) << "the password is shown";
  shoot ("import-found");

  click (find ("take_button", row));
  ASSERT_TRUE (wait_for_text ("Imported"));
  EXPECT_NE (accounts_conf ().find ("receive=pop3://pop.example.org"), std::string::npos)
      << accounts_conf ();
  EXPECT_EQ (accounts_conf ().find ("hunter2"), std::string::npos);
  EXPECT_EQ (read (".mpoprc"), rc);
  shoot ("import-done");
}

TEST_F (ImportPageTest, ShowsWhyAFileCannotBeRead)
{
  std::filesystem::permissions (write (".mpoprc", "account jane\nhost pop.example.org\n"),
                                std::filesystem::perms::others_write,
                                std::filesystem::perm_options::add);
  open_import ();

  ASSERT_TRUE (wait ([this] { return text ().find ("others") != std::string::npos; }));
  shoot ("import-broken");
}

} // namespace postseal_test
