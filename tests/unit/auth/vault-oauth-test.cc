/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth-support.h"
#include "auth/token-cache-private.h"
#include "auth/token-request-private.h"
#include "auth/vault-private.h"
#include "token-program.h"

namespace
{

class VaultOauth : public TokenProgram
{
protected:
  void
  SetUp () override
  {
    write ("token", "refresh-1\n");
    write ("postseal/oauth-providers.conf",
           "[test]\ntitle=Test Mail\ntoken-endpoint=https://example.org/token\n"
           "refresh-token=file:"
               + directory + "/token\nclient-secret=file:" + directory + "/client\n");
    write ("client", "hush-hush\n");
    answer ("access_token access-1\nexpires_in 3600\n");
    _postseal_token_cache_reset (0);
  }
  void
  TearDown () override
  {
    _postseal_token_request_set_limit_ms (0);
    _postseal_vault_set_limit_ms (0);
    _postseal_token_cache_reset (0);
  }
  /* What the program prints; what it reads is kept. */
  void
  answer (const std::string &text)
  {
    write ("answer", text);
    program ("cat > '" + directory + "/asked'\ncat '" + directory + "/answer'\n");
  }
  std::string
  look_up (const char *spec = "oauth:test:client")
  {
    Waiter waiter;

    g_clear_error (&error);
    g_autoptr (PostsealVault) vault = postseal_vault_new (spec, &error);
    if (vault == nullptr)
      return "(bad)";
    postseal_vault_lookup_async (vault, "work", nullptr, Waiter::on_done, &waiter);
    return take_string (postseal_vault_lookup_finish (vault, waiter.wait (), &error));
  }
  bool
  store (const std::string &text)
  {
    Waiter waiter;
    g_autoptr (PostsealVault) vault = postseal_vault_new ("oauth:test:client", nullptr);
    g_autoptr (PostsealCredential) secret = postseal_credential_new (text.c_str (), -1);

    g_clear_error (&error);
    postseal_vault_store_async (vault, "work", secret, nullptr, Waiter::on_done, &waiter);
    return postseal_vault_store_finish (vault, waiter.wait (), &error);
  }
  void
  expect_failure (GQuark domain, int code, const char *words)
  {
    _postseal_token_cache_reset (0);
    EXPECT_EQ (look_up (), "(null)");
    ASSERT_NE (error, nullptr);
    EXPECT_TRUE (g_error_matches (error, domain, code)) << error->code << error->message;
    EXPECT_NE (std::string (error->message).find (words), std::string::npos) << error->message;
    for (const char *secret : { "refresh-1", "hush-hush" })
      EXPECT_EQ (std::string (error->message).find (secret), std::string::npos) << error->message;
  }
};

TEST_F (VaultOauth, IsOfTokens)
{
  g_autoptr (PostsealVault) vault = postseal_vault_new ("oauth:test:client", nullptr);

  EXPECT_EQ (postseal_vault_get_kind (vault), POSTSEAL_VAULT_TOKEN);
  EXPECT_EQ (postseal_vault_get_spec_kind ("oauth:test"), POSTSEAL_VAULT_TOKEN);
  EXPECT_EQ (postseal_vault_get_spec_kind ("goa"), POSTSEAL_VAULT_TOKEN);
  EXPECT_EQ (postseal_vault_get_spec_kind ("goa:account_1"), POSTSEAL_VAULT_TOKEN);
  for (const char *spec : { "secret-service", "command:goa", "file:/a", "credential:goa" })
    EXPECT_EQ (postseal_vault_get_spec_kind (spec), POSTSEAL_VAULT_PASSWORD) << spec;
}

TEST_F (VaultOauth, ChecksItsSpec)
{
  for (const char *good : { "oauth:google", "oauth:google:1-a.apps.example:x", "oauth:a_b-1" })
    {
      g_autofree char *problem = postseal_vault_check_spec (good);
      EXPECT_EQ (problem, nullptr) << good << ": " << problem;
    }
  for (const char *bad : { "oauth", "oauth:", "oauth::x", "oauth:a b", "oauth:a:", "oauth:a:b c",
                           "oauth:a/b", "oauth:a:b\nc", "goa:", "goa:../x", "goa:a b", "goat" })
    {
      g_autofree char *problem = postseal_vault_check_spec (bad);
      EXPECT_NE (problem, nullptr) << bad;
    }
}

TEST_F (VaultOauth, ExchangesARefreshTokenOnceForAllThatAsk)
{
  EXPECT_EQ (look_up (), "access-1");
  EXPECT_EQ (read ("asked"), "endpoint https://example.org/token\nlimit 18\n"
                             "field grant_type refresh_token\nfield client_id client\n"
                             "field client_secret hush-hush\nfield refresh_token refresh-1\n");
  answer ("access_token access-2\n");
  EXPECT_EQ (look_up (), "access-1");
}

TEST_F (VaultOauth, ASecretThatIsNamedMustBeThere)
{
  g_unlink ((directory + "/client").c_str ());
  expect_failure (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT, "client");
}

/* RFC 6749 section 5.2, and what providers made of it. */
TEST_F (VaultOauth, EachRefusalHasItsMeaning)
{
  const struct
  {
    const char *answer;
    GQuark domain;
    int code;
    const char *words;
  } cases[] = {
    { "http_status 400\nerror invalid_grant\nerror_description gone\n", POSTSEAL_VAULT_ERROR,
      POSTSEAL_VAULT_ERROR_REAUTHORIZE, "invalid_grant: gone" },
    { "http_status 400\nerror unauthorized_client\n", POSTSEAL_VAULT_ERROR,
      POSTSEAL_VAULT_ERROR_REAUTHORIZE, "password authorize work" },
    { "http_status 400\nerror interaction_required\n", POSTSEAL_VAULT_ERROR,
      POSTSEAL_VAULT_ERROR_REAUTHORIZE, "interaction_required" },
    { "http_status 401\nerror invalid_client\n", POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
      "--client-secret work" },
    { "http_status 400\nerror invalid_request\n", POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
      "invalid_request" },
    { "http_status 404\n", POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED, "404" },
    { "http_status 502\nerror invalid_grant\n", POSTSEAL_VAULT_ERROR,
      POSTSEAL_VAULT_ERROR_TEMPORARY, "again later" },
    { "http_status 429\n", POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_TEMPORARY, "again later" },
    { "error_description no route\ntemporary 1\n", POSTSEAL_VAULT_ERROR,
      POSTSEAL_VAULT_ERROR_TEMPORARY, "no route" },
    { "error_description stranger\nunproven 1\n", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER,
      "stranger" },
    { "", POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED, "HTTP" },
    { "access_token ", POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED, "HTTP" },
    { "access_token \n", POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED, "HTTP" },
    { "http_status 400\nerror \033[31mx\n", POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
      "x" },
  };
  for (const auto &one : cases)
    {
      SCOPED_TRACE (one.answer);
      answer (one.answer);
      expect_failure (one.domain, one.code, one.words);
      EXPECT_EQ (std::string (error->message).find ('\033'), std::string::npos);
    }
}

TEST_F (VaultOauth, AProgramThatFailsIsReported)
{
  program ("echo oops >&2; exit 7\n");
  expect_failure (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED, "oops");
  program ("cat /dev/zero\n");
  expect_failure (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED, "more than a secret");
}

TEST_F (VaultOauth, AProviderThatDoesNotAnswerIsTriedLater)
{
  program ("exec sleep 1000\n");
  _postseal_token_request_set_limit_ms (200);
  expect_failure (POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_TEMPORARY, "has not answered");
  _postseal_token_request_set_limit_ms (400);
  _postseal_vault_set_limit_ms (50);
  EXPECT_EQ (look_up (), "(null)");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_TEMPORARY))
      << "not a locked keyring";
  _postseal_vault_set_limit_ms (0);
  EXPECT_EQ (look_up (), "(null)") << "the fetch went on, and ends here";
}

