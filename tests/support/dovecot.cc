/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/dovecot.h"

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace postseal_test
{

namespace fs = std::filesystem;

Dovecot::Dovecot (const std::vector<std::string> &options)
    : folder_ (std::make_unique<TemporaryFolder> ())
{
  const char *tests = getenv ("SRCDIR");
  std::string script = std::string (tests ? tests : "tests") + "/../data/demo/private-dovecot";
  std::vector<std::string> arguments = { "/usr/bin/python3", script, "run", *folder_ / "d" };
  arguments.insert (arguments.end (), options.begin (), options.end ());
  std::vector<char *> pointers;
  for (const auto &argument : arguments)
    pointers.push_back (const_cast<char *> (argument.c_str ()));
  pointers.push_back (nullptr);

  /* The server ends with its standard input, so it cannot outlive this process. */
  int in[2], out[2];
  if (pipe2 (in, O_CLOEXEC) != 0 || pipe2 (out, O_CLOEXEC) != 0)
    throw std::runtime_error ("no pipes");
  pid_ = fork ();
  if (pid_ == 0)
    {
      dup2 (in[0], STDIN_FILENO);
      dup2 (out[1], STDOUT_FILENO);
      unsetenv ("LD_PRELOAD");
      execv (pointers[0], pointers.data ());
      _exit (127);
    }
  close (in[0]);
  close (out[1]);
  stop_ = in[1];
  char word[6];
  ssize_t n = read (out[0], word, sizeof word);
  close (out[0]);
  if (n <= 0)
    throw std::runtime_error ("the private Dovecot did not start");
  std::istringstream lines (read_file (*folder_ / "d/env"));
  for (std::string line; std::getline (lines, line);)
    values_[line.substr (0, line.find ('='))] = line.substr (line.find ('=') + 1);
}

Dovecot::~Dovecot ()
{
  close (stop_);
  waitpid (pid_, nullptr, 0);
}

Dovecot &
Dovecot::shared ()
{
  static Dovecot server ({ "--plugins", "imap_zlib" });
  return server;
}

unsigned
Dovecot::port (const std::string &scheme) const
{
  std::string name = "DOVECOT_";
  for (char c : scheme)
    name += char (toupper (c));
  return unsigned (std::stoul (values_.at (name)));
}

std::string
Dovecot::new_user ()
{
  return "user" + std::to_string (++users_);
}

std::unique_ptr<DovecotAdmin>
Dovecot::admin (const std::string &user) const
{
  return std::make_unique<DovecotAdmin> (port ("imap"), user, password ());
}

std::vector<std::string>
Dovecot::pop3_messages (const std::string &user) const
{
  return read_pop3 (port ("pop3"), user, password ());
}

std::string
Dovecot::mail_folder (const std::string &user) const
{
  return *folder_ / "d/mail/" + user;
}

std::string
Dovecot::clone_user (const std::string &template_user)
{
  std::string user = new_user ();
  Outcome outcome = run_program ({ "cp", "-a", mail_folder (template_user), mail_folder (user) });
  if (outcome.status != 0)
    throw std::runtime_error ("cannot copy the mail: " + outcome.err);
  return user;
}

void
Dovecot::forget_user (const std::string &user)
{
  std::error_code ignored;
  fs::remove_all (mail_folder (user), ignored);
}

std::string
Dovecot::account (const std::string &name,
                  const std::string &scheme,
                  const std::string &user,
                  const std::string &deliver,
                  const std::string &more,
                  unsigned port_number) const
{
  return "[account " + name + "]\naddress=" + user + "@example.org\nreceive=" + scheme + "://"
         + user + "@127.0.0.1:" + std::to_string (port_number ? port_number : port (scheme))
         + "\nca-file=" + ca_file () + "\ndeliver=" + deliver + "\n"
         + (more.find ("password=") == std::string::npos
                ? "password=file:" + password_file () + "\n"
                : "")
         + more + "\n\n";
}

std::string
Dovecot::take_log ()
{
  std::string log = read_file (*folder_ / "d/dovecot.log");
  std::string fresh = log.substr (std::min (log_seen_, log.size ()));
  log_seen_ = log.size ();
  return fresh;
}

} // namespace postseal_test
