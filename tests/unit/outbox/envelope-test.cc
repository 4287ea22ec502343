/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "outbox/envelope.h"
#include "outbox/outbox-error.h"

namespace
{

void
set (char **field, const char *value)
{
  g_free (*field);
  *field = g_strdup (value);
}

PostsealEnvelope *
make_full ()
{
  PostsealEnvelope *envelope = postseal_envelope_new ();

  set (&envelope->account, "work & play");
  set (&envelope->sender, "jane\n@example.org");
  set (&envelope->origin, "postseal-sendmail, process 123");
  set (&envelope->message_id, "<a b%0A@example.org>");
  set (&envelope->subject, "Grüße: 50 %\x7f");
  set (&envelope->envid, "QQ 314159");
  envelope->arrived = 1700000000;
  envelope->ret = POSTSEAL_SMTP_RETURN_HEADERS;
  envelope->requiretls = TRUE;
  envelope->hold_until = 1700001000;
  envelope->deliver_by = -120;
  envelope->deliver_by_mode = 'N';
  envelope->deliver_by_trace = TRUE;
  envelope->body = POSTSEAL_SMTP_BODY_BINARY;
  envelope->is_international = TRUE;
  envelope->length = G_MAXUINT64;
  postseal_envelope_add_recipient (envelope, "joe@example.com",
                                   POSTSEAL_SMTP_NOTIFY_SUCCESS | POSTSEAL_SMTP_NOTIFY_DELAY,
                                   nullptr);
  postseal_envelope_add_recipient (envelope, "\"a b\"@example.com", 0, "\"a b\"@old.example");
  return envelope;
}

PostsealEnvelope *
parse (const std::string &text, GError **error = nullptr)
{
  gsize length = 0;

  return postseal_envelope_parse (text.data (), text.size (), &length, error);
}

} // namespace

TEST (Envelope, ReadsBackWhatItWrote)
{
  g_autoptr (PostsealEnvelope) envelope = make_full ();
  g_autofree char *text = postseal_envelope_serialize (envelope);
  std::string file = std::string (text) + "Subject: the message\r\n";
  g_autoptr (GError) error = nullptr;
  gsize length = 0;

  g_autoptr (PostsealEnvelope) read
      = postseal_envelope_parse (file.data (), file.size (), &length, &error);
  ASSERT_NE (read, nullptr) << error->message << text;
  EXPECT_EQ (length, strlen (text));
  g_autofree char *again = postseal_envelope_serialize (read);
  EXPECT_STREQ (again, text);
  EXPECT_STREQ (read->sender, "jane\n@example.org");
  EXPECT_STREQ (read->message_id, "<a b%0A@example.org>");
  EXPECT_STREQ (read->subject, "Grüße: 50 %\x7f");
  EXPECT_STREQ (read->envid, "QQ 314159");
  EXPECT_EQ (read->deliver_by, -120);
  EXPECT_EQ (read->deliver_by_mode, 'N');
  EXPECT_TRUE (read->deliver_by_trace);
  EXPECT_TRUE (read->requiretls);
  EXPECT_EQ (read->hold_until, 1700001000);
  EXPECT_EQ (read->length, G_MAXUINT64);
  ASSERT_EQ (read->recipients->len, 2u);
  auto *second = static_cast<PostsealEnvelopeRecipient *> (read->recipients->pdata[1]);
  EXPECT_STREQ (second->address, "\"a b\"@example.com");
  EXPECT_STREQ (second->original, "\"a b\"@old.example");
}

TEST (Envelope, LateFactsDoNotChangeTheLengthOfItsText)
{
  g_autoptr (PostsealEnvelope) envelope = make_full ();
  g_autofree char *late = postseal_envelope_serialize (envelope);

  envelope->length = 0;
  for (auto body : { POSTSEAL_SMTP_BODY_7BIT, POSTSEAL_SMTP_BODY_8BIT })
    for (bool is_international : { false, true })
      {
        envelope->body = body;
        envelope->is_international = is_international;
        g_autofree char *early = postseal_envelope_serialize (envelope);
        EXPECT_EQ (strlen (early), strlen (late)) << early;
      }
}

