/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/account-form.h"

#include <gtest/gtest.h>

#include <glib/gstdio.h>
#include <string.h>

#include <string>
#include <vector>

#include "engine/account-store.h"
#include "support/main-loop.h"

using postseal_test::AsyncLoop;

namespace
{

constexpr char two[] = "# mine\n\n[account work]\n# who\naddress = jane@example.org\r\nkeep=yes\n"
                       "receive=imaps://imap.example.org\nname=Jane \\\\ Doe\n# where\n"
                       "deliver=maildir:/m\n# end\n\n# the other\n[account good]\n"
                       "address=joe@example.org\nreceive=imaps://imap.example.org\n"
                       "deliver=maildir:/g\n";

PostsealEndpoint *
make_endpoint (PostsealProtocol protocol,
               PostsealTlsStart start,
               const char *host,
               guint16 port = 0)
{
  return postseal_endpoint_new (protocol, start, host, port);
}

class AccountForm : public testing::Test
{
protected:
  AccountForm ()
  {
    g_autofree char *made = g_dir_make_tmp ("account-form-XXXXXX", nullptr);

    directory = made;
    path = directory + "/accounts.conf";
  }

  ~AccountForm () override
  {
    g_clear_object (&form);
    g_remove (path.c_str ());
    g_remove ((directory + "/.accounts.conf.lock").c_str ());
    g_rmdir (directory.c_str ());
  }

  void
  write (const std::string &text)
  {
    ASSERT_TRUE (g_file_set_contents_full (path.c_str (), text.data (), (gssize)text.size (),
                                           G_FILE_SET_CONTENTS_CONSISTENT, 0600, nullptr));
  }

  std::string
  read ()
  {
    g_autofree char *text = nullptr;
    gsize length = 0;

    EXPECT_TRUE (g_file_get_contents (path.c_str (), &text, &length, nullptr));
    return std::string (text, length);
  }

  void
  load (const char *name)
  {
    g_autoptr (GError) error = nullptr;

    g_clear_object (&form);
    form = postseal_account_form_load (path.c_str (), name, &error);
    ASSERT_NE (form, nullptr) << error->message;
  }

  bool
  save (GError **error)
  {
    AsyncLoop loop;

    postseal_account_form_save_async (form, path.c_str (), AsyncLoop::on_ready, &loop);
    return postseal_account_form_save_finish (form, loop.wait (), error);
  }

  /* As discovery makes it. */
  void
  propose (const char *address,
           const char *full_name,
           PostsealEndpoint *receive,
           const char *receive_user,
           PostsealEndpoint *send,
           const char *send_user)
  {
    PostsealProposal proposal;

    memset (&proposal, 0, sizeof proposal);
    proposal.receive = receive;
    proposal.receive_user = const_cast<char *> (receive_user);
    proposal.send = send;
    proposal.send_user = const_cast<char *> (send_user);
    g_clear_object (&form);
    form = postseal_account_form_new_from_proposal (address, full_name, &proposal);
    g_clear_pointer (&receive, postseal_endpoint_unref);
    g_clear_pointer (&send, postseal_endpoint_unref);
  }

  std::string
  text ()
  {
    g_autofree char *shown = postseal_account_form_to_text (form);

    return shown;
  }

  std::string directory, path;
  PostsealAccountForm *form = nullptr;
};

} // namespace

TEST_F (AccountForm, AProposalBecomesTheSectionAPersonWouldWrite)
{
  propose ("jane@example.org", "Jane Doe",
           make_endpoint (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, "imap.example.org"),
           "jane@example.org",
           make_endpoint (POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_IMPLICIT, "smtp.example.org"),
           "jane@example.org");
  EXPECT_EQ (text (), "[account jane@example.org]\naddress=jane@example.org\nname=Jane Doe\n"
                      "receive=imaps://imap.example.org\ndeliver=maildir:~/Mail/jane@example.org\n"
                      "send=submissions://smtp.example.org\n");
  EXPECT_FALSE (postseal_account_form_is_saved (form));
  EXPECT_TRUE (postseal_account_form_is_changed (form));
}