TEST_F (VaultOauth, TheNewestRefreshTokenIsKept)
{
  answer ("access_token access-1\nrefresh_token refresh-2\n");
  EXPECT_EQ (look_up (), "access-1");
  EXPECT_EQ (read ("token"), "refresh-2\n");
}

/* The provider has it by heart already; losing it would cost the user's consent. */
TEST_F (VaultOauth, ARefreshTokenThatCannotBeStoredIsUsedFromMemory)
{
  g_log_set_always_fatal ((GLogLevelFlags)(G_LOG_LEVEL_ERROR));
  auto handler = g_log_set_default_handler (
      [] (const char *, GLogLevelFlags, const char *message, gpointer) {
        EXPECT_EQ (std::string (message).find ("refresh-"), std::string::npos) << message;
      },
      nullptr);
  write ("postseal/oauth-providers.conf",
         "[test]\ntoken-endpoint=https://example.org/token\nrefresh-token=command:cat " + directory
             + "/token\nclient-secret=file:" + directory + "/client\n");
  answer ("access_token access-1\nrefresh_token refresh-2\n");
  EXPECT_EQ (look_up (), "access-1");

  _postseal_token_cache_reset (0);
  answer ("access_token access-2\n");
  EXPECT_EQ (look_up (), "access-2");
  EXPECT_NE (read ("asked").find ("refresh-2"), std::string::npos);

  _postseal_token_cache_reset (0);
  write ("token", "of-the-user\n");
  EXPECT_EQ (look_up (), "access-2");
  EXPECT_NE (read ("asked").find ("of-the-user"), std::string::npos) << "the user's word is newer";
  g_log_set_default_handler (handler, nullptr);
}

