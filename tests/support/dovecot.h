/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "support/child-process.h"
#include "support/corpus.h"
#include "support/dovecot-admin.h"
#include "support/private-server.h"

#include <memory>
#include <string>
#include <vector>

namespace postseal_test
{

/* A private Dovecot (data/demo/private-dovecot). Any user name is taken. */
class Dovecot
{
public:
  /* @options: of "private-dovecot run", e.g. { "--plugins", "imap_zlib" } */
  explicit Dovecot (const std::vector<std::string> &options = {});

  /* The one that all tests of a program share; started by the first. */
  static Dovecot &shared ();

  /* "imap", "imaps", "pop3", "pop3s", "lmtp" */
  unsigned port (const std::string &scheme) const;
  const std::string &
  password () const
  {
    return server_.value ("DOVECOT_PASSWORD");
  }
  const std::string &
  password_file () const
  {
    return server_.value ("DOVECOT_PASSWORD_FILE");
  }
  const std::string &
  ca_file () const
  {
    return server_.value ("DOVECOT_CA");
  }

  /* A name that no test has used yet. */
  std::string new_user ();
  std::unique_ptr<DovecotAdmin> admin (const std::string &user) const;
  /* Whether the server counts a connection of @user, be it one that has just ended. */
  bool has_sessions (const std::string &user) const;
  std::vector<std::string> pop3_messages (const std::string &user) const;

  /* A new user with a copy of @template_user's mail, UIDs and all: much faster than filling one. */
  std::string clone_user (const std::string &template_user);
  void forget_user (const std::string &user);
  std::string mail_folder (const std::string &user) const;

  /* A section of accounts.conf. @more: further lines. @port: 0 for the server's own */
  std::string account (const std::string &name,
                       const std::string &scheme,
                       const std::string &user,
                       const std::string &deliver,
                       const std::string &more = {},
                       unsigned port = 0) const;

  /* The log since the last call. */
  std::string take_log ();

private:
  PrivateServer server_;
  unsigned users_ = 0;
  size_t log_seen_ = 0;
};

} // namespace postseal_test