TEST_F (AccountForm, WritesPortAndUserOnlyWhereTheyAreNotTheUsualOnes)
{
  propose ("jane@example.org", nullptr,
           make_endpoint (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE, "2001:db8::1", 1143),
           "EXAMPLE\\jane doe@x",
           make_endpoint (POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE, "::1", 25), "jane");
  EXPECT_EQ (text (), "[account jane@example.org]\naddress=jane@example.org\n"
                      "receive=imap://EXAMPLE%5Cjane%20doe%40x@[2001:db8::1]:1143\n"
                      "deliver=maildir:~/Mail/jane@example.org\nsend=smtp://jane@[::1]\n");

  g_autofree char *user = nullptr;
  g_autoptr (PostsealEndpoint) receive = postseal_account_form_get_endpoint (form, FALSE, &user);
  ASSERT_NE (receive, nullptr);
  EXPECT_STREQ (receive->host, "2001:db8::1");
  EXPECT_EQ (receive->port, 1143);
  EXPECT_EQ (receive->start, POSTSEAL_TLS_START_UPGRADE);
  EXPECT_STREQ (user, "EXAMPLE\\jane doe@x");

  g_autofree char *send_user = nullptr;
  g_autoptr (PostsealEndpoint) send = postseal_account_form_get_endpoint (form, TRUE, &send_user);
  ASSERT_NE (send, nullptr);
  EXPECT_EQ (send->port, 25);
  EXPECT_STREQ (send_user, "jane");
}

TEST_F (AccountForm, AnAddressThatIsNoNameMakesOne)
{
  std::string longest (80, 'x');

  propose ("-a/b[c]@example.org", nullptr,
           make_endpoint (POSTSEAL_PROTOCOL_POP3, POSTSEAL_TLS_START_UPGRADE, "pop.example.org"),
           nullptr, nullptr, nullptr);
  EXPECT_STREQ (postseal_account_form_get_name (form), "_a_b_c_@example.org");
  EXPECT_STREQ (postseal_account_form_get (form, "receive"), "pop3://pop.example.org");
  EXPECT_STREQ (postseal_account_form_get (form, "deliver"), "maildir:~/Mail/_a_b_c_@example.org");

  propose ((longest + "@example.org").c_str (), nullptr,
           make_endpoint (POSTSEAL_PROTOCOL_POP3, POSTSEAL_TLS_START_UPGRADE, "pop.example.org"),
           nullptr, nullptr, nullptr);
  g_autoptr (GError) error = nullptr;
  g_autoptr (PostsealAccount) account = postseal_account_form_make_account (form, &error);
  EXPECT_NE (account, nullptr) << error->message;
}

TEST_F (AccountForm, SendingAloneWithoutALogInSaysSo)
{
  propose ("jane@example.org", nullptr, nullptr, nullptr,
           make_endpoint (POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE, "relay.example.org"),
           nullptr);
  EXPECT_EQ (text (), "[account jane@example.org]\naddress=jane@example.org\n"
                      "send=submission://relay.example.org\nauth=none\n");
}

TEST_F (AccountForm, SendingWithoutALogInIsLeftOutBesideReceiving)
{
  propose ("jane@example.org", nullptr,
           make_endpoint (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, "imap.example.org"),
           "jane@example.org",
           make_endpoint (POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE, "relay.example.org"),
           nullptr);
  EXPECT_EQ (text (),
             "[account jane@example.org]\naddress=jane@example.org\n"
             "receive=imaps://imap.example.org\ndeliver=maildir:~/Mail/jane@example.org\n");
}

TEST_F (AccountForm, NothingThatEqualsItsDefaultIsWritten)
{
  form = postseal_account_form_new ();
  for (auto pair :
       std::vector<std::pair<const char *, const char *>>{ { "keep", "yes" },
                                                           { "timeout", "60s" },
                                                           { "interval", "300s" },
                                                           { "folders", "INBOX;" },
                                                           { "password", "secret-service" },
                                                           { "receive-tls", "enforced" },
                                                           { "name", "" } })
    {
      postseal_account_form_set (form, pair.first, pair.second);
      EXPECT_EQ (postseal_account_form_get (form, pair.first), nullptr) << pair.first;
    }
  g_autofree char *effective = postseal_account_form_get_effective (form, "interval");
  EXPECT_STREQ (effective, "5m");
  g_autofree char *none = postseal_account_form_get_effective (form, "receive");
  EXPECT_EQ (none, nullptr);
}

TEST_F (AccountForm, TellsOfChangesAndOnlyOfChanges)
{
  std::vector<std::string> told;

  form = postseal_account_form_new ();
  g_signal_connect (form, "changed",
                    G_CALLBACK (+[] (PostsealAccountForm *, const char *key, gpointer data) {
                      static_cast<std::vector<std::string> *> (data)->push_back (key);
                    }),
                    &told);
  postseal_account_form_set (form, "keep", "no");
  postseal_account_form_set (form, "keep", "no");
  postseal_account_form_set (form, "push", "yes");
  postseal_account_form_set (form, "keep", nullptr);
  EXPECT_EQ (told, (std::vector<std::string>{ "keep", "keep" }));
}

