/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/password-fixture.h"

#include "auth/vault.h"
#include "support/corpus.h"

namespace postseal_test
{

namespace
{

struct Waiter
{
  GAsyncResult *result = nullptr;

  static void
  on_done (GObject *, GAsyncResult *result, gpointer user_data)
  {
    static_cast<Waiter *> (user_data)->result = G_ASYNC_RESULT (g_object_ref (result));
  }
  GAsyncResult *
  wait ()
  {
    while (result == nullptr)
      g_main_context_iteration (nullptr, TRUE);
    return result;
  }
  ~Waiter () { g_clear_object (&result); }
};

} // namespace

PasswordTest::PasswordTest () : dovecot_ (Dovecot::shared ()) { use_bus (); }

int
PasswordTest::add_pop3 (const std::string &user, const std::string &more)
{
  add_account ("account_name=" + user + "\nname=Jane\naddress=" + user
               + "@example.org\nprotocol=0\nreceive_server=127.0.0.1\nuser_id=" + user
               + "\nssl_pop=1\nset_popport=1\npop_port=" + std::to_string (dovecot_.port ("pop3s"))
               + "\nreceive_at_get_all=1\ninbox=#mh/Mail/inbox\nconfig_version=4\n" + more);
  accounts_++;
  bindings_ += "[account " + std::to_string (accounts_) + "]\npasswords=true\n";
  bind (bindings_);
  return accounts_;
}

void
PasswordTest::deliver (const std::string &user, const std::string &subject)
{
  dovecot_.admin (user)->append (
      "INBOX", "From: joe@example.com\r\nTo: jane@example.org\r\nSubject: " + subject
                   + "\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\n"
                     "Message-ID: <1@example.com>\r\n\r\nbody\r\n");
}

void
PasswordTest::fetch ()
{
  fetches_.push_back (std::make_unique<ChildProcess> (
      std::vector<std::string>{ "timeout", "60", "claws-mail", "--receive-all" }, environment ()));
}

bool
PasswordTest::wait_for_dialog (const std::string &title)
{
  return wait_for ("the dialog " + title, [&] { return ask ("dialog") == title; });
}

bool
PasswordTest::wait_for_mail (size_t wanted)
{
  return wait_for ("mail", [&] { return count ("inbox") == wanted; });
}

void
PasswordTest::store (const std::string &name, const std::string &secret)
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (PostsealVault) vault = postseal_vault_new ("secret-service", nullptr);
  g_autoptr (PostsealCredential) credential = postseal_credential_new (secret.c_str (), -1);
  Waiter waiter;

  postseal_vault_store_async (vault, name.c_str (), credential, nullptr, Waiter::on_done, &waiter);
  EXPECT_TRUE (postseal_vault_store_finish (vault, waiter.wait (), &error)) << error->message;
}

std::string
PasswordTest::look_up (const std::string &name)
{
  g_autoptr (PostsealVault) vault = postseal_vault_new ("secret-service", nullptr);
  g_autoptr (PostsealCredential) found = nullptr;
  Waiter waiter;

  postseal_vault_lookup_async (vault, name.c_str (), nullptr, Waiter::on_done, &waiter);
  found = postseal_vault_lookup_finish (vault, waiter.wait (), nullptr);
  return found != nullptr ? postseal_credential_get (found) : "";
}

std::string
PasswordTest::name (const std::string &protocol, const std::string &user)
{
  return protocol + "://" + user + "@127.0.0.1";
}

} // namespace postseal_test
