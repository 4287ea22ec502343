/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap-peer.h"

#include "net/net-error.h"

using std::string;

namespace
{

const char plain[] = "AUTHENTICATE PLAIN AGphbmUAc2VjcmV0"; /* NUL jane NUL secret */
const char id[] = "ID (\"name\" \"Postseal\" \"version\" \"" POSTSEAL_VERSION "\")";

class ImapLogin : public ImapTest
{
protected:
  void
  expect_error (GQuark domain, int code, const string &words)
  {
    ASSERT_NE (error, nullptr);
    EXPECT_TRUE (g_error_matches (error, domain, code)) << error->message;
    EXPECT_NE (string (error->message).find (words), string::npos) << error->message;
    EXPECT_NE (string (error->message).find ("mail.example.org"), string::npos) << error->message;
  }
};

} // namespace

/* The whole price of a poll: greeting, sign-in, and one flight of all the rest (RFC 9051
 * section 5.5). */
TEST_F (ImapLogin, PollTakesTwoFlights)
{
  open ();
  ASSERT_TRUE (login ()) << error->message;
  postseal_imap_status_free (select ("INBOX"));
  ASSERT_EQ (error, nullptr);
  ASSERT_EQ (peer->flights.size (), 2u);
  EXPECT_EQ (peer->flights[0], plain);
  EXPECT_EQ (peer->flights[1], string (id) + "\nSELECT INBOX");
}

/* RFC 9051 section 6.2.1: there is no second greeting, and what was heard before is forgotten. */
TEST_F (ImapLogin, AfterAnUpgradeAsksForCapabilitiesFirst)
{
  open (false);
  ASSERT_TRUE (login ()) << error->message;
  ASSERT_EQ (peer->flights.size (), 2u);
  EXPECT_EQ (peer->flights[0], "CAPABILITY");
  EXPECT_EQ (peer->flights[1], plain);
}

TEST_F (ImapLogin, GreetingWithoutCapabilitiesCostsAQuestion)
{
  greeting = "* OK\r\n"; /* with no text at all, RFC 9051 appendix E item 23 */
  open ();
  ASSERT_TRUE (login ()) << error->message;
  EXPECT_EQ (peer->flights[0], "CAPABILITY");
}

/* RFC 9051 section 6.2.2: replaced, never merged. */
TEST_F (ImapLogin, CapabilityLostAtSignInIsNotUsed)
{
  greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR UIDPLUS ID AUTH=PLAIN] hello\r\n";
  caps = "IMAP4rev1 X-NEW";
  open ();
  ASSERT_TRUE (login ()) << error->message;
  EXPECT_FALSE (postseal_imap_session_has_capability (session, "UIDPLUS"));
  EXPECT_FALSE (postseal_imap_session_has_capability (session, "ID"));
  EXPECT_TRUE (postseal_imap_session_has_capability (session, "x-new"));
}

TEST_F (ImapLogin, CapabilitiesThatDoNotComeWithOkAreAskedFor)
{
  greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR UIDPLUS AUTH=PLAIN] hello\r\n";
  open ();
  peer->answers["AUTHENTICATE"] = "TAG OK in\r\n";
  peer->answers["CAPABILITY"] = "* CAPABILITY IMAP4rev1 MOVE\r\nTAG OK\r\n";
  ASSERT_TRUE (login ()) << error->message;
  EXPECT_EQ (peer->flights.size (), 2u);
  EXPECT_EQ (peer->flights[1], "CAPABILITY");
  EXPECT_TRUE (postseal_imap_session_has_capability (session, "MOVE"));
  EXPECT_FALSE (postseal_imap_session_has_capability (session, "UIDPLUS"));
}

TEST_F (ImapLogin, CapabilitiesBeforeTheOkAreThoseOfTheUser)
{
  open ();
  peer->answers["AUTHENTICATE"] = "* CAPABILITY IMAP4rev1 MOVE\r\nTAG OK in\r\n";
  ASSERT_TRUE (login ()) << error->message;
  EXPECT_EQ (peer->flights.size (), 1u);
  EXPECT_TRUE (postseal_imap_session_has_capability (session, "MOVE"));
}

