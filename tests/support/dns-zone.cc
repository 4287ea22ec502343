/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/dns-zone.h"

#include "support/sandbox.h"
#include "support/scripted-server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace postseal_test
{

namespace
{

constexpr int kPatienceMs = 10000;

/* In @folder, with its output in @output there. It does not outlive this thread. */
pid_t
start_program (const std::vector<std::string> &arguments,
               const std::string &folder,
               const std::string &output)
{
  std::vector<char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back (const_cast<char *> (argument.c_str ()));
  pointers.push_back (nullptr);

  pid_t pid = fork ();
  if (pid != 0)
    return pid;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  int out = open ((folder + "/" + output).c_str (), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  int in = open ("/dev/null", O_RDONLY);
  if (chdir (folder.c_str ()) != 0 || in < 0 || out < 0)
    _exit (126);
  dup2 (in, STDIN_FILENO);
  dup2 (out, STDOUT_FILENO);
  dup2 (out, STDERR_FILENO);
  unsetenv ("LD_PRELOAD");
  /* Servers are where not everybody looks. */
  setenv ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
  execvp (pointers[0], pointers.data ());
  _exit (127);
}

/* Returns: what it has printed */
std::string
run_to_end (const std::vector<std::string> &arguments, const std::string &folder)
{
  pid_t pid = start_program (arguments, folder, "output");
  int status = -1;

  waitpid (pid, &status, 0);
  std::string text = postseal_test::read_file (folder + "/output");
  if (!WIFEXITED (status) || WEXITSTATUS (status) != 0)
    throw std::runtime_error (arguments[0] + " failed: " + text);
  return text;
}

void
write_text (const std::string &path, const std::string &text)
{
  std::ofstream (path, std::ios::trunc) << text;
}

bool
listens (unsigned short port)
{
  struct sockaddr_in address = {};
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_family = AF_INET;
  address.sin_port = htons (port);
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  bool is_there = connect (fd, reinterpret_cast<struct sockaddr *> (&address), sizeof address) == 0;
  close (fd);
  return is_there;
}

} // namespace

DnsZone::DnsZone (const std::string &domain, bool is_signed)
{
  std::string name = std::filesystem::temp_directory_path () / "postseal-dns-XXXXXX";

  if (mkdtemp (name.data ()) == nullptr)
    throw std::runtime_error ("no temporary directory");
  folder_ = name;
  add_zone (domain, is_signed);
}

DnsZone::~DnsZone ()
{
  stop ();
  std::filesystem::remove_all (folder_);
}

void
DnsZone::add_zone (const std::string &domain, bool is_signed)
{
  zones_.push_back ({ domain + ".", is_signed,
                      "@ 300 IN SOA ns hostmaster 1 3600 600 86400 60\n@ 300 IN NS ns\n"
                      "ns 300 IN A 127.0.0.1\n" });
}

std::string
DnsZone::complete (const std::string &name) const
{
  if (name == "@")
    return zones_[0].domain;
  return name.back () == '.' ? name : name + "." + zones_[0].domain;
}

void
DnsZone::add (const std::string &record)
{
  size_t blank = record.find (' ');
  std::string name = complete (record.substr (0, blank));
  Zone *home = nullptr;

  for (Zone &zone : zones_)
    if (name == zone.domain
        || (name.size () > zone.domain.size ()
            && name.compare (name.size () - zone.domain.size () - 1, std::string::npos,
                             "." + zone.domain)
                   == 0))
      home = &zone;
  if (home == nullptr)
    throw std::runtime_error (name + " is in no zone");
  home->records += name + " 300" + record.substr (blank) + "\n";
}

void
DnsZone::break_signature (const std::string &name, const std::string &type)
{
  broken_.emplace_back (complete (name), type);
}

void
DnsZone::expire_signatures ()
{
  is_expired_ = true;
}

void
DnsZone::refuse (const std::string &domain)
{
  refused_.push_back (domain + ".");
}

void
DnsZone::strip_signatures ()
{
  is_stripped_ = true;
}

void
DnsZone::write_zone (const Zone &zone)
{
  std::string file = folder_ + "/" + zone.domain + "zone";

  write_text (file, "$ORIGIN " + zone.domain + "\n" + zone.records);
  if (zone.is_signed)
    sign_zone (zone);
}

/* With NSEC: the server does not know how to prove by NSEC3 that there is nothing beside a name
   that has no records of its own, "_tcp.imap". */
void
DnsZone::sign_zone (const Zone &zone)
{
  std::string key
      = run_to_end ({ "ldns-keygen", "-a", "ECDSAP256SHA256", "-k", zone.domain }, folder_);
  key.erase (key.find_last_not_of ("\n") + 1);
  std::vector<std::string> sign
      = { "ldns-signzone", "-f", zone.domain + "signed", zone.domain + "zone", key };
  if (is_expired_)
    sign.insert (sign.begin () + 1, { "-i", "20200101000000", "-e", "20200201000000" });
  run_to_end (sign, folder_);
  write_text (anchor (), read_file (anchor ()) + read_file (folder_ + "/" + key + ".ds"));
  if (is_stripped_)
    return;

  std::istringstream lines (read_file (folder_ + "/" + zone.domain + "signed"));
  std::string text;
  for (std::string line; std::getline (lines, line); text += line + "\n")
    for (const auto &[name, type] : broken_)
      if (line.rfind (name + "\t", 0) == 0
          && line.find ("\tRRSIG\t" + type + " ") != std::string::npos)
        {
          char &byte = line[line.size () - 20]; /* in the middle of the base64 */
          byte = byte == 'A' ? 'B' : 'A';
        }
  write_text (folder_ + "/" + zone.domain + "zone", text);
}

std::string
DnsZone::configuration () const
{
  std::string text
      = "server:\n interface: 127.0.0.1\n port: " + std::to_string (port_)
        + "\n do-ip6: no\n username: \"\"\n chroot: \"\"\n pidfile: \"\"\n directory: \"" + folder_
        + "\"\n use-syslog: no\n logfile: \"\"\n log-queries: yes\n"
          " do-daemonize: no\n module-config: \"iterator\"\n num-threads: 1\n"
          " local-zone: \".\" static\n";
  std::string zones;

  for (const Zone &zone : zones_)
    {
      text += " local-zone: \"" + zone.domain + "\" transparent\n";
      zones += "auth-zone:\n name: \"" + zone.domain + "\"\n zonefile: \"" + zone.domain
               + "zone\"\n for-downstream: yes\n for-upstream: yes\n";
    }
  for (const std::string &domain : refused_)
    text += " local-zone: \"" + domain + "\" refuse\n";
  return text + zones + "remote-control:\n control-enable: no\n";
}

void
DnsZone::start ()
{
  write_text (anchor (), "");
  for (const Zone &zone : zones_)
    write_zone (zone);
  if (port_ == 0)
    port_ = unused_port ();
  write_text (folder_ + "/unbound.conf", configuration ());
  /* A copy, since a system may confine the installed one to its own files. */
  std::filesystem::copy_file ("/usr/sbin/unbound", folder_ + "/unbound",
                              std::filesystem::copy_options::overwrite_existing);
  pid_ = start_program ({ "./unbound", "-d", "-p", "-c", "unbound.conf" }, folder_, "log");
  for (int i = 0; i < kPatienceMs; i++)
    {
      if (listens (port_))
        return;
      if (waitpid (pid_, nullptr, WNOHANG) == pid_)
        break;
      usleep (1000);
    }
  throw std::runtime_error ("unbound does not start: " + read_file (folder_ + "/log"));
}

void
DnsZone::stop ()
{
  if (pid_ <= 0)
    return;
  kill (pid_, SIGKILL);
  waitpid (pid_, nullptr, 0);
  pid_ = -1;
}

std::string
DnsZone::server () const
{
  return "127.0.0.1@" + std::to_string (port_);
}

std::string
DnsZone::anchor () const
{
  return folder_ + "/anchor";
}

std::string
DnsZone::settings () const
{
  return "dns-server=" + server () + "\ndns-anchor=" + anchor () + "\n";
}

std::vector<std::string>
DnsZone::questions () const
{
  static const std::string before = " info: 127.0.0.1 ";
  std::istringstream lines (read_file (folder_ + "/log"));
  std::vector<std::string> questions;

  for (std::string line; std::getline (lines, line);)
    {
      size_t at = line.find (before);
      size_t end = line.rfind (" IN");

      if (at != std::string::npos && end != std::string::npos)
        questions.push_back (line.substr (at + before.size (), end - at - before.size ()));
    }
  return questions;
}

} // namespace postseal_test
