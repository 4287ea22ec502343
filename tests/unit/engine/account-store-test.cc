/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include <vector>

#include "account-store-fixture.h"

/* --- what is good --- */

TEST_F (AccountStore, ReadsEveryKey)
{
  g_autoptr (PostsealAccountStore) store
      = load ("# mine\n"
              "\n"
              "[account work]\n"
              "address=jane@example.org\n"
              "name=Jane \\\\ Doe\n"
              "receive=imap://jane%40example.org@IMAP.example.org:1143\n"
              "receive-tls=enforced\n"
              "folders=INBOX;Lists/*;a\\;b;\n"
              "layout=fs\n"
              "keep=2w\n"
              "deliver=maildir:/var/tmp/work\n"
              "trace-header=yes\n"
              "authserv-ids=mx.example.org;example.net\n"
              "compress=yes\n"
              "push=no\n"
              "interval=90s\n"
              "send=submission://smtp.example.org\n"
              "send-tls=enforced\n"
              "tls-min=1.3\n"
              "ca-file=~/ca.pem\n"
              "crl-file=/etc/crl.pem\n"
              "pin=sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
              "dane=off\n"
              "client-certificate=pkcs11:token=card\n"
              "client-key=/etc/key.pem\n"
              "auth=login;PLAIN\n"
              "password=file:~/secret\n"
              "timeout=2m\n");
  EXPECT_EQ (join_problems (store), "");
  PostsealAccount *account = postseal_account_store_lookup (store, "work", nullptr);
  ASSERT_NE (account, nullptr);

  EXPECT_STREQ (account->address, "jane@example.org");
  EXPECT_STREQ (account->full_name, "Jane \\ Doe");
  EXPECT_STREQ (account->receive->host, "imap.example.org");
  EXPECT_EQ (account->receive->port, 1143);
  EXPECT_EQ (account->receive->protocol, POSTSEAL_PROTOCOL_IMAP);
  EXPECT_EQ (account->receive->start, POSTSEAL_TLS_START_UPGRADE);
  EXPECT_STREQ (account->receive_user, "jane@example.org");
  ASSERT_EQ (g_strv_length (account->folders), 3u);
  EXPECT_STREQ (account->folders[1], "Lists/*");
  EXPECT_STREQ (account->folders[2], "a;b");
  EXPECT_EQ (account->layout, POSTSEAL_LAYOUT_FS);
  EXPECT_EQ (account->keep, POSTSEAL_KEEP_TIME);
  EXPECT_EQ (account->keep_seconds, 14 * 86400);
  EXPECT_STREQ (account->deliver, "maildir:/var/tmp/work");
  EXPECT_TRUE (account->trace_header);
  ASSERT_EQ (g_strv_length (account->authserv_ids), 2u);
  EXPECT_STREQ (account->authserv_ids[1], "example.net");
  EXPECT_TRUE (account->compress);
  EXPECT_FALSE (account->push);
  EXPECT_EQ (account->interval_seconds, 90u);
  EXPECT_EQ (account->send->port, 587);
  EXPECT_STREQ (account->send_user, "jane@example.org");
  EXPECT_EQ (account->dane, POSTSEAL_DANE_OFF);
  ASSERT_EQ (g_strv_length (account->auth), 2u);
  EXPECT_STREQ (account->auth[0], "LOGIN");
  EXPECT_EQ (account->timeout_ms, 120000u);

  const PostsealTlsPolicy *policy = account->receive_policy;
  std::string home = g_get_home_dir ();
  EXPECT_EQ (policy->level, POSTSEAL_TLS_ENFORCED);
  EXPECT_EQ (policy->min, POSTSEAL_TLS_MIN_1_3);
  EXPECT_EQ (policy->ca_file, home + "/ca.pem");
  EXPECT_STREQ (policy->crl_file, "/etc/crl.pem");
  EXPECT_STREQ (policy->pins[0], "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  EXPECT_STREQ (policy->client_certificate, "pkcs11:token=card");
  EXPECT_STREQ (policy->client_key, "/etc/key.pem");
  EXPECT_EQ (account->password, "file:" + home + "/secret");
}

TEST_F (AccountStore, FillsInDefaults)
{
  g_autoptr (PostsealAccountStore) store = load (base);
  PostsealAccount *account = postseal_account_store_lookup (store, "work", nullptr);
  ASSERT_NE (account, nullptr) << join_problems (store);

  EXPECT_EQ (account->receive->port, 993);
  EXPECT_STREQ (account->receive_user, "jane@example.org");
  EXPECT_EQ (account->receive_policy->level, POSTSEAL_TLS_ENFORCED);
  EXPECT_EQ (account->receive_policy->min, POSTSEAL_TLS_MIN_1_2);
  EXPECT_EQ (account->send, nullptr);
  EXPECT_EQ (account->auth, nullptr);
  EXPECT_FALSE (account->auth_none);
  EXPECT_STREQ (account->password, "secret-service");
  EXPECT_STREQ (account->folders[0], "INBOX");
  EXPECT_EQ (account->folders[1], nullptr);
  EXPECT_EQ (account->layout, POSTSEAL_LAYOUT_MAILDIRPP);
  EXPECT_EQ (account->keep, POSTSEAL_KEEP_FOREVER);
  EXPECT_FALSE (account->trace_header);
  EXPECT_FALSE (account->compress);
  EXPECT_TRUE (account->push);
  EXPECT_EQ (account->interval_seconds, 300u);
  EXPECT_EQ (account->timeout_ms, 60000u);
}

struct Url
{
  const char *key;
  const char *url;
  const char *host;
  int port;
  PostsealProtocol protocol;
  PostsealTlsStart start;
  const char *user;
};

/* RFC 8314 section 7 and RFC 3986 section 3.2 */
TEST_F (AccountStore, ReadsEverySchemeAndFormOfAddress)
{
  const Url urls[] = {
    { "receive", "imaps://h.example", "h.example", 993, POSTSEAL_PROTOCOL_IMAP,
      POSTSEAL_TLS_START_IMPLICIT, "a@b.example" },
    { "receive", "imap://h.example/", "h.example", 143, POSTSEAL_PROTOCOL_IMAP,
      POSTSEAL_TLS_START_UPGRADE, "a@b.example" },
    { "receive", "POP3S://u@h.example", "h.example", 995, POSTSEAL_PROTOCOL_POP3,
      POSTSEAL_TLS_START_IMPLICIT, "u" },
    { "receive", "pop3://u%3Av%25@h.example:1110", "h.example", 1110, POSTSEAL_PROTOCOL_POP3,
      POSTSEAL_TLS_START_UPGRADE, "u:v%" },
    { "receive", "imaps://u@[2001:db8::1]", "2001:db8::1", 993, POSTSEAL_PROTOCOL_IMAP,
      POSTSEAL_TLS_START_IMPLICIT, "u" },
    { "receive", "imap://[::1]:1143", "::1", 1143, POSTSEAL_PROTOCOL_IMAP,
      POSTSEAL_TLS_START_UPGRADE, "a@b.example" },
    { "receive", "imap://127.0.0.1:65535", "127.0.0.1", 65535, POSTSEAL_PROTOCOL_IMAP,
      POSTSEAL_TLS_START_UPGRADE, "a@b.example" },
    { "receive", "imaps://m\xc3\xbcller@post.m\xc3\xbcller.example", "post.xn--mller-kva.example",
      993, POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, "m\xc3\xbcller" },
    { "send", "submissions://h.example", "h.example", 465, POSTSEAL_PROTOCOL_SMTP,
      POSTSEAL_TLS_START_IMPLICIT, "a@b.example" },
    { "send", "submission://u@h.example", "h.example", 587, POSTSEAL_PROTOCOL_SMTP,
      POSTSEAL_TLS_START_UPGRADE, "u" },
    { "send", "smtp://u@h.example", "h.example", 25, POSTSEAL_PROTOCOL_SMTP,
      POSTSEAL_TLS_START_UPGRADE, "u" },
  };

  for (const Url &url : urls)
    {
      bool receives = strcmp (url.key, "receive") == 0;
      std::string text = std::string ("[account a]\naddress=a@b.example\n") + url.key + "="
                         + url.url + (receives ? "\ndeliver=maildir:/m\n" : "\n");
      g_autoptr (PostsealAccountStore) store = load (text);
      PostsealAccount *account = postseal_account_store_lookup (store, "a", nullptr);
      ASSERT_NE (account, nullptr) << url.url << "\n" << join_problems (store);

      const PostsealEndpoint *endpoint = receives ? account->receive : account->send;
      EXPECT_STREQ (endpoint->host, url.host) << url.url;
      EXPECT_EQ (endpoint->port, url.port) << url.url;
      EXPECT_EQ (endpoint->protocol, url.protocol) << url.url;
      EXPECT_EQ (endpoint->start, url.start) << url.url;
      EXPECT_STREQ (receives ? account->receive_user : account->send_user, url.user) << url.url;
    }
}

TEST_F (AccountStore, TakesAnAccountThatOnlySendsThroughARelayWithoutCredentials)
{
  g_autoptr (PostsealAccountStore) store
      = load ("[account relay]\naddress=a@b.example\nsend=smtp://relay.example\n"
              "send-tls=opportunistic\nauth=none\n");
  PostsealAccount *account = postseal_account_store_lookup (store, "relay", nullptr);

  ASSERT_NE (account, nullptr) << join_problems (store);
  EXPECT_EQ (account->send_policy->level, POSTSEAL_TLS_OPPORTUNISTIC);
  EXPECT_TRUE (account->auth_none);
  EXPECT_EQ (account->receive, nullptr);
  EXPECT_EQ (account->deliver, nullptr);
}

TEST_F (AccountStore, LetsTwoAccountsShareAMaildir)
{
  std::string other (good);
  other.replace (other.find ("good"), 4, "evil");
  g_autoptr (PostsealAccountStore) store = load (std::string (good) + other);

  EXPECT_EQ (join_problems (store), "");
  EXPECT_EQ (postseal_account_store_get_accounts (store)->len, 2u);
}

TEST_F (AccountStore, BearsByteOrderMarkCarriageReturnsSpacesAndAMissingFinalNewline)
{
  g_autoptr (PostsealAccountStore) store
      = load ("\xef\xbb\xbf[account  work ]\r\n  # comment\r\n  address = jane@example.org \r\n"
              "receive\t=\timaps://imap.example.org\r\n\r\ndeliver=maildir:/m");

  EXPECT_EQ (join_problems (store), "");
  EXPECT_NE (postseal_account_store_lookup (store, "work", nullptr), nullptr);
}

TEST_F (AccountStore, ReadsTheExample)
{
  g_autofree char *example
      = g_build_filename (g_getenv ("SRCDIR"), "..", "data", "accounts.conf.example", nullptr);
  g_autoptr (GError) error = nullptr;
  g_autoptr (PostsealAccountStore) store = postseal_account_store_load (example, &error);

  ASSERT_NE (store, nullptr) << error->message;
  EXPECT_EQ (join_problems (store), "");
  EXPECT_GE (postseal_account_store_get_accounts (store)->len, 1u);
}

TEST_F (AccountStore, EveryKeyIsInTheManual)
{
  g_autofree char *manual = g_build_filename (g_getenv ("SRCDIR"), "..", "data", "man",
                                              "postseal-accounts.conf.5", nullptr);
  g_autofree char *text = nullptr;

  ASSERT_TRUE (g_file_get_contents (manual, &text, nullptr, nullptr));
  for (const char *const *key = postseal_account_store_get_keys (); *key != nullptr; key++)
    {
      g_autofree char *pattern = g_strdup_printf ("(?m)^\\.It Cm (.* , )?%s( ,.*)?$", *key);

      EXPECT_TRUE (g_regex_match_simple (pattern, text, (GRegexCompileFlags)0, (GRegexMatchFlags)0))
          << *key;
    }
}

/* --- what is wrong, see also account-mistakes-test.cc --- */

TEST_F (AccountStore, ToldForABadAccountWhatIsWrongWithIt)
{
  g_autoptr (PostsealAccountStore) store = load (with ("keep=14") + good);
  g_autoptr (GError) error = nullptr;

  EXPECT_EQ (postseal_account_store_lookup (store, "work", &error), nullptr);
  ASSERT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE));
  EXPECT_NE (strstr (error->message, ":5: "), nullptr) << error->message;
}

