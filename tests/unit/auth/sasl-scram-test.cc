/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include "auth-support.h"
#include "auth/sasl-prep-private.h"
#include "auth/sasl-private.h"

using namespace std::string_literals;

namespace
{

/* RFC 7677 section 3. */
constexpr const char *sha256_nonce = "rOprNGfwEbeRWgbNEkqO";
constexpr const char *sha256_first
    = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

class Scram : public testing::Test
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
  begin (const char *mechanism,
         const char *nonce,
         gboolean offers_plus = FALSE,
         const char *user = "user",
         const char *password = "pencil")
  {
    TearDown ();
    link = make_link ();
    restart (mechanism, nonce, offers_plus, user, password);
  }
  void
  restart (const char *mechanism,
           const char *nonce,
           gboolean offers_plus = FALSE,
           const char *user = "user",
           const char *password = "pencil")
  {
    g_autoptr (PostsealCredential) secret = postseal_credential_new (password, -1);
    g_clear_pointer (&sasl, postseal_sasl_free);
    sasl = postseal_sasl_new (link, mechanism, user, secret, offers_plus);
    if (nonce != nullptr)
      _postseal_sasl_set_nonce (sasl, nonce);
  }
  /* The exchange of RFC 7677 up to the server's signature. */
  void
  reach_final ()
  {
    begin ("SCRAM-SHA-256", sha256_nonce);
    step (sasl, nullptr);
    ASSERT_NE (step (sasl, sha256_first), "(null)");
  }
  void
  expect_server_error (const std::string &challenge)
  {
    g_autoptr (GError) local = nullptr;
    begin ("SCRAM-SHA-256", sha256_nonce);
    step (sasl, nullptr);
    EXPECT_EQ (step (sasl, challenge.c_str (), &local), "(null)") << challenge;
    EXPECT_TRUE (g_error_matches (local, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER))
        << challenge;
    EXPECT_FALSE (postseal_sasl_is_complete (sasl, nullptr, nullptr));
  }
};

