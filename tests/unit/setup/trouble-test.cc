/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/trouble.h"

#include <gtest/gtest.h>

#include <errno.h>
#include <string.h>

#include <map>
#include <string>
#include <vector>

#include "auth/sasl.h"
#include "auth/vault.h"
#include "engine/account-store.h"
#include "imap/imap-session.h"
#include "net/net-error.h"
#include "pop3/pop3-session.h"
#include "smtp/smtp-session.h"

namespace
{

using Facts = std::map<std::string, std::string>;

struct Server
{
  PostsealProtocol protocol = POSTSEAL_PROTOCOL_IMAP;
  PostsealTlsStart start = POSTSEAL_TLS_START_IMPLICIT;
  guint16 port = 0;
  const char *host = "mail.example.org";
};

constexpr Server imap{};
constexpr Server imap_upgrade{ POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE };
constexpr Server pop3{ POSTSEAL_PROTOCOL_POP3 };
constexpr Server smtp{ POSTSEAL_PROTOCOL_SMTP };

class Trouble : public testing::Test
{
protected:
  /* The installation's files are those of the source tree. */
  Trouble ()
  {
    std::string data = std::string (g_getenv ("SRCDIR")) + "/../data";

    g_setenv ("POSTSEAL_DATA_DIR", data.c_str (), TRUE);
    g_setenv ("XDG_CONFIG_HOME", "/nonexistent", TRUE);
  }

  ~Trouble () override
  {
    g_unsetenv ("POSTSEAL_DATA_DIR");
    g_unsetenv ("XDG_CONFIG_HOME");
    postseal_trouble_free (trouble);
    g_clear_pointer (&better, postseal_endpoint_unref);
  }

  static PostsealEndpoint *
  make_endpoint (const Server &server)
  {
    return postseal_endpoint_new (server.protocol, server.start, server.host, server.port);
  }

  void
  meet (const Server &server,
        GQuark domain,
        int code,
        const std::string &message = "The server did something",
        const Facts &facts = {})
  {
    g_autoptr (GError) error = g_error_new_literal (domain, code, message.c_str ());
    g_autoptr (PostsealEndpoint) endpoint = make_endpoint (server);
    g_autoptr (PostsealAccount) account = postseal_account_new ();
    g_autoptr (GHashTable) table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

    account->name = g_strdup ("work");
    account->address = g_strdup ("jane@example.org");
    account->receive_user = g_strdup ("jane");
    account->send_user = g_strdup ("jane");
    if (!password.empty ())
      {
        g_free (account->password);
        account->password = g_strdup (password.c_str ());
      }
    for (const auto &fact : facts)
      g_hash_table_insert (table, g_strdup (fact.first.c_str ()), g_strdup (fact.second.c_str ()));
    g_clear_pointer (&trouble, postseal_trouble_free);
    trouble = postseal_trouble_new (error, has_account ? account : nullptr, endpoint,
                                    facts.empty () ? nullptr : table, better);
    check ();
  }

  /* Whatever happens, a person gets three sentences. */
  void
  check ()
  {
    g_autofree char *label = postseal_trouble_get_remedy_label (trouble);
    std::string title = trouble->title, text = trouble->text, advice = trouble->advice;

    EXPECT_FALSE (title.empty () || text.empty () || advice.empty ());
    EXPECT_NE (title.back (), '.') << title;
    EXPECT_EQ (text.back (), '.') << text;
    EXPECT_EQ (advice.back (), '.') << advice;
    for (const std::string &words : { title, text, advice })
      {
        EXPECT_EQ (words.find ("(null)"), std::string::npos) << words;
        EXPECT_EQ (words.find ('%'), std::string::npos) << words;
      }
    for (const char *jargon : { "TLS", "SSL", "STARTTLS", "PLAIN", "SASL", "IMAP", "LOGIN" })
      EXPECT_EQ (title.find (jargon), std::string::npos) << title;
    EXPECT_EQ (label == nullptr, trouble->remedy == POSTSEAL_REMEDY_NONE);
    EXPECT_EQ (trouble->remedy == POSTSEAL_REMEDY_ENDPOINT, trouble->better != nullptr);
  }

  bool
  tells (const char *words)
  {
    return strstr (trouble->text, words) != nullptr;
  }

