/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Servers that are not what they were. */
#include "base/paths.h"
#include "net/latches.h"
#include "scenario/toy-submission.h"
#include "support/sandbox.h"
#include "ui/account-fixture.h"
#include "ui/add-fixture.h"

namespace postseal_test
{

class ChangedServerTest : public AccountTest
{
protected:
  static std::string
  latches_file ()
  {
    g_autofree char *folder = postseal_paths_account_state_dir ("work");

    return std::string (folder) + "/latches";
  }

  /* What a connection has taught before. */
  void
  remember (const std::string &server, const char *what, const char *value)
  {
    g_autoptr (PostsealLatches) latches = postseal_latches_new ();

    std::filesystem::create_directories (std::filesystem::path (latches_file ()).parent_path ());
    postseal_latches_set (latches, server.c_str (), what, value);
    ASSERT_TRUE (postseal_latches_save (latches, latches_file ().c_str (), nullptr));
  }
};

TEST_F (ChangedServerTest, WithAnotherKeyIsToldNothing)
{
  BothSides &server = BothSides::shared ();

  server.take_log ();
  open_account ("[account work]\naddress=jane@example.localhost\nreceive=imaps://jane@localhost:"
                + server.port ("imaps") + "\ndeliver=maildir:~/Mail\nsend=submissions://jane@"
                + "localhost:" + server.port ("submissions") + "\nca-file=" + server.ca_file ()
                + "\npin=sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\npassword=file:"
                + write ("secret", server.password () + "\n") + "\n");
  press ("account.test");
  ASSERT_TRUE (wait ([this] { return is_shown ("receive_panel") && is_shown ("send_panel"); }));
  for (const char *panel : { "receive_panel", "send_panel" })
    {
      EXPECT_NE (text (find (panel)).find ("The server has another key than before"),
                 std::string::npos)
          << text ();
      EXPECT_FALSE (gtk_widget_get_visible (find ("remedy_button", find (panel))));
    }
  EXPECT_EQ (server.take_log ().find ("Login:"), std::string::npos);
  shoot ("account-changed-key");
}

TEST_F (ChangedServerTest, ThatEncryptsNoMoreIsLeftAloneUntilItIsForgotten)
{
  ToySubmission server (ToySubmission::Start::Clear);
  const std::string place = "localhost:" + std::to_string (server.port ());

  server.demands_login = false;
  remember (place, "tls", "1.3");
  open_account ("[account work]\naddress=jane@example.localhost\nsend=submission://" + place
                + "\nsend-tls=opportunistic\nauth=none\n");
  press ("account.test");
  ASSERT_TRUE (wait_for_text ("The server is less safe than before"));
  EXPECT_NE (text ().find (place + " did TLS before and refuses it now"), std::string::npos)
      << text ();
  EXPECT_EQ (server.count ("MAIL"), 0u);
  shoot ("account-less-safe");

  click (find ("remedy_button", find ("send_panel")));
  EXPECT_NE (dialog_text ().find ("weaker"), std::string::npos) << dialog_text ();
  respond ("cancel");
  click ("again_button");
  ASSERT_TRUE (wait_for_text ("The server is less safe than before"));
  click (find ("remedy_button", find ("send_panel")));
  respond ("forget");
  ASSERT_TRUE (wait ([] { return read_file (latches_file ()).find ("1.3") == std::string::npos; }));
  click ("again_button");
  EXPECT_TRUE (wait_for_text ("Everything works."));
  close ();
  server.stop ();
}

} // namespace postseal_test