TEST_F (AccountStore, ListsAllProblemsInTheOrderOfTheFile)
{
  g_autoptr (PostsealAccountStore) store
      = load ("stray=1\n[account a]\nkeep=14\nfoo=1\n[what]\n" + std::string (good));
  const GPtrArray *problems = postseal_account_store_get_problems (store);
  std::vector<int> lines;

  for (guint i = 0; i < problems->len; i++)
    lines.push_back (
        atoi (static_cast<const char *> (g_ptr_array_index (problems, i)) + path.size () + 1));
  EXPECT_EQ (lines, (std::vector<int>{ 1, 2, 2, 3, 4, 5 })) << join_problems (store);
}

TEST_F (AccountStore, SuggestsTheNearestAccount)
{
  g_autoptr (PostsealAccountStore) store = load (good);
  g_autoptr (GError) error = nullptr;

  EXPECT_EQ (postseal_account_store_lookup (store, "goood", &error), nullptr);
  ASSERT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_UNKNOWN));
  EXPECT_NE (strstr (error->message, "“good”"), nullptr) << error->message;
}

TEST_F (AccountStore, RefusesTheSecondAccountThatDeliversToTheSameMbox)
{
  std::string text
      = "[account a]\naddress=a@b.example\nreceive=imaps://h.example\ndeliver=mbox:/m/x\n"
        "[account b]\naddress=a@b.example\nreceive=imaps://h.example\ndeliver=mbox:/m/x\n";
  g_autoptr (PostsealAccountStore) store = load (text);
  std::string problems = join_problems (store);

  EXPECT_NE (problems.find (":8: "), std::string::npos) << problems;
  EXPECT_NE (problems.find ("“a”"), std::string::npos) << problems;
  EXPECT_NE (postseal_account_store_lookup (store, "a", nullptr), nullptr);
  EXPECT_EQ (postseal_account_store_lookup (store, "b", nullptr), nullptr);
}