  PostsealTrouble *trouble = nullptr;
  PostsealEndpoint *better = nullptr;
  std::string password;
  bool has_account = true;
};

} // namespace

TEST_F (Trouble, EveryCodeOfEveryDomainIsPutIntoWords)
{
  const std::vector<std::pair<GQuark, int>> domains = {
    { POSTSEAL_NET_ERROR, 4 },   { POSTSEAL_TLS_ERROR, 17 },   { POSTSEAL_AUTH_ERROR, 6 },
    { POSTSEAL_VAULT_ERROR, 7 }, { POSTSEAL_CONFIG_ERROR, 4 }, { POSTSEAL_IMAP_ERROR, 6 },
    { POSTSEAL_POP3_ERROR, 4 },  { POSTSEAL_SMTP_ERROR, 4 },   { G_IO_ERROR, 48 },
  };

  for (bool with_account : { true, false })
    for (const Server &server : { imap, imap_upgrade, pop3, smtp })
      for (const auto &domain : domains)
        for (int code = 0; code <= domain.second + 1; code++)
          {
            has_account = with_account;
            meet (server, domain.first, code);
            EXPECT_EQ (trouble->is_sending, server.protocol == POSTSEAL_PROTOCOL_SMTP);
          }
}

TEST_F (Trouble, TheWayToTheServerHasFourTexts)
{
  struct
  {
    int code;
    std::string message;
    PostsealTroubleKind kind;
  } cases[] = {
    { POSTSEAL_NET_ERROR_RESOLVE, "Error resolving “x”: Name or service not known",
      POSTSEAL_TROUBLE_NO_NAME },
    { POSTSEAL_NET_ERROR_RESOLVE, "Error resolving “x”: Temporary failure in name resolution",
      POSTSEAL_TROUBLE_NO_NETWORK },
    { POSTSEAL_NET_ERROR_CONNECT, std::string ("Nobody answers: ") + g_strerror (ENETUNREACH),
      POSTSEAL_TROUBLE_NO_NETWORK },
    { POSTSEAL_NET_ERROR_CONNECT, std::string ("Nobody answers: ") + g_strerror (ECONNREFUSED),
      POSTSEAL_TROUBLE_REFUSED },
    { POSTSEAL_NET_ERROR_CONNECT, "Nobody answers: no answer for 20 seconds",
      POSTSEAL_TROUBLE_SILENT },
    { POSTSEAL_NET_ERROR_TIMEOUT, "silence", POSTSEAL_TROUBLE_SILENT },
  };

  for (const auto &one : cases)
    {
      meet (imap, POSTSEAL_NET_ERROR, one.code, one.message);
      EXPECT_EQ (trouble->kind, one.kind) << one.message;
      EXPECT_TRUE (tells ("mail.example.org"));
      EXPECT_EQ (trouble->said, nullptr);
    }
}

TEST_F (Trouble, AMixUpOfPortsIsSaidAsSuch)
{
  struct
  {
    Server server;
    int code;
    PostsealTroubleKind kind;
  } cases[] = {
    { { POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE, 993 },
      POSTSEAL_TLS_ERROR_VESTIBULE,
      POSTSEAL_TROUBLE_WRONG_START },
    { { POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE, 993 },
      POSTSEAL_TLS_ERROR_WRONG_START,
      POSTSEAL_TROUBLE_WRONG_START },
    { { POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, 143 },
      POSTSEAL_TLS_ERROR_INTERRUPTED,
      POSTSEAL_TROUBLE_WRONG_START },
    { { POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE, 465 },
      POSTSEAL_TLS_ERROR_VESTIBULE,
      POSTSEAL_TROUBLE_WRONG_START },
    { { POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE, 2525 },
      POSTSEAL_TLS_ERROR_VESTIBULE,
      POSTSEAL_TROUBLE_SILENT },
  };

  for (const auto &one : cases)
    {
      meet (one.server, POSTSEAL_TLS_ERROR, one.code);
      EXPECT_EQ (trouble->kind, one.kind) << one.server.port;
      EXPECT_TRUE (tells (std::to_string (one.server.port).c_str ()));
    }
}

