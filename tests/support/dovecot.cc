/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/dovecot.h"

#include <filesystem>
#include <stdexcept>

namespace postseal_test
{

namespace fs = std::filesystem;

Dovecot::Dovecot (const std::vector<std::string> &options) : server_ ("private-dovecot", options) {}

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
  return server_.number (name);
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

bool
Dovecot::has_sessions (const std::string &user) const
{
  Outcome outcome = run_program (
      { "doveadm", "-f", "flow", "-c", server_.path ("dovecot.conf"), "who", "-1", user });
  if (outcome.status != 0)
    throw std::runtime_error ("cannot ask who is there: " + outcome.err);
  return !outcome.out.empty ();
}

std::vector<std::string>
Dovecot::pop3_messages (const std::string &user) const
{
  return read_pop3 (port ("pop3"), user, password ());
}

std::string
Dovecot::mail_folder (const std::string &user) const
{
  return server_.path ("mail/" + user);
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
  std::string log = read_file (server_.path ("dovecot.log"));
  std::string fresh = log.substr (std::min (log_seen_, log.size ()));
  log_seen_ = log.size ();
  return fresh;
}

} // namespace postseal_test