/* RFC 4959 section 3: only when it is advertised. */
TEST_F (ImapLogin, WithoutSaslIrTheResponseWaitsForThePlus)
{
  greeting = "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n";
  open ();
  peer->answers["AUTHENTICATE"] = "+ \r\n";
  peer->on_sasl = [] (const string &tag, const string &line) {
    EXPECT_EQ (line, "AGphbmUAc2VjcmV0");
    return tag + " OK [CAPABILITY IMAP4rev1] in\r\n";
  };
  ASSERT_TRUE (login ()) << error->message;
  ASSERT_EQ (peer->flights.size (), 2u);
  EXPECT_EQ (peer->flights[0], "AUTHENTICATE PLAIN");
}

/* RFC 4959 section 3: an empty initial response is "=". */
TEST_F (ImapLogin, EmptyInitialResponseIsAnEqualSign)
{
  greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=EXTERNAL AUTH=PLAIN] hello\r\n";
  open (true, true);
  g_clear_pointer (&auth, postseal_authenticator_unref);
  auth = postseal_authenticator_new ("work", "", vault.get (), nullptr, nullptr);
  ASSERT_TRUE (login ()) << error->message;
  EXPECT_EQ (peer->flights[0], "AUTHENTICATE EXTERNAL =");
}

TEST_F (ImapLogin, MechanismWhereTheServerSpeaksFirst)
{
  static const char *const mechanisms[] = { "LOGIN", nullptr };
  int n_lines = 0;

  greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=LOGIN LOGINDISABLED] hello\r\n";
  open ();
  use_mechanisms (mechanisms);
  peer->answers["AUTHENTICATE"] = "+ VXNlcm5hbWU6\r\n";
  peer->on_sasl = [&] (const string &tag, const string &line) -> string {
    if (n_lines++ == 0)
      {
        EXPECT_EQ (line, "amFuZQ==");
        return "+ UGFzc3dvcmQ6\r\n";
      }
    EXPECT_EQ (line, "c2VjcmV0");
    return tag + " OK [CAPABILITY IMAP4rev1] in\r\n";
  };
  EXPECT_TRUE (login ()) << error->message;
  EXPECT_STREQ (postseal_imap_session_get_seal (session)->mechanism, "LOGIN");
}

/* --- LOGIN --- */

TEST_F (ImapLogin, LoginCommandWhenNoMechanismIsOffered)
{
  greeting = "* OK [CAPABILITY IMAP4rev1] hello\r\n";
  open ();
  ASSERT_TRUE (login ()) << error->message;
  EXPECT_EQ (peer->flights[0], "LOGIN jane secret");
  EXPECT_STREQ (postseal_imap_session_get_seal (session)->mechanism, "IMAP-LOGIN");
}

TEST_F (ImapLogin, PasswordWithQuotesIsQuoted)
{
  Vault odd ("a \"b\\");

  greeting = "* OK [CAPABILITY IMAP4rev1] hello\r\n";
  open ();
  g_clear_pointer (&auth, postseal_authenticator_unref);
  auth = postseal_authenticator_new ("work", "jane doe", odd.get (), nullptr, nullptr);
  ASSERT_TRUE (login ()) << error->message;
  EXPECT_EQ (peer->flights[0], "LOGIN \"jane doe\" \"a \\\"b\\\\\"");
}

/* RFC 9051 section 4.3: eight-bit text needs a literal, which waits for "+" unless the server says
 * otherwise. */
TEST_F (ImapLogin, PasswordThatIsNotAsciiIsALiteral)
{
  Vault odd ("pässword");

  greeting = "* OK [CAPABILITY IMAP4rev1] hello\r\n";
  open ();
  g_clear_pointer (&auth, postseal_authenticator_unref);
  auth = postseal_authenticator_new ("work", "jane", odd.get (), nullptr, nullptr);
  ASSERT_TRUE (login ()) << error->message;
  EXPECT_EQ (peer->commands[0], "LOGIN jane {9}|pässword");
  EXPECT_EQ (peer->flights.size (), 2u);
  EXPECT_EQ (transcript.find ("ssword"), string::npos) << transcript;
}