TEST_F (AccountForm, SavingAnEditLeavesEveryOtherByteAlone)
{
  g_autoptr (GError) error = nullptr;
  std::string expected = two;

  write (two);
  load ("work");
  EXPECT_STREQ (postseal_account_form_get (form, "name"), "Jane \\ Doe");
  EXPECT_STREQ (postseal_account_form_get (form, "keep"), "yes");
  EXPECT_FALSE (postseal_account_form_is_changed (form));
  ASSERT_TRUE (save (&error)) << error->message;
  EXPECT_EQ (read (), expected);

  postseal_account_form_set (form, "name", " Jané; \\ De ");
  EXPECT_TRUE (postseal_account_form_is_changed (form));
  ASSERT_TRUE (save (&error)) << error->message;
  expected.replace (expected.find ("Jane \\\\ Doe"), strlen ("Jane \\\\ Doe"),
                    "\\sJané; \\\\ De\\s");
  EXPECT_EQ (read (), expected);
  EXPECT_FALSE (postseal_account_form_is_changed (form));

  load ("work");
  EXPECT_STREQ (postseal_account_form_get (form, "name"), " Jané; \\ De ");
}

TEST_F (AccountForm, ADefaultThatIsInTheFileStaysUntilItIsTakenOut)
{
  g_autoptr (GError) error = nullptr;

  write (two);
  load ("work");
  postseal_account_form_set (form, "keep", "no");
  postseal_account_form_set (form, "keep", "yes");
  EXPECT_FALSE (postseal_account_form_is_changed (form));
  postseal_account_form_set (form, "keep", nullptr);
  ASSERT_TRUE (save (&error)) << error->message;
  EXPECT_EQ (read ().find ("keep"), std::string::npos);
}

TEST_F (AccountForm, ANewAccountIsWhatWasShown)
{
  g_autoptr (GError) error = nullptr;

  write (two);
  propose ("zoe@example.org", "Zoë; the \"first\"",
           make_endpoint (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, "imap.example.org"),
           nullptr, nullptr, nullptr);
  postseal_account_form_set (form, "folders", "INBOX;a\\;b; Lists/*");
  std::string shown = text ();
  ASSERT_TRUE (save (&error)) << error->message;
  EXPECT_EQ (read (), std::string (two) + "\n" + shown);
  EXPECT_TRUE (postseal_account_form_is_saved (form));
  EXPECT_FALSE (postseal_account_form_is_changed (form));

  g_autoptr (PostsealAccountStore) store = postseal_account_store_load (path.c_str (), &error);
  PostsealAccount *account = postseal_account_store_lookup (store, "zoe@example.org", &error);
  ASSERT_NE (account, nullptr) << error->message;
  EXPECT_STREQ (account->folders[1], "a;b");
  g_autoptr (PostsealAccount) made = postseal_account_form_make_account (form, &error);
  EXPECT_TRUE (postseal_account_equal (account, made));
}

TEST_F (AccountForm, SomebodyElsesChangeIsNotUndone)
{
  g_autoptr (GError) error = nullptr;
  const char *keys[] = { "push" };
  const char *values[] = { "no" };

  write (two);
  load ("work");
  ASSERT_TRUE (postseal_account_store_edit (path.c_str (), "work", keys, values, 1, &error));
  std::string theirs = read ();
  postseal_account_form_set (form, "keep", "no");
  EXPECT_FALSE (save (&error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE));
  EXPECT_EQ (read (), theirs);
}

TEST_F (AccountForm, AnotherAccountsChangeDoesNotMatter)
{
  g_autoptr (GError) error = nullptr;
  const char *keys[] = { "address", "send", nullptr };
  const char *values[] = { "zoe@example.org", "submissions://smtp.example.org", nullptr };

  write ("[account work]\naddress=jane@example.org\nsend=submissions://smtp.example.org");
  load ("work");
  ASSERT_TRUE (postseal_account_store_add (path.c_str (), "zoe", keys, values, &error));
  postseal_account_form_set (form, "retry-for", "2d");
  EXPECT_TRUE (save (&error)) << error->message;
}

TEST_F (AccountForm, ARemovedAccountIsNotWrittenAgain)
{
  g_autoptr (GError) error = nullptr;

  write (two);
  load ("work");
  ASSERT_TRUE (postseal_account_store_remove (path.c_str (), "work", &error));
  postseal_account_form_set (form, "keep", "no");
  EXPECT_FALSE (save (&error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_UNKNOWN));
}

TEST_F (AccountForm, AFileThatIsNoneOfOursIsLeftAsItIs)
{
  std::vector<std::string> files
      = { "{ \"accounts\": 1 }\n", "address=jane@example.org\n[account work]\n",
          std::string ("\0\1\2", 3), std::string (two) + std::string (1, '\0') };

  for (const std::string &file : files)
    {
      g_autoptr (GError) error = nullptr;

      write (file);
      propose ("zoe@example.org", nullptr, nullptr, nullptr,
               make_endpoint (POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_IMPLICIT, "example.org"),
               "zoe");
      EXPECT_FALSE (save (&error)) << file;
      EXPECT_EQ (read (), file);
      EXPECT_FALSE (postseal_account_form_is_saved (form));
    }
}