TEST_F (Trouble, WhatIsSaidBeforeTlsIsQuotedAndJudged)
{
  const struct
  {
    GQuark domain;
    int code;
    const char *message;
    const char *said;
    PostsealTroubleKind kind;
  } cases[] = {
    { POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_VESTIBULE,
      "x:143 did not let TLS start, so nothing was sent to it; its unauthenticated words were "
      "“SSH-2.0-x”",
      "SSH-2.0-x", POSTSEAL_TROUBLE_PROTOCOL },
    { POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
      "x:143 serves nobody now, try again later; nothing was sent to it (its unauthenticated words "
      "were “* BYE later”)",
      "* BYE later", POSTSEAL_TROUBLE_BUSY },
    { POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_NOT_OFFERED,
      "x:143 does not offer STARTTLS, or somebody on the way removed the offer; this account "
      "requires TLS (the server's unauthenticated words were “a1 BAD no”)",
      "a1 BAD no", POSTSEAL_TROUBLE_NO_TLS },
    { POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_VESTIBULE,
      "x:143 closed the connection before TLS; nothing was sent to it", nullptr,
      POSTSEAL_TROUBLE_PROTOCOL },
    { POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_INTERRUPTED,
      "x:143 closed the connection during the TLS handshake", nullptr, POSTSEAL_TROUBLE_PROTOCOL },
    { POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_VESTIBULE, "x:143 said nothing for 10 seconds",
      nullptr, POSTSEAL_TROUBLE_SILENT },
    { POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED,
      "The certificate of x is self-signed, so nobody vouches for it; if the server is yours, name "
      "the certificate in “ca-file”",
      nullptr, POSTSEAL_TROUBLE_UNKNOWN_ISSUER },
  };

  for (const auto &one : cases)
    {
      meet (imap_upgrade, one.domain, one.code, one.message);
      EXPECT_EQ (trouble->kind, one.kind) << one.message;
      EXPECT_STREQ (trouble->said, one.said);
    }
}

TEST_F (Trouble, AProvenPortIsOneClickAway)
{
  better = make_endpoint (imap);
  meet (imap_upgrade, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_NOT_OFFERED);
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_NO_TLS);
  EXPECT_TRUE (tells ("does not offer STARTTLS on port 143")) << trouble->text;
  ASSERT_EQ (trouble->remedy, POSTSEAL_REMEDY_ENDPOINT);
  EXPECT_EQ (trouble->better->port, 993);
  g_autofree char *label = postseal_trouble_get_remedy_label (trouble);
  EXPECT_STREQ (label, "Try port _993");
}

TEST_F (Trouble, AnotherWayToBeginOnTheSamePortIsCalledByItsName)
{
  const struct
  {
    PostsealProtocol protocol;
    PostsealTlsStart start;
    const char *label;
    const char *advice;
  } cases[] = {
    { POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, "Try _encryption from the first byte",
      "Use encryption from the first byte on port 4000, which works." },
    { POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE, "Try _STARTTLS",
      "Use STARTTLS on port 4000, which works." },
    { POSTSEAL_PROTOCOL_POP3, POSTSEAL_TLS_START_UPGRADE, "Try _STLS",
      "Use STLS on port 4000, which works." },
  };

  for (const auto &one : cases)
    {
      g_autoptr (PostsealEndpoint) other
          = postseal_endpoint_new (one.protocol, one.start, "mail.example.org", 4000);
      const PostsealTlsStart wrong = one.start == POSTSEAL_TLS_START_IMPLICIT
                                         ? POSTSEAL_TLS_START_UPGRADE
                                         : POSTSEAL_TLS_START_IMPLICIT;
      g_autoptr (PostsealEndpoint) tried
          = postseal_endpoint_new (one.protocol, wrong, "mail.example.org", 4000);
      g_autoptr (GError) error
          = g_error_new_literal (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_NOT_OFFERED, "not offered");
      g_autoptr (PostsealTrouble) found
          = postseal_trouble_new (error, nullptr, tried, nullptr, other);
      g_autofree char *label = postseal_trouble_get_remedy_label (found);

      EXPECT_STREQ (label, one.label);
      EXPECT_STREQ (found->advice, one.advice);
    }
}

