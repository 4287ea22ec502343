/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/lock-file.h"
#include "engine/account-store.h"

/* A good account that must survive whatever stands before it. */
static const char good[] = "[account good]\n"
                           "address=joe@example.org\n"
                           "receive=imaps://imap.example.org\n"
                           "deliver=maildir:/var/tmp/good\n";

/* What every account needs: lines 1 to 4. */
static const char base[] = "[account work]\n"
                           "address=jane@example.org\n"
                           "receive=imaps://imap.example.org\n"
                           "deliver=maildir:/var/tmp/work\n";

class AccountStore : public testing::Test
{
protected:
  void
  SetUp () override
  {
    g_autofree char *made = g_dir_make_tmp ("account-store-XXXXXX", nullptr);
    directory = made;
    path = directory + "/accounts.conf";
  }

  void
  TearDown () override
  {
    g_chmod (path.c_str (), 0600);
    for (const char *name :
         { "/accounts.conf", "/.accounts.conf.lock", "/real.conf", "/.real.conf.lock" })
      g_remove ((directory + name).c_str ());
    g_rmdir (directory.c_str ());
  }

  void
  write (const std::string &text)
  {
    ASSERT_TRUE (g_file_set_contents_full (path.c_str (), text.data (), text.size (),
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

  PostsealAccountStore *
  load (const std::string &text)
  {
    g_autoptr (GError) error = nullptr;

    write (text);
    PostsealAccountStore *store = postseal_account_store_load (path.c_str (), &error);
    EXPECT_NE (store, nullptr) << error->message;
    return store;
  }

  static std::string
  join_problems (PostsealAccountStore *store)
  {
    const GPtrArray *problems = postseal_account_store_get_problems (store);
    std::string all;

    for (guint i = 0; i < problems->len; i++)
      all += std::string (static_cast<const char *> (g_ptr_array_index (problems, i))) + "\n";
    return all;
  }

  std::string directory, path;
};

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

/* --- what is wrong --- */

struct Mistake
{
  const char *what; /* name of the case */
  std::string text; /* the file, before the good account */
  int line; /* where the complaint stands */
  std::vector<const char *> words; /* in the complaint */
  std::vector<const char *> never; /* not in the complaint */
};

static std::string
with (const std::string &line)
{
  return std::string (base) + line + "\n";
}

static std::string
receive (const std::string &url)
{
  return "[account work]\naddress=jane@example.org\nreceive=" + url
         + "\ndeliver=maildir:/var/tmp/work\n";
}

static std::string
deliver (const std::string &spec)
{
  return "[account work]\naddress=jane@example.org\nreceive=imaps://h.example\ndeliver=" + spec
         + "\n";
}

static std::string
send (const std::string &lines)
{
  return "[account work]\naddress=jane@example.org\n" + lines + "\n";
}

static std::vector<Mistake>
list_mistakes ()
{
  std::string pin (44, 'A');

  return {
    /* keys and sections */
    { "unknown key",
      with ("recieve-tls=enforced"),
      5,
      { "“recieve-tls”", "did you mean “receive-tls”" },
      {} },
    { "key far from any",
      with ("zzzzzzzz=1"),
      5,
      { "unknown key “zzzzzzzz”" },
      { "did you mean" } },
    { "unknown key with a secret", with ("passwd=hunter2"), 5, { "“passwd”" }, { "hunter2" } },
    { "unknown section", "[acount work]\nx=1\n", 1, { "“acount work”", "[account NAME]" }, {} },
    { "section without name", "[account]\n", 1, { "unknown section", "[account NAME]" }, {} },
    { "missing section",
      "address=jane@example.org\n",
      1,
      { "“address”", "before the first section" },
      {} },
    { "bad brackets", "[account work\n", 1, { "in brackets" }, {} },
    { "no equals sign", with ("hunter2"), 5, { "key=value" }, { "hunter2" } },
    { "no key", with ("=hunter2"), 5, { "key=value" }, { "hunter2" } },
    { "not UTF-8", with ("name=J\xf6rg"), 5, { "UTF-8" }, {} },
    { "key twice", with ("address=joe@example.org"), 5, { "“address”", "twice", "line 2" }, {} },
    { "unknown escape", with ("name=a\\qb"), 5, { "“name”", "escape" }, {} },
    { "empty value", with ("keep="), 5, { "“keep”", "no value" }, {} },
    { "name with slash", "[account a/b]\n", 1, { "name", "“/”" }, {} },
    { "name with leading dot", "[account .a]\n", 1, { "name", "dot" }, {} },
    { "name too long", "[account " + std::string (65, 'a') + "]\n", 1, { "64 characters" }, {} },
    { "name with control character", "[account a\x01z]\n", 1, { "control" }, {} },

    /* what is needed */
    { "no address",
      "[account work]\nreceive=imaps://h.example\ndeliver=maildir:/m\n",
      1,
      { "“work”", "no “address”" },
      {} },
    { "no server", send (""), 1, { "neither “receive” nor “send”" }, {} },
    { "no place", send ("receive=imaps://h.example"), 1, { "no “deliver”" }, {} },
    { "bad address",
      "[account work]\naddress=jane\nreceive=imaps://h.example\ndeliver=maildir:/m\n",
      2,
      { "“address”", "jane@example.org" },
      {} },
    { "deliver without receive",
      send ("send=smtp://h.example\ndeliver=maildir:/m"),
      4,
      { "“deliver”", "without “receive”" },
      {} },
    { "send-tls without send",
      with ("send-tls=enforced"),
      5,
      { "“send-tls”", "without “send”" },
      {} },
    { "client-key alone",
      with ("client-key=/k"),
      5,
      { "“client-key”", "without “client-certificate”" },
      {} },

    /* URLs */
    { "not a URL", receive ("imap.example.org"), 3, { "not a URL", "imaps://" }, {} },
    { "unknown scheme",
      receive ("imapss://h.example"),
      3,
      { "“imapss”", "did you mean “imaps”", "pop3s" },
      {} },
    { "scheme that sends",
      receive ("submission://h.example"),
      3,
      { "“submission”", "for sending", "imaps" },
      {} },
    { "scheme that receives",
      send ("send=pop3://h.example"),
      3,
      { "“pop3”", "for receiving", "submissions" },
      {} },
    { "password in URL",
      receive ("imaps://jane:hunter2@h.example"),
      3,
      { "password", "postseal password set" },
      { "hunter2" } },
    { "password with slash and at in URL",
      receive ("imaps://jane:hun/t@er2@h.example"),
      3,
      { "password" },
      { "hun", "er2" } },
    { "password without user",
      receive ("imaps://:hunter2@h.example"),
      3,
      { "password" },
      { "hunter2" } },
    { "raw at sign", receive ("imaps://jane@example.org@h.example"), 3, { "%40" }, {} },
    { "bad percent", receive ("imaps://jane%4@h.example"), 3, { "percent-encoded" }, {} },
    { "NUL in user", receive ("imaps://jane%00@h.example"), 3, { "user name" }, {} },
    { "line end in user",
      receive ("imaps://jane%0D%0Ax@h.example"),
      3,
      { "control character" },
      {} },
    { "empty user", receive ("imaps://@h.example"), 3, { "user name" }, {} },
    { "no host", receive ("imaps://"), 3, { "no server" }, {} },
    { "bad host", receive ("imaps://h_$.example"), 3, { "host name" }, {} },
    { "path", receive ("imaps://h.example/INBOX"), 3, { "nothing may follow", "folders" }, {} },
    { "bad port", receive ("imaps://h.example:99999"), 3, { "1 to 65535" }, {} },
    { "port zero", receive ("imaps://h.example:0"), 3, { "1 to 65535" }, {} },
    { "empty port", receive ("imaps://h.example:"), 3, { "1 to 65535" }, {} },
    { "bare IPv6", receive ("imaps://2001:db8::1"), 3, { "brackets" }, {} },
    { "bad IPv6", receive ("imaps://[2001:db8:::1]"), 3, { "IPv6" }, {} },
    { "unclosed IPv6", receive ("imaps://[2001:db8::1"), 3, { "brackets" }, {} },

    /* TLS */
    { "TLS off",
      with ("receive-tls=off"),
      5,
      { "“receive-tls”", "scheme", "imaps", "STARTTLS", "loopback" },
      {} },
    { "TLS none", with ("receive-tls=none"), 5, { "scheme", "cannot be turned off" }, {} },
    { "TLS ssl", with ("receive-tls=SSL"), 5, { "scheme" }, {} },
    { "TLS starttls", with ("receive-tls=starttls"), 5, { "scheme" }, {} },
    { "TLS misspelled",
      with ("receive-tls=enforce"),
      5,
      { "“enforce”", "did you mean “enforced”" },
      {} },
    { "opportunistic receiving",
      with ("receive-tls=opportunistic"),
      5,
      { "“opportunistic”", "auth=none" },
      {} },
    { "opportunistic with credentials",
      send ("send=smtp://h.example\nsend-tls=opportunistic"),
      4,
      { "opportunistic", "auth=none" },
      {} },
    { "opportunistic with implicit TLS",
      send ("send=submissions://h.example\nsend-tls=opportunistic\nauth=none"),
      4,
      { "first byte" },
      {} },
    { "loopback with implicit TLS",
      with ("receive-tls=loopback"),
      5,
      { "loopback", "scheme" },
      {} },
    { "pin without TLS",
      receive ("imap://[::1]")
          + "receive-tls=loopback\npin=sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
      6,
      { "“pin”", "loopback" },
      {} },
    { "TLS 1.0", with ("tls-min=1.0"), 5, { "TLS 1.0", "1.2, 1.3" }, {} },
    { "TLS 1.1", with ("tls-min=1.1"), 5, { "TLS 1.1", "1.2, 1.3" }, {} },
    { "TLS 1.4", with ("tls-min=1.4"), 5, { "“1.4”", "1.2, 1.3" }, {} },
    { "bad pin", with ("pin=sha256:abc"), 5, { "“sha256:abc”", "not a pin", "44 characters" }, {} },
    { "second pin bad",
      with ("pin=sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;sha1:" + pin),
      5,
      { "“sha1:" },
      {} },
    { "empty pin list", with ("pin=;"), 5, { "“pin” is empty" }, {} },
    { "DANE required",
      with ("dane=require"),
      5,
      { "dane=require", "not supported by this build" },
      {} },
    { "DANE unknown", with ("dane=on"), 5, { "“on”", "auto, require, off" }, {} },
    { "relative CA file", with ("ca-file=ca.pem"), 5, { "“ca.pem”", "relative" }, {} },
    { "relative CRL file", with ("crl-file=./crl.pem"), 5, { "relative" }, {} },
    { "relative client certificate", with ("client-certificate=me.pem"), 5, { "relative" }, {} },

    /* signing in */
    { "unknown mechanism", with ("auth=PLAN"), 5, { "“PLAN”", "did you mean “PLAIN”" }, {} },
    { "auth=none while receiving", with ("auth=none"), 5, { "auth=none", "sending only" }, {} },
    { "password in the file",
      with ("password=hunter2"),
      5,
      { "never belongs in this file", "postseal password set work" },
      { "hunter2" } },
    { "password with colon",
      with ("password=hunter2:file"),
      5,
      { "never belongs" },
      { "hunter2" } },
    { "misspelled vault",
      with ("password=secret-servce"),
      5,
      { "did you mean “secret-service”" },
      { "secret-servce" } },

    /* delivery and the rest */
    { "relative Maildir",
      deliver ("maildir:Mail/work"),
      4,
      { "“Mail/work”", "relative", "“~/”" },
      {} },
    { "relative mbox", deliver ("mbox:mbox"), 4, { "relative" }, {} },
    { "unknown sink", deliver ("malidir:/m"), 4, { "“malidir:/m”", "did you mean “maildir”" }, {} },
    { "path without sink",
      deliver ("/var/mail/jane"),
      4,
      { "no place to deliver to", "maildir:PATH" },
      {} },
    { "bad keep", with ("keep=14"), 5, { "“14”", "yes, no", "14d" }, {} },
    { "negative keep", with ("keep=-1d"), 5, { "“-1d”" }, {} },
    { "keep without end", with ("keep=99999999999999999999d"), 5, { "for “keep”" }, {} },
    { "zero keep", with ("keep=0d"), 5, { "“0d”" }, {} },
    { "bad interval", with ("interval=5"), 5, { "“5”", "units", "5m" }, {} },
    { "interval too long", with ("interval=10w"), 5, { "“10w”", "30d" }, {} },
    { "bad timeout", with ("timeout=0s"), 5, { "for “timeout”" }, {} },
    { "bad push", with ("push=true"), 5, { "“true”", "yes, no" }, {} },
    { "bad trace-header", with ("trace-header=1"), 5, { "“1”", "yes, no" }, {} },
    { "bad layout", with ("layout=maildir+"), 5, { "did you mean “maildir++”" }, {} },
    { "empty folders", with ("folders=;"), 5, { "“folders” is empty" }, {} },
    { "hostile value", with ("keep=\x1b[31mred"), 5, { "\\x1B" }, { "\x1b" } },
  };
}

TEST_F (AccountStore, NamesLineAndCauseOfEveryMistakeAndKeepsOtherAccounts)
{
  for (const Mistake &mistake : list_mistakes ())
    {
      SCOPED_TRACE (mistake.what);
      g_autoptr (PostsealAccountStore) store = load (mistake.text + good);
      std::string problems = join_problems (store);
      std::string place = path + ":" + std::to_string (mistake.line) + ": ";

      EXPECT_EQ (postseal_account_store_get_problems (store)->len, 1u) << problems;
      EXPECT_EQ (problems.substr (0, place.size ()), place) << problems;
      for (const char *word : mistake.words)
        EXPECT_NE (problems.find (word), std::string::npos) << word << " in\n" << problems;
      for (const char *word : mistake.never)
        EXPECT_EQ (problems.find (word), std::string::npos) << word << " in\n" << problems;

      EXPECT_NE (postseal_account_store_lookup (store, "good", nullptr), nullptr);
      EXPECT_EQ (postseal_account_store_get_accounts (store)->len, 1u);
      EXPECT_EQ (postseal_account_store_lookup (store, "work", nullptr), nullptr);
    }
}

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

  write (good);
  g_chmod (path.c_str (), 0000);
  if (geteuid () == 0)
    GTEST_SKIP () << "the superuser reads everything";
  EXPECT_EQ (postseal_account_store_load (path.c_str (), &error), nullptr);
  ASSERT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_FILE));
  EXPECT_NE (strstr (error->message, path.c_str ()), nullptr);
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

/* --- editing --- */

static const char *const add_keys[] = { "address", "receive", "deliver", "name", nullptr };
static const char *const add_values[] = { "jane@example.org", "imaps://imap.example.org",
                                          "maildir:/var/tmp/work", " a\\b ", nullptr };

TEST_F (AccountStore, MakesFileAndDirectoryForTheFirstAccount)
{
  g_autoptr (GError) error = nullptr;
  std::string deep = directory + "/x/y/accounts.conf";
  struct stat info;

  ASSERT_TRUE (postseal_account_store_add (deep.c_str (), "work", add_keys, add_values, &error))
      << error->message;
  ASSERT_EQ (stat (deep.c_str (), &info), 0);
  EXPECT_EQ (info.st_mode & 0777, 0600u);

  g_autoptr (PostsealAccountStore) store = postseal_account_store_load (deep.c_str (), &error);
  ASSERT_NE (store, nullptr);
  PostsealAccount *account = postseal_account_store_lookup (store, "work", &error);
  ASSERT_NE (account, nullptr) << error->message;
  EXPECT_STREQ (account->full_name, " a\\b ");

  g_remove (deep.c_str ());
  g_remove ((directory + "/x/y/.accounts.conf.lock").c_str ());
  g_rmdir ((directory + "/x/y").c_str ());
  g_rmdir ((directory + "/x").c_str ());
}

TEST_F (AccountStore, AddingThenRemovingLeavesEveryByte)
{
  for (std::string text : { std::string (good), "# one\n\n" + std::string (good) + "\n# two\n",
                            std::string ("# only this\n") })
    {
      g_autoptr (GError) error = nullptr;

      write (text);
      ASSERT_TRUE (postseal_account_store_add (path.c_str (), "work", add_keys, add_values, &error))
          << error->message;
      EXPECT_EQ (read ().substr (0, text.size ()), text);
      ASSERT_TRUE (postseal_account_store_remove (path.c_str (), "work", &error)) << error->message;
      EXPECT_EQ (read (), text);
    }
}

TEST_F (AccountStore, EditChangesOnlyTheLinesInQuestion)
{
  g_autoptr (GError) error = nullptr;
  const char *keys[] = { "keep", "interval", "push" };
  const char *values[] = { "14d", "10m", nullptr };

  write (
      "# top\r\n\n[account work]\n# who\naddress = jane@example.org\nkeep=no\r\n\n"
      "  receive=imaps://imap.example.org\npush=no\n# where\ndeliver=maildir:/m\n# end\n\n# next\n"
      + std::string (good));
  ASSERT_TRUE (postseal_account_store_edit (path.c_str (), "work", keys, values, 3, &error))
      << error->message;
  EXPECT_EQ (read (), "# top\r\n\n[account work]\n# who\naddress = jane@example.org\nkeep=14d\r\n\n"
                      "  receive=imaps://imap.example.org\n# "
                      "where\ndeliver=maildir:/m\ninterval=10m\n# end\n\n# next\n"
                          + std::string (good));
}

TEST_F (AccountStore, EditOfAFileWithoutFinalNewlineBeginsANewLine)
{
  g_autoptr (GError) error = nullptr;
  const char *keys[] = { "keep" };
  const char *values[] = { "no" };
  std::string text = base;

  text.pop_back ();
  write (text);
  ASSERT_TRUE (postseal_account_store_edit (path.c_str (), "work", keys, values, 1, &error))
      << error->message;
  EXPECT_EQ (read (), std::string (base) + "keep=no\n");
}

TEST_F (AccountStore, RemoveTakesTheSectionAndLeavesTheCommentsOfTheNext)
{
  g_autoptr (GError) error = nullptr;

  write ("# top\n\n[account work]\n# inside\nfoo=bar\n# own\n\n# about good\n"
         + std::string (good));
  ASSERT_TRUE (postseal_account_store_remove (path.c_str (), "work", &error)) << error->message;
  EXPECT_EQ (read (), "# top\n\n# about good\n" + std::string (good));

  write (std::string (base) + "# about good\n" + good);
  ASSERT_TRUE (postseal_account_store_remove (path.c_str (), "work", &error)) << error->message;
  EXPECT_EQ (read (), "# about good\n" + std::string (good));
}

TEST_F (AccountStore, RefusedEditsLeaveTheFileAsItWas)
{
  struct
  {
    const char *account, *key, *value, *words;
    PostsealConfigError code;
  } edits[] = {
    { "work", "keep", "14", "“14”", POSTSEAL_CONFIG_ERROR_VALUE },
    { "work", "kep", "no", "did you mean “keep”", POSTSEAL_CONFIG_ERROR_UNKNOWN },
    { "work", "kep", nullptr, "did you mean “keep”", POSTSEAL_CONFIG_ERROR_UNKNOWN },
    { "wrok", "keep", "no", "did you mean “work”", POSTSEAL_CONFIG_ERROR_UNKNOWN },
    { "work", "address", nullptr, "no “address”", POSTSEAL_CONFIG_ERROR_VALUE },
    { "work", "password", "hunter2", "never belongs", POSTSEAL_CONFIG_ERROR_VALUE },
    { "work", "deliver", "mbox:/var/tmp/box", "“box” would become unusable",
      POSTSEAL_CONFIG_ERROR_VALUE },
    { "work", "keep", "no\n[account evil]", "for “keep”", POSTSEAL_CONFIG_ERROR_VALUE },
    { "work", "folders", "INBOX\n[account evil]\\", "escape", POSTSEAL_CONFIG_ERROR_VALUE },
  };
  std::string text = std::string (base)
                     + "[account box]\naddress=a@b.example\nreceive=imaps://h.example\n"
                       "deliver=mbox:/var/tmp/box\n";

  for (const auto &edit : edits)
    {
      SCOPED_TRACE (edit.words);
      g_autoptr (GError) error = nullptr;

      write (text);
      EXPECT_FALSE (postseal_account_store_edit (path.c_str (), edit.account, &edit.key,
                                                 &edit.value, 1, &error));
      ASSERT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, edit.code)) << error->message;
      EXPECT_NE (strstr (error->message, edit.words), nullptr) << error->message;
      EXPECT_EQ (strstr (error->message, "hunter2"), nullptr) << error->message;
      EXPECT_EQ (read (), text);
    }
}

