/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include <gio/gio.h>

#include "auth/sasl.h"
#include "auth/vault.h"
#include "base/lock-file.h"
#include "engine/account-store.h"
#include "engine/advice.h"
#include "engine/send-job.h"
#include "imap/imap-session.h"
#include "mail/ledger.h"
#include "mail/sink.h"
#include "net/net-error.h"
#include "outbox/outbox-error.h"
#include "pop3/pop3-session.h"
#include "smtp/smtp-session.h"

namespace
{

PostsealVerdict
judge (GQuark domain, int code, const std::string &message = "x")
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, message.c_str ());

  return postseal_advice_judge (error);
}

PostsealAdvice
advise_account (GQuark domain, int code, const char *password)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, "x");
  g_autoptr (PostsealAccount) account = postseal_account_new ();

  account->name = g_strdup ("work");
  g_free (account->password);
  account->password = g_strdup (password);
  return postseal_advice_for (error, account);
}

std::string
advise (GQuark domain, int code, const char *password = "secret-service")
{
  g_auto (PostsealAdvice) advice = advise_account (domain, code, password);

  return advice.sentence;
}

std::string
name_remedy (GQuark domain, int code, const char *password = "secret-service")
{
  g_auto (PostsealAdvice) advice = advise_account (domain, code, password);

  return advice.remedy;
}

PostsealSeal *
make_seal (const char *version, const char *mechanism)
{
  PostsealSeal *seal = postseal_seal_new ();

  seal->voucher = POSTSEAL_VOUCHER_CA;
  seal->endpoint = g_strdup ("imap.example.org:993");
  seal->tls_version = g_strdup (version);
  seal->name = g_strdup ("imap.example.org");
  seal->issuer = g_strdup ("CN=R3");
  seal->spki = g_strdup ("sha256:AAAA");
  seal->not_after = 100 * 86400;
  seal->mechanism = g_strdup (mechanism);
  return seal;
}

std::string
compare (const PostsealSeal *before, const PostsealSeal *now, gint64 time = 0)
{
  g_auto (GStrv) sentences = postseal_advice_compare_seals (before, now, time);
  g_autofree char *text = g_strjoinv ("\n", sentences);

  return text;
}

void
set (char **field, const char *value)
{
  g_free (*field);
  *field = g_strdup (value);
}

TEST (Advice, WaitsForTheUserWhereOnlyTheUserCanHelp)
{
  EXPECT_EQ (judge (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED).state,
             POSTSEAL_ACCOUNT_REFUSED);
  EXPECT_EQ (judge (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_LATCH).state,
             POSTSEAL_ACCOUNT_REFUSED);
  EXPECT_EQ (judge (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT).state,
             POSTSEAL_ACCOUNT_REFUSED);
  EXPECT_EQ (judge (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED).state,
             POSTSEAL_ACCOUNT_REFUSED);
  EXPECT_EQ (judge (POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE).state,
             POSTSEAL_ACCOUNT_REFUSED);
  for (int code :
       { POSTSEAL_TLS_ERROR_UNTRUSTED, POSTSEAL_TLS_ERROR_IDENTITY, POSTSEAL_TLS_ERROR_LATCH,
         POSTSEAL_TLS_ERROR_PIN, POSTSEAL_TLS_ERROR_NOT_OFFERED, POSTSEAL_TLS_ERROR_HANDSHAKE })
    EXPECT_EQ (judge (POSTSEAL_TLS_ERROR, code).state, POSTSEAL_ACCOUNT_REFUSED) << code;
}

TEST (Advice, WaitsForTheKeyring)
{
  EXPECT_EQ (judge (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_LOCKED).state,
             POSTSEAL_ACCOUNT_LOCKED);
  EXPECT_EQ (judge (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE).state,
             POSTSEAL_ACCOUNT_LOCKED);
}

/* Not a wrong password, and the provider's trouble is not the mail server's. */
TEST (Advice, TellsConsentFromTheNetwork)
{
  EXPECT_EQ (judge (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE).state,
             POSTSEAL_ACCOUNT_REAUTHORIZE);
  EXPECT_EQ (judge (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_TEMPORARY).state,
             POSTSEAL_ACCOUNT_WAITING);
  EXPECT_FALSE (judge (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_TEMPORARY).is_servers);
  EXPECT_EQ (advise (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_TEMPORARY, "goa"), "");
  for (const auto &[spec, words] :
       { std::pair{ "goa:account_1", "Online Accounts" },
         std::pair{ "oauth:google:x", "postseal password authorize work" } })
    for (const std::string &advice :
         { advise (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE, spec),
           advise (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED, spec) })
      EXPECT_NE (advice.find (words), std::string::npos) << advice;
}

