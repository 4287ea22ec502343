/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/consent.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include <string.h>
#include <sys/stat.h>

#include "auth/sasl.h"
#include "auth/vault.h"
#include "support/main-loop.h"
#include "support/sandbox.h"

using postseal_test::AsyncLoop;
using postseal_test::Sandbox;

namespace
{

/* With a script in place of the program that asks the provider, and the browser played here. */
class Consent : public testing::Test
{
protected:
  Consent ()
  {
    const std::string home = sandbox.home ();

    g_setenv ("XDG_CONFIG_HOME", (home + "/config").c_str (), TRUE);
    g_setenv ("POSTSEAL_DATA_DIR", home.c_str (), TRUE);
    g_setenv ("POSTSEAL_TOKEN_PROGRAM", (home + "/program").c_str (), TRUE);
    sandbox.write ("config/postseal/oauth-providers.conf",
                   "[test]\ntoken-endpoint=https://example.org/token\n"
                   "authorization-endpoint=https://example.org/consent\n"
                   "device-endpoint=https://example.org/device\nrefresh-token=file:"
                       + home + "/token\nclient-secret=file:" + home + "/secret\n");
    sandbox.write ("secret", "hush\n");
    chmod (sandbox
               .write ("program", "#!/bin/sh\nif grep -q '^field grant_type'; then cat '" + home
                                      + "/given'; else cat '" + home + "/code'; fi\n")
               .c_str (),
           0700);
    give ("access_token access-1\nrefresh_token refresh-1\n");
    sandbox.write ("code", "device_code d\nuser_code ABCD\nverification_uri https://example.org/d\n"
                           "expires_in 600\ninterval 1\n");
  }

  ~Consent () override
  {
    g_clear_object (&consent);
    g_clear_error (&error);
    for (const char *name : { "XDG_CONFIG_HOME", "POSTSEAL_DATA_DIR", "POSTSEAL_TOKEN_PROGRAM" })
      g_unsetenv (name);
  }

  void
  give (const std::string &answer)
  {
    sandbox.write ("given", answer);
  }

  std::string
  stored ()
  {
    std::ifstream file (sandbox.home () + "/token", std::ios::binary);

    return std::string (std::istreambuf_iterator<char> (file), {});
  }

  void
  begin (PostsealConsentWay way)
  {
    consent = postseal_consent_new ("oauth:test:client", "work", "jane@example.org", way);
    g_signal_connect (
        consent, "open",
        G_CALLBACK (+[] (PostsealConsent *, const char *where, const char *what, gpointer data) {
          Consent *self = static_cast<Consent *> (data);

          self->uri = where;
          self->code = what;
        }),
        this);
    postseal_consent_run_async (consent, cancellable, AsyncLoop::on_ready, &loop);
  }

  bool
  is_opened ()
  {
    return loop.wait_for ([this] { return !uri.empty (); });
  }

  bool
  finish ()
  {
    g_clear_error (&error);
    return postseal_consent_run_finish (consent, loop.wait (), &error);
  }

  std::string
  parameter (const char *name)
  {
    g_autoptr (GHashTable) all = g_uri_parse_params (uri.c_str () + uri.find ('?') + 1, -1, "&",
                                                     G_URI_PARAMS_NONE, nullptr);
    const char *value = static_cast<const char *> (g_hash_table_lookup (all, name));

    return value != nullptr ? value : "";
  }

  /* The browser comes back with @query. */
  void
  come_back (const std::string &query)
  {
    g_autoptr (GUri) address
        = g_uri_parse (parameter ("redirect_uri").c_str (), G_URI_FLAGS_NONE, nullptr);
    g_autoptr (GSocketClient) client = g_socket_client_new ();
    std::string request = "GET /?" + query + " HTTP/1.1\r\n\r\n";

    ASSERT_NE (address, nullptr);
    browser = g_socket_client_connect_to_host (client, "127.0.0.1",
                                               (guint16)g_uri_get_port (address), nullptr, nullptr);
    ASSERT_NE (browser, nullptr);
    g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (browser)),
                               request.data (), request.size (), nullptr, nullptr, nullptr);
  }

  void
  TearDown () override
  {
    g_clear_object (&browser);
  }

  AsyncLoop loop;
  Sandbox sandbox;
  PostsealConsent *consent = nullptr;
  GCancellable *cancellable = nullptr; /* borrowed: the test's */
  GSocketConnection *browser = nullptr;
  GError *error = nullptr;
  std::string uri, code;
};