TEST_F (AccountStore, RefusesToAddWhatIsThereAlready)
{
  g_autoptr (GError) error = nullptr;

  write (base);
  EXPECT_FALSE (postseal_account_store_add (path.c_str (), "work", add_keys, add_values, &error));
  ASSERT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE));
  EXPECT_NE (strstr (error->message, "postseal account edit work"), nullptr) << error->message;

  g_clear_error (&error);
  EXPECT_FALSE (postseal_account_store_add (path.c_str (), "../x", add_keys, add_values, &error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE));
  EXPECT_EQ (read (), base);
}

TEST_F (AccountStore, EditMendsABadAccountAndOneOfTwoEqualKeys)
{
  g_autoptr (GError) error = nullptr;
  const char *keys[] = { "keep" };
  const char *values[] = { "no" };

  write (std::string (base) + "keep=14\nkeep=15\n");
  ASSERT_TRUE (postseal_account_store_edit (path.c_str (), "work", keys, values, 1, &error))
      << error->message;
  EXPECT_EQ (read (), std::string (base) + "keep=no\n");
}

TEST_F (AccountStore, EditFollowsALinkInsteadOfReplacingIt)
{
  g_autoptr (GError) error = nullptr;
  const char *keys[] = { "keep" };
  const char *values[] = { "no" };
  std::string real = directory + "/real.conf";

  ASSERT_TRUE (g_file_set_contents (real.c_str (), base, -1, nullptr));
  ASSERT_EQ (symlink (real.c_str (), path.c_str ()), 0);
  ASSERT_TRUE (postseal_account_store_edit (path.c_str (), "work", keys, values, 1, &error))
      << error->message;
  EXPECT_TRUE (g_file_test (path.c_str (), G_FILE_TEST_IS_SYMLINK));
  EXPECT_EQ (read (), std::string (base) + "keep=no\n");
}

TEST_F (AccountStore, TwoEditorsAtOnceDoNotLoseEachOthersWork)
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (PostsealLockFile) lock = nullptr;

  write (base);
  lock
      = postseal_lock_file_acquire ((directory + "/.accounts.conf.lock").c_str (), "test", nullptr);
  ASSERT_NE (lock, nullptr);
  EXPECT_FALSE (postseal_account_store_remove (path.c_str (), "work", &error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY));
  EXPECT_EQ (read (), base);
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
