/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/claws-host.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "support/corpus.h"

namespace postseal_test
{

namespace fs = std::filesystem;

namespace
{

std::string
need (const char *variable)
{
  const char *value = getenv (variable);

  if (value == nullptr)
    throw std::runtime_error (std::string (variable) + " is not set");
  return value;
}

constexpr const char *FOLDERS[][2]
    = { { "inbox", "inbox" }, { "outbox", "sent" }, { "queue", "queue" }, { "draft", "draft" },
        { "trash", "trash" }, { "normal", "work" }, { "normal", "news" } };

bool
is_number (const std::string &name)
{
  return !name.empty () && std::all_of (name.begin (), name.end (), ::isdigit);
}

} // namespace

std::string
ask_socket (const std::string &path, const std::string &question)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path.c_str ());
  g_autoptr (GSocketConnection) connection = nullptr;
  std::string line = question + "\n", answer;
  char buffer[4096];
  gssize n;

  g_socket_client_set_timeout (client, 20);
  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), nullptr, nullptr);
  if (connection == nullptr)
    return "";
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), line.data (),
                             line.size (), nullptr, nullptr, nullptr);
  while ((n = g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), buffer,
                                   sizeof buffer, nullptr, nullptr))
         > 0)
    answer.append (buffer, n);
  return answer;
}

ClawsTest::ClawsTest () : plugin_ (need ("CLAWS_PLUGIN")), probe_ (need ("CLAWS_PROBE"))
{
  fs::create_directory (path ("run"));
  fs::permissions (path ("run"), fs::perms::owner_all);
  fs::create_directories (path (".claws-mail"));
  fs::permissions (path (".claws-mail"), fs::perms::owner_all);
  for (const auto &[type, name] : FOLDERS)
    fs::create_directories (path ("Mail/") + name);
  add_account ("account_name=work\nis_default=1\nname=Jane\naddress=jane@example.org\nprotocol=4\n"
               "smtp_server=localhost\ninbox=#mh/Mail/inbox\nconfig_version=4\n");
}

ClawsTest::~ClawsTest ()
{
  if (process_ != nullptr)
    kill ();
}

void
ClawsTest::add_account (const std::string &lines)
{
  size_t number = 1;

  for (size_t at = accounts_.find ("[Account"); at != std::string::npos;
       at = accounts_.find ("[Account", at + 1))
    number++;
  accounts_ += "[Account: " + std::to_string (number) + "]\n" + lines + "\n";
}

void
ClawsTest::add_filter (const std::string &word, const std::string &folder, bool is_first)
{
  std::string rule = "enabled rulename \"" + word + "\" subject matchcase \"" + word + "\" move \""
                     + (folder[0] == '#' ? folder : "#mh/Mail/" + folder) + "\"\n";
  filters_ = is_first ? rule + filters_ : filters_ + rule;
}

void
ClawsTest::add_folder (const std::string &xml)
{
  mailboxes_ += xml;
}

void
ClawsTest::set (const std::string &line)
{
  settings_ += line + "\n";
}

void
ClawsTest::bind (const std::string &text)
{
  write_file (path (".claws-mail/postsealrc"), text);
}

void
ClawsTest::use_bus ()
{
  bus_ = need ("DBUS_SESSION_BUS_ADDRESS");
}

Environment
ClawsTest::environment () const
{
  Environment all = instance_.complete ();

  all["XDG_RUNTIME_DIR"] = path ("run");
  all["XDG_DATA_HOME"] = path ("share");
  all["POSTSEAL_PROBE"] = path ("probe");
  if (!bus_.empty ())
    all["DBUS_SESSION_BUS_ADDRESS"] = bus_;
  return all;
}

void
ClawsTest::write_configuration (bool with_plugin)
{
  std::string folders = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<folderlist><folder "
                        "type=\"mh\" path=\"Mail\" name=\"Mail\">\n";

  /* A host that has run keeps its own. */
  write_file (path (".claws-mail/clawsrc"),
              "[Common]\nconfig_version=4\nenable_aspell=0\nwarn_queued_on_exit=0\n"
              "confirm_on_exit=0\nunsafe_ssl_certs=1\nskip_ssl_cert_check=1\n"
                  + settings_ + "\n[Plugins_GTK3]\n" + probe_ + "\n"
                  + (with_plugin ? plugin_ + "\n" : ""));
  if (fs::exists (path (".claws-mail/folderlist.xml")))
    return;
  for (const auto &[type, name] : FOLDERS)
    folders += std::string ("<folderitem type=\"") + type + "\" name=\"" + name + "\" path=\""
               + name + "\"/>\n";
  write_file (path (".claws-mail/folderlist.xml"),
              folders + "</folder>\n" + mailboxes_ + "</folderlist>\n");
  write_file (path (".claws-mail/accountrc"), accounts_);
  write_file (path (".claws-mail/matcherrc"), "[filtering]\n" + filters_ + "\n");
}