TEST (Envelope, AddsARecipientOnce)
{
  g_autoptr (PostsealEnvelope) envelope = postseal_envelope_new ();

  postseal_envelope_add_recipient (envelope, "joe@Example.COM", 0, nullptr);
  postseal_envelope_add_recipient (envelope, "joe@example.com", POSTSEAL_SMTP_NOTIFY_FAILURE,
                                   nullptr);
  postseal_envelope_add_recipient (envelope, "Joe@example.com", POSTSEAL_SMTP_NOTIFY_NEVER,
                                   nullptr);
  postseal_envelope_add_recipient (envelope, "Joe@example.com", POSTSEAL_SMTP_NOTIFY_DELAY,
                                   nullptr);
  ASSERT_EQ (envelope->recipients->len, 2u) << "a local part has its case";
  auto *first = static_cast<PostsealEnvelopeRecipient *> (envelope->recipients->pdata[0]);
  auto *second = static_cast<PostsealEnvelopeRecipient *> (envelope->recipients->pdata[1]);
  EXPECT_STREQ (first->address, "joe@Example.COM");
  EXPECT_EQ (first->notify, guint (POSTSEAL_SMTP_NOTIFY_FAILURE));
  EXPECT_EQ (second->notify, guint (POSTSEAL_SMTP_NOTIFY_DELAY))
      << "never stands alone (RFC 3461 section 4.1)";
}

TEST (Envelope, RefusesEveryTextThatIsCut)
{
  g_autoptr (PostsealEnvelope) envelope = make_full ();
  g_autofree char *text = postseal_envelope_serialize (envelope);
  std::string whole = text;

  for (size_t length = 0; length < whole.size (); length++)
    {
      g_autoptr (GError) error = nullptr;
      g_autoptr (PostsealEnvelope) read = parse (whole.substr (0, length), &error);

      EXPECT_EQ (read, nullptr) << length;
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED));
    }
}

TEST (Envelope, RefusesWhatItDidNotWrite)
{
  const std::string begin = "Postseal-Outbox: 1\nLength: 1\nBody: 7bit\nInternational: no \n"
                            "Account: work\nArrived: 1\n";
  const std::string recipient = "Recipient: 0 joe@example.com\n";

  g_autoptr (PostsealEnvelope) good = parse (begin + recipient + "\n");
  ASSERT_NE (good, nullptr);
  EXPECT_STREQ (good->sender, "") << "the null sender";
  for (const std::string &line : {
           std::string ("Acount: work\n"),
           std::string ("Account: other\n"),
           std::string ("Recipient: 16 joe@example.com\n"),
           std::string ("Recipient: 0\n"),
           std::string ("Recipient: 0 \n"),
           std::string ("Recipient: 0 joe@example.com \n"),
           std::string ("Recipient: -1 joe@example.com\n"),
           std::string ("Subject: %0\n"),
           std::string ("Subject: %zz\n"),
           std::string ("Subject: a%00b\n"),
           std::string ("Subject: a\0b\n", 13),
           std::string ("Deliver-By: 12\n"),
           std::string ("Deliver-By: 12 X\n"),
           std::string ("Deliver-By: x R\n"),
           std::string ("Hold-Until: soon\n"),
           std::string ("Return: maybe\n"),
           std::string ("no colon\n"),
           std::string (": x\n"),
       })
    {
      g_autoptr (GError) error = nullptr;
      g_autoptr (PostsealEnvelope) bad = parse (begin + line + recipient + "\n", &error);

      EXPECT_EQ (bad, nullptr) << line;
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED));
    }
  g_autoptr (PostsealEnvelope) nobody = parse (begin + "\n");
  EXPECT_EQ (nobody, nullptr) << "no recipient";
  g_autoptr (PostsealEnvelope) newer = parse ("Postseal-Outbox: 2\n" + recipient + "\n");
  EXPECT_EQ (newer, nullptr) << "a newer format";
}
