/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/add-fixture.h"

namespace postseal_test
{

using AddPageTest = AddTest;

unsigned
count (const std::string &text, const std::string &part)
{
  unsigned n = 0;

  for (size_t at = text.find (part); at != std::string::npos; at = text.find (part, at + 1))
    n++;
  return n;
}

TEST_F (AddPageTest, LeadsFromAnEmptyHomeToFetchedMailInThreeClicks)
{
  BothSides &server = BothSides::shared ();

  server.fill ("jane");
  publish_good ();
  begin ();
  shoot ("add-who");
  search ();
  shoot ("add-who-found");
  const unsigned before = clicks ();
  const int width = gtk_widget_get_width (GTK_WIDGET (window ()));
  const int height = gtk_widget_get_height (GTK_WIDGET (window ()));

  click ("main_button");
  ASSERT_TRUE (wait_for_text ("Proven: both servers proved who they are"));
  const std::string card = text ();
  EXPECT_NE (card.find ("Encrypted from the first byte (port " + server.port ("imaps") + ")"),
             std::string::npos)
      << card;
  EXPECT_NE (card.find ("Encrypted from the first byte (port " + server.port ("submissions") + ")"),
             std::string::npos);
  shoot ("add-found");
  click ("main_button");
  EXPECT_TRUE (has_focus ("password_row"));
  shoot ("add-secret");
  type ("password_row", server.password ());
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("Your mail is being fetched to ~/Mail/jane@example.localhost."));
  EXPECT_LE (clicks () - before, 3u);

  ASSERT_TRUE (wait ([this] { return !mailbox_of (kAddress).empty (); }));
  EXPECT_NE (mailbox_of (kAddress).find ("Welcome."), std::string::npos);
  const std::string expected = "[account jane@example.localhost]\naddress=jane@example.localhost\n"
                               "name=Jane Doe\nreceive=imaps://localhost:"
                               + server.port ("imaps")
                               + "\ndeliver=maildir:~/Mail/jane@example.localhost\n"
                                 "send=submissions://localhost:"
                               + server.port ("submissions") + "\nca-file=" + server.ca_file ()
                               + "\n";
  EXPECT_EQ (accounts_conf (), expected);
  EXPECT_EQ (stored_secret (kAddress), server.password ());
  shoot ("add-done");
  EXPECT_EQ (gtk_widget_get_width (GTK_WIDGET (window ())), width);
  EXPECT_EQ (gtk_widget_get_height (GTK_WIDGET (window ())), height);
  EXPECT_EQ (main_label (), "Done");
  click ("main_button");
  EXPECT_TRUE (wait_for_text (kAddress));
}

TEST_F (AddPageTest, IsDoneWithNothingButTheEnterKey)
{
  publish_good ();
  begin ();
  EXPECT_TRUE (has_focus ("name_row") || has_focus ("address_row"));
  type ("name_row", "Jane Doe");
  type ("address_row", kAddress);
  enter ("address_row");
  ASSERT_TRUE (wait_for_text ("Proven"));
  EXPECT_EQ (gtk_root_get_focus (GTK_ROOT (window ())), find ("main_button"));
  EXPECT_EQ (gtk_window_get_default_widget (GTK_WINDOW (window ())), find ("main_button"));
  gtk_widget_activate (find ("main_button"));
  ASSERT_TRUE (wait ([this] { return is_shown ("password_row"); }));
  type ("password_row", BothSides::shared ().password ());
  enter ("password_row");
  EXPECT_TRUE (wait_for_text ("Your mail is being fetched"));
}

