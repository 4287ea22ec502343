/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/dovecot-admin.h"

#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace postseal_test
{

namespace
{

std::string
quote (const std::string &text)
{
  std::string quoted = "\"";
  for (char c : text)
    {
      if (c == '"' || c == '\\')
        quoted += '\\';
      quoted += c;
    }
  return quoted + "\"";
}

int
connect_to (unsigned port)
{
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons (uint16_t (port));
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  timeval patience = { 60, 0 };
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect (fd, reinterpret_cast<sockaddr *> (&address), sizeof address) != 0)
    throw std::runtime_error ("no server on port " + std::to_string (port));
  return fd;
}

void
send_bytes (int fd, const std::string &bytes)
{
  size_t sent = 0;
  while (sent < bytes.size ())
    {
      ssize_t n = ::send (fd, bytes.data () + sent, bytes.size () - sent, MSG_NOSIGNAL);
      if (n <= 0)
        throw std::runtime_error ("the server hung up");
      sent += size_t (n);
    }
}

/* With its line end. */
std::string
read_line (FILE *reader)
{
  char *line = nullptr;
  size_t size = 0;
  ssize_t length = getline (&line, &size, reader);
  std::string text = length > 0 ? std::string (line, size_t (length)) : std::string ();
  free (line);
  if (text.empty () || text.back () != '\n')
    throw std::runtime_error ("the server hung up");
  return text;
}

/* The n of a line that ends with {n}, or -1. */
long
announced_literal (const std::string &line)
{
  if (line.size () < 5 || line.compare (line.size () - 3, 3, "}\r\n") != 0)
    return -1;
  size_t brace = line.rfind ('{');
  return brace == std::string::npos ? -1 : strtol (line.c_str () + brace + 1, nullptr, 10);
}

} // namespace

DovecotAdmin::DovecotAdmin (unsigned port, const std::string &user, const std::string &password)
{
  socket_ = connect_to (port);
  reader_ = fdopen (dup (socket_), "r");
  read_line (reader_);
  command ("LOGIN " + quote (user) + " " + quote (password));
}

DovecotAdmin::~DovecotAdmin ()
{
  try
    {
      command ("LOGOUT");
    }
  catch (const std::runtime_error &)
    {
    }
  fclose (reader_);
  close (socket_);
}

std::string
DovecotAdmin::next_tag ()
{
  return "t" + std::to_string (++number_);
}

void
DovecotAdmin::send (const std::string &bytes)
{
  send_bytes (socket_, bytes);
}

DovecotAdmin::Response
DovecotAdmin::read_response ()
{
  Response response;
  while (true)
    {
      std::string line = read_line (reader_);
      long length = announced_literal (line);
      response.text += line;
      if (length < 0)
        break;
      std::string literal (size_t (length), '\0');
      if (fread (literal.data (), 1, literal.size (), reader_) != literal.size ())
        throw std::runtime_error ("the server hung up");
      response.text += literal;
      response.literals.push_back (literal);
    }
  response.text.resize (response.text.size () - 2);
  return response;
}

std::vector<DovecotAdmin::Response>
DovecotAdmin::await (const std::string &tag)
{
  std::vector<Response> responses;
  while (true)
    {
      Response response = read_response ();
      if (response.text.compare (0, tag.size () + 1, tag + " ") == 0)
        {
          if (response.text.compare (tag.size () + 1, 2, "OK") != 0)
            throw std::runtime_error (response.text);
          return responses;
        }
      responses.push_back (response);
    }
}

std::vector<std::string>
DovecotAdmin::command (const std::string &text)
{
  std::string tag = next_tag ();
  std::vector<std::string> lines;
  send (tag + " " + text + "\r\n");
  for (const auto &response : await (tag))
    lines.push_back (response.text);
  return lines;
}

void
DovecotAdmin::create (const std::string &mailbox)
{
  command ("CREATE " + quote (mailbox));
}

void
DovecotAdmin::append (const std::string &mailbox, const std::string &message)
{
  append (mailbox, std::vector<std::string>{ message });
}

void
DovecotAdmin::append (const std::string &mailbox, const std::vector<std::string> &messages)
{
  std::string tag = next_tag ();
  send (tag + " APPEND " + quote (mailbox));
  for (const auto &message : messages)
    send (" {" + std::to_string (message.size ()) + "+}\r\n" + message);
  send ("\r\n");
  await (tag);
}

std::vector<std::pair<uint32_t, std::string>>
DovecotAdmin::messages (const std::string &mailbox)
{
  std::vector<std::pair<uint32_t, std::string>> found;
  command ("EXAMINE " + quote (mailbox));
  std::string tag = next_tag ();
  send (tag + " UID FETCH 1:* (UID BODY.PEEK[])\r\n");
  for (const auto &response : await (tag))
    {
      size_t uid = response.text.find ("(UID ");
      if (uid != std::string::npos)
        found.emplace_back (strtoul (response.text.c_str () + uid + 5, nullptr, 10),
                            response.literals.empty () ? "" : response.literals[0]);
    }
  command ("UNSELECT");
  return found;
}

namespace
{

uint32_t
find_number (const std::vector<std::string> &responses, const std::string &name)
{
  for (const auto &response : responses)
    {
      size_t at = response.find (name + " ");
      if (at != std::string::npos)
        return uint32_t (strtoul (response.c_str () + at + name.size () + 1, nullptr, 10));
    }
  throw std::runtime_error ("no " + name + " in the server's answer");
}

} // namespace

unsigned
DovecotAdmin::count (const std::string &mailbox)
{
  return find_number (command ("STATUS " + quote (mailbox) + " (MESSAGES)"), "MESSAGES");
}

uint32_t
DovecotAdmin::uid_validity (const std::string &mailbox)
{
  return find_number (command ("STATUS " + quote (mailbox) + " (UIDVALIDITY)"), "UIDVALIDITY");
}

void
DovecotAdmin::remove (const std::string &mailbox, const std::string &uids)
{
  command ("SELECT " + quote (mailbox));
  command ("UID STORE " + uids + " +FLAGS.SILENT (\\Deleted)");
  command ("UID EXPUNGE " + uids);
  command ("UNSELECT");
}

std::vector<std::string>
read_pop3 (unsigned port, const std::string &user, const std::string &password)
{
  std::vector<std::string> found;
  int fd = connect_to (port);
  FILE *reader = fdopen (fd, "r");
  read_line (reader);
  auto ask = [&] (const std::string &command) {
    send_bytes (fd, command + "\r\n");
    std::string line = read_line (reader);
    if (line.compare (0, 3, "+OK") != 0)
      throw std::runtime_error (command + ": " + line);
    return line;
  };
  ask ("USER " + user);
  ask ("PASS " + password);
  unsigned count = unsigned (strtoul (ask ("STAT").c_str () + 4, nullptr, 10));
  for (unsigned i = 1; i <= count; i++)
    {
      std::string text, line;
      ask ("RETR " + std::to_string (i));
      while ((line = read_line (reader)) != ".\r\n")
        text += line[0] == '.' ? line.substr (1) : line;
      found.push_back (text);
    }
  ask ("QUIT");
  fclose (reader);
  return found;
}

} // namespace postseal_test
