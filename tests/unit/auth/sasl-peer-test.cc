/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <gsasl.h>

#include "auth-support.h"

/* Our mechanisms against the server side of GNU SASL: an implementation that is not ours. */

namespace
{

struct Server
{
  Gsasl *library = nullptr;
  Gsasl_session *session = nullptr;
  std::string password = "pencil";
  std::string binding;

  static int
  on_property (Gsasl *library, Gsasl_session *session, Gsasl_property property)
  {
    auto *self = static_cast<Server *> (gsasl_callback_hook_get (library));
    if (property == GSASL_PASSWORD)
      return gsasl_property_set (session, property, self->password.c_str ());
    if (property == GSASL_SCRAM_ITER)
      return gsasl_property_set (session, property, "4096");
    if (property == GSASL_CB_TLS_EXPORTER && !self->binding.empty ())
      {
        g_autofree char *encoded
            = g_base64_encode ((const guchar *)self->binding.data (), self->binding.size ());
        return gsasl_property_set (session, property, encoded);
      }
    if (property == GSASL_VALIDATE_SIMPLE)
      return self->password == gsasl_property_fast (session, GSASL_PASSWORD)
                 ? GSASL_OK
                 : GSASL_AUTHENTICATION_ERROR;
    return GSASL_NO_CALLBACK;
  }
  void
  start (const char *mechanism)
  {
    stop ();
    ASSERT_EQ (gsasl_init (&library), GSASL_OK);
    gsasl_callback_hook_set (library, this);
    gsasl_callback_set (library, on_property);
    ASSERT_EQ (gsasl_server_start (library, mechanism, &session), GSASL_OK) << mechanism;
  }
  void
  stop ()
  {
    if (session != nullptr)
      gsasl_finish (session);
    if (library != nullptr)
      gsasl_done (library);
    session = nullptr;
    library = nullptr;
  }
  ~Server () { stop (); }
};

class SaslPeer : public testing::Test
{
protected:
  Server server;
  PostsealSealedLink *link = nullptr;
  PostsealSasl *sasl = nullptr;
  GError *error = nullptr;
  int verdict = GSASL_OK;

  void
  TearDown () override
  {
    g_clear_pointer (&sasl, postseal_sasl_free);
    g_clear_pointer (&link, postseal_sealed_link_free);
    g_clear_error (&error);
    FakeTls::reset ();
  }
  /* The whole exchange. TRUE when both ends are content. */
  bool
  run (const char *mechanism, const char *user, const char *password, gboolean offers_plus = FALSE)
  {
    TearDownExchange ();
    g_autoptr (PostsealCredential) secret = postseal_credential_new (password, -1);
    link = make_link ();
    sasl = postseal_sasl_new (link, mechanism, user, secret, offers_plus);
    server.start (mechanism);

    std::string challenge;
    bool is_first = postseal_sasl_is_client_first (sasl);
    verdict = GSASL_NEEDS_MORE;
    while (verdict == GSASL_NEEDS_MORE)
      {
        std::string response;
        if (is_first || verdict_is_open)
          {
            response = step (sasl, verdict_is_open ? challenge.c_str () : nullptr, &error);
            if (response == "(null)")
              return false;
          }
        is_first = false;
        verdict_is_open = true;
        char *output = nullptr;
        size_t length = 0;
        verdict = gsasl_step (server.session, response.data (), response.size (), &output, &length);
        challenge.assign (output == nullptr ? "" : output, length);
        gsasl_free (output);
      }
    if (verdict != GSASL_OK)
      return false;
    g_autoptr (GBytes) final = challenge.empty () ? nullptr : to_bytes (challenge);
    return postseal_sasl_is_complete (sasl, final, &error);
  }
  void
  TearDownExchange ()
  {
    verdict_is_open = false;
    g_clear_pointer (&sasl, postseal_sasl_free);
    g_clear_pointer (&link, postseal_sealed_link_free);
    g_clear_error (&error);
  }
  bool verdict_is_open = false;
};

TEST_F (SaslPeer, SignsInWithEveryPasswordMechanism)
{
  for (const char *mechanism : { "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256" })
    {
      EXPECT_TRUE (run (mechanism, "user", "pencil"))
          << mechanism << ": " << gsasl_strerror (verdict) << (error ? error->message : "");
      EXPECT_FALSE (run (mechanism, "user", "pencil!")) << mechanism;
    }
}

TEST_F (SaslPeer, CarriesTextThatIsNotAscii)
{
  server.password = "p\u00e4ssw\u00f6rd";
  for (const char *mechanism : { "PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256" })
    {
      EXPECT_TRUE (run (mechanism, "j\u00fcrgen,=", server.password.c_str ())) << mechanism;
    }
  /* The same letters, typed as base letter and mark. */
  EXPECT_TRUE (run ("SCRAM-SHA-256", "user", "pa\u0308sswo\u0308rd"));
}

TEST_F (SaslPeer, BindsToTheChannel)
{
  FakeTls::binding = "01234567890123456789012345678901";
  server.binding = FakeTls::binding;
  for (const char *mechanism : { "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS" })
    EXPECT_TRUE (run (mechanism, "user", "pencil", TRUE))
        << mechanism << ": " << gsasl_strerror (verdict) << (error ? error->message : "");
}

/* Somebody in the middle has two TLS connections, with two exporters (RFC 9266). */
TEST_F (SaslPeer, FailsWhenTheEndsSeeDifferentChannels)
{
  FakeTls::binding = "01234567890123456789012345678901";
  server.binding = "11234567890123456789012345678901";
  for (const char *mechanism : { "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS" })
    {
      EXPECT_FALSE (run (mechanism, "user", "pencil", TRUE)) << mechanism;
      EXPECT_FALSE (postseal_sasl_is_complete (sasl, nullptr, nullptr));
    }
}

/* RFC 5802 section 6: with "y" a server that did offer -PLUS knows that it was removed. */
TEST_F (SaslPeer, TheServerNoticesThatItsPlusWasRemoved)
{
  FakeTls::binding = "01234567890123456789012345678901";
  server.binding = FakeTls::binding;
  EXPECT_FALSE (run ("SCRAM-SHA-256", "user", "pencil", FALSE));
  server.binding.clear ();
  EXPECT_TRUE (run ("SCRAM-SHA-256", "user", "pencil", FALSE));
}

}