TEST_F (AddPageTest, TriesAWrongPasswordOnceAndAsksForAnother)
{
  publish_good ();
  begin ();
  ASSERT_TRUE (reach_password ());
  BothSides::shared ().take_log ();
  type ("password_row", "not this one");
  click ("main_button");

  ASSERT_TRUE (wait_for_text ("The password was refused"));
  EXPECT_NE (text ().find ("The server said: “"), std::string::npos) << text ();
  EXPECT_TRUE (has_focus ("password_row"));
  int start = 0, end = 0;
  gtk_editable_get_selection_bounds (GTK_EDITABLE (find ("password_row")), &start, &end);
  EXPECT_EQ (end - start, 12);
  EXPECT_EQ (accounts_conf (), "");
  shoot ("add-wrong-password");

  ASSERT_TRUE (wait ([] { return BothSides::shared ().logs ("auth failed"); }));
  click ("main_button"); /* the same once more is not tried */
  EXPECT_TRUE (gtk_widget_is_sensitive (find ("main_button")));
  const std::string log = BothSides::shared ().take_log ();
  EXPECT_EQ (count (log, "auth failed, 1 attempts"), 1u) << log;
  EXPECT_EQ (count (log, "Login:"), 0u) << log;
  EXPECT_EQ (stored_secret (kAddress), "");

  type ("password_row", BothSides::shared ().password ());
  click ("main_button");
  EXPECT_TRUE (wait_for_text ("Your mail is being fetched"));
}

/* Receives and sends at BothSides, with a password or by the provider's page. */
const char kConsentProviders[] = "[example]\ntitle=Example\nclient-id=someone\nscope=mail\n"
                                 "authorization-endpoint=https://example.localhost/authorize\n"
                                 "token-endpoint=https://example.localhost/token\n"
                                 "device-endpoint=https://example.localhost/device\n";

std::string
mail_provider (const std::string &domain, const std::string &more)
{
  const BothSides &server = BothSides::shared ();

  return "[example]\ntitle=Example\ndomains=" + domain
         + "\nhosts=localhost\nreceive=imaps://localhost:" + server.port ("imaps")
         + "\nsend=submissions://localhost:" + server.port ("submissions") + "\n" + more;
}

TEST_F (AddPageTest, TestsNoRefusedPasswordInPlaceOfAToken)
{
  write ("XDG_CONFIG_HOME-dir/postseal/mail-providers.conf",
         mail_provider ("both.localhost", "oauth=example\n"));
  write ("XDG_CONFIG_HOME-dir/postseal/oauth-providers.conf", kConsentProviders);
  begin ();
  ASSERT_TRUE (reach_password ("jane@both.localhost"));
  ASSERT_TRUE (wait ([this] { return is_shown ("browser_button"); }));
  type ("password_row", "not this one");
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("The password was refused"));
  ASSERT_TRUE (wait ([] { return BothSides::shared ().logs ("auth failed"); }));
  BothSides::shared ().take_log ();

  click ("browser_button");
  ASSERT_TRUE (wait_for_text ("Your browser shows your provider’s page"));
  /* As if a token had been stored: it is looked for, and is not there. */
  g_signal_emit_by_name (find ("consent_view"), "ended", TRUE, nullptr);
  ASSERT_TRUE (wait ([this] {
    return main_label () == "Continue" && is_shown ("test_view")
           && gtk_widget_is_sensitive (find ("main_button"));
  }));
  const std::string log = BothSides::shared ().take_log ();
  EXPECT_EQ (count (log, "auth failed"), 0u) << log;
  EXPECT_EQ (text ().find ("The password was refused"), std::string::npos) << text ();
}

TEST_F (AddPageTest, TellsWhatIsWrongWithAnAddressInPlace)
{
  struct
  {
    std::string typed;
    const char *told; /* "": nothing is wrong */
  } const cases[] = {
    { "", "" },
    { "   ", "" },
    { "jane", "" },
    { "jane@", "" },
    { "@example", "" },
    { "ja ne@example.org", "space" },
    { std::string (300, 'a') + "@example.org", "" },
    { "jane@" + std::string (300, 'a') + ".org", "" },
  };

  begin ();
  for (const auto &wrong : cases)
    {
      type ("address_row", wrong.typed);
      click ("main_button");
      const std::string hint = gtk_label_get_text (GTK_LABEL (find ("hint_label")));

      EXPECT_NE (hint, "") << wrong.typed;
      EXPECT_NE (hint.find (wrong.told), std::string::npos) << hint;
      EXPECT_TRUE (gtk_widget_has_css_class (find ("hint_label"), "error")) << hint;
      EXPECT_TRUE (is_shown ("address_row"));
      EXPECT_TRUE (has_focus ("address_row"));
    }
  shoot ("add-who-wrong");
}

