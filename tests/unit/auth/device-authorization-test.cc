/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/device-authorization-private.h"

#include "auth/sasl.h"
#include "auth/vault.h"
#include "support/main-loop.h"
#include "token-program.h"

using postseal_test::AsyncLoop;

namespace
{

/* However busy the machine is, this one does not end before the test has. */
constexpr char device_code[] = "device_code dev-1\nuser_code ABCD\n"
                               "verification_uri https://example.org/device\nexpires_in 3600\n"
                               "interval 1\n";
constexpr char short_code[] = "device_code dev-1\nuser_code ABCD\n"
                              "verification_uri https://example.org/device\nexpires_in 100\n"
                              "interval 1\n";
constexpr char token[] = "access_token access-1\nrefresh_token refresh-2\n";
constexpr char pending[] = "http_status 400\nerror authorization_pending\n";

/* With a script in place of the program: "answer-N" is its Nth answer, the
   last one its answer for ever. */
class DeviceAuthorization : public TokenProgram
{
protected:
  DeviceAuthorization ()
  {
    provide ("device-endpoint=https://example.org/device\n");
    program ("cd '" + directory
             + "'\nn=$(cat count 2>/dev/null || echo 0)\nn=$((n + 1))\necho $n >count\n"
               "cat >asked-$n\nwhile [ ! -e answer-$n ]; do n=$((n - 1)); done\n"
               "cat answer-$n\n");
    write ("secret", "hush\n");
    answer (1, device_code);
    _postseal_device_authorization_set_second_ms (20);
  }

  ~DeviceAuthorization () override
  {
    _postseal_device_authorization_set_second_ms (0);
    g_clear_pointer (&device, postseal_device_authorization_free);
  }

  void
  provide (const std::string &keys)
  {
    write ("postseal/oauth-providers.conf",
           "[test]\ntoken-endpoint=https://example.org/token\nrefresh-token=file:" + directory
               + "/token\nclient-secret=file:" + directory + "/secret\n" + keys);
  }

  void
  answer (int number, const std::string &text)
  {
    write ("answer-" + std::to_string (number), text);
  }

  bool
  begin (const char *spec = "oauth:test:client")
  {
    g_clear_error (&error);
    postseal_device_authorization_begin_async (spec, "work", AsyncLoop::on_ready, &loop);
    device = postseal_device_authorization_begin_finish (loop.wait (), &error);
    return device != nullptr;
  }

  bool
  complete ()
  {
    postseal_device_authorization_complete_async (device, cancellable, AsyncLoop::on_ready, &loop);
    return postseal_device_authorization_complete_finish (device, loop.wait (), &error);
  }

  AsyncLoop loop;
  PostsealDeviceAuthorization *device = nullptr;
  GCancellable *cancellable = nullptr; /* borrowed: the test's */
};

TEST_F (DeviceAuthorization, WaitsUntilTheUserHasTypedTheCode)
{
  answer (2, pending);
  answer (4, token);
  ASSERT_TRUE (begin ()) << error->message;
  EXPECT_STREQ (postseal_device_authorization_get_uri (device), "https://example.org/device");
  EXPECT_STREQ (postseal_device_authorization_get_code (device), "ABCD");
  ASSERT_TRUE (complete ()) << error->message;
  EXPECT_EQ (read ("token"), "refresh-2\n");
  EXPECT_EQ (read ("count"), "4\n");
  EXPECT_NE (read ("asked-1").find ("endpoint https://example.org/device\n"), std::string::npos);
  EXPECT_NE (read ("asked-2").find ("endpoint https://example.org/token\n"), std::string::npos);
  EXPECT_NE (read ("asked-2").find ("field client_secret hush\n"), std::string::npos);
  EXPECT_NE (read ("asked-2").find ("field device_code dev-1\n"), std::string::npos);
}

/* RFC 8628 section 3.5: 5 seconds more each time, which a code of 100 seconds bears so often. */
TEST_F (DeviceAuthorization, SlowsDownWhenItIsTold)
{
  _postseal_device_authorization_set_second_ms (10);
  answer (1, short_code);
  answer (2, "http_status 400\nerror slow_down\n");
  ASSERT_TRUE (begin ()) << error->message;
  EXPECT_FALSE (complete ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE));
  EXPECT_LE (std::stoi (read ("count")), 7);
}

TEST_F (DeviceAuthorization, ABrokenConnectionIsTriedAgain)
{
  answer (2, "error_description no network\ntemporary 1\n");
  answer (3, token);
  ASSERT_TRUE (begin ()) << error->message;
  EXPECT_TRUE (complete ()) << error->message;
}

TEST_F (DeviceAuthorization, AnUnusedCodeEnds)
{
  _postseal_device_authorization_set_second_ms (1);
  answer (1, short_code);
  answer (2, pending);
  ASSERT_TRUE (begin ()) << error->message;
  EXPECT_FALSE (complete ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE));
  EXPECT_NE (std::string (error->message).find ("not used in time"), std::string::npos);
}

TEST_F (DeviceAuthorization, ARefusalIsFinal)
{
  answer (2, "http_status 400\nerror access_denied\n");
  ASSERT_TRUE (begin ()) << error->message;
  EXPECT_FALSE (complete ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE));
  EXPECT_EQ (read ("count"), "2\n");
}

TEST_F (DeviceAuthorization, CancellingEndsTheWaitingAtOnce)
{
  g_autoptr (GCancellable) mine = g_cancellable_new ();

  _postseal_device_authorization_set_second_ms (600000);
  cancellable = mine;
  ASSERT_TRUE (begin ()) << error->message;
  postseal_device_authorization_complete_async (device, mine, AsyncLoop::on_ready, &loop);
  g_cancellable_cancel (mine);
  EXPECT_FALSE (postseal_device_authorization_complete_finish (device, loop.wait (), &error));
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  EXPECT_EQ (read ("count"), "1\n");
}

TEST_F (DeviceAuthorization, ATokenThatCannotBeRenewedIsNoConsent)
{
  answer (2, "access_token access-1\n");
  ASSERT_TRUE (begin ()) << error->message;
  EXPECT_FALSE (complete ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED));
}

TEST_F (DeviceAuthorization, NeedsAnEndpointAnIdAndAnHttpsAddress)
{
  EXPECT_TRUE (postseal_device_authorization_is_possible ("oauth:test:client"));
  for (const char *spec : { "oauth:test", "oauth:other:client", "secret-service" })
    {
      EXPECT_FALSE (postseal_device_authorization_is_possible (spec)) << spec;
      EXPECT_FALSE (begin (spec)) << spec;
      EXPECT_EQ (error->domain, POSTSEAL_AUTH_ERROR) << error->message;
    }
  answer (1, "device_code d\nuser_code A\nverification_uri http://example.org\n");
  EXPECT_FALSE (begin ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED));
  provide ("");
  EXPECT_FALSE (postseal_device_authorization_is_possible ("oauth:test:client"));
  EXPECT_FALSE (begin ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS));
}

} // namespace
