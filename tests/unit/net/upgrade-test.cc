/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/limits.h"
#include "net/net-error.h"
#include "net/upgrade-private.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace
{

struct Outcome
{
  bool is_busy = false;
  PostsealUpgradeVerdict verdict = POSTSEAL_UPGRADE_WAITS;
  int code = -1;
  std::string sent;
  std::string message;
  bool is_usable = false;

  bool
  operator== (const Outcome &other) const
  {
    return verdict == other.verdict && code == other.code && sent == other.sent
           && message == other.message;
  }
};

/* Feeds @input in pieces of @step bytes. */
Outcome
feed (PostsealProtocol protocol, const std::string &input, size_t step, GInetAddress *own = nullptr)
{
  g_autoptr (PostsealEndpoint) endpoint
      = postseal_endpoint_new (protocol, POSTSEAL_TLS_START_UPGRADE, "h", 1);
  g_autoptr (PostsealUpgrade) script = _postseal_upgrade_new (endpoint, own, nullptr);
  g_autoptr (GString) send = g_string_new (nullptr);
  g_autoptr (GError) error = nullptr;
  Outcome outcome;

  for (size_t i = 0; i < input.size () && outcome.verdict != POSTSEAL_UPGRADE_FAILED; i += step)
    outcome.verdict = _postseal_upgrade_feed (script, input.data () + i,
                                              std::min (step, input.size () - i), send, &error);
  EXPECT_EQ (outcome.verdict == POSTSEAL_UPGRADE_FAILED, error != nullptr);
  outcome.sent = send->str;
  outcome.is_usable = _postseal_upgrade_is_usable_in_clear (script);
  if (error != nullptr)
    {
      outcome.is_busy = g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED);
      EXPECT_TRUE (error->domain == POSTSEAL_TLS_ERROR || outcome.is_busy);
      outcome.code = error->code;
      outcome.message = error->message;
    }
  return outcome;
}

/* Whole and byte by byte must agree. */
Outcome
run (PostsealProtocol protocol, const std::string &input)
{
  Outcome whole = feed (protocol, input, input.size () + 1);

  EXPECT_TRUE (whole == feed (protocol, input, 1)) << input;
  return whole;
}

void
expect_failure (PostsealProtocol protocol, const std::string &input, PostsealTlsError code)
{
  Outcome outcome = run (protocol, input);

  EXPECT_EQ (outcome.verdict, POSTSEAL_UPGRADE_FAILED) << input;
  EXPECT_EQ (outcome.code, code) << input << ": " << outcome.message;
  EXPECT_FALSE (outcome.is_busy) << input;
}

void
expect_agreement (PostsealProtocol protocol, const std::string &input, const char *sent)
{
  Outcome outcome = run (protocol, input);

  EXPECT_EQ (outcome.verdict, POSTSEAL_UPGRADE_AGREED) << input << outcome.message;
  EXPECT_EQ (outcome.sent, sent);
}

constexpr auto IMAP = POSTSEAL_PROTOCOL_IMAP;
constexpr auto POP3 = POSTSEAL_PROTOCOL_POP3;
constexpr auto SMTP = POSTSEAL_PROTOCOL_SMTP;

} // namespace

TEST (Upgrade, AsksAtOnceAndWhetherOrNotItWasOffered)
{
  Outcome outcome = run (IMAP, "* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hi\r\n");
  EXPECT_EQ (outcome.verdict, POSTSEAL_UPGRADE_WAITS);
  EXPECT_EQ (outcome.sent, "a1 STARTTLS\r\n");
  EXPECT_EQ (run (POP3, "+OK\r\n").sent, "STLS\r\n");
  EXPECT_EQ (run (SMTP, "220 hi\r\n250 hi\r\n").sent, "EHLO [127.0.0.1]\r\nSTARTTLS\r\n");
}

TEST (Upgrade, Agreement)
{
  expect_agreement (IMAP, "* OK hi\r\na1 OK go\r\n", "a1 STARTTLS\r\n");
  expect_agreement (IMAP, "* ok\r\n* CAPABILITY X\r\n* NO x\r\n* BAD x\r\na1 ok\r\n",
                    "a1 STARTTLS\r\n");
  expect_agreement (POP3, "+OK hi\r\n+OK\r\n", "STLS\r\n");
  expect_agreement (SMTP,
                    "220-a\r\n220 b\r\n250-h\r\n250-STARTTLS\r\n250 SIZE 1\r\n220-x\r\n220 y\r\n",
                    "EHLO [127.0.0.1]\r\nSTARTTLS\r\n");
}