TEST_F (AddPageTest, TakesAnAddressWithSpacesAroundAndAnotherAlphabet)
{
  begin ();
  search ("  jane@b\u00fccher.localhost ");

  EXPECT_FALSE (gtk_widget_has_css_class (find ("hint_label"), "error"));
  click ("main_button");
  EXPECT_TRUE (wait_for_text ("Nothing that can be used was found"));
  shoot ("add-nothing");
}

TEST_F (AddPageTest, TellsWhatIsWrongWithAServerInPlace)
{
  struct
  {
    std::string host;
    std::string port;
  } const cases[] = {
    { "", "" },
    { "   ", "" },
    { "mail example.org", "" },
    { "jane@example.org", "" },
    { "http://mail.example.org", "" },
    { std::string (300, 'a'), "" },
    { "mail..example.org", "" },
    { "mail.example.org", "0" },
    { "mail.example.org", "65536" },
    { "mail.example.org", "imap" },
    { "mail.example.org:99999", "" },
  };

  begin ();
  search ();
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("Nothing that can be used was found"));
  for (const auto &wrong : cases)
    {
      enter_server (false, wrong.host, wrong.port);
      click ("main_button");

      GtkWidget *told = in_hand (false, "mistake_label");
      EXPECT_TRUE (gtk_widget_get_mapped (told)) << wrong.host << " " << wrong.port;
      EXPECT_EQ (main_label (), "Check");
    }
  shoot ("add-by-hand-wrong");
}

/* As on the page of an account. */
TEST_F (AddPageTest, TakesApartWhatWasPasted)
{
  begin ();
  search ();
  click ("hand_button");
  ASSERT_TRUE (wait ([this] { return is_shown ("receive_hand"); }));
  enter_server (false, "pop3://jane@localhost:1110", "");
  click ("main_button");
  go_back ();

  EXPECT_EQ (adw_combo_row_get_selected (ADW_COMBO_ROW (in_hand (false, "kind_row"))), 1u);
  EXPECT_EQ (adw_combo_row_get_selected (ADW_COMBO_ROW (in_hand (false, "start_row"))), 1u);
  const char *const wanted[][2]
      = { { "host_row", "localhost" }, { "port_row", "1110" }, { "user_row", "jane" } };
  for (const auto &[id, text] : wanted)
    EXPECT_STREQ (gtk_editable_get_text (GTK_EDITABLE (in_hand (false, id))), text) << id;
}

TEST_F (AddPageTest, TakesNoUserNameForMarkup)
{
  begin ();
  search ();
  click ("hand_button");
  ASSERT_TRUE (wait ([this] { return is_shown ("receive_hand"); }));
  gtk_editable_set_text (GTK_EDITABLE (in_hand (false, "user_row")), "a<b>&c");
  EXPECT_TRUE (wait_for_text ("User a<b>&c"));
}

TEST_F (AddPageTest, TakesServersByHandAndProvesThem)
{
  BothSides &server = BothSides::shared ();

  begin ();
  search ();
  click ("hand_button");
  ASSERT_TRUE (wait ([this] { return is_shown ("receive_hand"); }));
  enter_server (false, "localhost:" + server.port ("imaps"), "");
  enter_server (true, "LOCALHOST", server.port ("submissions"));
  shoot ("add-by-hand");
  click ("main_button");

  /* Nobody has said that this authority is one. */
  ASSERT_TRUE (wait_for_text ("Nobody known vouches for this server"));
  EXPECT_FALSE (is_shown ("password_row"));
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (find ("known_row")), TRUE);
  ASSERT_TRUE (wait_for_text ("Fingerprint"));
  shoot ("add-unknown-issuer");
  EXPECT_FALSE (gtk_widget_is_sensitive (find ("file_button")));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (find ("compared_check")), TRUE);
  EXPECT_TRUE (gtk_widget_is_sensitive (find ("file_button")));
  g_signal_emit_by_name (find ("trust_group"), "trusted", server.ca_file ().c_str ());
  ASSERT_TRUE (wait_for_text ("Proven: both servers proved who they are"));
  EXPECT_NE (text ().find ("entered by hand"), std::string::npos);
  click ("main_button");
  type ("password_row", server.password ());
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("Your mail is being fetched"));
  EXPECT_NE (accounts_conf ().find ("ca-file=" + server.ca_file ()), std::string::npos);
}

