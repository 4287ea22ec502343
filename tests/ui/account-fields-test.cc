/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <utility>
#include <vector>

#include "settings/field.h"
#include "ui/account-fixture.h"

namespace postseal_test
{

namespace
{

const std::string full = "# my accounts\n\n"
                         "[account home]\naddress=jane@example.net\n"
                         "send=submissions://mail.example.net\n\n"
                         "[account work]\n"
                         "# who\n"
                         "address=jane@example.org\n"
                         "name=Jane Doe\n"
                         "\n"
                         "# where\n"
                         "send=submission://jane@smtp.example.org:2525\n"
                         "receive=imap://jane@imap.example.org:1143\n"
                         "folders=INBOX;Lists/*\n"
                         "layout=fs\n"
                         "keep=14d\n"
                         "deliver=maildir:~/Mail/work\n"
                         "trace-header=yes\n"
                         "compress=yes\n"
                         "push=no\n"
                         "interval=10m\n"
                         "connections=3\n"
                         "notify=details\n"
                         "on-mail=command:notify-me --now\n"
                         "send-as=*@example.org\n"
                         "retry-for=2d\n"
                         "# how strict\n"
                         "tls-min=1.3\n"
                         "ca-file=/etc/ssl/ca.pem\n"
                         "crl-file=/etc/ssl/crl.pem\n"
                         "pin=sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
                         "dane=off\n"
                         "client-certificate=/etc/ssl/me.pem\n"
                         "client-key=/etc/ssl/me.key\n"
                         "auth=SCRAM-SHA-256;PLAIN\n"
                         "password=command:pass show work\n"
                         "timeout=30s\n"
                         "# the end\n";

struct Change
{
  std::string key;
  std::string typed;
  std::string old_line; /* in the file before */
  std::string new_line; /* after; "" when there is none any more */
};

} // namespace

using AccountFieldsTest = AccountTest;

TEST_F (AccountFieldsTest, ChangeNothingByShowingIt)
{
  open_account (full);

  EXPECT_FALSE (is_shown ("panel")) << text ();
  EXPECT_FALSE (can_save ());
}

/* Every key by itself: that line, and no other byte. */
TEST_F (AccountFieldsTest, ChangeTheirOwnLineAndNoOtherByte)
{
  const std::vector<Change> changes = {
    { "address", "joan@example.org", "address=jane@example.org\n", "address=joan@example.org\n" },
    { "name", "Joan", "name=Jane Doe\n", "name=Joan\n" },
    { "name", "", "name=Jane Doe\n", "" },
    { "folders", "INBOX", "folders=INBOX;Lists/*\n", "" },
    { "folders", "INBOX;A\\;b", "folders=INBOX;Lists/*\n", "folders=INBOX;A\\;b\n" },
    { "layout", "single", "layout=fs\n", "layout=single\n" },
    { "trace-header", "no", "trace-header=yes\n", "" },
    { "compress", "no", "compress=yes\n", "" },
    { "push", "yes", "push=no\n", "" },
    { "interval", "15", "interval=10m\n", "interval=15m\n" },
    { "interval", "90s", "interval=10m\n", "interval=90s\n" },
    { "connections", "2", "connections=3\n", "connections=2\n" },
    { "notify", "no", "notify=details\n", "notify=no\n" },
    { "on-mail", "run me", "on-mail=command:notify-me --now\n", "on-mail=command:run me\n" },
    { "send-as", "a@b.c;*@d.e", "send-as=*@example.org\n", "send-as=a@b.c;*@d.e\n" },
    { "retry-for", "3", "retry-for=2d\n", "retry-for=3d\n" },
    { "tls-min", "1.2", "tls-min=1.3\n", "" },
    { "ca-file", "~/ca.pem", "ca-file=/etc/ssl/ca.pem\n", "ca-file=~/ca.pem\n" },
    { "crl-file", "", "crl-file=/etc/ssl/crl.pem\n", "" },
    { "pin", "", "pin=sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "" },
    { "dane", "auto", "dane=off\n", "" },
    { "client-key", "/k.pem", "client-key=/etc/ssl/me.key\n", "client-key=/k.pem\n" },
    { "client-certificate", "pkcs11:token=me", "client-certificate=/etc/ssl/me.pem\n",
      "client-certificate=pkcs11:token=me\n" },
    { "auth", "PLAIN", "auth=SCRAM-SHA-256;PLAIN\n", "auth=PLAIN\n" },
    { "password", "secret-service", "password=command:pass show work\n", "" },
    { "timeout", "45", "timeout=30s\n", "timeout=45s\n" },
  };

  for (const Change &change : changes)
    {
      open_account (full);
      edit (change.key, change.typed);
      save ();
      EXPECT_EQ (accounts_conf (), replace (full, change.old_line, change.new_line)) << change.key;
      close ();
    }
}

/* In any order, forth and back, in one sitting. */
TEST_F (AccountFieldsTest, SaveManyTimes)
{
  open_account (full);

  for (const std::string name : { "Joan", "Jean", "Jane Doe" })
    {
      edit ("name", name);
      save ();
      EXPECT_EQ (accounts_conf (), replace (full, "name=Jane Doe", "name=" + name));
    }
}

TEST_F (AccountFieldsTest, SayForHowLongMailStays)
{
  open_account (full);
  choose_in ("keep_group", "keep_field", "no");
  EXPECT_NE (text (find ("keep_group")).find ("safely on this computer"), std::string::npos);
  scroll_to ("keep_group");
  shoot ("account-keep");
  save ();
  EXPECT_EQ (accounts_conf (), replace (full, "keep=14d\n", "keep=no\n"));

  choose_in ("keep_group", "keep_field", "time");
  type_in ("keep_group", "days_field", "30");
  save ();
  EXPECT_EQ (accounts_conf (), replace (full, "keep=14d\n", "keep=30d\n"));

  choose_in ("keep_group", "keep_field", "yes");
  save ();
  EXPECT_EQ (accounts_conf (), replace (full, "keep=14d\n", ""));
}

TEST_F (AccountFieldsTest, SayWhereMailGoes)
{
  open_account (full);
  choose_in ("delivery_group", "kind_field", "mbox");
  type_in ("delivery_group", "place_field", "~/mbox");
  edit ("layout", "single");
  save ();
  EXPECT_NE (accounts_conf ().find ("\ndeliver=mbox:~/mbox\n"), std::string::npos);

  type_in ("delivery_group", "place_field", "mbox");
  press ("account.save");
  EXPECT_NE (mistake_below (in ("delivery_group", "place_field")).find ("relative"),
             std::string::npos)
      << text ();
  EXPECT_TRUE (has_focus (in ("delivery_group", "place_field")));
  EXPECT_NE (accounts_conf ().find ("\ndeliver=mbox:~/mbox\n"), std::string::npos);
}

/* --- what cannot be meant --- */

TEST_F (AccountFieldsTest, TellAMistakeInPlaceAndWriteNothing)
{
  const std::vector<std::pair<std::string, std::string>> mistakes = {
    { "address", "" },
    { "address", "jane" },
    { "address", "a b@c.d" },
    { "interval", "0" },
    { "interval", "often" },
    { "connections", "0" },
    { "connections", "999" },
    { "ca-file", "ca.pem" },
    { "pin", "sha256:short" },
    { "password", "hunter2" },
    { "auth", "SECRET-HANDSHAKE" },
    { "timeout", "99999999" },
    { "send-as", "example.org" },
  };

  open_account (full);
  for (const auto &[key, typed] : mistakes)
    {
      const std::string before
          = gtk_editable_get_text (GTK_EDITABLE (postseal_field_find (page (), key.c_str ())));

      edit (key, typed);
      press ("account.save");
      EXPECT_NE (mistake_of (key), "") << key << " " << typed;
      EXPECT_EQ (mistake_of (key).find ("hunter2"), std::string::npos);
      EXPECT_EQ (accounts_conf (), full) << key << " " << typed;
      edit (key, before);
      EXPECT_EQ (mistake_of (key), "") << key;
      EXPECT_FALSE (can_save ()) << key;
    }
  edit ("pin", "sha256:short");
  press ("account.save");
  EXPECT_TRUE (wait ([this] {
    GtkWidget *field = find ("pin_field");

    return has_focus (field) && is_in_sight (gtk_widget_get_next_sibling (field));
  }));
  shoot ("account-mistake");
}

} // namespace postseal_test
