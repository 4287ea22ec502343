/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/add-fixture.h"

#include <fstream>
#include <sstream>

namespace postseal_test
{

namespace
{

std::string
read_text (const std::string &path)
{
  std::ostringstream text;

  text << std::ifstream (path).rdbuf ();
  return text.str ();
}

} // namespace

/* --- the good ones --- */

BothSides::BothSides () : server_ ("private-submission", { "--server", "dovecot" })
{
  std::istringstream lines (read_text (server_.value ("SUBMISSION_DIR") + "/d/env"));

  for (std::string line; std::getline (lines, line);)
    dovecot_[line.substr (0, line.find ('='))] = line.substr (line.find ('=') + 1);
}

BothSides &
BothSides::shared ()
{
  static BothSides server;

  return server;
}

std::string
BothSides::port (const std::string &scheme) const
{
  if (scheme == "submission" || scheme == "submissions")
    return server_.value (scheme == "submission" ? "SUBMISSION_PORT" : "SUBMISSIONS_PORT");
  std::string upper;
  for (char letter : scheme)
    upper += static_cast<char> (toupper (letter));
  return dovecot_.at ("DOVECOT_" + upper);
}

std::string
BothSides::password () const
{
  return server_.value ("SUBMISSION_PASSWORD");
}

std::string
BothSides::ca_file () const
{
  return server_.value ("SUBMISSION_CA");
}

void
BothSides::fill (const std::string &user)
{
  DovecotAdmin admin (unsigned (std::stoul (port ("imap"))), user, password ());

  if (admin.count ("INBOX") == 0)
    admin.append ("INBOX", "From: ada@example.org\r\nSubject: Hello\r\n\r\nWelcome.\r\n");
}

std::string
BothSides::take_log ()
{
  std::string all = read_text (server_.value ("SUBMISSION_LOG"));
  std::string news = all.substr (log_seen_);

  log_seen_ = all.size ();
  return news;
}

bool
BothSides::logs (const std::string &part) const
{
  return read_text (server_.value ("SUBMISSION_LOG")).find (part, log_seen_) != std::string::npos;
}

/* --- the others --- */

OddServer::OddServer (PostsealProtocol protocol,
                      Start start,
                      const TestIdentity &identity,
                      unsigned short port)
    : protocol_ (protocol), start_ (start), tls_{ identity },
      server_ ([this] (Peer &peer) { serve (peer); }, "127.0.0.1", port)
{
}

void
OddServer::serve (Peer &peer)
{
  const bool is_imap = protocol_ == POSTSEAL_PROTOCOL_IMAP;

  if (start_ == Start::Implicit)
    {
      if (peer.start_tls (tls_))
        peer.read_all ();
      return;
    }
  peer.send (is_imap ? "* OK ready\r\n" : "220 mail.example ready\r\n");
  std::string line = peer.read_line ().value_or ("");
  if (!is_imap)
    {
      peer.send (start_ == Start::Clear ? "250 mail.example\r\n"
                                        : "250-mail.example\r\n250 STARTTLS\r\n");
      line = peer.read_line ().value_or ("");
    }
  const std::string tag = line.substr (0, line.find (' '));
  if (start_ == Start::Clear)
    {
      peer.send (is_imap ? tag + " BAD unknown\r\n" : "502 unknown\r\n");
      peer.read_all ();
      return;
    }
  peer.send (is_imap ? tag + " OK go\r\n" : "220 go\r\n");
  if (peer.start_tls (tls_))
    peer.read_all ();
}

std::string
OddServer::learnt ()
{
  std::string all;

  server_.stop ();
  for (unsigned i = 0; i < server_.connections (); i++)
    all += server_.record (i).clear + server_.record (i).tls;
  return all;
}

/* --- the page --- */

AddTest::AddTest () : ca_file (BothSides::shared ().ca_file ())
{
  g_setenv ("GIO_USE_PROXY_RESOLVER", "dummy", TRUE);
  BothSides::shared ().take_log ();
}

AddTest::~AddTest ()
{
  close ();
  clear_secret (kAddress);
}

void
AddTest::publish (const std::string &service,
                  const std::string &port,
                  const std::string &host,
                  const std::string &domain)
{
  zone.add ("_" + service + "._tcp" + (domain.empty () ? "" : "." + domain + ".") + " IN SRV 0 1 "
            + port + " " + host + ".");
}

TestIdentity
AddTest::trust (const std::string &host)
{
  CertOptions options;

  options.dns = { host };
  ca_file = test_ca ().ca_file ();
  return test_ca ().issue (options);
}

void
AddTest::publish_good ()
{
  publish ("imaps", BothSides::shared ().port ("imaps"), "localhost");
  publish ("submissions", BothSides::shared ().port ("submissions"), "localhost");
}

void
AddTest::begin ()
{
  zone.start ();
  write ("XDG_CONFIG_HOME-dir/postseal/discovery.conf",
         "[discovery]\ntimeout=20s\n" + zone.settings () + "ca-file=" + ca_file + "\n" + settings);
  open ();
  gtk_widget_activate_action (GTK_WIDGET (window ()), "win.add", nullptr);
  settle ();
}

void
AddTest::search (const std::string &address)
{
  type ("name_row", "Jane Doe");
  type ("address_row", address);
  wait (
      [this] {
        const std::string shown = text ();

        return shown.find ("Press Next") != std::string::npos;
      },
      30000);
}

bool
AddTest::reach_password (const std::string &address)
{
  search (address);
  click ("main_button");
  if (!wait_for_text ("Proven"))
    return false;
  click ("main_button");
  return true;
}

GtkWidget *
AddTest::in_hand (bool sending, const std::string &id)
{
  return find (id, find (sending ? "send_hand" : "receive_hand"));
}

void
AddTest::enter_server (bool sending, const std::string &host, const std::string &port)
{
  gtk_editable_set_text (GTK_EDITABLE (in_hand (sending, "host_row")), host.c_str ());
  gtk_editable_set_text (GTK_EDITABLE (in_hand (sending, "port_row")), port.c_str ());
  settle ();
}

void
AddTest::go_back ()
{
  EXPECT_TRUE (gtk_widget_activate_action (page (), "add.back", nullptr));
  settle ();
}

std::string
AddTest::main_label ()
{
  std::string label = gtk_button_get_label (GTK_BUTTON (find ("main_button")));

  return label.erase (label.find ('_'), 1);
}

bool
AddTest::has_focus (const std::string &id)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (window ()));

  return focus != nullptr && gtk_widget_is_ancestor (focus, find (id));
}

std::string
AddTest::mailbox_of (const std::string &account)
{
  const std::filesystem::path folder = path ("Mail/" + account + "/new");

  if (std::filesystem::exists (folder))
    for (const auto &entry : std::filesystem::directory_iterator (folder))
      return read_text (entry.path ());
  return "";
}

} // namespace postseal_test
