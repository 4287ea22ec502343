/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Servers that a person has named wrongly by hand. */
#include "ui/add-fixture.h"

namespace postseal_test
{

class AddWrongServerTest : public AddTest
{
protected:
  void
  enter (const std::string &receive, const std::string &send)
  {
    begin ();
    search ();
    click ("hand_button");
    ASSERT_TRUE (wait ([this] { return is_shown ("receive_hand"); }));
    enter_server (false, receive, "");
    enter_server (true, send, "");
    click ("main_button");
  }

  BothSides &server = BothSides::shared ();
};

TEST_F (AddWrongServerTest, IsToldWhereNobodyListens)
{
  const std::string port = std::to_string (unused_port ());

  enter ("localhost:" + port, "localhost:" + server.port ("submissions"));
  ASSERT_TRUE (wait_for_text ("No mail server answers at this port"));
  EXPECT_NE (text ().find (port), std::string::npos) << text ();
  EXPECT_EQ (main_label (), "Check");
  EXPECT_FALSE (is_shown ("password_row"));
  shoot ("add-wrong-port");

  /* Back is where the port was typed, and it stands there. */
  go_back ();
  ASSERT_TRUE (is_shown ("receive_hand"));
  EXPECT_STREQ (gtk_editable_get_text (GTK_EDITABLE (in_hand (false, "port_row"))), port.c_str ());
}

/* Each proves who it is; only its greeting shows that it is another. */
TEST_F (AddWrongServerTest, GetsNoPasswordThatIsAnothersByMistake)
{
  enter ("localhost:" + server.port ("submissions"), "localhost:" + server.port ("imaps"));
  ASSERT_TRUE (wait_for_text ("Nobody known vouches for this server"));
  g_signal_emit_by_name (find ("trust_group"), "trusted", server.ca_file ().c_str ());
  ASSERT_TRUE (wait_for_text ("Proven"));
  server.take_log ();
  click ("main_button");
  type ("password_row", "a secret");
  click ("main_button");
  ASSERT_TRUE (wait ([this] {
    return is_shown ("receive_panel") && is_shown ("send_panel")
           && gtk_widget_is_sensitive (find ("main_button"));
  }));
  EXPECT_EQ (server.take_log ().find ("auth failed"), std::string::npos);
  EXPECT_EQ (accounts_conf (), "");
  shoot ("add-wrong-protocol");
}

TEST_F (AddWrongServerTest, IsTakenInAnyAlphabet)
{
  enter ("b\u00fccher.localhost:" + server.port ("imaps"),
         "B\u00dcCHER.localhost:" + server.port ("submissions"));
  ASSERT_TRUE (wait ([this] { return is_shown ("panel"); }));
  EXPECT_EQ (text ().find ("does not exist"), std::string::npos) << text ();
  EXPECT_EQ (main_label (), "Check");
  shoot ("add-idn-server");
}

} // namespace postseal_test
