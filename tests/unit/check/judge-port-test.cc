/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "judged-port.h"

namespace postseal_test
{

namespace
{

class JudgePort : public JudgedPort
{
protected:
  void
  be_submission ()
  {
    be (POSTSEAL_PROTOCOL_SMTP, 587, POSTSEAL_TLS_START_UPGRADE);
  }

  /* In clear, and no further. */
  void
  lose_tls (PostsealPortUpgrade upgrade)
  {
    facts->upgrade = upgrade;
    facts->has_tls = POSTSEAL_SEEN_UNKNOWN;
    facts->tls10 = facts->tls11 = facts->tls12 = facts->tls13 = POSTSEAL_SEEN_UNKNOWN;
    facts->suites = facts->extended_master_secret = facts->resumption = POSTSEAL_SEEN_UNKNOWN;
    g_clear_pointer (&facts->chain, g_ptr_array_unref);
    g_clear_pointer (&facts->caps_after, g_strfreev);
  }
};

/* --- the honest server --- */

TEST_F (JudgePort, AnHonestServerGivesNothingToComplainOf)
{
  EXPECT_EQ (judge (), Ids ({ "cert-ok", "tls-ok" }));
  EXPECT_STREQ (find ("tls-ok").where, "mail.example.org:993");
  for (auto [protocol, port] :
       { std::pair (POSTSEAL_PROTOCOL_IMAP, 143), std::pair (POSTSEAL_PROTOCOL_POP3, 110),
         std::pair (POSTSEAL_PROTOCOL_SMTP, 587) })
    {
      be (protocol, static_cast<guint16> (port), POSTSEAL_TLS_START_UPGRADE);
      EXPECT_EQ (judge (), Ids ({ "caps-differ", "cert-ok", "starttls-ok", "tls-ok" }));
      EXPECT_EQ (complaints (), Ids ());
    }
}

/* What was not looked for is not held against anybody, and not praised either. */
TEST_F (JudgePort, WhatIsUnknownIsNoFault)
{
  facts->tls10 = facts->tls11 = facts->tls12 = facts->tls13 = POSTSEAL_SEEN_UNKNOWN;
  facts->suites = facts->extended_master_secret = facts->resumption = POSTSEAL_SEEN_UNKNOWN;
  EXPECT_EQ (complaints (), Ids ());
  facts->has_tls = POSTSEAL_SEEN_UNKNOWN;
  g_clear_pointer (&facts->chain, g_ptr_array_unref);
  EXPECT_EQ (judge (), Ids ());
}

TEST_F (JudgePort, AnAddressIsWrittenInBrackets)
{
  context.host = "2001:db8::1";
  judge ();
  EXPECT_STREQ (find ("tls-ok").where, "[2001:db8::1]:993");
}

/* --- TLS --- */

TEST_F (JudgePort, OldVersionsBesideGoodOnesAreBad)
{
  facts->tls10 = POSTSEAL_SEEN_YES;
  EXPECT_EQ (complaints (), Ids ({ "tls-old" }));
  EXPECT_STREQ (find ("tls-old").evidence, "TLS 1.0");
  facts->tls11 = POSTSEAL_SEEN_YES;
  EXPECT_EQ (complaints (), Ids ({ "tls-old" }));
  EXPECT_STREQ (find ("tls-old").evidence, "TLS 1.0, TLS 1.1");
}

/* One fault, one finding: that the handshake failed follows from it. */
TEST_F (JudgePort, NothingButOldVersionsIsOneFault)
{
  facts->has_tls = POSTSEAL_SEEN_NO;
  g_clear_pointer (&facts->chain, g_ptr_array_unref);
  facts->tls10 = POSTSEAL_SEEN_YES;
  facts->tls12 = facts->tls13 = POSTSEAL_SEEN_NO;
  facts->extended_master_secret = facts->resumption = POSTSEAL_SEEN_UNKNOWN;
  EXPECT_EQ (judge (), Ids ({ "tls-only-old" }));
}

TEST_F (JudgePort, WithoutTls13IsOnlyANote)
{
  facts->tls13 = POSTSEAL_SEEN_NO;
  facts->tls_version = (g_free (facts->tls_version), g_strdup ("TLS 1.2"));
  EXPECT_EQ (judge (), Ids ({ "cert-ok", "tls-no13", "tls-ok" }));
  EXPECT_NE (std::string (find ("tls-ok").text).find ("tls-unique"), std::string::npos);
}

TEST_F (JudgePort, WeakSuitesAreBad)
{
  for (char **suite : { &facts->suite_null, &facts->suite_broken })
    {
      *suite = g_strdup ("TLS_X");
      EXPECT_EQ (complaints (), Ids ({ "ciphers-weak" }));
      g_clear_pointer (suite, g_free);
    }
}

/* As Postfix takes them when it is installed. */
TEST_F (JudgePort, SuitesWithoutAuthenticationBesideGoodOnesAreWeak)
{
  facts->suite_anonymous = g_strdup ("TLS_ECDH_ANON_WITH_AES_128_CBC_SHA");
  EXPECT_EQ (complaints (), Ids ({ "ciphers-anonymous" }));
}

TEST_F (JudgePort, SuitesWithoutForwardSecrecyBesideGoodOnesAreWeak)
{
  facts->suite_static = g_strdup ("TLS_RSA_WITH_AES_128_CBC_SHA");
  EXPECT_EQ (complaints (), Ids ({ "ciphers-static" }));
  /* The same taken from a client that has offered better. */
  facts->tls13 = POSTSEAL_SEEN_NO;
  facts->key_exchange = (g_free (facts->key_exchange), g_strdup ("RSA"));
  EXPECT_EQ (judge (), Ids ({ "cert-ok", "ciphers-weak", "tls-no13" }));
  facts->has_tls = POSTSEAL_SEEN_NO;
  EXPECT_EQ (complaints (), Ids ({ "ciphers-weak" }));
}

TEST_F (JudgePort, AGroupIsWeakBelow2048Bits)
{
  facts->dh_bits = 2048;
  EXPECT_EQ (complaints (), Ids ());
  facts->dh_bits = 1024;
  EXPECT_EQ (complaints (), Ids ({ "dh-weak" }));
  EXPECT_NE (std::string (find ("dh-weak").text).find ("1024"), std::string::npos);
}

TEST_F (JudgePort, SessionsAreLookedAt)
{
  facts->extended_master_secret = POSTSEAL_SEEN_NO;
  EXPECT_EQ (complaints (), Ids ({ "no-ems" }));
  facts->extended_master_secret = POSTSEAL_SEEN_YES;
  facts->resumption = POSTSEAL_SEEN_NO;
  EXPECT_EQ (judge (), Ids ({ "cert-ok", "no-resumption", "tls-ok" }));
}

TEST_F (JudgePort, AHandshakeThatFailsIsToldWithItsReason)
{
  facts->has_tls = POSTSEAL_SEEN_NO;
  facts->tls_error = g_strdup ("no cipher in common");
  g_clear_pointer (&facts->chain, g_ptr_array_unref);
  EXPECT_EQ (complaints (), Ids ({ "tls-failed" }));
  EXPECT_STREQ (find ("tls-failed").evidence, "no cipher in common");
  EXPECT_NE (std::string (find ("tls-failed").text).find ("no cipher"), std::string::npos);
}

/* --- an exchange, as other servers see it --- */

TEST_F (JudgePort, AnExchangeMayTakeAnyTlsRatherThanNone)
{
  be (POSTSEAL_PROTOCOL_SMTP, 25, POSTSEAL_TLS_START_UPGRADE);
  context.is_exchange = TRUE;
  EXPECT_EQ (complaints (), Ids ());
  facts->tls10 = POSTSEAL_SEEN_YES;
  facts->suite_anonymous = g_strdup ("TLS_ECDH_ANON_WITH_AES_128_CBC_SHA");
  facts->suite_static = g_strdup ("TLS_RSA_WITH_AES_128_CBC_SHA");
  EXPECT_EQ (complaints (), Ids ());
  EXPECT_NE (std::string (find ("tls-lenient").text).find ("TLS 1.0"), std::string::npos);
  facts->suite_null = g_strdup ("TLS_RSA_WITH_NULL_SHA");
  EXPECT_EQ (complaints (), Ids ({ "ciphers-weak" }));
}

/* RFC 7672 section 8.2; whoever looks at a host does not know yet whose exchange it is. */
TEST_F (JudgePort, OnPort25NobodyNeedsToProveWhoItIs)
{
  be (POSTSEAL_PROTOCOL_SMTP, 25, POSTSEAL_TLS_START_UPGRADE);
  facts->suite_anonymous = g_strdup ("TLS_ECDH_ANON_WITH_AES_128_CBC_SHA");
  EXPECT_EQ (complaints (), Ids ());
  facts->tls10 = POSTSEAL_SEEN_YES;
  EXPECT_EQ (complaints (), Ids ({ "tls-old" }));
}

TEST_F (JudgePort, WithAnMtaStsPolicyAnExchangeWithoutTlsLosesMail)
{
  be (POSTSEAL_PROTOCOL_SMTP, 25, POSTSEAL_TLS_START_UPGRADE);
  lose_tls (POSTSEAL_PORT_UPGRADE_MISSING);
  context.is_exchange = TRUE;
  EXPECT_EQ (complaints (), Ids ({ "starttls-missing" }));
  context.is_sts_enforced = TRUE;
  EXPECT_EQ (complaints (), Ids ({ "starttls-missing", "sts-mx-tls" }));
}

/* --- the upgrade --- */

TEST_F (JudgePort, AnUpgradeThatIsMissingOrRefusedIsBad)
{
  be_submission ();
  lose_tls (POSTSEAL_PORT_UPGRADE_MISSING);
  EXPECT_EQ (judge (), Ids ({ "starttls-missing" }));
  lose_tls (POSTSEAL_PORT_UPGRADE_REFUSED);
  facts->upgrade_answer = g_strdup ("454 4.7.0 TLS not available");
  EXPECT_EQ (judge (), Ids ({ "starttls-refused" }));
  EXPECT_NE (std::string (find ("starttls-refused").text).find ("454 4.7.0"), std::string::npos);
}

/* RFC 4954 section 4, RFC 9051 section 6.2.3, RFC 2449 section 6.3. */
TEST_F (JudgePort, PasswordsInClearAreBad)
{
  const struct
  {
    PostsealProtocol protocol;
    Lines before;
    bool is_bad;
  } cases[] = {
    { POSTSEAL_PROTOCOL_SMTP, { "STARTTLS", "AUTH PLAIN LOGIN" }, true },
    { POSTSEAL_PROTOCOL_SMTP, { "STARTTLS", "AUTH=login" }, true },
    { POSTSEAL_PROTOCOL_SMTP, { "STARTTLS", "AUTH SCRAM-SHA-256 CRAM-MD5" }, false },
    { POSTSEAL_PROTOCOL_SMTP, { "STARTTLS", "XAUTH PLAIN" }, false },
    { POSTSEAL_PROTOCOL_SMTP, {}, false },
    { POSTSEAL_PROTOCOL_IMAP, { "IMAP4rev1", "STARTTLS" }, true },
    { POSTSEAL_PROTOCOL_IMAP, { "STARTTLS", "LOGINDISABLED", "AUTH=PLAIN" }, true },
    { POSTSEAL_PROTOCOL_IMAP, { "STARTTLS", "logindisabled", "AUTH=SCRAM-SHA-256" }, false },
    { POSTSEAL_PROTOCOL_POP3, { "STLS", "USER" }, true },
    { POSTSEAL_PROTOCOL_POP3, { "STLS", "SASL CRAM-MD5 PLAIN" }, true },
    { POSTSEAL_PROTOCOL_POP3, { "STLS", "SASL CRAM-MD5" }, false },
  };

  for (const auto &c : cases)
    {
      be (c.protocol, 1, POSTSEAL_TLS_START_UPGRADE);
      set_caps (c.before, {});
      EXPECT_EQ (complaints (), c.is_bad ? Ids ({ "clear-auth" }) : Ids ())
          << (c.before.empty () ? "" : c.before.back ());
      context.is_local = TRUE;
      EXPECT_EQ (complaints (), Ids ());
      context.is_local = FALSE;
    }
}

TEST_F (JudgePort, WhoDoesNotSayWhetherItTakesPasswordsInClearIsUnknown)
{
  be (POSTSEAL_PROTOCOL_POP3, 110, POSTSEAL_TLS_START_UPGRADE);
  g_clear_pointer (&facts->caps_before, g_strfreev);
  EXPECT_EQ (complaints (), Ids ({ "auth-untold" }));
}

TEST_F (JudgePort, BothListsOfCapabilitiesAreKeptApart)
{
  be_submission ();
  set_caps ({ "SIZE 1", "starttls", "CHUNKING" }, { "Size 1", "AUTH PLAIN" });
  judge ();
  EXPECT_STREQ (find ("caps-differ").evidence, "- starttls, CHUNKING; + AUTH PLAIN");
  EXPECT_EQ (find ("caps-differ").advice, nullptr);
  set_caps ({ "SIZE 1", "STARTTLS" }, { "SIZE 1", "AUTH PLAIN" });
  judge ();
  EXPECT_NE (find ("caps-differ").advice, nullptr);
  set_caps ({ "SIZE 1", "X" }, { "X", "SIZE 1" });
  EXPECT_EQ (judge (), Ids ({ "cert-ok", "starttls-ok", "tls-ok" }));
}

TEST_F (JudgePort, InjectionsAreToldInBothDirections)
{
  be_submission ();
  facts->command_injection = POSTSEAL_SEEN_YES;
  EXPECT_EQ (complaints (), Ids ({ "injection" }));
  facts->command_injection = POSTSEAL_SEEN_UNKNOWN;
  lose_tls (POSTSEAL_PORT_UPGRADE_AGREED);
  facts->reply_injected = POSTSEAL_SEEN_YES;
  facts->injected = g_strdup ("250 AUTH PLAIN");
  facts->has_tls = POSTSEAL_SEEN_NO;
  EXPECT_EQ (judge (), Ids ({ "resp-injection" }));
  EXPECT_STREQ (find ("resp-injection").evidence, "250 AUTH PLAIN");
}

TEST_F (JudgePort, PreauthInClearIsBad)
{
  be (POSTSEAL_PROTOCOL_IMAP, 143, POSTSEAL_TLS_START_UPGRADE);
  lose_tls (POSTSEAL_PORT_UPGRADE_NONE);
  set_caps ({ "IMAP4rev1" }, {});
  g_clear_pointer (&facts->caps_after, g_strfreev);
  facts->is_preauth = TRUE;
  EXPECT_EQ (judge (), Ids ({ "preauth" }));
}

/* --- mixed up --- */

TEST_F (JudgePort, PlainTextOnATlsPortIsTheOneFault)
{
  facts->start = POSTSEAL_TLS_START_UPGRADE;
  facts->greeting = g_strdup ("* OK ready");
  lose_tls (POSTSEAL_PORT_UPGRADE_MISSING);
  EXPECT_EQ (judge (), Ids ({ "mode-plain-on-tls" }));
  EXPECT_STREQ (find ("mode-plain-on-tls").evidence, "* OK ready");
}

TEST_F (JudgePort, TlsOnAPlainPortIsTheOneFault)
{
  be (POSTSEAL_PROTOCOL_IMAP, 143, POSTSEAL_TLS_START_UPGRADE);
  facts->start = POSTSEAL_TLS_START_IMPLICIT;
  facts->upgrade = POSTSEAL_PORT_UPGRADE_NONE;
  g_clear_pointer (&facts->greeting, g_free);
  g_clear_pointer (&facts->caps_before, g_strfreev);
  EXPECT_EQ (judge (), Ids ({ "cert-ok", "mode-tls-on-plain", "tls-ok" }));
}

/* --- no mail --- */

TEST_F (JudgePort, WhoSaysNothingOfUseIsUnknown)
{
  const std::pair<PostsealPortState, const char *> cases[] = {
    { POSTSEAL_PORT_SILENT, "silent" },
    { POSTSEAL_PORT_ENDED, "port-ended" },
    { POSTSEAL_PORT_STRANGE, "not-mail" },
    { POSTSEAL_PORT_BUSY, "port-busy" },
  };

  for (auto [state, id] : cases)
    {
      be (POSTSEAL_PROTOCOL_POP3, 110, POSTSEAL_TLS_START_UPGRADE);
      lose_tls (POSTSEAL_PORT_UPGRADE_NONE);
      g_clear_pointer (&facts->caps_before, g_strfreev);
      facts->state = state;
      facts->greeting = (g_free (facts->greeting), g_strdup ("SSH-2.0-x"));
      EXPECT_EQ (judge (), Ids ({ id }));
      EXPECT_EQ (complaints (), Ids ({ id }));
    }
  facts->state = POSTSEAL_PORT_STRANGE;
  judge ();
  EXPECT_NE (std::string (find ("not-mail").text).find ("SSH-2.0-x"), std::string::npos);
}

TEST_F (JudgePort, AConversationThatBreaksOffIsUnknown)
{
  be (POSTSEAL_PROTOCOL_POP3, 110, POSTSEAL_TLS_START_UPGRADE);
  lose_tls (POSTSEAL_PORT_UPGRADE_NONE);
  g_clear_pointer (&facts->caps_before, g_strfreev);
  facts->reason = g_strdup ("The server stopped to answer");
  EXPECT_EQ (judge (), Ids ({ "port-broken" }));
}

} // namespace

} // namespace postseal_test