TEST_F (AccountStore, UsesNeitherOfTwoAccountsWithOneName)
{
  g_autoptr (PostsealAccountStore) store = load (std::string (base) + good + base);
  g_autoptr (GError) error = nullptr;

  EXPECT_EQ (postseal_account_store_lookup (store, "work", &error), nullptr);
  ASSERT_NE (error, nullptr);
  EXPECT_NE (strstr (error->message, ":9: "), nullptr) << error->message;
  EXPECT_NE (strstr (error->message, "line 1"), nullptr) << error->message;
  EXPECT_NE (postseal_account_store_lookup (store, "good", nullptr), nullptr);
}

TEST_F (AccountStore, SaysThatAnEmptyFileHasNoAccount)
{
  for (const char *text : { "", "\n", "# nothing yet\n" })
    {
      g_autoptr (PostsealAccountStore) store = load (text);

      EXPECT_NE (join_problems (store).find (":1: no account"), std::string::npos) << text;
    }
}

TEST_F (AccountStore, TellsHowToMakeTheFirstAccountWhenTheFileIsMissing)
{
  g_autoptr (GError) error = nullptr;

  EXPECT_EQ (postseal_account_store_load (path.c_str (), &error), nullptr);
  ASSERT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_FILE));
  EXPECT_NE (strstr (error->message, path.c_str ()), nullptr);
  EXPECT_NE (strstr (error->message, "postseal account add"), nullptr);
}

