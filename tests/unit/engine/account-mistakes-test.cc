/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <vector>

#include "account-store-fixture.h"

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

static const std::vector<Mistake> in_keys_and_sections = {
  { "unknown key",
    with ("recieve-tls=enforced"),
    5,
    { "“recieve-tls”", "did you mean “receive-tls”" },
    {} },
  { "key far from any", with ("zzzzzzzz=1"), 5, { "unknown key “zzzzzzzz”" }, { "did you mean" } },
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

};

static const std::vector<Mistake> in_what_is_needed = {
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
  { "send-as without address",
    send ("send=smtp://h.example\nsend-as=example.org"),
    4,
    { "“send-as”", "*@example.org" },
    {} },
  { "send-as without send",
    with ("send-as=*@example.org"),
    5,
    { "“send-as”", "without “send”" },
    {} },
  { "retry-for without unit",
    send ("send=smtp://h.example\nretry-for=5"),
    4,
    { "“retry-for”", "30d" },
    {} },
  { "layout without receive",
    send ("send=smtp://h.example\nlayout=fs"),
    4,
    { "“layout”", "without “receive”" },
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

};

static const std::vector<Mistake> in_urls = {
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
  { "line end in user", receive ("imaps://jane%0D%0Ax@h.example"), 3, { "control character" }, {} },
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

};

static const std::vector<Mistake> in_tls = {
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
  { "loopback with implicit TLS", with ("receive-tls=loopback"), 5, { "loopback", "scheme" }, {} },
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
    with ("pin=sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;sha1:" + std::string (44, 'A')),
    5,
    { "“sha1:" },
    {} },
  { "empty pin list", with ("pin=;"), 5, { "“pin” is empty" }, {} },
  { "DANE of an address",
    receive ("imap://[::1]") + "dane=require\n",
    5,
    { "dane=require", "::1 is an address" },
    {} },
  { "DANE without TLS",
    receive ("imap://imap.example.org") + "receive-tls=loopback\ndane=require\n",
    6,
    { "“dane=require”", "loopback" },
    {} },
  { "no name of a server",
    with ("authserv-ids=mx.example.org;org"),
    5,
    { "“org” in “authserv-ids”", "mx.example.org" },
    {} },
  { "an address of a server", with ("authserv-ids=192.0.2.1"), 5, { "“192.0.2.1”" }, {} },
  { "DANE unknown", with ("dane=on"), 5, { "“on”", "auto, require, off" }, {} },
  { "relative CA file", with ("ca-file=ca.pem"), 5, { "“ca.pem”", "relative" }, {} },
  { "relative CRL file", with ("crl-file=./crl.pem"), 5, { "relative" }, {} },
  { "relative client certificate", with ("client-certificate=me.pem"), 5, { "relative" }, {} },

};

static const std::vector<Mistake> in_signing_in = {
  { "unknown mechanism", with ("auth=PLAN"), 5, { "“PLAN”", "did you mean “PLAIN”" }, {} },
  { "auth=none while receiving", with ("auth=none"), 5, { "auth=none", "sending only" }, {} },
  { "password in the file",
    with ("password=hunter2"),
    5,
    { "never belongs in this file", "postseal password set work" },
    { "hunter2" } },
  { "password with colon", with ("password=hunter2:file"), 5, { "never belongs" }, { "hunter2" } },
  { "misspelled vault",
    with ("password=secret-servce"),
    5,
    { "did you mean “secret-service”" },
    { "secret-servce" } },

};

static const std::vector<Mistake> in_delivery_and_the_rest = {
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
  { "hostile value", with ("keep=\x1b[31mred"), 5, { "“keep”", "control character" }, { "\x1b" } },
};

TEST_F (AccountStore, NamesLineAndCauseOfEveryMistakeAndKeepsOtherAccounts)
{
  for (const auto *mistakes : { &in_keys_and_sections, &in_what_is_needed, &in_urls, &in_tls,
                                &in_signing_in, &in_delivery_and_the_rest })
    for (const Mistake &mistake : *mistakes)
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