TEST_F (AddPageTest, AsksForNoPasswordWhereEncryptionIsNotOffered)
{
  const TestIdentity none = test_ca ().issue ();
  OddServer imap (POSTSEAL_PROTOCOL_IMAP, OddServer::Start::Clear, none);
  OddServer smtp (POSTSEAL_PROTOCOL_SMTP, OddServer::Start::Clear, none);

  zone.add_zone ("plain.localhost", false);
  publish ("imap", imap.port (), "mail.plain.localhost", "plain.localhost");
  publish ("submission", smtp.port (), "mail.plain.localhost", "plain.localhost");
  begin ();
  search ("jane@plain.localhost");
  shoot ("add-who-plain");
  click ("main_button");

  ASSERT_TRUE (wait_for_text ("encryption"));
  const std::string shown = text ();
  EXPECT_NE (shown.find ("mail.plain.localhost"), std::string::npos) << shown;
  EXPECT_NE (shown.find (imap.port ()), std::string::npos) << shown;
  EXPECT_NE (shown.find ("ask the provider"), std::string::npos) << shown;
  EXPECT_EQ (shown.find ("nyway"), std::string::npos) << shown;
  EXPECT_FALSE (is_shown ("password_row"));
  EXPECT_NE (main_label (), "Next");
  shoot ("add-plain");
  for (const std::string &learnt : { imap.learnt (), smtp.learnt () })
    {
      EXPECT_EQ (learnt.find ("LOGIN"), std::string::npos) << learnt;
      EXPECT_EQ (learnt.find ("AUTH"), std::string::npos) << learnt;
      EXPECT_EQ (learnt.find ("jane"), std::string::npos) << learnt;
    }
}

TEST_F (AddPageTest, MendsAMixUpOfPortsByOneClick)
{
  const TestIdentity identity = trust ("mail.mixed.localhost");
  OddServer imap (POSTSEAL_PROTOCOL_IMAP, OddServer::Start::Implicit, identity);
  OddServer smtp (POSTSEAL_PROTOCOL_SMTP, OddServer::Start::Upgrade, identity);

  zone.add_zone ("mixed.localhost", false);
  publish ("imap", imap.port (), "mail.mixed.localhost", "mixed.localhost");
  publish ("submissions", smtp.port (), "mail.mixed.localhost", "mixed.localhost");
  begin ();
  search ("jane@mixed.localhost");
  click ("main_button");
  for (const char *side : { "receiving", "sending" })
    {
      ASSERT_TRUE (wait_for_text ("Port and kind of encryption do not fit together")) << side;
      EXPECT_EQ (main_label (), "Check");
      if (std::string (side) == "receiving")
        shoot ("add-mixed-up");
      click ("remedy_button");
      wait ([this] { return main_label () != "Check" || is_shown ("panel"); });
    }
  ASSERT_TRUE (wait_for_text ("Proven: both servers proved who they are"));
  EXPECT_NE (text ().find ("Encrypted after STARTTLS"), std::string::npos) << text ();
}

