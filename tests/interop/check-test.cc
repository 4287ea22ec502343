/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A check of the receiving direction, against Dovecot. */
#include "engine/check-job.h"

#include <filesystem>

#include "engine/account-store.h"
#include "fetch-fixture.h"
#include "support/main-loop.h"
#include "support/test-ca.h"

using namespace postseal_test;

namespace
{

class CheckTest : public FetchTest, public testing::WithParamInterface<const char *>
{
protected:
  void
  SetUp () override
  {
    g_setenv ("XDG_STATE_HOME", postseal_.path ("state").c_str (), TRUE);
  }

  ~CheckTest () override { g_clear_pointer (&answer_, g_variant_unref); }

  /* Returns: the status. @more: further lines of the account */
  int
  check (const std::string &more = "")
  {
    std::string section
        = server ().account ("main", GetParam (), user_, postseal_.deliver (), more);
    size_t at = section.find ("ca-file=");

    /* A key of the test stands for the usual one. */
    if (more.find ("ca-file=") != std::string::npos)
      section.erase (at, section.find ('\n', at) + 1 - at);
    const std::string config = write ("checked.conf", section);
    g_autoptr (GError) error = nullptr;
    g_autoptr (PostsealAccountStore) store = postseal_account_store_load (config.c_str (), &error);
    gint32 status = -1;

    PostsealAccount *account
        = store != nullptr ? postseal_account_store_lookup (store, "main", &error) : nullptr;
    if (account == nullptr)
      {
        ADD_FAILURE () << error->message;
        return -1;
      }
    postseal_check_async (account, FALSE, nullptr, nullptr, AsyncLoop::on_ready, &loop_);
    g_clear_pointer (&answer_, g_variant_unref);
    answer_ = postseal_check_finish (loop_.wait (), &error);
    EXPECT_NE (answer_, nullptr) << error->message;
    g_variant_lookup (answer_, "status", "i", &status);
    return status;
  }

  /* Returns: its path */
  std::string
  write (const std::string &name, const std::string &content)
  {
    const std::string path = postseal_.path (name);

    EXPECT_TRUE (g_file_set_contents_full (path.c_str (), content.c_str (),
                                           static_cast<gssize> (content.size ()),
                                           G_FILE_SET_CONTENTS_NONE, 0600, nullptr));
    return path;
  }

  std::string
  print (const char *key)
  {
    g_autoptr (GVariant) value = g_variant_lookup_value (answer_, key, nullptr);
    g_autofree char *text = g_variant_print (value, FALSE);

    return text;
  }

  AsyncLoop loop_;
  GVariant *answer_ = nullptr;
};

TEST_P (CheckTest, SignsInAndLeavesTheMailWhereItIs)
{
  fill (some_mail ());
  EXPECT_EQ (check (), 0) << print ("error");
  EXPECT_EQ (print ("error"), "''");
  EXPECT_EQ (print ("advice"), "''");
  EXPECT_NE (print ("seal").find ("'mechanism': 'SCRAM-SHA-256"), std::string::npos)
      << print ("seal");
  EXPECT_EQ (on_server (), some_mail ().size ());
  EXPECT_FALSE (std::filesystem::exists (postseal_.path ("state")))
      << "no ledger, no lock, nothing learned";
}

TEST_P (CheckTest, TellsAWrongPassword)
{
  const std::string wrong = write ("wrong", "not it\n");

  EXPECT_EQ (check ("password=file:" + wrong + "\n"), 77) << print ("error");
  EXPECT_NE (print ("advice"), "''");
  EXPECT_EQ (print ("seal").find ("mechanism"), std::string::npos);
}

TEST_P (CheckTest, TellsAServerThatNobodyVouchesFor)
{
  EXPECT_EQ (check ("ca-file=" + test_ca ().ca_file () + "\n"), 76) << print ("error");
  EXPECT_NE (print ("advice"), "''");
  EXPECT_EQ (print ("seal"), "{}");
}

INSTANTIATE_TEST_SUITE_P (Schemes,
                          CheckTest,
                          testing::Values ("imap", "pop3", "pop3s", "imaps"),
                          [] (const auto &about) { return std::string (about.param); });

} // namespace