TEST_F (ImapLogin, LiteralPlusSavesARoundTrip)
{
  Vault odd ("pässword");

  greeting = "* OK [CAPABILITY IMAP4rev1 LITERAL-] hello\r\n";
  open ();
  g_clear_pointer (&auth, postseal_authenticator_unref);
  auth = postseal_authenticator_new ("work", "jane", odd.get (), nullptr, nullptr);
  ASSERT_TRUE (login ()) << error->message;
  EXPECT_EQ (peer->commands[0], "LOGIN jane {9+}|pässword");
  EXPECT_EQ (peer->flights.size (), 1u);
}

/* RFC 9051 section 4.3: the literal is not sent after a refusal. */
TEST_F (ImapLogin, RefusedLiteralIsNotSent)
{
  Vault odd ("pässword");

  greeting = "* OK [CAPABILITY IMAP4rev1] hello\r\n";
  open ();
  g_clear_pointer (&auth, postseal_authenticator_unref);
  auth = postseal_authenticator_new ("work", "jane", odd.get (), nullptr, nullptr);
  peer->literal_refusal = "NO [AUTHENTICATIONFAILED] not you";
  EXPECT_FALSE (login ());
  expect_error (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED, "not you");
  EXPECT_EQ (peer->flights.size (), 1u);
}

TEST_F (ImapLogin, LoginDisabledIsHonoured)
{
  greeting = "* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello\r\n";
  open ();
  EXPECT_FALSE (login ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM));
  EXPECT_TRUE (peer->flights.empty ());
}

/* --- refusals: RFC 5530 section 3 --- */

TEST_F (ImapLogin, EachResponseCodeHasItsMeaning)
{
  const struct
  {
    const char *reply;
    GQuark domain;
    int code;
  } cases[] = {
    { "NO [AUTHENTICATIONFAILED] why", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED },
    { "NO [AUTHORIZATIONFAILED] why", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED },
    { "NO [EXPIRED] why", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED },
    { "NO [UNAVAILABLE] why", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_BUSY },
    { "NO [INUSE] why", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_BUSY },
    { "NO [LIMIT] why", POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_LIMIT },
    /* Gmail, Dovecot, Cyrus: nothing is said against the password. */
    { "NO [ALERT] Too many simultaneous connections. (Failure) why", POSTSEAL_IMAP_ERROR,
      POSTSEAL_IMAP_ERROR_LIMIT },
    { "NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded: why",
      POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_LIMIT },
    { "NO Too many open connections, why", POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_LIMIT },
    { "NO [AUTHENTICATIONFAILED] too many connections, why", POSTSEAL_AUTH_ERROR,
      POSTSEAL_AUTH_ERROR_REJECTED },
    { "NO [OVERQUOTA] why", POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED },
    { "NO [SERVERBUG] why", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_BUSY },
    { "NO [PRIVACYREQUIRED] why", POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED },
    { "NO [CONTACTADMIN] why", POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED },
    { "NO [REFERRAL imap://jane;AUTH=*@why.example/] elsewhere", POSTSEAL_IMAP_ERROR,
      POSTSEAL_IMAP_ERROR_REFUSED },
    { "NO why", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED },
    { "NO [X-NEW 1] why", POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED },
  };

  greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN] hello\r\n";
  for (const auto &one : cases)
    {
      open ();
      peer->answers["AUTHENTICATE"] = string ("TAG ") + one.reply + "\r\n";
      EXPECT_FALSE (login ());
      ASSERT_NE (error, nullptr);
      EXPECT_TRUE (g_error_matches (error, one.domain, one.code)) << one.reply;
      expect_error (one.domain, one.code, "why");
      /* No weaker mechanism after a definite refusal. */
      EXPECT_EQ (peer->commands.size (), 1u) << one.reply;
      TearDown ();
      session = nullptr;
      peer = nullptr;
    }
  open ();
}