TEST_F (Trouble, TheAdviceSaysWhatIsBetterInEachKindOfTrouble)
{
  const struct
  {
    GQuark domain;
    int code;
    std::string message;
    PostsealTroubleKind kind;
  } cases[] = {
    { POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT, "silence", POSTSEAL_TROUBLE_SILENT },
    { POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT, g_strerror (ECONNREFUSED),
      POSTSEAL_TROUBLE_REFUSED },
    { POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_WRONG_START, "other", POSTSEAL_TROUBLE_WRONG_START },
    { POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_REFUSED, "no", POSTSEAL_TROUBLE_NO_TLS },
    { POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_HANDSHAKE, "RFC 5746", POSTSEAL_TROUBLE_OLD_TLS },
    { POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_PREAUTH, "too early", POSTSEAL_TROUBLE_MEDDLED },
    { POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_HANDSHAKE, "nonsense", POSTSEAL_TROUBLE_PROTOCOL },
  };

  better = make_endpoint (imap_upgrade);
  for (const auto &one : cases)
    {
      const char *rest = one.kind == POSTSEAL_TROUBLE_MEDDLED
                             ? " Try another network, too, and tell the provider."
                             : "";

      meet (imap, one.domain, one.code, one.message);
      EXPECT_EQ (trouble->kind, one.kind) << one.message;
      EXPECT_EQ (trouble->advice, std::string ("Use STARTTLS on port 143, which works.") + rest);
    }
}

TEST_F (Trouble, ACertificateIsNeverMendedByAnotherPort)
{
  better = make_endpoint (imap);
  for (int code : { POSTSEAL_TLS_ERROR_UNTRUSTED, POSTSEAL_TLS_ERROR_EXPIRED,
                    POSTSEAL_TLS_ERROR_IDENTITY, POSTSEAL_TLS_ERROR_PIN, POSTSEAL_TLS_ERROR_REVOKED,
                    POSTSEAL_TLS_ERROR_LATCH, POSTSEAL_TLS_ERROR_DANE_MISMATCH,
                    POSTSEAL_TLS_ERROR_DANE_MISSING, POSTSEAL_TLS_ERROR_DNSSEC })
    {
      meet (imap_upgrade, POSTSEAL_TLS_ERROR, code);
      EXPECT_EQ (trouble->better, nullptr);
    }
}

TEST_F (Trouble, KeysThatTheDnsNamesAreNoMatterOfTaste)
{
  for (int code : { POSTSEAL_TLS_ERROR_DANE_MISMATCH, POSTSEAL_TLS_ERROR_DNSSEC })
    {
      meet (imap, POSTSEAL_TLS_ERROR, code, "What the DNS says");
      EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_MEDDLED);
      EXPECT_EQ (trouble->text, std::string ("What the DNS says."));
      EXPECT_EQ (trouble->pin, nullptr);
    }
  meet (imap, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_DANE_MISSING, "It names none");
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_SETTINGS);
}

TEST_F (Trouble, DatesAreToldBothAndWithTodays)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (GDateTime) today = g_date_time_new_now_local ();
  g_autofree char *year = g_date_time_format (today, "%Y");

  meet (imap, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_EXPIRED, "It expired",
        { { "cert-not-before", "1577880000" }, { "cert-not-after", "1580558400" } });
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_EXPIRED);
  EXPECT_TRUE (tells ("1 January 2020")) << trouble->text;
  EXPECT_TRUE (tells ("1 February 2020")) << trouble->text;
  EXPECT_TRUE (tells (year)) << trouble->text;

  meet (imap, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_EXPIRED, "Not yet",
        { { "cert-not-before", std::to_string (now + 86400) },
          { "cert-not-after", std::to_string (now + 2 * 86400) } });
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_NOT_YET_VALID);
  EXPECT_NE (strstr (trouble->advice, "clock"), nullptr);
}

TEST_F (Trouble, BothNamesAreTold)
{
  meet (imap, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_IDENTITY, "Other names",
        { { "cert-name", "one.example.net, two.example.net" } });
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_WRONG_NAME);
  EXPECT_TRUE (tells ("mail.example.org"));
  EXPECT_TRUE (tells ("one.example.net, two.example.net"));
}