TEST (Advice, WaitsForAnotherProgram)
{
  EXPECT_EQ (judge (POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY).state, POSTSEAL_ACCOUNT_BUSY);
}

TEST (Advice, KnowsAFullDisk)
{
  const std::string full = std::string ("Cannot write: ") + g_strerror (ENOSPC);
  const std::string quota = std::string ("Cannot write: ") + g_strerror (EDQUOT);
  const std::string limit = std::string ("Cannot write: ") + g_strerror (EFBIG);

  EXPECT_EQ (judge (POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_DISK, full).state,
             POSTSEAL_ACCOUNT_FULL);
  EXPECT_EQ (judge (POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_DISK, quota).state,
             POSTSEAL_ACCOUNT_FULL);
  EXPECT_EQ (judge (POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_DISK, limit).state,
             POSTSEAL_ACCOUNT_FULL);
  EXPECT_EQ (judge (POSTSEAL_LEDGER_ERROR, POSTSEAL_LEDGER_ERROR_CANNOT_WRITE,
                    "Cannot record: database or disk is full")
                 .state,
             POSTSEAL_ACCOUNT_FULL);
  EXPECT_EQ (judge (POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DISK, full).state,
             POSTSEAL_ACCOUNT_FULL);
  EXPECT_EQ (judge (G_FILE_ERROR, G_FILE_ERROR_NOSPC).state, POSTSEAL_ACCOUNT_FULL);
  EXPECT_EQ (judge (G_IO_ERROR, G_IO_ERROR_NO_SPACE).state, POSTSEAL_ACCOUNT_FULL);
  /* A server that says so has no room of its own. */
  EXPECT_EQ (judge (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED, full).state,
             POSTSEAL_ACCOUNT_WAITING);
  EXPECT_EQ (judge (POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_DISK, g_strerror (EIO)).state,
             POSTSEAL_ACCOUNT_WAITING);
}

TEST (Advice, BlamesTheServerOnlyForItsOwnTrouble)
{
  EXPECT_TRUE (judge (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT, "refused").is_servers);
  EXPECT_TRUE (judge (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT).is_servers);
  EXPECT_TRUE (judge (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_BUSY).is_servers);
  EXPECT_TRUE (
      judge (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_BUSY, "ended: “421 4.3.2 bye”").is_servers);
  EXPECT_TRUE (
      judge (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED, "x “421 too busy”").is_servers);

  EXPECT_FALSE (judge (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_RESOLVE).is_servers);
  EXPECT_FALSE (
      judge (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT, g_strerror (ENETUNREACH)).is_servers);
  EXPECT_FALSE (judge (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED).is_servers);
  EXPECT_FALSE (
      judge (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_BUSY, "x: “450 4.2.0 later”").is_servers);
  EXPECT_FALSE (judge (POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_BUSY, "“[IN-USE] no”").is_servers);
  EXPECT_FALSE (judge (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED).is_servers);
}

TEST (Advice, WaitsAWhileForWhatPasses)
{
  for (int code : { POSTSEAL_NET_ERROR_RESOLVE, POSTSEAL_NET_ERROR_CONNECT,
                    POSTSEAL_NET_ERROR_TIMEOUT, POSTSEAL_NET_ERROR_CLOSED })
    EXPECT_EQ (judge (POSTSEAL_NET_ERROR, code).state, POSTSEAL_ACCOUNT_WAITING) << code;
  EXPECT_EQ (judge (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_TRUNCATED).state,
             POSTSEAL_ACCOUNT_WAITING);
  EXPECT_EQ (judge (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_VESTIBULE).state,
             POSTSEAL_ACCOUNT_WAITING);
  EXPECT_EQ (judge (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_INTERRUPTED).state,
             POSTSEAL_ACCOUNT_WAITING);
  /* One message was refused; the account is as well as ever. */
  EXPECT_EQ (judge (POSTSEAL_SEND_ERROR, POSTSEAL_SEND_ERROR_REFUSED).state,
             POSTSEAL_ACCOUNT_WAITING);
  EXPECT_EQ (postseal_advice_judge (nullptr).state, POSTSEAL_ACCOUNT_WAITING);
}

