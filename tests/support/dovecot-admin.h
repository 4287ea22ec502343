/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace postseal_test
{

/* The other side of a test: one clear IMAP connection to the private Dovecot (which takes these
   from its own address only), to fill, change and inspect mailboxes. Throws std::runtime_error when
   refused. */
class DovecotAdmin
{
public:
  DovecotAdmin (unsigned port, const std::string &user, const std::string &password);
  ~DovecotAdmin ();
  DovecotAdmin (const DovecotAdmin &) = delete;
  DovecotAdmin &operator= (const DovecotAdmin &) = delete;

  /* One response each, with its literals in place, without the line end. */
  std::vector<std::string> command (const std::string &text);

  void create (const std::string &mailbox);
  void append (const std::string &mailbox, const std::string &message);
  /* All in one command. */
  void append (const std::string &mailbox, const std::vector<std::string> &messages);
  /* UID and content as the server shows it; the mailbox is examined. */
  std::vector<std::pair<uint32_t, std::string>> messages (const std::string &mailbox);
  unsigned count (const std::string &mailbox);
  /* "1:*", "3,5" */
  void remove (const std::string &mailbox, const std::string &uids);
  uint32_t uid_validity (const std::string &mailbox);

private:
  struct Response
  {
    std::string text; /* literals in place */
    std::vector<std::string> literals;
  };

  Response read_response ();
  std::vector<Response> await (const std::string &tag);
  std::string next_tag ();
  void send (const std::string &bytes);

  FILE *reader_ = nullptr;
  int socket_ = -1;
  unsigned number_ = 0;
};

/* What POP3 shows of each message, read by the simplest reader there can be, in the clear. */
std::vector<std::string>
read_pop3 (unsigned port, const std::string &user, const std::string &password);

} // namespace postseal_test
