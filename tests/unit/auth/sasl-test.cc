/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <type_traits>

#include "auth-support.h"
#include "base/limits.h"

using namespace std::string_literals;

namespace
{

class Sasl : public testing::Test
{
protected:
  PostsealSealedLink *link = nullptr;
  PostsealSasl *sasl = nullptr;
  GError *error = nullptr;

  void
  TearDown () override
  {
    g_clear_pointer (&sasl, postseal_sasl_free);
    g_clear_pointer (&link, postseal_sealed_link_free);
    g_clear_error (&error);
    FakeTls::reset ();
  }
  void
  begin (const char *mechanism, const char *user, const char *secret)
  {
    g_autoptr (PostsealCredential) credential
        = secret == nullptr ? nullptr : postseal_credential_new (secret, -1);
    link = make_link ();
    sasl = postseal_sasl_new (link, mechanism, user, credential, FALSE);
  }
};

TEST_F (Sasl, KnowsOnlyWhatItCanDo)
{
  for (const char *name : { "PLAIN", "LOGIN", "EXTERNAL", "XOAUTH2", "OAUTHBEARER", "CRAM-MD5" })
    EXPECT_TRUE (postseal_sasl_is_known (name)) << name;
  for (const char *name : { "DIGEST-MD5", "NTLM", "ANONYMOUS", "plain", "" })
    EXPECT_FALSE (postseal_sasl_is_known (name)) << name;
}

/* RFC 4616 section 4, second example, without an authorization identity. */
TEST_F (Sasl, PlainSendsUserAndPasswordBetweenNuls)
{
  begin ("PLAIN", "tim", "tanstaaftanstaaf");
  EXPECT_TRUE (postseal_sasl_is_client_first (sasl));
  EXPECT_EQ (step (sasl, nullptr), "\0tim\0tanstaaftanstaaf"s);
  EXPECT_TRUE (postseal_sasl_is_complete (sasl, nullptr, nullptr));
}

TEST_F (Sasl, PlainCarriesTextThatIsNotAscii)
{
  begin ("PLAIN", "jürgen", "pässwörd☃");
  EXPECT_EQ (step (sasl, ""), "\0jürgen\0pässwörd☃"s);
}

TEST_F (Sasl, PlainRefusesAPasswordThatIsNotUtf8WithoutRepeatingIt)
{
  begin ("PLAIN", "tim", "caf\xe9-secret");
  EXPECT_EQ (step (sasl, nullptr, &error), "(null)");
  ASSERT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS));
  EXPECT_EQ (std::string (error->message).find ("secret"), std::string::npos);
}

TEST_F (Sasl, PlainAnswersOnce)
{
  begin ("PLAIN", "tim", "x");
  step (sasl, nullptr);
  EXPECT_EQ (step (sasl, "again", &error), "(null)");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER));
}

TEST_F (Sasl, LoginSendsUserThenPasswordWhateverThePromptsSay)
{
  begin ("LOGIN", "jane", "sesame");
  EXPECT_FALSE (postseal_sasl_is_client_first (sasl));
  EXPECT_EQ (step (sasl, "Password:"), "jane");
  EXPECT_FALSE (postseal_sasl_is_complete (sasl, nullptr, nullptr));
  EXPECT_EQ (step (sasl, ""), "sesame");
  EXPECT_TRUE (postseal_sasl_is_complete (sasl, nullptr, nullptr));
  EXPECT_EQ (step (sasl, "more?", &error), "(null)");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER));
}

/* RFC 4422 appendix A: the empty response stands for the certificate's identity. */
TEST_F (Sasl, ExternalSendsNothing)
{
  begin ("EXTERNAL", "jane", nullptr);
  EXPECT_EQ (step (sasl, nullptr), "");
  EXPECT_TRUE (postseal_sasl_is_complete (sasl, nullptr, nullptr));
}

/* RFC 2195 section 2. */
TEST_F (Sasl, CramMd5MatchesTheExampleOfItsRfc)
{
  begin ("CRAM-MD5", "tim", "tanstaaftanstaaf");
  EXPECT_EQ (step (sasl, "<1896.697170952@postoffice.reston.mci.net>"),
             "tim b913a602c7eda7a495b4e6e7334d3890");
}

/* RFC 7628 section 4.1. */
TEST_F (Sasl, OauthbearerMatchesTheExampleOfItsRfc)
{
  g_autoptr (PostsealCredential) token
      = postseal_credential_new ("vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==", -1);
  link = make_link (POSTSEAL_VOUCHER_CA, "server.example.com");
  sasl = postseal_sasl_new (link, "OAUTHBEARER", "user@example.com", token, FALSE);
  EXPECT_EQ (step (sasl, nullptr), "n,a=user@example.com,\1host=server.example.com\1port=143\1"
                                   "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1");
  EXPECT_TRUE (postseal_sasl_is_complete (sasl, nullptr, nullptr));
}