TEST_F (VaultOauth, ANewRefreshTokenEndsTheOldAccessToken)
{
  EXPECT_EQ (look_up (), "access-1");
  ASSERT_TRUE (store ("refresh-9"));
  EXPECT_EQ (read ("token"), "refresh-9\n");
  answer ("access_token access-2\n");
  EXPECT_EQ (look_up (), "access-2");
  EXPECT_NE (read ("asked").find ("refresh-9"), std::string::npos);
}

TEST_F (VaultOauth, TheUsersKeysComeFirst)
{
  write ("oauth-providers.conf",
         "[common]\ntitle=Common\ntoken-endpoint=https://example.com/common\nclient-id=a\n"
         "[test]\ntoken-endpoint=https://example.com/never\nclient-id=from-installation\n");
  EXPECT_EQ (look_up ("oauth:test"), "access-1");
  EXPECT_EQ (read ("asked").find ("endpoint https://example.org/token\n"), 0u);
  EXPECT_NE (read ("asked").find ("client_id from-installation\n"), std::string::npos);
  EXPECT_EQ (look_up ("oauth:none:x"), "(null)");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS));
  EXPECT_NE (std::string (error->message).find ("common, test"), std::string::npos)
      << error->message;
}

TEST_F (VaultOauth, OnlySealedEndpointsAreTaken)
{
  for (const char *endpoint : { "http://example.org/", "http://127.0.0.1/", "https:///x", "ftp://a",
                                "https://u:p@example.org/", "//example.org", "" })
    {
      write ("postseal/oauth-providers.conf", std::string ("[test]\nrefresh-token=file:")
                                                  + directory + "/token\ntoken-endpoint=" + endpoint
                                                  + "\n");
      expect_failure (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS, "https://");
    }
  write ("postseal/oauth-providers.conf", "[test]\ntoken-endpoint=https://a/\n"
                                          "refresh-token=oauth:test\n");
  expect_failure (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS, "refresh-token");
}

/* The installed file. */
TEST_F (VaultOauth, KnownProvidersAreComplete)
{
  g_autofree char *data = g_build_filename (g_getenv ("SRCDIR"), "..", "data", nullptr);

  g_setenv ("POSTSEAL_DATA_DIR", data, TRUE);
  for (const char *name : { "google", "microsoft", "yahoo", "fastmail" })
    {
      g_autoptr (PostsealTokenProvider) provider
          = _postseal_token_provider_load (name, "work", &error);
      ASSERT_NE (provider, nullptr) << error->message;
      EXPECT_NE (provider->authorization_endpoint, nullptr);
      EXPECT_NE (provider->scope, nullptr);
      EXPECT_EQ (provider->client_id, nullptr);
    }
}

}