TEST_F (AccountStore, RefusesWhatIsNoTextFile)
{
  g_autoptr (GError) error = nullptr;

  EXPECT_EQ (postseal_account_store_load (directory.c_str (), &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_FILE));

  g_clear_error (&error);
  write (std::string ("[account a]\n\0", 13));
  EXPECT_EQ (postseal_account_store_load (path.c_str (), &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_FILE));

  g_clear_error (&error);
  write (std::string (1024 * 1024 + 1, '\n'));
  EXPECT_EQ (postseal_account_store_load (path.c_str (), &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_FILE));
}

TEST_F (AccountStore, SaysWhyAFileCannotBeRead)
{
  g_autoptr (GError) error = nullptr;
  std::string below = path + "/accounts.conf";

  write (good);
  EXPECT_EQ (postseal_account_store_load (below.c_str (), &error), nullptr);
  ASSERT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_FILE));
  EXPECT_NE (strstr (error->message, below.c_str ()), nullptr);
  EXPECT_NE (strstr (error->message, g_strerror (ENOTDIR)), nullptr) << error->message;
}

TEST_F (AccountStore, RefusesAFileThatEverybodyCanChange)
{
  g_autoptr (GError) error = nullptr;

  write (good);
  g_chmod (path.c_str (), 0646);
  EXPECT_EQ (postseal_account_store_load (path.c_str (), &error), nullptr);
  ASSERT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_FILE));
  EXPECT_NE (strstr (error->message, "chmod"), nullptr);

  g_clear_error (&error);
  g_chmod (path.c_str (), 0644);
  g_autoptr (PostsealAccountStore) store = postseal_account_store_load (path.c_str (), &error);
  EXPECT_NE (store, nullptr);
}