/* A stored password is not to be doubted for this. */
TEST_F (ImapLogin, RefusalWithoutReasonIsCalledAmbiguous)
{
  open ();
  peer->answers["AUTHENTICATE"] = "TAG NO Temporary failure\r\n";
  EXPECT_FALSE (login ());
  expect_error (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED, "may be right all the same");
}

TEST_F (ImapLogin, NextMechanismOnlyWhenOneIsNotSupported)
{
  greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n";
  for (const char *refusal : { "BAD unknown mechanism", "NO [CANNOT] not this one" })
    {
      open ();
      use_mechanisms (nullptr);
      peer->answers["AUTHENTICATE"] = string ("TAG ") + refusal + "\r\n";
      EXPECT_TRUE (login ());
      ASSERT_EQ (peer->commands.size (), 2u) << refusal;
      EXPECT_EQ (peer->commands[1], "LOGIN jane secret");
      TearDown ();
      session = nullptr;
      peer = nullptr;
    }
  open ();
}

TEST_F (ImapLogin, WhenNothingIsLeftTheServersWordsAreTold)
{
  greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN LOGINDISABLED] hello\r\n";
  open ();
  peer->answers["AUTHENTICATE"] = "TAG BAD plain is broken here\r\n";
  EXPECT_FALSE (login ());
  expect_error (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM, "plain is broken here");
}

/* RFC 7628 section 3.2.3: the refusal comes as a challenge, which wants its answer. */
TEST_F (ImapLogin, OauthRefusalInsideTheMechanismIsDefinite)
{
  static const char *const mechanisms[] = { "OAUTHBEARER", nullptr };

  greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=OAUTHBEARER] hello\r\n";
  open ();
  use_mechanisms (mechanisms);
  /* {"status":"invalid_token"} */
  peer->answers["AUTHENTICATE"] = "+ eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\r\n";
  peer->on_sasl = [] (const string &tag, const string &line) {
    EXPECT_EQ (line, "AQ==");
    return tag + " NO failed\r\n";
  };
  EXPECT_FALSE (login ());
  expect_error (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED, "invalid_token");
}

/* RFC 5802 section 5: the server proves itself, or its OK is worth nothing. */
TEST_F (ImapLogin, OkBeforeTheServersProofDropsTheLink)
{
  greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-256] hello\r\n";
  open ();
  EXPECT_FALSE (login ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER))
      << error->message;
  EXPECT_EQ (postseal_imap_session_get_seal (session)->mechanism, nullptr);
  postseal_imap_status_free (select ("INBOX"));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER));
  EXPECT_EQ (peer->commands.size (), 1u);
}

/* RFC 5802 section 3, RFC 7677: the server's side of SCRAM-SHA-256, for one user. */
static string
hmac (const string &key, const string &text)
{
  guint8 digest[32];
  gsize length = sizeof digest;
  g_autoptr (GHmac) state
      = g_hmac_new (G_CHECKSUM_SHA256, reinterpret_cast<const guchar *> (key.data ()), key.size ());

  g_hmac_update (state, reinterpret_cast<const guchar *> (text.data ()),
                 static_cast<gssize> (text.size ()));
  g_hmac_get_digest (state, digest, &length);
  return string (reinterpret_cast<char *> (digest), length);
}

static string
decode (const string &line)
{
  gsize length = 0;
  g_autofree guchar *bytes = g_base64_decode (line.c_str (), &length);

  return string (reinterpret_cast<char *> (bytes), length);
}

static string
encode (const string &text)
{
  g_autofree char *line
      = g_base64_encode (reinterpret_cast<const guchar *> (text.data ()), text.size ());

  return line;
}

static string
sign_as_server (const string &password, const string &salt, int rounds, const string &message)
{
  string u = hmac (password, salt + string ("\0\0\0\1", 4));
  string salted = u;

  for (int i = 1; i < rounds; i++)
    {
      u = hmac (password, u);
      for (size_t k = 0; k < u.size (); k++)
        salted[k] = static_cast<char> (salted[k] ^ u[k]);
    }
  return hmac (hmac (salted, "Server Key"), message);
}

/* The server proves itself before its OK; a forged proof ends the connection (RFC 5802 section 5).
 */
