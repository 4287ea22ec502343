/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/claws-host.h"
#include "support/dovecot.h"

namespace postseal_test
{

/* Claws Mail with accounts of its own, which Postseal neither receives nor sends for, at a real
   server whose password is in a keyring, or is not. */
class PasswordTest : public ClawsTest
{
protected:
  PasswordTest ();

  /* An account that fetches @user's mail, to be kept in the keyring. Returns: its number */
  int add_pop3 (const std::string &user, const std::string &more = {});
  /* Its mailbox is "#imap/imap". */
  int add_imap (const std::string &user, const std::string &more = {});

  /* A message for @user. */
  void deliver (const std::string &user, const std::string &subject = "Hello");
  /* "claws-mail --receive-all", which comes back when everything was fetched, or something is
     asked for: without waiting. */
  void fetch ();
  /* Of the host's own. */
  bool wait_for_dialog (const std::string &title);
  bool wait_for_mail (size_t count);
  /* @user has signed in since the log was looked at last. */
  bool wait_for_login (const std::string &user);

  /* --- the keyring, through the library --- */

  /* By the name that is used for account @name of Postseal, or for the host's own. */
  static void store (const std::string &name, const std::string &secret);
  /* "" when there is none */
  static std::string look_up (const std::string &name);
  static std::string name (const std::string &protocol, const std::string &user);

  Dovecot &dovecot_;

private:
  void bind_all ();

  int accounts_ = 1;
  std::string bindings_;
  std::vector<std::unique_ptr<ChildProcess>> fetches_;
};

} // namespace postseal_test