TEST_F (Trouble, OnlyAnUnknownIssuerCanBePinned)
{
  const Facts facts = { { "cert-key", "sha256:abc=" },
                        { "cert-fingerprint", "AB:CD" },
                        { "cert-issuer", "CN=Somebody" } };

  meet (imap, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED, "Nobody vouches", facts);
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_UNKNOWN_ISSUER);
  EXPECT_STREQ (trouble->pin, "sha256:abc=");
  EXPECT_STREQ (trouble->fingerprint, "AB:CD");
  EXPECT_TRUE (tells ("CN=Somebody"));
  EXPECT_EQ (trouble->remedy, POSTSEAL_REMEDY_NONE);

  for (int code : { POSTSEAL_TLS_ERROR_PIN, POSTSEAL_TLS_ERROR_EXPIRED, POSTSEAL_TLS_ERROR_IDENTITY,
                    POSTSEAL_TLS_ERROR_REVOKED, POSTSEAL_TLS_ERROR_LATCH })
    {
      meet (imap, POSTSEAL_TLS_ERROR, code, "Another", facts);
      EXPECT_EQ (trouble->pin, nullptr) << code;
      EXPECT_STREQ (trouble->fingerprint, "AB:CD");
    }
  for (const char *unfit :
       { "A key in the certificates of x is too weak (RSA, 1024 bits); its owner must replace it",
         "The certificate of x was not issued for a server; its owner must replace it",
         "x presented no readable certificate",
         "The certificate of x names “CN=Y” as its issuer, but it did not sign it; somebody may be "
         "impersonating the server" })
    {
      meet (imap, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED, unfit, facts);
      EXPECT_EQ (trouble->pin, nullptr) << unfit;
      EXPECT_NE (trouble->kind, POSTSEAL_TROUBLE_UNKNOWN_ISSUER) << unfit;
    }
}

TEST_F (Trouble, WhatHasChangedIsNotTakenLightly)
{
  meet (imap, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_PIN);
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_CHANGED);
  EXPECT_EQ (trouble->remedy, POSTSEAL_REMEDY_NONE);
  meet (imap, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_LATCH);
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_CHANGED);
  EXPECT_EQ (trouble->remedy, POSTSEAL_REMEDY_FORGET);
  meet (imap, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_LATCH);
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_NO_MECHANISM);
  EXPECT_EQ (trouble->remedy, POSTSEAL_REMEDY_FORGET);
}

TEST_F (Trouble, OldVersionsAreKnownByWhatLayerNetSays)
{
  for (const char *message :
       { "x:993 offers only TLS versions below 1.2, which protect nothing; its owner must update "
         "it",
         "x:993 speaks TLS 1.2 without extended master secret (RFC 7627) and can be attacked; its "
         "owner must update it" })
    {
      meet (imap, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_HANDSHAKE, message);
      EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_OLD_TLS) << message;
    }
  meet (imap, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_HANDSHAKE, "The TLS handshake failed: x");
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_PROTOCOL);
}