/* RFC 5530 section 3 has [LIMIT]; many a server says it in prose, or as though the password were
   wrong. */
TEST (Advice, KnowsOneConnectionTooMany)
{
  for (const char *words :
       { "[LIMIT] no more", "Too many simultaneous connections. (Failure)",
         "Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)" })
    {
      const PostsealVerdict verdict = judge (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED,
                                             std::string ("No: “") + words + "”");

      EXPECT_TRUE (verdict.is_limit) << words;
      EXPECT_FALSE (verdict.is_servers) << words;
      EXPECT_EQ (verdict.state, POSTSEAL_ACCOUNT_WAITING) << words;
    }
  EXPECT_FALSE (judge (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED, "no").is_limit);
  EXPECT_TRUE (judge (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_LIMIT).is_limit);
}

TEST (Advice, NamesTheCommandThatHelps)
{
  EXPECT_NE (advise (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED)
                 .find ("postseal password set work"),
             std::string::npos);
  EXPECT_NE (advise (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT)
                 .find ("postseal password set work"),
             std::string::npos);
  EXPECT_NE (advise (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED, "file:/p").find ("file:/p"),
             std::string::npos);
  EXPECT_NE (advise (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_LATCH).find ("--forget-latches"),
             std::string::npos);
  EXPECT_NE (advise (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_LOCKED), "");
  EXPECT_NE (advise (G_IO_ERROR, G_IO_ERROR_NO_SPACE), "");
}

TEST (Advice, IsSilentWhereNothingIsToBeDone)
{
  EXPECT_EQ (advise (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT), "");
  EXPECT_EQ (advise (POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY), "");
  EXPECT_EQ (advise (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_BUSY), "");
}

/* For front ends in which nobody types a command. */
TEST (Advice, NamesWhatHasToBeSeenTo)
{
  EXPECT_EQ (name_remedy (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED), "password");
  EXPECT_EQ (name_remedy (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT), "password");
  EXPECT_EQ (name_remedy (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED, "file:/p"), "place");
  EXPECT_EQ (name_remedy (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED, "goa"),
             "online-account");
  EXPECT_EQ (name_remedy (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE, "oauth:x:y"),
             "consent");
  EXPECT_EQ (name_remedy (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_LATCH), "forget");
  EXPECT_EQ (name_remedy (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_LATCH), "forget");
  EXPECT_EQ (name_remedy (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_PIN), "pin");
  EXPECT_EQ (name_remedy (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_LIMIT), "connections");
  EXPECT_EQ (name_remedy (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT), "");
}

TEST (Advice, FindsNothingInASealThatStaysAsItWas)
{
  g_autoptr (PostsealSeal) before = make_seal ("TLS 1.3", "SCRAM-SHA-256");
  g_autoptr (PostsealSeal) now = make_seal ("TLS 1.3", "SCRAM-SHA-256-PLUS");

  EXPECT_EQ (compare (before, now), "");
  EXPECT_EQ (compare (nullptr, now), "");
  EXPECT_EQ (compare (before, nullptr), "");
}

TEST (Advice, FindsWhatIsWeaker)
{
  g_autoptr (PostsealSeal) before = make_seal ("TLS 1.3", "SCRAM-SHA-256-PLUS");
  g_autoptr (PostsealSeal) now = make_seal ("TLS 1.2", "PLAIN");
  std::string found = compare (before, now);

  EXPECT_NE (found.find ("TLS 1.2, it was TLS 1.3"), std::string::npos) << found;
  EXPECT_NE (found.find ("PLAIN, it was SCRAM-SHA-256-PLUS"), std::string::npos) << found;
  /* The other way round there is nothing to complain about. */
  EXPECT_EQ (compare (now, before), "");

  set (&now->tls_version, nullptr);
  now->voucher = POSTSEAL_VOUCHER_NONE;
  found = compare (before, now);
  EXPECT_NE (found.find ("none, it was TLS 1.3"), std::string::npos) << found;
  EXPECT_NE (found.find ("Nobody vouches"), std::string::npos) << found;
}

