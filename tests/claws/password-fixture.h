/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/claws-host.h"
#include "support/dovecot.h"
#include "support/submission-server.h"

namespace postseal_test
{

/* Claws Mail with accounts of its own, which Postseal neither receives nor sends for, at a real
   server whose passwords are in a keyring, or are not. */
class PasswordTest : public ClawsTest
{
protected:
  PasswordTest ();

  /* An account that fetches @user's mail, and keeps its passwords in the keyring unless told
     otherwise. @more: further lines. Returns: its number */
  int add_pop3 (const std::string &user, const std::string &more = {}, bool is_kept = true);
  int add_imap (const std::string &user);
  /* Lines for an account that sends, too. @user: "" for the one that receives */
  std::string sending (const std::string &user) const;

  /* A message for @user. */
  void deliver (const std::string &user);
  /* "claws-mail --receive-all", without waiting for its end: it may ask for something. */
  void fetch ();
  /* A message of account @id waits in the queue before the start; "--send" of it. */
  void queue (int id);
  void send ();

  bool wait_for_dialog (const std::string &title);
  /* So many messages are in the inbox, and nobody was asked for anything. */
  bool wait_for_mail (size_t count);
  bool wait_for_sent ();
  /* @user has signed in since the log was looked at last. */
  bool wait_for_login (const std::string &user);
  /* The host has no password in its memory any more that it would not ask for. */
  bool wait_for_forgotten (int id, const std::string &password);

  /* What the keyring calls a password for the host alone. */
  static std::string name (const std::string &protocol, const std::string &user);

  /* --- on a desktop with a keyring that is open --- */

  /* By the name of an account of Postseal, or of one for the host alone. */
  static void store (const std::string &name, const std::string &secret);
  /* "" when there is none */
  static std::string look_up (const std::string &name);

  Dovecot &dovecot_;
  SubmissionServer &submission_;

private:
  int add (const std::string &lines, bool is_kept);

  int accounts_ = 1;
  std::string bindings_, log_seen_;
  std::vector<std::unique_ptr<ChildProcess>> remotes_;
};

} // namespace postseal_test