TEST_F (AddPageTest, AsksAboutAForeignHostBeforeAnythingIsSentThere)
{
  const TestIdentity identity = trust ("mail.elsewhere.localhost");
  OddServer imap (POSTSEAL_PROTOCOL_IMAP, OddServer::Start::Implicit, identity);
  OddServer smtp (POSTSEAL_PROTOCOL_SMTP, OddServer::Start::Implicit, identity);

  zone.add_zone ("unsigned.localhost", false);
  publish ("imaps", imap.port (), "mail.elsewhere.localhost", "unsigned.localhost");
  publish ("submissions", smtp.port (), "mail.elsewhere.localhost", "unsigned.localhost");
  begin ();
  search ("jane@unsigned.localhost");
  click ("main_button");

  ASSERT_TRUE (wait_for_text ("Is mail.elsewhere.localhost the server of your provider?"));
  EXPECT_EQ (imap.connections () + smtp.connections (), 0u);
  EXPECT_FALSE (gtk_widget_is_sensitive (find ("main_button")));
  shoot ("add-foreign");
  click ("yes_button");
  ASSERT_TRUE (wait_for_text ("Proven: both servers proved who they are"));
  EXPECT_EQ (main_label (), "Next");
}

TEST_F (AddPageTest, LeavesABrokenFileAloneAndNoSecretBehind)
{
  const std::string broken = "[account work\naddress=jane@example.org\n";

  write ("XDG_CONFIG_HOME-dir/postseal/accounts.conf", broken);
  publish_good ();
  begin ();
  ASSERT_TRUE (reach_password ());
  type ("password_row", BothSides::shared ().password ());
  click ("main_button");

  ASSERT_TRUE (wait_for_text ("could not be saved"));
  EXPECT_EQ (accounts_conf (), broken);
  EXPECT_EQ (stored_secret (kAddress), "");
  shoot ("add-broken-file");
}

TEST_F (AddPageTest, KnowsAnAccountThatIsThereAlready)
{
  write ("XDG_CONFIG_HOME-dir/postseal/accounts.conf",
         "[account jane@example.localhost]\naddress=jane@example.localhost\n"
         "send=submissions://mail.example.localhost\n");
  publish_good ();
  begin ();
  ASSERT_TRUE (wait ([this] {
    return g_list_model_get_n_items (postseal_session_get_accounts (session ())) == 1;
  }));
  search ();
  click ("main_button");

  EXPECT_TRUE (wait_for_text ("This account is there already"));
}

/* Back is the list from the page of the address, whether that still searches or not. */
TEST_F (AddPageTest, CanBeLeftInTheMiddleOfASearch)
{
  publish_good ();
  begin ();
  type ("address_row", kAddress);
  /* No answer can come between these two. */
  g_signal_emit_by_name (find ("main_button"), "clicked");
  EXPECT_TRUE (is_shown ("sources_group"));
  go_back ();
  EXPECT_TRUE (is_shown ("first_button"));

  gtk_widget_activate_action (GTK_WIDGET (window ()), "win.add", nullptr);
  search ();
  go_back ();
  EXPECT_TRUE (is_shown ("first_button"));
}

/* Back is the end of the test first, and then the page before. */
TEST_F (AddPageTest, CanBeLeftInTheMiddleOfATest)
{
  const TestIdentity identity = trust ("mail.example.localhost");
  /* They prove who they are, and say nothing more: the test is under way until it is stopped. */
  OddServer imap (POSTSEAL_PROTOCOL_IMAP, OddServer::Start::Implicit, identity);
  OddServer smtp (POSTSEAL_PROTOCOL_SMTP, OddServer::Start::Implicit, identity);

  publish ("imaps", imap.port (), "mail.example.localhost");
  publish ("submissions", smtp.port (), "mail.example.localhost");
  begin ();
  ASSERT_TRUE (reach_password ());
  type ("password_row", "a secret");
  click ("main_button");
  ASSERT_TRUE (wait_for_text ("Testing ")); /* some step, of either side */
  EXPECT_FALSE (gtk_widget_is_sensitive (find ("main_button")));

  go_back ();
  EXPECT_TRUE (is_shown ("password_row"));
  EXPECT_EQ (main_label (), "Continue");
  EXPECT_TRUE (gtk_widget_is_sensitive (find ("main_button")));
  EXPECT_NE (text ().find ("The test was stopped."), std::string::npos) << text ();
  go_back ();
  EXPECT_TRUE (is_shown ("card"));
  gtk_widget_activate_action (GTK_WIDGET (window ()), "win.back", nullptr);
  settle ();
  EXPECT_TRUE (is_shown ("first_button"));
  EXPECT_EQ (accounts_conf (), "");
  EXPECT_EQ (stored_secret (kAddress), "");
}