TEST (Upgrade, EhloNamesTheAddress)
{
  g_autoptr (GInetAddress) v6 = g_inet_address_new_from_string ("2001:db8::1");

  EXPECT_EQ (feed (SMTP, "220 x\r\n", 99, v6).sent, "EHLO [IPv6:2001:db8::1]\r\n");
}

TEST (Upgrade, EveryByteBehindTheAnswerIsInjection)
{
  for (const char *extra : { "\r\n", "x", "* OK x\r\n", "\x16", " " })
    {
      expect_failure (IMAP, std::string ("* OK hi\r\na1 OK go\r\n") + extra,
                      POSTSEAL_TLS_ERROR_INJECTED);
      expect_failure (POP3, std::string ("+OK hi\r\n+OK go\r\n") + extra,
                      POSTSEAL_TLS_ERROR_INJECTED);
      expect_failure (SMTP, std::string ("220 a\r\n250 b\r\n220 c\r\n") + extra,
                      POSTSEAL_TLS_ERROR_INJECTED);
    }
  expect_failure (IMAP, std::string ("* OK hi\r\na1 OK go\r\n\0", 20), POSTSEAL_TLS_ERROR_INJECTED);
}

TEST (Upgrade, Preauth)
{
  expect_failure (IMAP, "* PREAUTH hi\r\n", POSTSEAL_TLS_ERROR_PREAUTH);
  expect_failure (IMAP, "* preauth\r\n", POSTSEAL_TLS_ERROR_PREAUTH);
  expect_failure (IMAP, "* OK hi\r\n* PREAUTH hi\r\n", POSTSEAL_TLS_ERROR_PREAUTH);
}

TEST (Upgrade, RefusalSaysWhetherTheOfferWasMissing)
{
  expect_failure (IMAP, "* OK hi\r\na1 NO\r\n", POSTSEAL_TLS_ERROR_REFUSED);
  expect_failure (IMAP, "* OK hi\r\na1 BAD what\r\n", POSTSEAL_TLS_ERROR_REFUSED);
  expect_failure (IMAP, "* OK [CAPABILITY STARTTLS] hi\r\na1 NO\r\n", POSTSEAL_TLS_ERROR_REFUSED);
  expect_failure (IMAP, "* OK [CAPABILITY X] hi\r\na1 NO\r\n", POSTSEAL_TLS_ERROR_NOT_OFFERED);
  expect_failure (IMAP, "* OK [CAPABILITY XSTARTTLS] hi\r\na1 NO\r\n",
                  POSTSEAL_TLS_ERROR_NOT_OFFERED);
  expect_failure (IMAP, "* OK hi\r\n* CAPABILITY X\r\na1 NO\r\n", POSTSEAL_TLS_ERROR_NOT_OFFERED);
  expect_failure (POP3, "+OK hi\r\n-ERR no\r\n", POSTSEAL_TLS_ERROR_REFUSED);
  expect_failure (SMTP, "220 a\r\n250-b\r\n250 STARTTLS\r\n454 later\r\n",
                  POSTSEAL_TLS_ERROR_REFUSED);
  expect_failure (SMTP, "220 a\r\n250-b\r\n250 SIZE\r\n454 later\r\n",
                  POSTSEAL_TLS_ERROR_NOT_OFFERED);
  expect_failure (SMTP, "220 a\r\n502 what\r\n", POSTSEAL_TLS_ERROR_NOT_OFFERED);
}

TEST (Upgrade, WhateverElseIsSaidEndsIt)
{
  for (const char *input :
       { "* BYE x\r\n", "hello\r\n", "+OK pop\r\n", "220 smtp\r\n", "\r\n", "* OKAY\r\n", "*OK\r\n",
         "* OK hi\r\n* BYE x\r\n", "* OK hi\r\n* 3 EXISTS\r\n", "* OK hi\r\n+ go\r\n",
         "* OK hi\r\na2 OK\r\n", "* OK hi\r\nA1 OK\r\n", "* OK hi\r\na1 OKAY\r\n",
         "* OK hi\r\na1 PREAUTH\r\n", "* OK hi\r\n* FLAGS ()\r\n" })
    expect_failure (IMAP, input, POSTSEAL_TLS_ERROR_VESTIBULE);
  for (const char *input :
       { "-ERR x\r\n", "* OK x\r\n", "+OKx\r\n", "+OK x\r\nhm\r\n", "+OK\r\n+\r\n" })
    expect_failure (POP3, input, POSTSEAL_TLS_ERROR_VESTIBULE);
  for (const char *input : { "554 x\r\n", "2200 x\r\n", "22\r\n", "\r\n", "+OK x\r\n",
                             "220 a\r\n250-b\r\nhm\r\n", "220 a\r\n250 b\r\nhm\r\n" })
    expect_failure (SMTP, input, POSTSEAL_TLS_ERROR_VESTIBULE);
}