TEST_F (Sasl, OauthbearerEscapesTheUser)
{
  begin ("OAUTHBEARER", "a=b,c", "T");
  EXPECT_EQ (step (sasl, nullptr).find ("n,a=a=3Db=2Cc,\1host="), 0u);
}

/* RFC 7628 section 4.3: the refusal is JSON, the answer to it one 0x01. */
TEST_F (Sasl, OauthbearerAnswersTheRefusalAndKeepsItsReason)
{
  begin ("OAUTHBEARER", "jane", "T");
  step (sasl, nullptr);
  EXPECT_EQ (step (sasl, "{\"status\":\"invalid_token\",\"scope\":\"example_scope\"}"), "\1");
  EXPECT_STREQ (postseal_sasl_get_refusal (sasl), "invalid_token");
  EXPECT_FALSE (postseal_sasl_is_complete (sasl, nullptr, nullptr));
  EXPECT_EQ (step (sasl, "{}", &error), "(null)");
}

TEST_F (Sasl, Xoauth2AnswersTheRefusalWithAnEmptyLine)
{
  begin ("XOAUTH2", "someuser@example.com", "ya29.vF9dft4qmTc2Nvb3Rlcg");
  EXPECT_EQ (step (sasl, nullptr),
             "user=someuser@example.com\1auth=Bearer ya29.vF9dft4qmTc2Nvb3Rlcg\1\1");
  EXPECT_EQ (step (sasl, "{\"status\" : 401, \"schemes\":\"bearer\"}"), "");
  EXPECT_STREQ (postseal_sasl_get_refusal (sasl), "401");
}

TEST_F (Sasl, ShowsARefusalOnlyInPrintableForm)
{
  begin ("XOAUTH2", "jane", "T");
  step (sasl, nullptr);
  step (sasl, "no \x1b[31mway");
  EXPECT_EQ (std::string (postseal_sasl_get_refusal (sasl)).find ('\x1b'), std::string::npos);
}

TEST_F (Sasl, OauthRefusesATokenThatWouldEndItsField)
{
  for (const char *mechanism : { "XOAUTH2", "OAUTHBEARER" })
    for (const char *token : { "a\1b", "a b", "a\n", "", "t\xc3\xb6ken" })
      {
        g_autoptr (GError) local = nullptr;
        begin (mechanism, "jane", token);
        EXPECT_EQ (step (sasl, nullptr, &local), "(null)");
        EXPECT_TRUE (g_error_matches (local, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS));
        TearDown ();
      }
}

TEST_F (Sasl, OauthRefusesAUserThatWouldEndItsField)
{
  begin ("XOAUTH2", "jane\1auth=Bearer x", "T");
  EXPECT_EQ (step (sasl, nullptr, &error), "(null)");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS));
}

TEST_F (Sasl, RefusesAChallengeBeyondTheLimit)
{
  begin ("LOGIN", "jane", "T");
  std::string challenge (POSTSEAL_LIMIT_SASL_CHALLENGE + 1, 'x');
  EXPECT_EQ (step (sasl, challenge.c_str (), &error), "(null)");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER));
}

TEST_F (Sasl, NeedsASecretExceptForExternal)
{
  begin ("PLAIN", "jane", nullptr);
  EXPECT_EQ (step (sasl, nullptr, &error), "(null)");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS));
}

TEST_F (Sasl, SaysNothingOnALinkThatNobodyVouchesFor)
{
  g_autoptr (PostsealCredential) secret = postseal_credential_new ("T", -1);
  link = make_link (POSTSEAL_VOUCHER_NONE);
  sasl = postseal_sasl_new (link, "PLAIN", "jane", secret, FALSE);
  EXPECT_EQ (step (sasl, nullptr, &error), "(null)");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS));
}

TEST_F (Sasl, AYesBeforeAnyAnswerIsNotASuccess)
{
  begin ("PLAIN", "jane", "T");
  EXPECT_FALSE (postseal_sasl_is_complete (sasl, nullptr, &error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER));
}

TEST_F (Sasl, MayBeFreedWhileAStepIsUnderWay)
{
  Waiter waiter;
  begin ("PLAIN", "jane", "T");
  postseal_sasl_step_async (sasl, nullptr, nullptr, Waiter::on_done, &waiter);
  g_clear_pointer (&sasl, postseal_sasl_free);
  EXPECT_EQ (take_string (postseal_sasl_step_finish (nullptr, waiter.wait (), nullptr)),
             "\0jane\0T"s);
}

}