TEST_F (AddPageTest, DoesNotTakeHalfASearchForAWholeOne)
{
  publish_good ();
  begin ();
  type ("address_row", kAddress);
  /* No answer can come between these two. */
  g_signal_emit_by_name (find ("main_button"), "clicked");
  g_signal_emit_by_name (find ("hand_button"), "clicked");
  ASSERT_TRUE (wait ([this] { return is_shown ("receive_hand"); }));
  go_back ();
  ASSERT_TRUE (is_shown ("address_row"));
  EXPECT_FALSE (is_shown ("sources_group"));

  click ("main_button");
  EXPECT_TRUE (wait_for_text ("Proven: both servers proved who they are"));
}

TEST_F (AddPageTest, GoesBackFromEveryState)
{
  publish_good ();
  begin ();
  ASSERT_TRUE (reach_password ());
  type ("password_row", "a secret");
  ASSERT_TRUE (is_shown ("password_row"));

  go_back ();
  EXPECT_TRUE (is_shown ("card"));
  EXPECT_STREQ (gtk_editable_get_text (GTK_EDITABLE (find ("password_row"))), "");
  go_back ();
  EXPECT_TRUE (is_shown ("address_row"));
  EXPECT_STREQ (gtk_editable_get_text (GTK_EDITABLE (find ("address_row"))), kAddress);
  go_back ();
  EXPECT_TRUE (is_shown ("first_button"));
}

TEST_F (AddPageTest, TakesThePasswordFromAFileOfTheUsers)
{
  const std::string file = write ("secret", BothSides::shared ().password () + "\n");

  publish_good ();
  begin ();
  ASSERT_TRUE (reach_password ());
  EXPECT_FALSE (gtk_widget_is_sensitive (find ("main_button")));
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (find ("place_row")), TRUE);
  type ("file_row", file);
  EXPECT_FALSE (gtk_widget_is_sensitive (find ("password_row")));
  shoot ("add-secret-elsewhere");
  click ("main_button");

  ASSERT_TRUE (wait_for_text ("Your mail is being fetched"));
  EXPECT_NE (accounts_conf ().find ("password=file:" + file), std::string::npos);
  EXPECT_EQ (stored_secret (kAddress), "");
}

TEST_F (AddPageTest, OffersTheProvidersPageWhereNoPasswordIsTaken)
{
  write ("XDG_CONFIG_HOME-dir/postseal/mail-providers.conf",
         mail_provider ("consent.localhost", "oauth=example\nwants-oauth=yes\n"));
  write ("XDG_CONFIG_HOME-dir/postseal/oauth-providers.conf", kConsentProviders);
  begin ();
  ASSERT_TRUE (reach_password ("jane@consent.localhost"));

  ASSERT_TRUE (wait ([this] { return is_shown ("browser_button") && is_shown ("device_button"); }));
  EXPECT_FALSE (is_shown ("password_row"));
  shoot ("add-consent");
  click ("browser_button");
  ASSERT_TRUE (wait_for_text ("Your browser shows your provider’s page"));
  EXPECT_EQ (text ().find ("https://example.localhost/authorize?"), std::string::npos);
  shoot ("add-consent-browser");
  go_back ();
  EXPECT_TRUE (is_shown ("browser_button"));
  EXPECT_EQ (text ().find ("Your browser shows"), std::string::npos);
  EXPECT_EQ (accounts_conf (), "");
}