TEST_F (Trouble, RefusedLogInsAreToldApart)
{
  const struct
  {
    Server server;
    int code;
    const char *said;
    PostsealTroubleKind kind;
  } cases[] = {
    { imap, POSTSEAL_AUTH_ERROR_REJECTED, "[AUTHENTICATIONFAILED] Authentication failed.",
      POSTSEAL_TROUBLE_PASSWORD },
    { imap, POSTSEAL_AUTH_ERROR_REJECTED, "[AUTHORIZATIONFAILED] no", POSTSEAL_TROUBLE_PASSWORD },
    { imap, POSTSEAL_AUTH_ERROR_REJECTED, "[EXPIRED] Password expired", POSTSEAL_TROUBLE_PASSWORD },
    { imap, POSTSEAL_AUTH_ERROR_REJECTED, "LOGIN failed.", POSTSEAL_TROUBLE_PASSWORD },
    { imap, POSTSEAL_AUTH_ERROR_REJECTED, "[CONTACTADMIN] Call us", POSTSEAL_TROUBLE_LOCKED_OUT },
    { imap, POSTSEAL_AUTH_ERROR_BUSY, "[UNAVAILABLE] Temporary failure", POSTSEAL_TROUBLE_BUSY },
    { imap, POSTSEAL_AUTH_ERROR_BUSY, "[INUSE] Wait", POSTSEAL_TROUBLE_BUSY },
    { imap, POSTSEAL_AUTH_ERROR_REJECTED, "[LIMIT] Enough of you", POSTSEAL_TROUBLE_BUSY },
    { imap, POSTSEAL_AUTH_ERROR_REJECTED, "[PRIVACYREQUIRED] Encrypt", POSTSEAL_TROUBLE_NO_TLS },
    { imap, POSTSEAL_AUTH_ERROR_REJECTED,
      "[ALERT] Application-specific password required: https://support.example.com (Failure)",
      POSTSEAL_TROUBLE_APP_PASSWORD },
    { imap, POSTSEAL_AUTH_ERROR_REJECTED, "[WEBALERT https://x] Web login required.",
      POSTSEAL_TROUBLE_LOCKED_OUT },
    { imap, POSTSEAL_AUTH_ERROR_REJECTED,
      "[ALERT] Your account is not enabled for IMAP use. Please visit your settings page",
      POSTSEAL_TROUBLE_SWITCHED_OFF },
    { imap, POSTSEAL_AUTH_ERROR_REJECTED, "[AUTHENTICATIONFAILED] IMAP access is disabled",
      POSTSEAL_TROUBLE_SWITCHED_OFF },
    { imap, POSTSEAL_AUTH_ERROR_REJECTED,
      "[AUTHENTICATIONFAILED] Login failed. POP3 and IMAP must be activated in the settings",
      POSTSEAL_TROUBLE_SWITCHED_OFF },
    { imap, POSTSEAL_AUTH_ERROR_REJECTED, "[ALERT] Too many login failures",
      POSTSEAL_TROUBLE_LOCKED_OUT },
    { imap, POSTSEAL_AUTH_ERROR_REJECTED, "Too many simultaneous connections",
      POSTSEAL_TROUBLE_BUSY },
    { imap, POSTSEAL_AUTH_ERROR_REJECTED, "[AUTHENTICATIONFAILED] Account is disabled",
      POSTSEAL_TROUBLE_LOCKED_OUT },
    { pop3, POSTSEAL_AUTH_ERROR_REJECTED, "[AUTH] Invalid", POSTSEAL_TROUBLE_PASSWORD },
    { pop3, POSTSEAL_AUTH_ERROR_BUSY, "[SYS/TEMP] Later", POSTSEAL_TROUBLE_BUSY },
    { pop3, POSTSEAL_AUTH_ERROR_REJECTED, "[SYS/PERM] No maildrop", POSTSEAL_TROUBLE_LOCKED_OUT },
    { pop3, POSTSEAL_AUTH_ERROR_REJECTED, "[LOGIN-DELAY] Wait", POSTSEAL_TROUBLE_BUSY },
    { pop3, POSTSEAL_AUTH_ERROR_REJECTED, "[IN-USE] Mailbox locked", POSTSEAL_TROUBLE_BUSY },
    { smtp, POSTSEAL_AUTH_ERROR_REJECTED, "535 5.7.8 Username and Password not accepted",
      POSTSEAL_TROUBLE_PASSWORD },
    { smtp, POSTSEAL_AUTH_ERROR_NO_MECHANISM, "534 5.7.9 Something is required",
      POSTSEAL_TROUBLE_APP_PASSWORD },
    { smtp, POSTSEAL_AUTH_ERROR_NO_MECHANISM, "534 5.7.14 Please log in",
      POSTSEAL_TROUBLE_LOCKED_OUT },
    { smtp, POSTSEAL_AUTH_ERROR_NO_MECHANISM, "538 5.7.11 Encryption required",
      POSTSEAL_TROUBLE_NO_TLS },
    { smtp, POSTSEAL_AUTH_ERROR_BUSY, "454 4.7.0 Temporary authentication failure",
      POSTSEAL_TROUBLE_BUSY },
    { smtp, POSTSEAL_AUTH_ERROR_BUSY, "454 4.7.0 Too many login attempts",
      POSTSEAL_TROUBLE_LOCKED_OUT },
    { smtp, POSTSEAL_AUTH_ERROR_BUSY, "421 closing", POSTSEAL_TROUBLE_BUSY },
    { smtp, POSTSEAL_AUTH_ERROR_REJECTED,
      "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
      POSTSEAL_TROUBLE_OAUTH },
    { smtp, POSTSEAL_AUTH_ERROR_REJECTED,
      "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled",
      POSTSEAL_TROUBLE_SWITCHED_OFF },
    { smtp, POSTSEAL_AUTH_ERROR_REJECTED, "535 5.7.0 Your account has been suspended",
      POSTSEAL_TROUBLE_LOCKED_OUT },
    { smtp, POSTSEAL_AUTH_ERROR_NO_MECHANISM, "504 5.5.4 Unrecognized",
      POSTSEAL_TROUBLE_NO_MECHANISM },
  };

  for (const auto &one : cases)
    {
      meet (one.server, POSTSEAL_AUTH_ERROR, one.code, "Refused",
            { { "said", one.said }, { "stage", "sign-in" } });
      EXPECT_EQ (trouble->kind, one.kind) << one.said;
      EXPECT_STREQ (trouble->said, one.said);
      EXPECT_TRUE (trouble->kind == POSTSEAL_TROUBLE_NO_TLS
                   || trouble->kind == POSTSEAL_TROUBLE_NO_MECHANISM || tells ("mail.example.org"))
          << trouble->text;
    }
}

