/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/password-fixture.h"

#include "auth/vault.h"
#include "support/corpus.h"

namespace postseal_test
{

PasswordTest::PasswordTest ()
    : dovecot_ (Dovecot::shared ()), submission_ (*SubmissionServer::shared ("aiosmtpd"))
{
  use_bus ();
  submission_.take ();
}

int
PasswordTest::add (const std::string &lines, bool is_kept)
{
  add_account (lines);
  accounts_++;
  if (is_kept)
    bindings_ += "[account " + std::to_string (accounts_) + "]\npasswords=true\n";
  bind (bindings_);
  return accounts_;
}

int
PasswordTest::add_pop3 (const std::string &user, const std::string &more, bool is_kept)
{
  return add ("account_name=" + user + "\nname=Jane\naddress=jane@example.org\nprotocol=0\n"
                  + "receive_server=127.0.0.1\nuser_id=" + user + "\nssl_pop=1\nset_popport=1\n"
                  + "pop_port=" + std::to_string (dovecot_.port ("pop3s"))
                  + "\nreceive_at_get_all=1\ninbox=#mh/Mail/inbox\nconfig_version=4\n" + more,
              is_kept);
}

int
PasswordTest::add_imap (const std::string &user)
{
  add_folder ("<folder type=\"imap\" name=\"" + user + "\" account_id=\""
              + std::to_string (accounts_ + 1)
              + "\"><folderitem type=\"inbox\" name=\"INBOX\" path=\"INBOX\"/></folder>");
  return add ("account_name=" + user + "\nname=Jane\naddress=jane@example.org\nprotocol=1\n"
                  + "receive_server=127.0.0.1\nuser_id=" + user + "\nssl_imap=1\nset_imapport=1\n"
                  + "imap_port=" + std::to_string (dovecot_.port ("imaps"))
                  + "\nreceive_at_get_all=1\nconfig_version=4\n",
              true);
}

std::string
PasswordTest::sending (const std::string &user) const
{
  return "smtp_server=127.0.0.1\nssl_smtp=1\nset_smtpport=1\nsmtp_port="
         + std::to_string (submission_.port ("submissions")) + "\nuse_smtp_auth=1\n"
         + (user.empty () ? "" : "smtp_user_id=" + user + "\n");
}

void
PasswordTest::deliver (const std::string &user)
{
  dovecot_.admin (user)->append (
      "INBOX", "From: joe@example.com\r\nTo: jane@example.org\r\nSubject: Hello\r\n"
               "Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n\r\n"
               "body\r\n");
}

void
PasswordTest::fetch ()
{
  remotes_.push_back (std::make_unique<ChildProcess> (
      std::vector<std::string>{ "timeout", "60", "claws-mail", "--receive-all" }, environment ()));
}

void
PasswordTest::queue (int id)
{
  write_file (path ("Mail/queue/1"),
              "AF:\nNF:0\nPS:10\nSRH:1\nSFN:\nDSR:\nMID:\nCFG:\nPT:0\nS:jane@example.org\nRQ:\n"
              "SSV:127.0.0.1\nSSH:\nR:<bob@example.net>\nMAID:"
                  + std::to_string (id)
                  + "\nX-Claws-End-Special-Headers: 1\nFrom: jane@example.org\nTo: "
                    "bob@example.net\nSubject: Hello\nMessage-ID: <2@example.org>\n\nbody\n");
}

void
PasswordTest::send ()
{
  remotes_.push_back (std::make_unique<ChildProcess> (
      std::vector<std::string>{ "timeout", "60", "claws-mail", "--send" }, environment ()));
}

bool
PasswordTest::wait_for_dialog (const std::string &title)
{
  return wait_for ("the dialog “" + title + "”", [&] { return ask ("dialog") == title; });
}

bool
PasswordTest::wait_for_mail (size_t wanted)
{
  return wait_for ("mail", [&] { return count ("inbox") == wanted; }) && wait_for_dialog ("none");
}

bool
PasswordTest::wait_for_sent ()
{
  return wait_for ("a message at the server", [this] { return !submission_.take ().empty (); });
}

bool
PasswordTest::wait_for_login (const std::string &user)
{
  return wait_for ("a login", [&] {
    log_seen_ += dovecot_.take_log ();
    return log_seen_.find ("Login: user=<" + user + ">") != std::string::npos;
  });
}

bool
PasswordTest::wait_for_forgotten (int id, const std::string &password)
{
  return wait_for ("the host to forget it", [&] {
    return ask ("session " + std::to_string (id)).find (password) == std::string::npos;
  });
}

std::string
PasswordTest::name (const std::string &protocol, const std::string &user)
{
  return protocol + "://" + user + "@127.0.0.1";
}

void
PasswordTest::store (const std::string &name, const std::string &secret)
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (PostsealVault) vault = postseal_vault_new ("secret-service", nullptr);
  g_autoptr (PostsealCredential) credential = postseal_credential_new (secret.c_str (), -1);
  GAsyncResult *result = nullptr;

  postseal_vault_store_async (
      vault, name.c_str (), credential, nullptr,
      [] (GObject *, GAsyncResult *done, gpointer data) {
        *static_cast<GAsyncResult **> (data) = G_ASYNC_RESULT (g_object_ref (done));
      },
      &result);
  while (result == nullptr)
    g_main_context_iteration (nullptr, TRUE);
  EXPECT_TRUE (postseal_vault_store_finish (vault, result, &error)) << error->message;
  g_object_unref (result);
}

std::string
PasswordTest::look_up (const std::string &name)
{
  g_autoptr (PostsealVault) vault = postseal_vault_new ("secret-service", nullptr);
  g_autoptr (PostsealCredential) found = nullptr;
  GAsyncResult *result = nullptr;

  postseal_vault_lookup_async (
      vault, name.c_str (), nullptr,
      [] (GObject *, GAsyncResult *done, gpointer data) {
        *static_cast<GAsyncResult **> (data) = G_ASYNC_RESULT (g_object_ref (done));
      },
      &result);
  while (result == nullptr)
    g_main_context_iteration (nullptr, TRUE);
  found = postseal_vault_lookup_finish (vault, result, nullptr);
  g_object_unref (result);
  return found != nullptr ? postseal_credential_get (found) : "";
}

} // namespace postseal_test