TEST_F (ImapLogin, ScramServerHasToProveItself)
{
  greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-256 AUTH=PLAIN] hello\r\n";
  for (bool is_forged : { false, true })
    {
      string bare;
      string first;
      int n_lines = 0;

      open ();
      use_mechanisms (nullptr);
      peer->on_command = [&] (const string &tag, const string &command, string &reply) {
        if (command.compare (0, 27, "AUTHENTICATE SCRAM-SHA-256 ") != 0)
          return false;
        bare = decode (command.substr (27));
        bare = bare.substr (bare.find ("n=", 1));
        first
            = "r=" + bare.substr (bare.find ("r=") + 2) + "SERVER,s=" + encode ("salt") + ",i=4096";
        reply = "+ " + encode (first) + "\r\n";
        return true;
      };
      peer->on_sasl = [&] (const string &tag, const string &line) {
        string answer = decode (line);

        if (n_lines++ > 0)
          {
            EXPECT_EQ (line, "");
            return tag + " OK [CAPABILITY IMAP4rev1] in\r\n";
          }
        string message = bare + "," + first + "," + answer.substr (0, answer.find (",p="));
        string proof = sign_as_server (is_forged ? "other" : "secret", "salt", 4096, message);
        return "+ " + encode ("v=" + encode (proof)) + "\r\n";
      };
      EXPECT_EQ (login (), !is_forged);
      if (is_forged)
        {
          EXPECT_TRUE (g_error_matches (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER))
              << error->message;
          EXPECT_EQ (n_lines, 1);
        }
      else
        EXPECT_STREQ (postseal_imap_session_get_seal (session)->mechanism, "SCRAM-SHA-256");
      TearDown ();
      session = nullptr;
      peer = nullptr;
    }
  open ();
}

TEST_F (ImapLogin, ChallengeThatIsNotBase64IsCancelled)
{
  string heard;

  greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=CRAM-MD5] hello\r\n";
  static const char *const mechanisms[] = { "CRAM-MD5", nullptr };
  open ();
  use_mechanisms (mechanisms);
  peer->answers["AUTHENTICATE"] = "+ not base64!\r\n";
  peer->on_sasl = [&] (const string &tag, const string &line) {
    heard = line;
    return tag + " BAD cancelled\r\n";
  };
  EXPECT_FALSE (login ());
  EXPECT_EQ (heard, "*");
  expect_error (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER, "base64");
}

/* --- greetings --- */

TEST_F (ImapLogin, PreauthIsNotTakenForSigningIn)
{
  greeting = "* PREAUTH [CAPABILITY IMAP4rev1] welcome, whoever\r\n";
  open ();
  EXPECT_FALSE (login ());
  expect_error (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM, "PREAUTH");
  EXPECT_TRUE (peer->flights.empty ());
}

TEST_F (ImapLogin, PreauthByClientCertificateIsTaken)
{
  greeting = "* PREAUTH [CAPABILITY IMAP4rev1 UIDPLUS] welcome, Jane\r\n";
  open (true, true);
  ASSERT_TRUE (login ()) << error->message;
  EXPECT_TRUE (postseal_imap_session_has_capability (session, "UIDPLUS"));
  EXPECT_TRUE (peer->flights.empty ());
}

TEST_F (ImapLogin, ByeAsGreetingMeansLater)
{
  greeting = "* BYE [UNAVAILABLE] too many connections\r\n";
  open ();
  EXPECT_FALSE (login ());
  expect_error (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_LIMIT, "too many connections");
  TearDown ();
  session = nullptr;
  greeting = "* BYE [UNAVAILABLE] going down\r\n";
  open ();
  EXPECT_FALSE (login ());
  expect_error (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_BUSY, "going down");
}

/* RFC 2221 section 3: shown, never followed. */
TEST_F (ImapLogin, ReferralInByeIsShownNotFollowed)
{
  greeting = "* BYE [REFERRAL imap://other.example/] go to other.example\r\n";
  open ();
  EXPECT_FALSE (login ());
  expect_error (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED, "other.example");
}