TEST_F (Trouble, CodesAndWordsAreFoundInOurOwnSentenceToo)
{
  meet (imap, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED,
        "Server “x” rejected the user name or password (PLAIN, CONTACTADMIN): “Call us”");
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_LOCKED_OUT);
  EXPECT_STREQ (trouble->said, "Call us");
  meet (imap, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED,
        "Server „x“ sagt nein: „Web login required“");
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_LOCKED_OUT);
  EXPECT_STREQ (trouble->said, "Web login required");
}

TEST_F (Trouble, ARefusedSenderIsNoRefusedPassword)
{
  meet (smtp, POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_REFUSED, "Refused",
        { { "stage", "envelope" }, { "said", "553 5.7.1 Sender address rejected: disabled" } });
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_SENDER);
  EXPECT_TRUE (tells ("jane@example.org"));
  meet (smtp, POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_BUSY, "Later", { { "stage", "envelope" } });
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_BUSY);
}

TEST_F (Trouble, WordsWithoutAProofDecideNothing)
{
  meet (imap_upgrade, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_NOT_OFFERED, "Not offered",
        { { "said", "app password required" } });
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_NO_TLS);
  meet (imap, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER, "It did not prove itself",
        { { "said", "app password required" } });
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_MEDDLED);
}

TEST_F (Trouble, ATokenThatIsRefusedNeedsNewConsent)
{
  password = "oauth:google:id";
  meet (imap, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED);
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_OAUTH);
  EXPECT_EQ (trouble->remedy, POSTSEAL_REMEDY_BROWSER);
}

TEST_F (Trouble, WhatAProviderWantsIsToldWithItsPage)
{
  const struct
  {
    const char *host;
    int code;
    const char *said;
    PostsealTroubleKind kind;
    PostsealRemedy remedy;
    const char *uri;
  } cases[] = {
    { "imap.gmail.com", POSTSEAL_AUTH_ERROR_REJECTED, "[AUTHENTICATIONFAILED] Invalid credentials",
      POSTSEAL_TROUBLE_APP_PASSWORD, POSTSEAL_REMEDY_URI,
      "https://myaccount.google.com/apppasswords" },
    { "imap.gmail.com", POSTSEAL_AUTH_ERROR_REJECTED,
      "[ALERT] Your account is not enabled for IMAP use", POSTSEAL_TROUBLE_SWITCHED_OFF,
      POSTSEAL_REMEDY_URI, "https://mail.google.com/mail/#settings/fwdandpop" },
    { "imap.gmail.com", POSTSEAL_AUTH_ERROR_BUSY, "[UNAVAILABLE] Later", POSTSEAL_TROUBLE_BUSY,
      POSTSEAL_REMEDY_RETRY, nullptr },
    { "outlook.office365.com", POSTSEAL_AUTH_ERROR_REJECTED, "LOGIN failed.",
      POSTSEAL_TROUBLE_OAUTH, POSTSEAL_REMEDY_NONE, nullptr }, /* nobody has a client ID */
    { "mail.example.org", POSTSEAL_AUTH_ERROR_REJECTED, "LOGIN failed.", POSTSEAL_TROUBLE_PASSWORD,
      POSTSEAL_REMEDY_PASSWORD, nullptr },
  };

  for (const auto &one : cases)
    {
      meet ({ POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, 0, one.host },
            POSTSEAL_AUTH_ERROR, one.code, "Refused", { { "said", one.said } });
      EXPECT_EQ (trouble->kind, one.kind) << one.said;
      EXPECT_EQ (trouble->remedy, one.remedy) << one.said;
      EXPECT_STREQ (trouble->uri, one.uri) << one.said;
    }
}

