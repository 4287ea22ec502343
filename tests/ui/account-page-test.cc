/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/ui-fixture.h"

namespace postseal_test
{

class AccountPageTest : public UiTest
{
protected:
  /* The page of the account "work" in a file with @text. */
  void
  open_account (const std::string &text, const std::string &name = "work")
  {
    write ("XDG_CONFIG_HOME-dir/postseal/accounts.conf", text);
    open ();
    gtk_widget_activate_action (GTK_WIDGET (window ()), "win.edit", "s", name.c_str ());
    wait ([this] { return !is_shown_stack ("looking"); });
    settle ();
  }

  bool
  is_shown_stack (const std::string &child)
  {
    const char *name = gtk_stack_get_visible_child_name (GTK_STACK (find ("stack")));

    return name != nullptr && child == name;
  }
};

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

TEST_F (AccountPageTest, ShowsWhatTheFileSays)
{
  open_account (usual);
  shoot ("account-top");
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (find ("expander")), TRUE);
  if (const char *height = g_getenv ("TALL"))
    {
      gtk_window_set_default_size (GTK_WINDOW (window ()), 680, atoi (height));
      wait ([this] { return gtk_widget_get_height (GTK_WIDGET (window ())) > 2000; });
      shoot ("account-all");
    }
}

} // namespace postseal_test