/* RFC 5321 section 3.8: no question of TLS. */
TEST (Upgrade, AnSmtpServerThatIsBusyIsTriedLater)
{
  for (const char *input :
       { "421 x\r\n", "421-x\r\n", "450 x\r\n", "220 a\r\n421 bye\r\n",
         "220 a\r\n250 b\r\n421 bye\r\n", "220 a\r\n250 STARTTLS\r\n421 bye\r\n" })
    {
      Outcome outcome = run (SMTP, input);

      EXPECT_EQ (outcome.verdict, POSTSEAL_UPGRADE_FAILED) << input;
      EXPECT_TRUE (outcome.is_busy) << input << outcome.message;
    }
}

TEST (Upgrade, ShortSmtpLinesAreReadToTheirEndOnly)
{
  EXPECT_EQ (run (SMTP, "220\r\n250\r\n").verdict, POSTSEAL_UPGRADE_WAITS);
  expect_agreement (SMTP, "220\r\n250\r\n220\r\n", "EHLO [127.0.0.1]\r\nSTARTTLS\r\n");
}

TEST (Upgrade, TlsInsteadOfAGreetingNeedsNoWholeLine)
{
  expect_failure (IMAP, "\x16\x03\x01", POSTSEAL_TLS_ERROR_WRONG_START);
  expect_failure (POP3, "\x15", POSTSEAL_TLS_ERROR_WRONG_START);
  expect_failure (SMTP, "220 x\r\n\x15\x03", POSTSEAL_TLS_ERROR_WRONG_START);
}

TEST (Upgrade, TalkHasLimits)
{
  std::string lines = "* OK hi\r\n";

  EXPECT_EQ (run (IMAP, std::string (POSTSEAL_LIMIT_VESTIBULE, 'x')).verdict,
             POSTSEAL_UPGRADE_WAITS);
  expect_failure (IMAP, std::string (POSTSEAL_LIMIT_VESTIBULE + 1, 'x'),
                  POSTSEAL_TLS_ERROR_VESTIBULE);
  for (int i = 0; i < POSTSEAL_LIMIT_VESTIBULE_LINES; i++)
    lines += "* OK x\r\n";
  expect_failure (IMAP, lines, POSTSEAL_TLS_ERROR_VESTIBULE);
}

TEST (Upgrade, WordsBeforeTlsAreShownHarmlessOrNotAtAll)
{
  Outcome outcome = run (IMAP, "* BYE \x1b[31m<b>\xe2\x80\xae\r\n");
  EXPECT_EQ (outcome.message.find ('\x1b'), std::string::npos);
  EXPECT_EQ (outcome.message.find ("\xe2\x80\xae"), std::string::npos);
  EXPECT_NE (outcome.message.find ("unauthenticated"), std::string::npos);

  for (const char *line : { "* BYE [ALERT] call me\r\n", "* BYE [alert] call me\r\n",
                            "* OK x\r\na1 NO [REFERRAL imap://call me/]\r\n" })
    EXPECT_EQ (run (IMAP, line).message.find ("call me"), std::string::npos) << line;

  outcome = run (IMAP, std::string ("* BYE \0hidden\r\n", 15));
  EXPECT_NE (outcome.message.find ("hidden"), std::string::npos) << outcome.message;
}

TEST (Upgrade, OnlyACompleteRefusalLeavesAUsableConversation)
{
  EXPECT_TRUE (run (SMTP, "220 a\r\n250 b\r\n502 no\r\n").is_usable);
  EXPECT_FALSE (feed (SMTP, "220 a\r\n250 b\r\n502 no\r\n250 mine\r\n", 99).is_usable);
  EXPECT_FALSE (run (SMTP, "220 a\r\n250 b\r\n220 go\r\n250 mine\r\n").is_usable);
  EXPECT_FALSE (run (SMTP, "554 a\r\n").is_usable);
}

TEST (Upgrade, SilenceIsExplained)
{
  g_autoptr (PostsealEndpoint) endpoint
      = postseal_endpoint_new (IMAP, POSTSEAL_TLS_START_UPGRADE, "h", 143);
  g_autoptr (PostsealUpgrade) script = _postseal_upgrade_new (endpoint, nullptr, nullptr);
  g_autoptr (GError) silent = _postseal_upgrade_explain_end (script, 1500);
  g_autoptr (GError) closed = _postseal_upgrade_explain_end (script, 0);

  EXPECT_TRUE (g_error_matches (silent, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_VESTIBULE));
  EXPECT_STREQ (silent->message,
                "h:143 said nothing for 1.5 seconds; if this port speaks TLS from the first byte, "
                "configure it so instead of STARTTLS");
  EXPECT_TRUE (g_error_matches (closed, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_VESTIBULE));
}