TEST_F (Trouble, TheKeyringHasThreeTexts)
{
  meet (imap, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_LOCKED);
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_KEYRING_LOCKED);
  EXPECT_EQ (trouble->remedy, POSTSEAL_REMEDY_UNLOCK);
  meet (imap, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE);
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_NO_KEYRING);
  meet (imap, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT);
  EXPECT_EQ (trouble->kind, POSTSEAL_TROUBLE_NO_SECRET);
  EXPECT_EQ (trouble->remedy, POSTSEAL_REMEDY_PASSWORD);
}

TEST_F (Trouble, WhatTheServerSaysIsMadePrintable)
{
  meet (imap, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED, "Refused",
        { { "said", "no\x1b[2Jway" } });
  EXPECT_EQ (strchr (trouble->said, '\x1b'), nullptr);
}

TEST_F (Trouble, ACopyIsItsOwn)
{
  better = make_endpoint (imap);
  meet (imap_upgrade, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_NOT_OFFERED, "Not offered",
        { { "said", "no" }, { "cert-fingerprint", "AB" } });
  g_autoptr (PostsealTrouble) copy = postseal_trouble_copy (trouble);
  g_clear_pointer (&trouble, postseal_trouble_free);
  EXPECT_STREQ (copy->said, "no");
  EXPECT_STREQ (copy->fingerprint, "AB");
  EXPECT_EQ (copy->better->port, 993);
  EXPECT_EQ (copy->kind, POSTSEAL_TROUBLE_NO_TLS);
}

/* Some kinds are known by the words that layer net has for them: whoever changes those changes
   trouble-tls.c, too. */
TEST (TroubleWords, AreThoseOfLayerNet)
{
  std::string source;

  for (const char *name : { "tls-handshake.c", "tls-verify.c", "dial.c", "upgrade.c" })
    {
      std::string path = std::string (g_getenv ("SRCDIR")) + "/../src/net/" + name;
      g_autofree char *text = nullptr;

      ASSERT_TRUE (g_file_get_contents (path.c_str (), &text, nullptr, nullptr)) << path;
      g_autoptr (GRegex) seam
          = g_regex_new ("\"\\s+\"", (GRegexCompileFlags)0, (GRegexMatchFlags)0, nullptr);
      g_autofree char *joined
          = g_regex_replace_literal (seam, text, -1, 0, "", (GRegexMatchFlags)0, nullptr);
      source += joined;
    }
  for (const char *words :
       { "%s offers only TLS versions below %s, which protect nothing; its owner must update it",
         "(RFC 7627)", "(RFC 5746)",
         "A key in the certificates of %s is too weak (%s, %u bits); its owner must replace it",
         "A certificate of %s is signed with a weak key or algorithm (%s); its owner must replace "
         "it",
         "The certificate of %s was not issued for a server; its owner must replace it",
         "%s presented no readable certificate",
         "The certificate of %s names “%s” as its issuer, but it did not sign it; somebody may be "
         "impersonating the server",
         "The certificate of %s is valid only from %s, and the clock here says %s; one of the two "
         "clocks is wrong",
         "%s closed the connection before TLS; nothing was sent to it",
         "%s closed the connection during the TLS handshake" })
    EXPECT_NE (source.find (words), std::string::npos) << words;
}

TEST (DescribeTlsStart, IsASentenceWithThePort)
{
  const struct
  {
    Server server;
    const char *sentence;
  } cases[] = {
    { imap, "Encrypted from the first byte (port 993)" },
    { imap_upgrade, "Encrypted after STARTTLS, refused if that fails (port 143)" },
    { { POSTSEAL_PROTOCOL_POP3, POSTSEAL_TLS_START_UPGRADE },
      "Encrypted after STLS, refused if that fails (port 110)" },
    { { POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE, 25 },
      "Encrypted after STARTTLS, refused if that fails (port 25)" },
  };

  for (const auto &one : cases)
    {
      g_autoptr (PostsealEndpoint) endpoint = postseal_endpoint_new (
          one.server.protocol, one.server.start, one.server.host, one.server.port);
      g_autofree char *sentence = postseal_describe_tls_start (endpoint);

      EXPECT_STREQ (sentence, one.sentence);
    }
}