TEST_F (AddPageTest, WaitsForNobodyOnceItIsLeft)
{
  write ("XDG_CONFIG_HOME-dir/postseal/mail-providers.conf",
         mail_provider ("consent.localhost", "oauth=example\nwants-oauth=yes\n"));
  write ("XDG_CONFIG_HOME-dir/postseal/oauth-providers.conf", kConsentProviders);
  begin ();
  ASSERT_TRUE (reach_password ("jane@consent.localhost"));
  ASSERT_TRUE (wait ([this] { return is_shown ("browser_button"); }));
  click ("browser_button");
  ASSERT_TRUE (wait_for_text ("Your browser shows your provider’s page"));

  gpointer view = find ("consent_view");
  g_object_add_weak_pointer (G_OBJECT (view), &view);
  gtk_widget_activate_action (GTK_WIDGET (window ()), "win.back", nullptr);
  EXPECT_TRUE (wait ([&view] { return view == nullptr; }));
}

/* Shown or not, what was typed is nowhere but in the entry. */
TEST_F (AddPageTest, KeepsNoHistoryOfAPassword)
{
  publish_good ();
  begin ();
  ASSERT_TRUE (reach_password ());
  GtkEditable *text = gtk_editable_get_delegate (GTK_EDITABLE (find ("password_row")));
  int place = 0;

  gtk_text_set_visibility (GTK_TEXT (text), TRUE);
  gtk_editable_insert_text (text, "s3cret", -1, &place);
  gtk_widget_activate_action (GTK_WIDGET (text), "text.undo", nullptr);
  EXPECT_STREQ (gtk_editable_get_text (text), "s3cret");
  gtk_text_set_visibility (GTK_TEXT (text), FALSE);
  gtk_text_set_visibility (GTK_TEXT (text), TRUE);
  gtk_editable_delete_text (text, 0, -1);
  gtk_widget_activate_action (GTK_WIDGET (text), "text.undo", nullptr);
  EXPECT_STREQ (gtk_editable_get_text (text), "");
}

/* --- certificates --- */

struct Fault
{
  const char *name;
  CertOptions options;
  bool is_of_stranger; /* issued by an authority that nobody has named */
  const char *title;
};

class AddPageCertificateTest : public AddTest, public ::testing::WithParamInterface<Fault>
{
};

TEST_P (AddPageCertificateTest, IsToldForWhatItIsAndNoPasswordIsAskedFor)
{
  TestCa stranger ("Stranger");
  TestCa &issuer = GetParam ().is_of_stranger ? stranger : test_ca ();
  OddServer imap (POSTSEAL_PROTOCOL_IMAP, OddServer::Start::Implicit,
                  issuer.issue (GetParam ().options));
  OddServer smtp (POSTSEAL_PROTOCOL_SMTP, OddServer::Start::Implicit,
                  trust ("mail.example.localhost"));

  publish ("imaps", imap.port (), "mail.example.localhost");
  publish ("submissions", smtp.port (), "mail.example.localhost");
  begin ();
  search ();
  click ("main_button");

  ASSERT_TRUE (wait_for_text (GetParam ().title));
  EXPECT_EQ (text ().find ("Proven:"), std::string::npos) << text ();
  EXPECT_EQ (main_label (), "Check");
  shoot (std::string ("add-certificate-") + GetParam ().name);
  click ("main_button");
  ASSERT_TRUE (wait_for_text (GetParam ().title));
  EXPECT_FALSE (is_shown ("password_row"));
}

CertOptions
make_options (const char *host, long from, long until)
{
  CertOptions options;

  options.dns = { host };
  options.valid_from = from;
  options.valid_until = until;
  return options;
}

INSTANTIATE_TEST_SUITE_P (
    Faults,
    AddPageCertificateTest,
    ::testing::Values (Fault{ "expired",
                              make_options ("mail.example.localhost", -86400 * 90, -86400), false,
                              "has expired" },
                       Fault{ "early", make_options ("mail.example.localhost", 86400, 86400 * 90),
                              false, "not valid yet" },
                       Fault{ "name", make_options ("other.example.localhost", -3600, 86400), false,
                              "for another server" },
                       Fault{ "issuer", make_options ("mail.example.localhost", -3600, 86400), true,
                              "Nobody known vouches" }),
    [] (const auto &fault) { return fault.param.name; });

} // namespace postseal_test