void
ClawsTest::start_unwatched (const Environment &more, bool with_plugin)
{
  Environment all = environment ();

  for (const auto &[name, value] : more)
    all[name] = value;
  if (const char *preload = getenv ("CLAWS_PRELOAD"))
    {
      std::string &steps = all["LD_PRELOAD"];
      steps = preload + (steps.empty () ? "" : ":" + steps);
      all["ASAN_OPTIONS"] = "detect_leaks=0:abort_on_error=1"; /* the host leaks */
    }
  write_configuration (with_plugin);
  fs::remove (path ("probe"));
  process_ = std::make_unique<ChildProcess> (std::vector<std::string>{ "claws-mail" }, all);
}

void
ClawsTest::start (const Environment &more, bool with_plugin)
{
  start_unwatched (more, with_plugin);
  ASSERT_TRUE (wait_for (
      "Claws Mail", [this] { return ask ("ready") == "ready"; }, 60));
}

void
ClawsTest::stop ()
{
  if (process_ == nullptr)
    return;
  remote ("--exit");
  EXPECT_TRUE (ended_within (30)) << "Claws Mail goes on after --exit";
  if (process_ != nullptr)
    kill ();
}

void
ClawsTest::kill ()
{
  process_->kill (SIGKILL);
  Outcome outcome = process_->wait ();
  log_ += outcome.out + outcome.err;
  process_.reset ();
}

bool
ClawsTest::ended_within (double seconds)
{
  if (!process_->ended_within (seconds))
    return false;
  Outcome outcome = process_->wait ();
  log_ += outcome.out + outcome.err;
  EXPECT_TRUE (outcome.status == 0 || outcome.status == 128 + SIGKILL)
      << "it ended with " << outcome.status << ":\n"
      << log_;
  process_.reset ();
  return true;
}

std::string
ClawsTest::ask (const std::string &question)
{
  return ask_socket (path ("probe"), question);
}

std::string
ClawsTest::remote (const std::string &option, const std::string &value)
{
  std::vector<std::string> command{ "timeout", "20", "claws-mail", option };

  if (!value.empty ())
    command.push_back (value);
  return run_program (command, environment ()).out;
}

bool
ClawsTest::wait_for (const std::string &what,
                     const std::function<bool ()> &condition,
                     double seconds)
{
  auto end = std::chrono::steady_clock::now () + std::chrono::duration<double> (seconds);

  while (!condition ())
    {
      bool has_died = process_ != nullptr && process_->ended_within (0);

      if (has_died || std::chrono::steady_clock::now () > end)
        {
          std::string status = process_ != nullptr ? ask ("status") : "(it does not run)";
          std::string dialogs
              = process_ != nullptr ? ask ("dialogs") + " (" + ask ("dialog") + ")" : "no";
          std::string there = tell ();

          if (process_ != nullptr)
            kill ();
          ADD_FAILURE () << (has_died ? "it has died; " : "") << "waited " << seconds << " s for "
                         << what << "; its status bar says “" << status << "”, " << dialogs
                         << " dialogs are open, there is\n"
                         << there << "and it has said:\n"
                         << log_;
          return false;
        }
      std::this_thread::sleep_for (std::chrono::milliseconds (10));
    }
  return true;
}

std::string
ClawsTest::tell () const
{
  std::string text;

  for (const char *folder :
       { "Mail/inbox", "Mail/work", "Mail/news", ".claws-mail/tempfolder/processing-1",
         "state/postseal/claws/work/new", "state/postseal/claws/work/cur" })
    {
      auto names = list_folder (path (folder));

      text += std::string ("  ") + folder + ": " + std::to_string (names.size ()) + ":";
      for (size_t i = 0; i < names.size () && i < 20; i++)
        text += " " + names[i];
      text += "\n";
    }
  return text;
}

Contents
ClawsTest::messages (const std::string &folder) const
{
  Contents contents;

  for (const auto &name : list_folder (path ("Mail/") + folder))
    if (is_number (name))
      contents.insert (read_file (path ("Mail/") + folder + "/" + name));
  return contents;
}

size_t
ClawsTest::count (const std::string &folder) const
{
  auto names = list_folder (path ("Mail/") + folder);

  return std::count_if (names.begin (), names.end (), is_number);
}

} // namespace postseal_test