TEST_F (ImapLogin, WhatIsNoGreetingEndsIt)
{
  for (const char *odd : { "* CAPABILITY IMAP4rev1\r\n", "a1 OK hello\r\n", "+ hello\r\n",
                           "* NO hello\r\n", "220 smtp.example.org ESMTP\r\n", "\r\n" })
    {
      greeting = odd;
      open ();
      EXPECT_FALSE (login ()) << odd;
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_PROTOCOL))
          << odd;
      EXPECT_TRUE (peer->flights.empty ()) << odd;
      TearDown ();
      session = nullptr;
      peer = nullptr;
    }
  open ();
}

/* RFC 9051 section 11.3: before sign-in only CAPABILITY and statuses count. */
TEST_F (ImapLogin, DataBeforeSignInAreIgnored)
{
  GPtrArray *names = nullptr;

  caps = "IMAP4rev1";
  greeting
      += "* 5 EXISTS\r\n* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n* ENABLED QRESYNC UTF8=ACCEPT\r\n"
         "* LIST () \"/\" evil\r\n* NAMESPACE ((\"evil/\" \"/\")) NIL NIL\r\n* X-ODD 1\r\n";
  open ();
  ASSERT_TRUE (login ()) << error->message;
  EXPECT_EQ (peer->flights[0], plain);
  names = list ({ "Entwürfe" });
  EXPECT_EQ (peer->commands.back (), "LIST \"\" Entw&APw-rfe");
  g_clear_pointer (&names, g_ptr_array_unref);
}

/* --- what is told --- */

TEST_F (ImapLogin, TranscriptHoldsNoSecret)
{
  open ();
  ASSERT_TRUE (login ()) << error->message;
  EXPECT_EQ (transcript.find ("secret"), string::npos) << transcript;
  EXPECT_EQ (transcript.find ("AGphbmUAc2VjcmV0"), string::npos) << transcript;
  EXPECT_NE (transcript.find (" AUTHENTICATE PLAIN ***\n"), string::npos) << transcript;
  EXPECT_NE (transcript.find ("< * OK [CAPABILITY"), string::npos) << transcript;
}

/* RFC 9051 section 7.1: ALERT is for the user, once. */
TEST_F (ImapLogin, AlertsAreCollectedOnce)
{
  open ();
  peer->answers["AUTHENTICATE"]
      = "* NO [ALERT] disk \x1b[31mfull\r\n* OK [ALERT] disk \x1b[31mfull\r\n"
        "TAG OK [CAPABILITY IMAP4rev1] in\r\n* OK [OTHER] nothing\r\n";
  ASSERT_TRUE (login ()) << error->message;
  const GPtrArray *alerts = postseal_imap_session_get_alerts (session);
  ASSERT_EQ (alerts->len, 1u);
  EXPECT_STREQ (static_cast<char *> (g_ptr_array_index (alerts, 0)), "disk \\x1B[31mfull");
}

TEST_F (ImapLogin, NothingIsAskedBeforeSignIn)
{
  open ();
  postseal_imap_status_free (select ("INBOX"));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED));
  EXPECT_TRUE (peer->flights.empty ());
}

TEST_F (ImapLogin, SilenceInsteadOfAGreetingHasALimit)
{
  Waiter waiter;

  peer = new Peer ();
  session = postseal_imap_session_new (peer->take_link (), 20, nullptr);
  use_mechanisms (nullptr);
  EXPECT_FALSE (login ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT));
}

TEST_F (ImapLogin, TellsHowItSignsInAndWhatTheServerSaysToIt)
{
  open ();
  peer->answers["AUTHENTICATE"] = "TAG NO [AUTHENTICATIONFAILED] Wrong, \x1b[2Jjane\r\n";
  EXPECT_FALSE (login ());
  EXPECT_EQ (facts, "stage=sign-in\nmechanism=PLAIN\nsaid=Wrong, \\x1B[2Jjane\n");
}

TEST_F (ImapLogin, TellsTheWordsOfAServerThatLeaves)
{
  greeting = "* BYE too many connections\r\n";
  open ();
  EXPECT_FALSE (login ());
  EXPECT_EQ (facts, "stage=sign-in\nsaid=too many connections\n");
}