TEST_F (Consent, TheBrowserBringsARefreshToken)
{
  begin (POSTSEAL_CONSENT_BROWSER);
  ASSERT_TRUE (is_opened ());
  EXPECT_EQ (code, "");
  EXPECT_EQ (uri.rfind ("https://example.org/consent?", 0), 0u) << uri;
  EXPECT_EQ (parameter ("login_hint"), "jane@example.org");
  come_back ("code=c&state=" + parameter ("state"));
  EXPECT_TRUE (finish ()) << error->message;
  EXPECT_EQ (stored (), "refresh-1\n");
}

TEST_F (Consent, ARefusalInTheBrowserIsToldAndChangesNothing)
{
  begin (POSTSEAL_CONSENT_BROWSER);
  ASSERT_TRUE (is_opened ());
  come_back ("error=access_denied&state=" + parameter ("state"));
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE));
  EXPECT_EQ (stored (), "");
}

TEST_F (Consent, ACodeBringsARefreshToken)
{
  begin (POSTSEAL_CONSENT_DEVICE);
  ASSERT_TRUE (is_opened ());
  EXPECT_EQ (uri, "https://example.org/d");
  EXPECT_EQ (code, "ABCD");
  EXPECT_TRUE (finish ()) << error->message;
  EXPECT_EQ (stored (), "refresh-1\n");
}

TEST_F (Consent, ACodeThatHasEndedIsTold)
{
  give ("http_status 400\nerror expired_token\n");
  begin (POSTSEAL_CONSENT_DEVICE);
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE));
  EXPECT_EQ (stored (), "");
}

TEST_F (Consent, WithoutAKeyringAPublicClientNeedsNone)
{
  const std::string home = sandbox.home ();

  g_setenv ("DBUS_SESSION_BUS_ADDRESS", ("unix:path=" + home + "/no-bus").c_str (), TRUE);
  sandbox.write ("config/postseal/oauth-providers.conf",
                 "[test]\ntoken-endpoint=https://example.org/token\n"
                 "device-endpoint=https://example.org/device\nrefresh-token=file:"
                     + home + "/token\n");
  begin (POSTSEAL_CONSENT_DEVICE);
  EXPECT_TRUE (finish ()) << error->message;
  EXPECT_EQ (stored (), "refresh-1\n");
}

TEST_F (Consent, WithoutAKeyringItIsSaidWhatToDo)
{
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", ("unix:path=" + sandbox.home () + "/no-bus").c_str (),
            TRUE);
  sandbox.write ("config/postseal/oauth-providers.conf",
                 "[test]\ntoken-endpoint=https://example.org/token\n"
                 "device-endpoint=https://example.org/device\n");
  begin (POSTSEAL_CONSENT_DEVICE);
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE));
  EXPECT_NE (strstr (error->message, "“refresh-token=file:PATH”"), nullptr) << error->message;
  EXPECT_NE (strstr (error->message, "oauth-providers.conf"), nullptr) << error->message;
}

TEST_F (Consent, CancellingEndsEitherWay)
{
  for (PostsealConsentWay way : { POSTSEAL_CONSENT_BROWSER, POSTSEAL_CONSENT_DEVICE })
    for (bool is_early : { true, false })
      {
        g_autoptr (GCancellable) mine = g_cancellable_new ();

        sandbox.write ("code", "device_code d\nuser_code ABCD\ninterval 60\nexpires_in 600\n"
                               "verification_uri https://example.org/d\n");
        uri.clear ();
        cancellable = mine;
        begin (way);
        if (!is_early)
          {
            ASSERT_TRUE (is_opened ());
          }
        g_cancellable_cancel (mine);
        EXPECT_FALSE (finish ());
        EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) << error->message;
        g_clear_object (&consent);
        loop.settle ();
      }
}

TEST_F (Consent, AnAccountWithoutTokensIsAnErrorInEitherWay)
{
  for (PostsealConsentWay way : { POSTSEAL_CONSENT_BROWSER, POSTSEAL_CONSENT_DEVICE })
    {
      EXPECT_FALSE (postseal_consent_is_possible ("secret-service", way));
      EXPECT_FALSE (postseal_consent_is_possible ("oauth:test", way));
      EXPECT_TRUE (postseal_consent_is_possible ("oauth:test:client", way));
      consent = postseal_consent_new ("secret-service", "work", "jane@example.org", way);
      postseal_consent_run_async (consent, nullptr, AsyncLoop::on_ready, &loop);
      EXPECT_FALSE (finish ());
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS));
      g_clear_object (&consent);
    }
}

} // namespace
