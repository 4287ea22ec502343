/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/submission-server.h"

#include "support/child-process.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <unistd.h>

namespace postseal_test
{

namespace fs = std::filesystem;

namespace
{

/* Without the first header field, which is the server's own. */
std::string
strip_received (const std::string &text)
{
  if (text.compare (0, 15, "Received: from ") != 0)
    throw std::runtime_error ("the server put nothing in front of the message: "
                              + text.substr (0, 80));
  size_t end = text.find ("\r\n");
  while (end != std::string::npos && end + 2 < text.size ()
         && (text[end + 2] == ' ' || text[end + 2] == '\t'))
    end = text.find ("\r\n", end + 2);
  return text.substr (end + 2);
}

} // namespace

bool
may_have_mta ()
{
  std::string source = getenv ("SRCDIR");
  return run_program ({ source + "/../data/demo/may-have-mta" }).status == 0;
}

SubmissionServer::SubmissionServer (const std::string &kind)
    : kind_ (kind), server_ ("private-submission", { "--server", kind, "--dump", dump_.path () })
{
}

SubmissionServer *
SubmissionServer::shared (const std::string &kind)
{
  static std::map<std::string, std::unique_ptr<SubmissionServer>> servers;
  if (servers.find (kind) == servers.end ())
    servers[kind] = kind != "postfix" || may_have_mta () ? std::make_unique<SubmissionServer> (kind)
                                                         : nullptr;
  return servers[kind].get ();
}

unsigned
SubmissionServer::port (const std::string &scheme) const
{
  return server_.number (scheme == "submissions" ? "SUBMISSIONS_PORT" : "SUBMISSION_PORT");
}

std::string
SubmissionServer::account (const std::string &name,
                           const std::string &scheme,
                           const std::string &more,
                           unsigned port_number) const
{
  bool has_password = more.find ("password=") != std::string::npos;
  return "[account " + name + "]\naddress=jane@example.org\nsend=" + scheme + "://jane@127.0.0.1:"
         + std::to_string (port_number ? port_number : port (scheme)) + "\nca-file=" + ca_file ()
         + "\n" + (has_password ? "" : "password=file:" + password_file () + "\n") + more + "\n\n";
}

/* Postfix says yes when it has a message in its queue, the others when it is recorded. */
bool
SubmissionServer::is_busy () const
{
  if (kind_ != "postfix")
    return false;
  for (const std::string queue : { "incoming", "active", "deferred" })
    for (const auto &entry : fs::recursive_directory_iterator (
             server_.path ("queue/" + queue), fs::directory_options::skip_permission_denied))
      if (!entry.is_directory ())
        return true;
  return false;
}

std::vector<Submitted>
SubmissionServer::take ()
{
  for (int i = 0; is_busy (); i++)
    {
      if (i == 3000)
        throw std::runtime_error ("Postfix does not deliver: " + take_log ());
      usleep (10000);
    }
  std::vector<std::string> names;
  for (const auto &name : list_folder (dump_.path ()))
    if (fs::path (name).extension () == ".eml")
      names.push_back (fs::path (name).stem ());
  std::vector<Submitted> fresh;
  for (; taken_ < names.size (); taken_++)
    {
      Submitted submitted;
      std::istringstream lines (read_file (dump_ / names[taken_] + ".envelope"));
      for (std::string line; std::getline (lines, line);)
        {
          std::string word = line.substr (0, line.find (' '));
          std::string value = line.substr (line.find (' ') + 1);
          if (word == "from")
            submitted.sender = value;
          else if (word == "to")
            submitted.recipients.push_back (value);
          else if (word == "option")
            submitted.options.push_back (value);
        }
      submitted.text = read_file (dump_ / names[taken_] + ".eml");
      if (kind_ != "aiosmtpd")
        submitted.text = strip_received (submitted.text);
      fresh.push_back (submitted);
    }
  return fresh;
}

std::string
SubmissionServer::take_log ()
{
  std::string log = read_file (server_.value ("SUBMISSION_LOG"));
  std::string fresh = log.substr (std::min (log_seen_, log.size ()));
  log_seen_ = log.size ();
  return fresh;
}

} // namespace postseal_test
