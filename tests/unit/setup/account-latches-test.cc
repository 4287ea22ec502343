/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/account-latches.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/lock-file.h"
#include "base/paths.h"
#include "engine/forget-job.h"
#include "net/latches.h"

namespace
{

class AccountLatches : public testing::Test
{
protected:
  AccountLatches ()
  {
    g_autofree char *made = g_dir_make_tmp ("account-latches-XXXXXX", nullptr);
    g_autofree char *folder = nullptr;

    home_ = made;
    g_setenv ("XDG_STATE_HOME", made, TRUE);
    folder = postseal_paths_account_state_dir ("work");
    folder_ = folder;
    account_ = postseal_account_new ();
    account_->name = g_strdup ("work");
    account_->receive = postseal_endpoint_new (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT,
                                               "imap.example.org", 0);
    account_->send = postseal_endpoint_new (POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_IMPLICIT,
                                            "smtp.example.org", 0);
  }

  ~AccountLatches () override
  {
    postseal_account_unref (account_);
    std::filesystem::remove_all (home_);
  }

  void
  teach (const char *endpoint, const char *name, const char *value)
  {
    std::filesystem::create_directories (folder_);
    g_autoptr (PostsealLatches) latches = postseal_latches_load (file ().c_str (), nullptr);

    ASSERT_NE (latches, nullptr);
    postseal_latches_set (latches, endpoint, name, value);
    ASSERT_TRUE (postseal_latches_save (latches, file ().c_str (), nullptr));
  }

  std::string
  file () const
  {
    return folder_ + "/latches";
  }

  std::vector<std::string>
  describe () const
  {
    g_auto (GStrv) sentences = postseal_account_latches_describe (account_);

    return { sentences, sentences + g_strv_length (sentences) };
  }

  std::string home_;
  std::string folder_;
  PostsealAccount *account_;
};

TEST_F (AccountLatches, SaysNothingWhereNothingIsKnown) { EXPECT_TRUE (describe ().empty ()); }

TEST_F (AccountLatches, SaysWhatEachServerIsHeldToReceivingFirst)
{
  teach ("smtp.example.org:465", "tls", "1.3");
  teach ("imap.example.org:993", "tls", "1.3");
  teach ("imap.example.org:993", "voucher", "ca");
  teach ("imap.example.org:993", "mechanism", "SCRAM-SHA-256");
  teach ("other.example.org:993", "tls", "1.3");
  const std::vector<std::string> said = describe ();

  ASSERT_EQ (said.size (), 4u);
  EXPECT_NE (said[0].find ("imap.example.org:993 was encrypted"), std::string::npos) << said[0];
  EXPECT_NE (said[1].find ("proven who it is"), std::string::npos) << said[1];
  EXPECT_NE (said[2].find ("SCRAM-SHA-256"), std::string::npos) << said[2];
  EXPECT_NE (said[3].find ("smtp.example.org:465"), std::string::npos) << said[3];
}

TEST_F (AccountLatches, TellOfKeysInTheDnsUntilTheyAreTakenAway)
{
  teach ("imap.example.org:993", "dane", "keys");
  ASSERT_EQ (describe ().size (), 1u);
  EXPECT_NE (describe ()[0].find ("DANE"), std::string::npos) << describe ()[0];
  teach ("imap.example.org:993", "dane", "none");
  EXPECT_TRUE (describe ().empty ());
}

TEST_F (AccountLatches, SayWhenTheyWereLearnedAndByWhatConnection)
{
  teach ("imap.example.org:993", "tls", "1.3");
  teach ("imap.example.org:993", "tls-since", "1763829600");
  teach ("imap.example.org:993", "tls-by", "192.0.2.7:993, TLS 1.3");
  teach ("imap.example.org:993", "keys",
         "1 first sha256:A CN=a\n1763829600 stranger sha256:B CN=b");
  const std::vector<std::string> said = describe ();

  ASSERT_EQ (said.size (), 2u);
  EXPECT_NE (said[0].find ("2025"), std::string::npos) << said[0];
  EXPECT_NE (said[0].find ("learned from 192.0.2.7:993, TLS 1.3"), std::string::npos) << said[0];
  EXPECT_NE (said[1].find ("neither it nor its issuer CN=b"), std::string::npos) << said[1];
  EXPECT_NE (said[1].find ("sha256:B"), std::string::npos) << "the newest one\n" << said[1];
}

TEST_F (AccountLatches, AreForgottenOnRequest)
{
  teach ("imap.example.org:993", "tls", "1.3");
  teach ("imap.example.org:143", "tls", "1.2");
  ASSERT_EQ (describe ().size (), 1u);

  g_autoptr (GVariant) forgotten
      = postseal_forget_now ("work", "imap.example.org:993", nullptr, "test", nullptr);
  ASSERT_NE (forgotten, nullptr);
  g_autofree char *text = g_variant_print (forgotten, FALSE);
  EXPECT_STREQ (text, "[{'server': 'imap.example.org:993', 'latch': 'tls', 'value': '1.3'}]");
  EXPECT_TRUE (describe ().empty ());
  g_autoptr (GVariant) rest
      = postseal_forget_now ("work", "imap.example.org", "tls", "test", nullptr);
  ASSERT_NE (rest, nullptr);
  EXPECT_EQ (g_variant_n_children (rest), 1u) << "any port";
}

TEST_F (AccountLatches, NeedNoFileToBeForgotten)
{
  g_autoptr (GVariant) forgotten = postseal_forget_now ("work", nullptr, nullptr, "test", nullptr);

  ASSERT_NE (forgotten, nullptr);
  EXPECT_EQ (g_variant_n_children (forgotten), 0u);
  EXPECT_FALSE (std::filesystem::exists (folder_));
}

/* A fetch that runs would write back what it knows. */
TEST_F (AccountLatches, AreNotForgottenWhileSomebodyIsAtWork)
{
  teach ("imap.example.org:993", "tls", "1.3");
  g_autoptr (PostsealLockFile) lock
      = postseal_lock_file_acquire ((folder_ + "/lock").c_str (), "other", nullptr);
  g_autoptr (GError) error = nullptr;

  ASSERT_NE (lock, nullptr);
  EXPECT_EQ (postseal_forget_now ("work", nullptr, nullptr, "test", &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY));
  EXPECT_EQ (describe ().size (), 1u);
}

} // namespace