TEST_F (AccountForm, MistakesOfOtherAccountsAreNoneOfThis)
{
  g_autoptr (GError) error = nullptr;
  std::string file = std::string ("[account bad]\nadress=x\nnonsense\n") + two;

  write (file);
  load ("work");
  postseal_account_form_set (form, "keep", "no");
  EXPECT_TRUE (save (&error)) << error->message;
}

TEST_F (AccountForm, MistakesInTheFileAreLoadedAndNamed)
{
  g_autoptr (GError) error = nullptr;

  write ("[account work]\naddress=jane@example.org\nreceive=imaps://imap.example.org\n"
         "keep=sometimes\ndeliver=maildir:/m\n");
  load ("work");
  EXPECT_STREQ (postseal_account_form_get (form, "keep"), "sometimes");
  EXPECT_EQ (postseal_account_form_make_account (form, &error), nullptr);
  EXPECT_STREQ (postseal_account_form_get_wrong_key (form), "keep");
  postseal_account_form_set (form, "keep", "14d");
  g_autoptr (PostsealAccount) account = postseal_account_form_make_account (form, nullptr);
  ASSERT_NE (account, nullptr);
  EXPECT_EQ (postseal_account_form_get_wrong_key (form), nullptr);
  g_clear_error (&error);
  EXPECT_TRUE (save (&error)) << error->message;
}

TEST_F (AccountForm, WhatIsUnknownInTheSectionIsAMistakeToo)
{
  g_autoptr (GError) error = nullptr;

  write (std::string (two) + "kep=no\n");
  load ("good");
  EXPECT_EQ (postseal_account_form_make_account (form, &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_UNKNOWN));
  EXPECT_EQ (postseal_account_form_get_wrong_key (form), nullptr);
}

TEST_F (AccountForm, NamesTheKeyThatIsMissing)
{
  g_autoptr (GError) error = nullptr;

  form = postseal_account_form_new ();
  EXPECT_EQ (postseal_account_form_make_account (form, nullptr), nullptr);
  postseal_account_form_set_name (form, "work");
  EXPECT_EQ (postseal_account_form_make_account (form, nullptr), nullptr);
  EXPECT_STREQ (postseal_account_form_get_wrong_key (form), "address");
  postseal_account_form_set (form, "address", "jane@example.org");
  EXPECT_EQ (postseal_account_form_make_account (form, nullptr), nullptr);
  EXPECT_STREQ (postseal_account_form_get_wrong_key (form), "receive");
  postseal_account_form_set (form, "receive", "imaps://imap.example.org");
  EXPECT_EQ (postseal_account_form_make_account (form, nullptr), nullptr);
  EXPECT_STREQ (postseal_account_form_get_wrong_key (form), "deliver");
  postseal_account_form_set (form, "deliver", "Mail");
  EXPECT_EQ (postseal_account_form_make_account (form, &error), nullptr);
  EXPECT_STREQ (postseal_account_form_get_wrong_key (form), "deliver");
}

TEST_F (AccountForm, TakingADirectionOutTakesItsKeysAlong)
{
  g_autoptr (GError) error = nullptr;

  write (two);
  load ("work");
  postseal_account_form_set (form, "send", "submissions://smtp.example.org");
  postseal_account_form_set (form, "retry-for", "2d");
  postseal_account_form_set (form, "tls-min", "1.3");
  postseal_account_form_set_endpoint (form, FALSE, nullptr, nullptr);
  EXPECT_EQ (postseal_account_form_get (form, "receive"), nullptr);
  EXPECT_EQ (postseal_account_form_get (form, "keep"), nullptr);
  EXPECT_STREQ (postseal_account_form_get (form, "tls-min"), "1.3");
  ASSERT_TRUE (save (&error)) << error->message;
  postseal_account_form_set_endpoint (form, TRUE, nullptr, nullptr);
  EXPECT_EQ (postseal_account_form_get (form, "retry-for"), nullptr);
  EXPECT_EQ (postseal_account_form_get (form, "tls-min"), nullptr);
}

TEST_F (AccountForm, LoadingWhatIsNotThereIsAnError)
{
  g_autoptr (GError) error = nullptr;

  EXPECT_EQ (postseal_account_form_load (path.c_str (), "work", &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_FILE));
  g_clear_error (&error);
  write (two);
  EXPECT_EQ (postseal_account_form_load (path.c_str (), "wrk", &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_UNKNOWN));
  g_clear_error (&error);
  write (std::string (two) + two);
  EXPECT_EQ (postseal_account_form_load (path.c_str (), "work", &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE));
}
