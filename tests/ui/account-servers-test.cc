/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <utility>
#include <vector>

#include "ui/account-fixture.h"

namespace postseal_test
{

namespace
{

const std::string usual = "[account work]\n"
                          "address=jane@example.org\n"
                          "receive=imaps://jane@imap.example.org\n"
                          "# comment\n"
                          "folders=INBOX;Lists/*\n"
                          "deliver=maildir:~/Mail/work\n"
                          "ca-file=/etc/ssl/ca.pem\n"
                          "send=submission://jane@smtp.example.org\n";
const std::string receive_line = "receive=imaps://jane@imap.example.org\n";
const std::string send_line = "send=submission://jane@smtp.example.org\n";

} // namespace

class AccountServersTest : public AccountTest
{
protected:
  std::string
  text_of (const std::string &group, const std::string &id)
  {
    return gtk_editable_get_text (GTK_EDITABLE (in (group, id)));
  }
};

TEST_F (AccountServersTest, AreWrittenAsAPersonWould)
{
  const std::vector<std::pair<std::string, std::string>> typed = {
    { "mail.example.net", "receive=imaps://jane@mail.example.net\n" },
    { "  mail.example.net ", "receive=imaps://jane@mail.example.net\n" },
    { "bücher.example", "receive=imaps://jane@xn--bcher-kva.example\n" },
    { "192.0.2.1", "receive=imaps://jane@192.0.2.1\n" },
    { "2001:db8::1", "receive=imaps://jane@[2001:db8::1]\n" },
    { "mail.example.net:1993", "receive=imaps://jane@mail.example.net:1993\n" },
    { "[2001:db8::1]:1993", "receive=imaps://jane@[2001:db8::1]:1993\n" },
    { "pop3s://joan@mail.example.net", "receive=pop3s://joan@mail.example.net\n" },
  };

  for (const auto &[host, line] : typed)
    {
      open_account (usual);
      type_in ("receive_group", "host_field", host);
      save ();
      EXPECT_EQ (accounts_conf (), replace (usual, receive_line, line)) << host;
      close ();
    }
}

TEST_F (AccountServersTest, TakeApartWhatWasPasted)
{
  open_account (usual);
  type_in ("receive_group", "host_field", "imap://joan@mail.example.net:1143");
  gtk_widget_grab_focus (in ("send_group", "host_field"));
  settle ();

  EXPECT_EQ (text_of ("receive_group", "host_field"), "mail.example.net");
  EXPECT_EQ (text_of ("receive_group", "port_field"), "1143");
  EXPECT_EQ (text_of ("receive_group", "user_field"), "joan");
  save ();
  EXPECT_EQ (accounts_conf (),
             replace (usual, receive_line, "receive=imap://joan@mail.example.net:1143\n"));
}

TEST_F (AccountServersTest, ChangeHowEncryptionBegins)
{
  open_account (usual);
  choose_in ("receive_group", "start_field", "upgrade");
  choose_in ("send_group", "start_field", "implicit");
  EXPECT_NE (text ().find ("Port (usual: 143)"), std::string::npos);
  save ();
  EXPECT_EQ (accounts_conf (),
             replace (replace (usual, receive_line, "receive=imap://jane@imap.example.org\n"),
                      send_line, "send=submissions://jane@smtp.example.org\n"));

  choose_in ("receive_group", "kind_field", "pop3");
  edit ("folders", "INBOX");
  save ();
  EXPECT_NE (accounts_conf ().find ("\nreceive=pop3://jane@imap.example.org\n"), std::string::npos);
}

TEST_F (AccountServersTest, TellWhatCannotBeMeantAndWriteNothing)
{
  const std::vector<std::string> hosts
      = { "",           "   ",        "mail example.org", std::string (300, 'a'),
          "jane@x.org", "mail..org",  "-x.org",           "http://mail.example.org",
          "x/y",        "mail.org:0", "mail.org:99999",   std::string (64, 'a') + ".org" };

  open_account (usual);
  for (const std::string &host : hosts)
    {
      type_in ("receive_group", "host_field", host);
      press ("account.save");
      EXPECT_TRUE (mistake_below (in ("receive_group", "host_field")) != ""
                   || mistake_below (in ("receive_group", "port_field")) != "")
          << host;
      EXPECT_EQ (accounts_conf (), usual) << host;
      type_in ("receive_group", "host_field", "imap.example.org");
      type_in ("receive_group", "port_field", "");
      EXPECT_FALSE (can_save ()) << host;
      EXPECT_EQ (mistake_below (in ("receive_group", "host_field")), "");
    }
  for (const std::string port : { "0", "99999", "imap", "-1", "1 2", "9.9" })
    {
      type_in ("send_group", "port_field", port);
      press ("account.save");
      EXPECT_NE (mistake_below (in ("send_group", "port_field")), "") << port;
      EXPECT_TRUE (has_focus (in ("send_group", "port_field"))) << port;
      EXPECT_EQ (accounts_conf (), usual) << port;
    }
  EXPECT_TRUE (wait ([this] {
    return is_in_sight (gtk_widget_get_next_sibling (in ("send_group", "port_field")));
  }));
  shoot ("account-wrong-port");
}

/* A switch that is turned by mistake takes nothing away. */
TEST_F (AccountServersTest, ComeBackWithAllThatWasSetWhenSwitchedOnAgain)
{
  open_account (usual);
  set_used ("receive_group", false);
  EXPECT_FALSE (is_shown ("keep_group"));
  EXPECT_TRUE (can_save ());
  set_used ("send_group", false);
  set_used ("send_group", true);
  set_used ("receive_group", true);

  EXPECT_FALSE (can_save ());
  EXPECT_EQ (text_of ("receive_group", "host_field"), "imap.example.org");

  set_used ("receive_group", false);
  save ();
  EXPECT_EQ (accounts_conf (),
             replace (replace (usual, receive_line, ""), "folders=INBOX;Lists/*\n", ""));
  set_used ("receive_group", true);
  save ();
  EXPECT_NE (accounts_conf ().find (receive_line), std::string::npos);
  EXPECT_NE (accounts_conf ().find ("folders=INBOX;Lists/*\n"), std::string::npos);
}

TEST_F (AccountServersTest, AreNotBothSwitchedOff)
{
  open_account (usual);
  set_used ("send_group", false);
  set_used ("receive_group", false);
  press ("account.save");
  EXPECT_NE (mistake_below (in ("receive_group", "used_field")), "") << text ();
  EXPECT_EQ (accounts_conf (), usual);
}

/* Loopback and opportunistic are offered only where they can be, and with what they mean. */
TEST_F (AccountServersTest, AreLessStrictOnlyWhereThatExists)
{
  open_account (usual);
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (find ("expander")), TRUE);
  settle ();
  EXPECT_FALSE (is_shown ("receive_tls_field"));
  EXPECT_FALSE (is_shown ("send_tls_field"));

  type_in ("receive_group", "host_field", "localhost");
  EXPECT_TRUE (is_shown ("receive_tls_field"));
  EXPECT_FALSE (is_shown ("send_tls_field"));
  edit ("receive-tls", "loopback");
  EXPECT_NE (text ().find ("Not encrypted: only with this very computer"), std::string::npos);
  EXPECT_TRUE (is_shown ("level_row"));
  EXPECT_FALSE (gtk_widget_get_mapped (in ("receive_group", "start_field")));
  scroll_to ("receive_group");
  shoot ("account-loopback");
  edit ("receive-tls", "enforced");

  edit ("auth", "none");
  EXPECT_TRUE (is_shown ("send_tls_field"));
  edit ("send-tls", "opportunistic");
  EXPECT_NE (text ().find ("whoever sits on the wire can read and change the mail"),
             std::string::npos);
  scroll_to ("advanced_group");
  shoot ("account-opportunistic");
}

} // namespace postseal_test
