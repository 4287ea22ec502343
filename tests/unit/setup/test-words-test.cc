/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <string>

#include "setup/test-words-private.h"

#define DAY 86400

static std::string
words_of (const char *issuer, gint64 not_after, PostsealVoucher voucher = POSTSEAL_VOUCHER_CA)
{
  g_autoptr (PostsealSeal) seal = postseal_seal_new ();

  seal->voucher = voucher;
  seal->tls_version
      = voucher == POSTSEAL_VOUCHER_LOOPBACK || issuer == nullptr ? nullptr : g_strdup ("TLS 1.3");
  seal->issuer = g_strdup (issuer);
  seal->not_after = not_after;
  g_autofree char *text = _postseal_test_words_seal (seal, 0);
  return text;
}

TEST (TestWords, NameTheIssuerByItsCommonName)
{
  EXPECT_EQ (words_of ("CN=R3,O=Let's Encrypt,C=US", 71 * DAY + 5),
             "TLS 1.3, vouched for by R3, 71 days left");
  EXPECT_EQ (words_of ("C=US,O=Big,CN=Big\\, Inc. Root", 90 * DAY),
             "TLS 1.3, vouched for by Big, Inc. Root, 90 days left");
  EXPECT_EQ (words_of ("O=Nameless", 2 * DAY), "TLS 1.3, vouched for by O=Nameless, 2 days left");
}

TEST (TestWords, SayThatTheDnsVouches)
{
  EXPECT_EQ (words_of ("CN=me", 2 * DAY, POSTSEAL_VOUCHER_DANE),
             "TLS 1.3, vouched for by DANE, 2 days left");
}

TEST (TestWords, CountOneDayAsOne)
{
  EXPECT_EQ (words_of ("CN=R3", DAY), "TLS 1.3, vouched for by R3, 1 day left");
  EXPECT_EQ (words_of ("CN=R3", 5), "TLS 1.3, vouched for by R3, 0 days left");
}

TEST (TestWords, SayWhatIsNotSafe)
{
  EXPECT_EQ (words_of ("", 0, POSTSEAL_VOUCHER_LOOPBACK), "Not encrypted: it is this computer");
  EXPECT_EQ (words_of (nullptr, 0, POSTSEAL_VOUCHER_NONE),
             "Not encrypted, and nobody vouches for the server");
  EXPECT_EQ (words_of ("CN=me", DAY, POSTSEAL_VOUCHER_NONE),
             "TLS 1.3, and nobody vouches for the server");
}

TEST (TestWords, CountMessages)
{
  const std::pair<guint64, const char *> cases[]
      = { { 0, "0 messages" }, { 1, "1 message" }, { 1204, "1204 messages" } };

  for (const auto &[count, wanted] : cases)
    {
      g_autofree char *text = _postseal_test_words_messages (count);
      EXPECT_STREQ (text, wanted);
    }
}

/* --- the envelope --- */

class TestEnvelope : public ::testing::Test
{
protected:
  TestEnvelope () : account (postseal_account_new ())
  {
    account->address = g_strdup ("jane@example.org");
    account->send = postseal_endpoint_new (POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_IMPLICIT,
                                           "smtp.example.org", 0);
    answer (&answers.sender, 250, "2.1.0", "ok");
  }

  ~TestEnvelope () override
  {
    for (PostsealSmtpAnswer *one : { &answers.sender, &answers.recipient })
      {
        g_free (one->status);
        g_free (one->text);
      }
    postseal_account_unref (account);
  }

  void
  answer (PostsealSmtpAnswer *one, guint code, const char *status, const char *text)
  {
    g_free (one->status);
    g_free (one->text);
    *one = { code >= 500   ? POSTSEAL_SMTP_PERMANENT
             : code >= 400 ? POSTSEAL_SMTP_TEMPORARY
                           : POSTSEAL_SMTP_ACCEPTED,
             code, g_strdup (status), g_strdup (text) };
  }

  /* "" when it is no error */
  std::string
  error ()
  {
    g_autoptr (GError) found = _postseal_test_words_sender_error (&answers, account);

    return found != nullptr ? found->message : "";
  }

  std::string
  remark ()
  {
    g_autofree char *text = _postseal_test_words_envelope (&answers);

    return text;
  }

  PostsealAccount *account;
  PostsealSmtpRehearsal answers = {};
};

TEST_F (TestEnvelope, IsSilentWhereAllIsTaken)
{
  answer (&answers.recipient, 250, "2.1.5", "ok");
  EXPECT_EQ (error (), "");
  EXPECT_EQ (remark (), "");
}

TEST_F (TestEnvelope, TellsARefusedSender)
{
  answer (&answers.sender, 550, "5.0.0", "no");
  EXPECT_EQ (error (), "Server “smtp.example.org” does not let this account send as "
                       "jane@example.org: “550 5.0.0 no”");
}

TEST_F (TestEnvelope, TellsASenderThatIsRefusedWithTheRecipient)
{
  for (const char *status : { "5.7.1", "5.1.8", "5.1.7" })
    {
      answer (&answers.recipient, 550, status, "no");
      EXPECT_NE (error (), "") << status;
    }
  answer (&answers.recipient, 553, "5.0.0", "Sender address rejected: not owned by user");
  EXPECT_NE (error (), "");
}

TEST_F (TestEnvelope, RemarksWhatIsOnlyAboutTheRecipient)
{
  answer (&answers.recipient, 550, "5.1.1", "unknown user");
  EXPECT_EQ (error (), "");
  EXPECT_NE (remark ().find ("550 5.1.1 unknown user"), std::string::npos);
}

TEST_F (TestEnvelope, RemarksWhatIsOnlyForNow)
{
  answer (&answers.sender, 451, "4.3.0", "later");
  EXPECT_EQ (error (), "");
  EXPECT_NE (remark ().find ("451 4.3.0 later"), std::string::npos);
}
