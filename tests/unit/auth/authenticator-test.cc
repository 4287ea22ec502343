/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <vector>

#include "auth-support.h"
#include "fake-token-vault.h"
#include "fake-vault.h"

namespace
{

using Names = std::vector<const char *>;

class Authenticator : public testing::Test
{
protected:
  PostsealLatches *latches = postseal_latches_new ();
  PostsealSealedLink *link = make_link ();
  PostsealVault *vault = fake_vault_new ("sesame");
  PostsealAuthenticator *authenticator = nullptr;
  PostsealSasl *sasl = nullptr;
  PostsealCredential *secret = nullptr;
  char *user = nullptr;
  GError *error = nullptr;

  void
  drop ()
  {
    g_clear_pointer (&sasl, postseal_sasl_free);
    g_clear_pointer (&secret, postseal_credential_unref);
    g_clear_pointer (&user, g_free);
    g_clear_error (&error);
  }
  void
  TearDown () override
  {
    drop ();
    g_clear_pointer (&authenticator, postseal_authenticator_unref);
    g_clear_object (&vault);
    postseal_sealed_link_free (link);
    postseal_latches_unref (latches);
    FakeTls::reset ();
  }
  void
  make (Names mechanisms = {})
  {
    g_clear_pointer (&authenticator, postseal_authenticator_unref);
    mechanisms.push_back (nullptr);
    authenticator = postseal_authenticator_new (
        "work", "jane", vault, mechanisms.size () == 1 ? nullptr : mechanisms.data (), latches);
  }
  /* The mechanism that is begun; "(own)" for the protocol's own log-in, "" on error. */
  std::string
  begin (Names offered)
  {
    Waiter waiter;
    drop ();
    offered.push_back (nullptr);
    postseal_authenticator_begin_async (authenticator, link, offered.data (), nullptr,
                                        Waiter::on_done, &waiter);
    EXPECT_EQ (waiter.result, nullptr) << "called back before it returned";
    if (!postseal_authenticator_begin_finish (authenticator, waiter.wait (), &sasl, &user, &secret,
                                              &error))
      return "";
    return sasl == nullptr ? "(own)" : postseal_sasl_get_mechanism (sasl);
  }
  std::string
  choose (Names mechanisms, Names offered)
  {
    make (mechanisms);
    return begin (offered);
  }
  void
  succeed (const char *mechanism)
  {
    make ();
    postseal_authenticator_succeeded (authenticator, link, mechanism);
  }
  bool
  is_error (int code)
  {
    return g_error_matches (error, POSTSEAL_AUTH_ERROR, code);
  }
};

/* RFC 5802 section 9, RFC 4954 section 4: the client ranks; the server's order means nothing. */
TEST_F (Authenticator, TakesTheStrongestThatIsOffered)
{
  FakeTls::binding = "x";
  FakeTls::has_certificate = TRUE;
  const Names order = { "EXTERNAL",      "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS",
                        "SCRAM-SHA-256", "SCRAM-SHA-1",        "PLAIN",
                        "LOGIN",         "IMAP-LOGIN" };
  for (size_t first = 0; first < order.size (); first++)
    {
      Names offered = { "CRAM-MD5", "XOAUTH2", "OAUTHBEARER", "DIGEST-MD5", "GSSAPI" };
      for (size_t i = order.size (); i-- > first;)
        offered.push_back (order[i]);
      std::string expected = first == order.size () - 1 ? "(own)" : order[first];
      EXPECT_EQ (choose ({}, offered), expected);
    }
}

TEST_F (Authenticator, LeavesOutWhatThisConnectionCannotDo)
{
  EXPECT_EQ (choose ({}, { "EXTERNAL", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256" }), "SCRAM-SHA-256");
  EXPECT_EQ (choose ({}, { "EXTERNAL", "SCRAM-SHA-1-PLUS", "PLAIN" }), "PLAIN");
}

TEST_F (Authenticator, NeverTakesWeakOrForeignMechanismsByItself)
{
  EXPECT_EQ (choose ({}, { "CRAM-MD5", "DIGEST-MD5", "NTLM", "XOAUTH2", "OAUTHBEARER", "X-EVIL" }),
             "");
  EXPECT_TRUE (is_error (POSTSEAL_AUTH_ERROR_NO_MECHANISM));
  std::string text = error->message;
  EXPECT_NE (text.find ("imap.example.org:143"), std::string::npos);
  EXPECT_NE (text.find ("DIGEST-MD5"), std::string::npos);
  EXPECT_NE (text.find ("SCRAM-SHA-256"), std::string::npos);
}

TEST_F (Authenticator, FollowsTheUsersList)
{
  EXPECT_EQ (choose ({ "CRAM-MD5" }, { "PLAIN", "CRAM-MD5" }), "CRAM-MD5");
  EXPECT_EQ (choose ({ "plain", "SCRAM-SHA-256" }, { "SCRAM-SHA-256", "PLAIN" }), "PLAIN");
  EXPECT_EQ (choose ({ "OAUTHBEARER", "XOAUTH2" }, { "PLAIN", "XOAUTH2" }), "XOAUTH2");
  EXPECT_EQ (choose ({ "LOGIN" }, { "PLAIN", "POP3-USER" }), "(own)");
  EXPECT_EQ (choose ({ "XOAUTH2", "auto" }, { "PLAIN", "LOGIN" }), "PLAIN");
  EXPECT_EQ (choose ({ "SCRAM-SHA-256" }, { "PLAIN" }), "");
  EXPECT_TRUE (is_error (POSTSEAL_AUTH_ERROR_NO_MECHANISM));
}

TEST_F (Authenticator, HandsOutUserAndSecretForTheProtocolsOwnLogIn)
{
  EXPECT_EQ (choose ({}, { "IMAP-LOGIN" }), "(own)");
  EXPECT_STREQ (user, "jane");
  ASSERT_NE (secret, nullptr);
  EXPECT_STREQ (postseal_credential_get (secret), "sesame");
}

TEST_F (Authenticator, TheExchangeHasTheSecretOfTheAccount)
{
  ASSERT_EQ (choose ({}, { "PLAIN" }), "PLAIN");
  EXPECT_EQ (step (sasl, nullptr), std::string ("\0jane\0sesame", 12));
  EXPECT_EQ (fake_vault_get_last_account (vault), "work");
}

TEST_F (Authenticator, AsksForNoSecretWhenNothingWillBeDoneWithIt)
{
  EXPECT_EQ (choose ({}, { "CRAM-MD5" }), "");
  FakeTls::has_certificate = TRUE;
  EXPECT_EQ (choose ({}, { "EXTERNAL" }), "EXTERNAL");
  EXPECT_EQ (fake_vault_get_last_account (vault), "");
}

TEST_F (Authenticator, WithoutAVaultOnlyACertificateSignsIn)
{
  g_clear_object (&vault);
  EXPECT_EQ (choose ({}, { "PLAIN", "EXTERNAL", "IMAP-LOGIN" }), "");
  EXPECT_TRUE (is_error (POSTSEAL_AUTH_ERROR_NO_MECHANISM));
  FakeTls::has_certificate = TRUE;
  EXPECT_EQ (choose ({}, { "PLAIN", "EXTERNAL" }), "EXTERNAL");
}

TEST_F (Authenticator, PassesOnWhatTheVaultSays)
{
  g_clear_object (&vault);
  vault = fake_vault_new (nullptr);
  EXPECT_EQ (choose ({}, { "PLAIN" }), "");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_LOCKED));
}

TEST_F (Authenticator, SaysNothingOnALinkThatNobodyVouchesFor)
{
  postseal_sealed_link_free (link);
  link = make_link (POSTSEAL_VOUCHER_NONE);
  EXPECT_EQ (choose ({}, { "SCRAM-SHA-256", "PLAIN", "IMAP-LOGIN" }), "");
  EXPECT_TRUE (is_error (POSTSEAL_AUTH_ERROR_SETTINGS));
  EXPECT_EQ (fake_vault_get_last_account (vault), "");
}

TEST_F (Authenticator, ThisMachineMaySeeThePassword)
{
  postseal_sealed_link_free (link);
  link = make_link (POSTSEAL_VOUCHER_LOOPBACK);
  EXPECT_EQ (choose ({}, { "PLAIN" }), "PLAIN");
}

TEST_F (Authenticator, LeavesOutWhatTheServerCannotDoAfterAll)
{
  make ();
  EXPECT_EQ (begin ({ "SCRAM-SHA-256", "PLAIN" }), "SCRAM-SHA-256");
  postseal_authenticator_exclude (authenticator, "SCRAM-SHA-256");
  EXPECT_EQ (begin ({ "SCRAM-SHA-256", "PLAIN" }), "PLAIN");
  postseal_authenticator_exclude (authenticator, "PLAIN");
  EXPECT_EQ (begin ({ "SCRAM-SHA-256", "PLAIN" }), "");
  EXPECT_TRUE (is_error (POSTSEAL_AUTH_ERROR_NO_MECHANISM));
}

TEST_F (Authenticator, ASuccessIsKeptInSealAndLatch)
{
  succeed ("SCRAM-SHA-256");
  EXPECT_STREQ (postseal_sealed_link_get_seal (link)->mechanism, "SCRAM-SHA-256");
  EXPECT_STREQ (postseal_latches_get (latches, "imap.example.org:143", "mechanism"),
                "SCRAM-SHA-256");
}

TEST_F (Authenticator, ALatchOnlyRises)
{
  const struct
  {
    const char *mechanism;
    const char *latch;
  } steps[] = {
    { "IMAP-LOGIN", "IMAP-LOGIN" },
    { "PLAIN", "IMAP-LOGIN" },
    { "SCRAM-SHA-1", "SCRAM-SHA-1" },
    { "PLAIN", "SCRAM-SHA-1" },
    { "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256-PLUS" },
    { "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS" },
    { "EXTERNAL", "EXTERNAL" },
    { "XOAUTH2", "EXTERNAL" },
  };
  for (const auto &one : steps)
    {
      succeed (one.mechanism);
      EXPECT_STREQ (postseal_latches_get (latches, "imap.example.org:143", "mechanism"), one.latch);
    }
}

/* What was done before, what is offered now, and what comes of it. */
TEST_F (Authenticator, HoldsTheServerToWhatItDidBefore)
{
  const struct
  {
    const char *before;
    bool has_binding;
    Names offered;
    const char *expected; /* "" means the latch */
  } cases[] = {
    { "PLAIN", false, { "IMAP-LOGIN" }, "(own)" },
    { "IMAP-LOGIN", false, { "PLAIN" }, "PLAIN" },
    { "SCRAM-SHA-256", false, { "PLAIN", "LOGIN", "IMAP-LOGIN" }, "" },
    { "SCRAM-SHA-256", false, { "IMAP-LOGIN" }, "" },
    { "SCRAM-SHA-256", false, { "SCRAM-SHA-1", "PLAIN" }, "SCRAM-SHA-1" },
    { "SCRAM-SHA-1", false, { "SCRAM-SHA-256" }, "SCRAM-SHA-256" },
    { "SCRAM-SHA-256-PLUS", true, { "SCRAM-SHA-256", "PLAIN" }, "" },
    { "SCRAM-SHA-256-PLUS", true, { "SCRAM-SHA-1-PLUS" }, "SCRAM-SHA-1-PLUS" },
    { "SCRAM-SHA-256-PLUS", false, { "SCRAM-SHA-256" }, "SCRAM-SHA-256" },
    { "SCRAM-SHA-256-PLUS", false, { "PLAIN" }, "" },
    { "EXTERNAL", true, { "SCRAM-SHA-256-PLUS", "PLAIN" }, "" },
    { "XOAUTH2", false, { "PLAIN" }, "PLAIN" },
  };
  for (const auto &one : cases)
    {
      postseal_latches_clear (latches, nullptr);
      FakeTls::binding = one.has_binding ? "x" : "";
      succeed (one.before);
      EXPECT_EQ (begin (one.offered), one.expected) << one.before;
      EXPECT_EQ (is_error (POSTSEAL_AUTH_ERROR_LATCH), *one.expected == '\0') << one.before;
    }
}

TEST_F (Authenticator, TheLatchSaysWhatWasWhatIsAndWhatToDo)
{
  succeed ("SCRAM-SHA-256");
  EXPECT_EQ (begin ({ "PLAIN", "X-\x1b[31m" }), "");
  std::string text = error->message;
  EXPECT_NE (text.find ("SCRAM-SHA-256"), std::string::npos);
  EXPECT_NE (text.find ("PLAIN"), std::string::npos);
  EXPECT_NE (text.find ("postseal account edit work --forget-latches"), std::string::npos);
  EXPECT_EQ (text.find ('\x1b'), std::string::npos);
}

TEST_F (Authenticator, AnEmptyListIsNotALatchedOne)
{
  succeed ("SCRAM-SHA-256");
  EXPECT_EQ (begin ({}), "");
  EXPECT_TRUE (is_error (POSTSEAL_AUTH_ERROR_NO_MECHANISM));
}

TEST_F (Authenticator, TheUsersOwnWordBeatsTheLatch)
{
  succeed ("SCRAM-SHA-256");
  EXPECT_EQ (choose ({ "PLAIN" }, { "PLAIN" }), "PLAIN");
  EXPECT_EQ (choose ({ "SCRAM-SHA-256", "auto" }, { "PLAIN" }), "");
  EXPECT_TRUE (is_error (POSTSEAL_AUTH_ERROR_LATCH));
  postseal_latches_clear (latches, "imap.example.org:143");
  EXPECT_EQ (choose ({}, { "PLAIN" }), "PLAIN");
}

TEST_F (Authenticator, AnExcludedMechanismDoesNotOpenTheWayDown)
{
  succeed ("SCRAM-SHA-256");
  postseal_authenticator_exclude (authenticator, "SCRAM-SHA-256");
  EXPECT_EQ (begin ({ "SCRAM-SHA-256", "PLAIN" }), "");
  EXPECT_TRUE (is_error (POSTSEAL_AUTH_ERROR_LATCH));
}

/* RFC 5802 section 6: "y" only when no -PLUS was seen. */
TEST_F (Authenticator, TellsScramWhetherPlusWasSeen)
{
  FakeTls::binding = "x";
  choose ({}, { "SCRAM-SHA-256" });
  EXPECT_EQ (step (sasl, nullptr).substr (0, 2), "y,");
  choose ({ "SCRAM-SHA-256" }, { "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS" });
  EXPECT_EQ (step (sasl, nullptr).substr (0, 2), "n,");
}

TEST_F (Authenticator, TheLinkMayGoWhileTheVaultIsAsked)
{
  Waiter waiter;
  const char *offered[] = { "PLAIN", nullptr };
  make ();
  postseal_authenticator_begin_async (authenticator, link, offered, nullptr, Waiter::on_done,
                                      &waiter);
  postseal_sealed_link_free (link);
  EXPECT_TRUE (postseal_authenticator_begin_finish (authenticator, waiter.wait (), &sasl, nullptr,
                                                    nullptr, &error));
  EXPECT_EQ (step (sasl, nullptr), std::string ("\0jane\0sesame", 12));
  link = make_link ();
}

/* --- access tokens --- */

class TokenAuthenticator : public Authenticator
{
protected:
  void
  SetUp () override
  {
    g_clear_object (&vault);
    vault = fake_token_vault_new ();
  }
  /* The token that the exchange would send. */
  std::string
  sent ()
  {
    std::string message = step (sasl, nullptr);
    size_t from = message.find ("Bearer ") + 7;
    return message.substr (from, message.find ('\1', from) - from);
  }
};

TEST_F (TokenAuthenticator, TakesWhatCarriesTokens)
{
  EXPECT_EQ (choose ({}, { "PLAIN", "XOAUTH2", "OAUTHBEARER" }), "OAUTHBEARER");
  EXPECT_EQ (sent (), "token-1");
  EXPECT_EQ (choose ({}, { "PLAIN", "XOAUTH2" }), "XOAUTH2");
  EXPECT_EQ (choose ({ "XOAUTH2", "OAUTHBEARER" }, { "OAUTHBEARER", "XOAUTH2" }), "XOAUTH2");
  EXPECT_EQ (fake_token_vault_get_user (vault), "jane");
}

TEST_F (TokenAuthenticator, NeverSendsATokenAsAPassword)
{
  FakeTls::binding = "x";
  const Names all = { "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN",
                      "IMAP-LOGIN",         "POP3-USER",     "CRAM-MD5" };
  EXPECT_EQ (choose ({}, all), "");
  EXPECT_TRUE (is_error (POSTSEAL_AUTH_ERROR_NO_MECHANISM));
  EXPECT_NE (std::string (error->message).find ("access token"), std::string::npos);
  for (const char *one : all)
    EXPECT_EQ (choose ({ one }, all), "") << one;
}

/* The account was moved to tokens by its user; the server has done nothing wrong. */
TEST_F (TokenAuthenticator, WhatWasDoneForAPasswordHoldsNobodyBack)
{
  succeed ("SCRAM-SHA-256");
  EXPECT_EQ (choose ({}, { "OAUTHBEARER" }), "OAUTHBEARER");
  succeed ("OAUTHBEARER");
  EXPECT_STREQ (postseal_latches_get (latches, "imap.example.org:143", "mechanism"),
                "SCRAM-SHA-256")
      << "and holds the server when the account moves back";
}

TEST_F (TokenAuthenticator, ARefusedTokenIsRenewedOnceUntilASuccess)
{
  EXPECT_EQ (choose ({}, { "OAUTHBEARER" }), "OAUTHBEARER");
  EXPECT_TRUE (postseal_authenticator_rejected (authenticator, "OAUTHBEARER"));
  EXPECT_EQ (begin ({ "OAUTHBEARER" }), "OAUTHBEARER");
  EXPECT_EQ (sent (), "token-2");
  EXPECT_FALSE (postseal_authenticator_rejected (authenticator, "OAUTHBEARER"));
  EXPECT_EQ (begin ({ "OAUTHBEARER" }), "OAUTHBEARER");
  EXPECT_EQ (sent (), "token-3") << "forgotten all the same";
  postseal_authenticator_succeeded (authenticator, link, "OAUTHBEARER");
  EXPECT_TRUE (postseal_authenticator_rejected (authenticator, "OAUTHBEARER"));
}

TEST_F (Authenticator, ARefusedPasswordIsNotTriedAgain)
{
  EXPECT_EQ (choose ({}, { "PLAIN" }), "PLAIN");
  EXPECT_FALSE (postseal_authenticator_rejected (authenticator, "PLAIN"));
  EXPECT_EQ (choose ({ "XOAUTH2" }, { "XOAUTH2" }), "XOAUTH2");
  EXPECT_FALSE (postseal_authenticator_rejected (authenticator, "XOAUTH2"))
      << "a token that the user keeps in place of a password";
}

}
