/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/seal-words.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

class SealWords : public testing::Test
{
protected:
  SealWords () : seal_ (postseal_seal_new ())
  {
    seal_->voucher = POSTSEAL_VOUCHER_CA;
    seal_->endpoint = g_strdup ("imap.example.org:993");
    seal_->tls_version = g_strdup ("TLS 1.3");
    seal_->cipher = g_strdup ("AES-256-GCM");
    seal_->name = g_strdup ("*.example.org");
    seal_->issuer = g_strdup ("CN=R3,O=Some Authority");
    seal_->not_after = 1804161600; /* 4 March 2027 */
    seal_->mechanism = g_strdup ("SCRAM-SHA-256");
  }

  ~SealWords () override { postseal_seal_unref (seal_); }

  std::string
  sum_up () const
  {
    g_autofree char *words = postseal_seal_words_sum_up (seal_);

    return words;
  }

  std::string
  list () const
  {
    g_auto (GStrv) facts = postseal_seal_words_list (seal_);
    g_autofree char *joined = g_strjoinv ("|", facts);

    EXPECT_EQ (g_strv_length (facts) % 2, 0u);
    return joined;
  }

  PostsealSeal *seal_;
};

TEST_F (SealWords, SayWhoVouchesAndUntilWhen)
{
  EXPECT_EQ (sum_up (), "TLS 1.3, vouched for by R3 until 4 March 2027");
}

TEST_F (SealWords, SayThatAKeyIsPinned)
{
  seal_->voucher = POSTSEAL_VOUCHER_CA_PIN;
  EXPECT_NE (sum_up ().find ("that you have pinned"), std::string::npos);
}

TEST_F (SealWords, SayThatTheDnsVouches)
{
  seal_->dane = g_strdup ("3 1 1");
  EXPECT_NE (list ().find ("Who vouches for it|CN=R3,O=Some Authority; DANE 3 1 1|"),
             std::string::npos)
      << list ();
  seal_->voucher = POSTSEAL_VOUCHER_DANE;
  EXPECT_EQ (sum_up (), "TLS 1.3, vouched for by DANE until 4 March 2027");
  EXPECT_NE (list ().find ("Who vouches for it|DANE 3 1 1|"), std::string::npos) << list ();
  seal_->voucher = POSTSEAL_VOUCHER_DANE_PIN;
  EXPECT_NE (sum_up ().find ("that you have pinned"), std::string::npos);
}

TEST_F (SealWords, HideNoLackOfEncryption)
{
  seal_->voucher = POSTSEAL_VOUCHER_NONE;
  EXPECT_NE (sum_up ().find ("nobody vouches"), std::string::npos);
  g_clear_pointer (&seal_->tls_version, g_free);
  EXPECT_NE (sum_up ().find ("Not encrypted: others"), std::string::npos);
  seal_->voucher = POSTSEAL_VOUCHER_LOOPBACK;
  EXPECT_NE (sum_up ().find ("never leaves this computer"), std::string::npos);
}

TEST_F (SealWords, ListOnlyWhatIsKnown)
{
  const std::string facts = list ();

  EXPECT_NE (facts.find ("Server|imap.example.org:993"), std::string::npos) << facts;
  EXPECT_NE (facts.find ("Who vouches for it|CN=R3,O=Some Authority"), std::string::npos);
  EXPECT_NE (facts.find ("You sign in by|SCRAM-SHA-256"), std::string::npos);
  EXPECT_EQ (facts.find ("Its key"), std::string::npos);
}

TEST_F (SealWords, ManageWithASealOfNothing)
{
  g_autoptr (PostsealSeal) empty = postseal_seal_new ();
  g_autofree char *words = postseal_seal_words_sum_up (empty);
  g_auto (GStrv) facts = postseal_seal_words_list (empty);

  EXPECT_STRNE (words, "");
  EXPECT_EQ (g_strv_length (facts) % 2, 0u);
}

TEST_F (SealWords, TellWhenItWas)
{
  g_autofree char *never = postseal_seal_words_tell (seal_, 0);
  g_autofree char *once = postseal_seal_words_tell (seal_, 1804161600);

  EXPECT_EQ (never, sum_up ());
  EXPECT_EQ (std::string (once).find (sum_up () + "\nLast: "), 0u) << once;
}

} // namespace