/* --- showing --- */

TEST_F (AccountStore, ShowsSettingsInAFormThatReadsBackAsTheSameAccount)
{
  std::string text = "[account a]\n";
  g_autoptr (PostsealAccountStore) store
      = load (with ("folders=INBOX;a\\;b\nkeep=36h\nsend=smtp://j%3Aj@[::1]\nauth=PLAIN;LOGIN\n"
                    "password=command:pass a b"));
  PostsealAccount *account = postseal_account_store_lookup (store, "work", nullptr);
  ASSERT_NE (account, nullptr) << join_problems (store);

  for (const char *const *key = postseal_account_store_get_keys (); *key != nullptr; key++)
    {
      g_autofree char *value = postseal_account_get_setting (account, *key);

      if (value != nullptr)
        text += std::string (*key) + "=" + value + "\n";
    }
  g_autoptr (PostsealAccountStore) again_store = load (text);
  PostsealAccount *again = postseal_account_store_lookup (again_store, "a", nullptr);
  ASSERT_NE (again, nullptr) << text << join_problems (again_store);

  for (const char *const *key = postseal_account_store_get_keys (); *key != nullptr; key++)
    {
      g_autofree char *before = postseal_account_get_setting (account, *key);
      g_autofree char *after = postseal_account_get_setting (again, *key);

      EXPECT_STREQ (before, after) << *key;
    }
  EXPECT_NE (text.find ("send=smtp://j%3Aj@[::1]:25\n"), std::string::npos) << text;
  EXPECT_NE (text.find ("folders=INBOX;a\\;b\n"), std::string::npos) << text;
  EXPECT_NE (text.find ("keep=36h\n"), std::string::npos) << text;
}