/* RFC 5802 section 5. */
TEST_F (Scram, Sha1MatchesTheExampleOfItsRfc)
{
  begin ("SCRAM-SHA-1", "fyko+d2lbbFgONRv9qkxdawL");
  EXPECT_TRUE (postseal_sasl_is_client_first (sasl));
  EXPECT_EQ (step (sasl, nullptr), "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
  EXPECT_EQ (step (sasl, "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,"
                         "i=4096"),
             "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
             "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
  EXPECT_FALSE (postseal_sasl_is_complete (sasl, nullptr, nullptr));
}

TEST_F (Scram, Sha1EndsWithTheServersSignature)
{
  begin ("SCRAM-SHA-1", "fyko+d2lbbFgONRv9qkxdawL");
  step (sasl, nullptr);
  step (sasl, "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096");
  EXPECT_EQ (step (sasl, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="), "");
  EXPECT_TRUE (postseal_sasl_is_complete (sasl, nullptr, nullptr));
}

TEST_F (Scram, Sha256MatchesTheExampleOfItsRfc)
{
  begin ("SCRAM-SHA-256", sha256_nonce);
  EXPECT_EQ (step (sasl, nullptr), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  EXPECT_EQ (step (sasl, sha256_first),
             "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
             "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  EXPECT_EQ (step (sasl, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), "");
  EXPECT_TRUE (postseal_sasl_is_complete (sasl, nullptr, nullptr));
}

/* RFC 4954 section 4, RFC 5034 section 4: the signature may come with the success. */
TEST_F (Scram, TakesTheSignatureThatComesWithTheSuccess)
{
  reach_final ();
  g_autoptr (GBytes) final = to_bytes ("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  EXPECT_TRUE (postseal_sasl_is_complete (sasl, final, nullptr));
}

TEST_F (Scram, ASuccessWithoutTheSignatureIsNone)
{
  reach_final ();
  EXPECT_FALSE (postseal_sasl_is_complete (sasl, nullptr, &error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER));
}

TEST_F (Scram, ASuccessBeforeTheExchangeIsNone)
{
  begin ("SCRAM-SHA-256", sha256_nonce);
  step (sasl, nullptr);
  g_autoptr (GBytes) final = to_bytes ("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  EXPECT_FALSE (postseal_sasl_is_complete (sasl, final, &error));
}

TEST_F (Scram, RefusesAForgedSignature)
{
  for (const char *forged :
       { "v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "v=6rriTRBi23WpRR/wtup+mA==", "v=",
         "v=!!", "x=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "", "v" })
    {
      g_autoptr (GError) local = nullptr;
      reach_final ();
      EXPECT_EQ (step (sasl, forged, &local), "(null)") << forged;
      EXPECT_TRUE (g_error_matches (local, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER));
      /* The right one does not help any more. */
      g_autoptr (GBytes) right = to_bytes ("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
      EXPECT_FALSE (postseal_sasl_is_complete (sasl, right, nullptr));
    }
}

TEST_F (Scram, RefusesANonceThatDoesNotContinueOurs)
{
  expect_server_error ("r=rOprNGfwEbeRWgbNEkq,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  expect_server_error ("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  expect_server_error ("r=XrOprNGfwEbeRWgbNEkqOX,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  expect_server_error ("r=,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  expect_server_error ("r=rOprNGfwEbeRWgbNEkqO\x7f,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
}

/* RFC 5802 section 5.1: the count is the server's to choose; 2^31 would be hours. */
TEST_F (Scram, RefusesAnAbsurdIterationCount)
{
  for (const char *count : { "0", "-1", "2147483648", "4294967297", "18446744073709551617",
                             "1000001", "", "4096x", " 4096", "04096", "+4096" })
    expect_server_error ("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i="s + count);
}

TEST_F (Scram, RefusesAMandatoryExtension)
{
  expect_server_error ("m=x,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  expect_server_error ("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,m=x");
}

TEST_F (Scram, IgnoresOptionalExtensions)
{
  begin ("SCRAM-SHA-256", sha256_nonce);
  step (sasl, nullptr);
  EXPECT_NE (step (sasl, "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1,x=y"), "(null)");
}

TEST_F (Scram, RefusesMalformedFirstMessages)
{
  for (const char *message :
       { "", "r", "r=rOprNGfwEbeRWgbNEkqOx", "r=rOprNGfwEbeRWgbNEkqOx,i=4096,s=W22Z",
         "r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096", "r=rOprNGfwEbeRWgbNEkqOx,s=W22,i=4096",
         "r=rOprNGfwEbeRWgbNEkqOx,s=W2 Z,i=4096", "\xff\xfe", ",,,," })
    expect_server_error (message);
  expect_server_error (std::string (16000, ','));
}

TEST_F (Scram, RefusesAServerThatSpeaksFirst)
{
  begin ("SCRAM-SHA-256", sha256_nonce);
  EXPECT_EQ (step (sasl, sha256_first, &error), "(null)");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER));
}

/* RFC 5802 section 7, server-error-value: what is about the password, and what is not. */
TEST_F (Scram, TellsTheServersErrorsApart)
{
  const struct
  {
    const char *message;
    int code;
  } cases[] = {
    { "e=invalid-proof", POSTSEAL_AUTH_ERROR_REJECTED },
    { "e=unknown-user", POSTSEAL_AUTH_ERROR_REJECTED },
    { "e=other-error", POSTSEAL_AUTH_ERROR_REJECTED },
    { "e=\x1b[31mred", POSTSEAL_AUTH_ERROR_REJECTED },
    { "e=no-resources", POSTSEAL_AUTH_ERROR_BUSY },
    { "e=server-does-support-channel-binding", POSTSEAL_AUTH_ERROR_SERVER },
    { "e=channel-bindings-dont-match", POSTSEAL_AUTH_ERROR_SERVER },
    { "e=unsupported-channel-binding-type", POSTSEAL_AUTH_ERROR_NO_MECHANISM },
  };
  for (const auto &one : cases)
    {
      g_autoptr (GError) local = nullptr;
      reach_final ();
      EXPECT_EQ (step (sasl, one.message, &local), "(null)");
      EXPECT_TRUE (g_error_matches (local, POSTSEAL_AUTH_ERROR, one.code)) << one.message;
      ASSERT_NE (postseal_sasl_get_refusal (sasl), nullptr);
      EXPECT_EQ (std::string (local->message).find ('\x1b'), std::string::npos);
    }
}

TEST_F (Scram, ErrorsNeverHoldThePassword)
{
  for (const char *message : { "e=invalid-proof", "v=AAAA", "x" })
    {
      g_autoptr (GError) local = nullptr;
      reach_final ();
      step (sasl, message, &local);
      std::string text = local->message;
      EXPECT_EQ (text.find ("pencil"), std::string::npos);
      EXPECT_EQ (text.find ("cGVuY2ls"), std::string::npos);
    }
}

TEST_F (Scram, EscapesCommaAndEqualsInTheUser)
{
  begin ("SCRAM-SHA-256", "N", FALSE, "a=b,c");
  EXPECT_EQ (step (sasl, nullptr), "n,,n=a=3Db=2Cc,r=N");
}

TEST_F (Scram, UsesAFreshNonceEachTime)
{
  begin ("SCRAM-SHA-256", nullptr);
  std::string one = step (sasl, nullptr);
  restart ("SCRAM-SHA-256", nullptr);
  std::string two = step (sasl, nullptr);
  EXPECT_NE (one, two);
  EXPECT_GE (one.size (), strlen ("n,,n=user,r=") + 24);
}

/* RFC 5802 section 6: "n" without binding data, "y" when the server's -PLUS was not seen. */
TEST_F (Scram, SaysWhetherItCouldBindToTheChannel)
{
  begin ("SCRAM-SHA-256", "N");
  EXPECT_EQ (step (sasl, nullptr).substr (0, 3), "n,,");
  FakeTls::binding = "binding";
  restart ("SCRAM-SHA-256", "N", FALSE);
  EXPECT_EQ (step (sasl, nullptr).substr (0, 3), "y,,");
  restart ("SCRAM-SHA-256", "N", TRUE);
  EXPECT_EQ (step (sasl, nullptr).substr (0, 3), "n,,");
  restart ("SCRAM-SHA-256-PLUS", "N", TRUE);
  EXPECT_EQ (step (sasl, nullptr).substr (0, 16), "p=tls-exporter,,");
  FakeTls::binding_type = "tls-unique";
  restart ("SCRAM-SHA-1-PLUS", "N", TRUE);
  EXPECT_EQ (step (sasl, nullptr).substr (0, 14), "p=tls-unique,,");
}

TEST_F (Scram, PlusRepeatsHeaderAndBindingData)
{
  begin ("SCRAM-SHA-256-PLUS", "N", TRUE);
  FakeTls::binding = "12345678901234567890123456789012";
  restart ("SCRAM-SHA-256-PLUS", "N", TRUE);
  step (sasl, nullptr);
  std::string final = step (sasl, "r=Nx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  g_autofree char *bound
      = g_base64_encode ((const guchar *)"p=tls-exporter,,12345678901234567890123456789012", 48);
  EXPECT_EQ (final.find ("c="s + bound + ",r=Nx,p="), 0u);
}

TEST_F (Scram, PlusNeedsSomethingToBindTo)
{
  begin ("SCRAM-SHA-256-PLUS", "N", TRUE);
  EXPECT_EQ (step (sasl, nullptr, &error), "(null)");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS));
}

TEST_F (Scram, RefusesAPasswordWithControlCharacters)
{
  begin ("SCRAM-SHA-256", "N", FALSE, "user", "pen\tcil");
  step (sasl, nullptr);
  EXPECT_EQ (step (sasl, "r=Nx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", &error), "(null)");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS));
  EXPECT_EQ (std::string (error->message).find ("cil"), std::string::npos);
}

TEST_F (Scram, CanBeCancelledWhileItHashes)
{
  Waiter waiter;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GBytes) challenge = to_bytes ("r=Nx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000000");
  begin ("SCRAM-SHA-256", "N");
  step (sasl, nullptr);
  postseal_sasl_step_async (sasl, challenge, cancellable, Waiter::on_done, &waiter);
  g_cancellable_cancel (cancellable);
  gint64 start = g_get_monotonic_time ();
  EXPECT_EQ (postseal_sasl_step_finish (sasl, waiter.wait (), &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  EXPECT_LT (g_get_monotonic_time () - start, 500000);
}

TEST_F (Scram, HashingLeavesTheLoopFree)
{
  Waiter waiter;
  guint turns = 0;
  g_autoptr (GBytes) challenge = to_bytes ("r=Nx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=100000");
  begin ("SCRAM-SHA-256", "N");
  step (sasl, nullptr);
  postseal_sasl_step_async (sasl, challenge, nullptr, Waiter::on_done, &waiter);
  while (waiter.result == nullptr)
    {
      g_main_context_iteration (nullptr, FALSE);
      turns++;
    }
  EXPECT_GT (turns, 100u);
  EXPECT_NE (take_string (postseal_sasl_step_finish (sasl, waiter.result, nullptr)), "(null)");
}

/* RFC 4013 section 3. */
TEST (SaslPrep, MatchesTheExamplesOfItsRfc)
{
  auto prep = [] (const std::string &text) {
    return take_string (_postseal_sasl_prep (text.data (), text.size ()));
  };
  EXPECT_EQ (prep ("I\u00adX"), "IX");
  EXPECT_EQ (prep ("user"), "user");
  EXPECT_EQ (prep ("USER"), "USER");
  EXPECT_EQ (prep ("\u00aa"), "a");
  EXPECT_EQ (prep ("\u2168"), "IX");
  EXPECT_EQ (prep ("\x07"), "(null)");
  EXPECT_EQ (prep ("a\u00a0b\u3000c"), "a b c");
  EXPECT_EQ (prep (""), "");
  EXPECT_EQ (prep ("a\0b"s), "(null)");
  EXPECT_EQ (prep ("\xff"), "(null)");
  EXPECT_EQ (prep ("a\u202eb"), "(null)");
  EXPECT_EQ (prep ("\ue000"), "(null)");
}

/* GLib's own NFKC is the other opinion. */
TEST (SaslPrep, AgreesWithTheNormalFormOfGlib)
{
  for (const char *text :
       { "p\u00e4ssw\u00f6rd", "pa\u0308sswo\u0308rd", "\u1e9b\u0323", "q\u0307\u0323",
         "\u1100\u1161\u11a8", "\uac01", "\ufb01ne", "\u212b", "a\u0301\u0301\u0323b", "\u0344",
         "\u2460\u00bd", "\u0915\u093c", "\u4f60\u597d", "\u0061\u0315\u0300\u05ae\u0062",
         "\u1e0a\u0323", "\ud4db", "\U0001d158\u0301" })
    {
      g_autofree char *expected = g_utf8_normalize (text, -1, G_NORMALIZE_ALL_COMPOSE);
      EXPECT_EQ (take_string (_postseal_sasl_prep (text, strlen (text))), expected) << text;
    }
}

}