TEST (Advice, FindsThatTheDnsVouchesNoMore)
{
  g_autoptr (PostsealSeal) before = make_seal ("TLS 1.3", "PLAIN");
  g_autoptr (PostsealSeal) now = make_seal ("TLS 1.3", "PLAIN");

  set (&before->dane, "3 1 1");
  set (&now->dane, "none");
  EXPECT_NE (compare (before, now).find ("(DANE)"), std::string::npos) << compare (before, now);
  EXPECT_EQ (compare (now, before), "");
  set (&now->dane, "2 0 1");
  EXPECT_EQ (compare (before, now), "");
  set (&now->dane, nullptr);
  EXPECT_EQ (compare (before, now), "") << "nobody was asked: the user's own word";
}

/* A run that is over knows it from the latch. */
TEST (Advice, TellsWhatTheDnsSaidBefore)
{
  g_autoptr (PostsealSeal) now = make_seal ("TLS 1.3", "PLAIN");

  set (&now->dane_before, "keys");
  for (const char *word : { "insecure", "bogus", "unreachable" })
    {
      set (&now->dane, word);
      EXPECT_NE (compare (nullptr, now).find ("does not vouch"), std::string::npos) << word;
      EXPECT_EQ (postseal_advice_count_news (now), 0u);
    }
  for (const char *word : { "none", "unusable" })
    {
      set (&now->dane, word);
      EXPECT_NE (compare (nullptr, now).find ("taken its keys out"), std::string::npos) << word;
      EXPECT_EQ (compare (nullptr, now).find ("does not vouch"), std::string::npos) << word;
      EXPECT_EQ (postseal_advice_count_news (now), 1u) << "the owner's word";
    }
  set (&now->key_change, "renewed");
  EXPECT_EQ (postseal_advice_count_news (now), 2u);
}

TEST (Advice, FindsAnotherCertificate)
{
  g_autoptr (PostsealSeal) before = make_seal ("TLS 1.3", "PLAIN");
  g_autoptr (PostsealSeal) now = make_seal ("TLS 1.3", "PLAIN");

  set (&now->issuer, "CN=Other");
  set (&now->spki, "sha256:BBBB");
  set (&now->name, "*.example.org");
  set (&now->key_change, "stranger");
  const std::string found = compare (before, now);
  EXPECT_NE (found.find ("another issuer vouches for it: CN=Other"), std::string::npos) << found;
  EXPECT_NE (found.find ("another key"), std::string::npos) << found;
  EXPECT_NE (found.find ("*.example.org, it was imap.example.org"), std::string::npos) << found;
  EXPECT_EQ (postseal_advice_count_news (now), 0u) << "worse than news";
  /* A run that is over has nothing before it. */
  EXPECT_NE (compare (nullptr, now).find ("another key"), std::string::npos);

  /* Another server is no change. */
  set (&now->endpoint, "imap.example.net:993");
  set (&now->key_change, nullptr);
  EXPECT_EQ (compare (before, now), "");
}

TEST (Advice, TellsARenewedCertificateAsNews)
{
  g_autoptr (PostsealSeal) now = make_seal ("TLS 1.3", "PLAIN");

  EXPECT_EQ (postseal_advice_count_news (now), 0u);
  for (const auto &[change, words] :
       { std::pair{ "renewed", "renewed by CN=R3" }, std::pair{ "reissued", "renewed by CN=R3" },
         std::pair{ "spare", "pin a new spare" } })
    {
      set (&now->key_change, change);
      EXPECT_NE (compare (nullptr, now).find (words), std::string::npos) << change;
      EXPECT_EQ (postseal_advice_count_news (now), 1u) << change;
    }
}

TEST (Advice, FindsAnOlderVersionThanTheServerEverDid)
{
  g_autoptr (PostsealSeal) before = make_seal ("TLS 1.2", "PLAIN");
  g_autoptr (PostsealSeal) now = make_seal ("TLS 1.2", "PLAIN");

  set (&now->tls_before, "TLS 1.3");
  EXPECT_NE (compare (before, now).find ("TLS 1.2, it was TLS 1.3"), std::string::npos);
  EXPECT_NE (compare (nullptr, now).find ("TLS 1.2, it was TLS 1.3"), std::string::npos);
}

TEST (Advice, WarnsTwoWeeksBeforeTheCertificateExpires)
{
  g_autoptr (PostsealSeal) now = make_seal ("TLS 1.3", "PLAIN");

  EXPECT_EQ (compare (nullptr, now, (100 - 15) * 86400), "");
  EXPECT_NE (compare (nullptr, now, (100 - 13) * 86400).find ("in 13 days"), std::string::npos);
  EXPECT_NE (compare (nullptr, now, 101 * 86400).find ("has expired"), std::string::npos);
}

} // namespace
