/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock-file.h"
#include "account-store-fixture.h"

static const char *const add_keys[] = { "address", "receive", "deliver", "name", nullptr };
static const char *const add_values[] = { "jane@example.org", "imaps://imap.example.org",
                                          "maildir:/var/tmp/work", " a\\b ", nullptr };

TEST_F (AccountStore, MakesFileAndDirectoryForTheFirstAccount)
{
  g_autoptr (GError) error = nullptr;
  std::string deep = directory + "/x/y/accounts.conf";
  struct stat info;

  ASSERT_TRUE (postseal_account_store_add (deep.c_str (), "work", add_keys, add_values, &error))
      << error->message;
  ASSERT_EQ (stat (deep.c_str (), &info), 0);
  EXPECT_EQ (info.st_mode & 0777, 0600u);

  g_autoptr (PostsealAccountStore) store = postseal_account_store_load (deep.c_str (), &error);
  ASSERT_NE (store, nullptr);
  PostsealAccount *account = postseal_account_store_lookup (store, "work", &error);
  ASSERT_NE (account, nullptr) << error->message;
  EXPECT_STREQ (account->full_name, " a\\b ");

  g_remove (deep.c_str ());
  g_remove ((directory + "/x/y/.accounts.conf.lock").c_str ());
  g_rmdir ((directory + "/x/y").c_str ());
  g_rmdir ((directory + "/x").c_str ());
}

TEST_F (AccountStore, AddingThenRemovingLeavesEveryByte)
{
  for (std::string text : { std::string (good), "# one\n\n" + std::string (good) + "\n# two\n",
                            std::string ("# only this\n") })
    {
      g_autoptr (GError) error = nullptr;

      write (text);
      ASSERT_TRUE (postseal_account_store_add (path.c_str (), "work", add_keys, add_values, &error))
          << error->message;
      EXPECT_EQ (read ().substr (0, text.size ()), text);
      ASSERT_TRUE (postseal_account_store_remove (path.c_str (), "work", &error)) << error->message;
      EXPECT_EQ (read (), text);
    }
}

TEST_F (AccountStore, EditChangesOnlyTheLinesInQuestion)
{
  g_autoptr (GError) error = nullptr;
  const char *keys[] = { "keep", "interval", "push" };
  const char *values[] = { "14d", "10m", nullptr };

  write (
      "# top\r\n\n[account work]\n# who\naddress = jane@example.org\nkeep=no\r\n\n"
      "  receive=imaps://imap.example.org\npush=no\n# where\ndeliver=maildir:/m\n# end\n\n# next\n"
      + std::string (good));
  ASSERT_TRUE (postseal_account_store_edit (path.c_str (), "work", keys, values, 3, &error))
      << error->message;
  EXPECT_EQ (read (), "# top\r\n\n[account work]\n# who\naddress = jane@example.org\nkeep=14d\r\n\n"
                      "  receive=imaps://imap.example.org\n# "
                      "where\ndeliver=maildir:/m\ninterval=10m\n# end\n\n# next\n"
                          + std::string (good));
}

TEST_F (AccountStore, EditOfAFileWithoutFinalNewlineBeginsANewLine)
{
  g_autoptr (GError) error = nullptr;
  const char *keys[] = { "keep" };
  const char *values[] = { "no" };
  std::string text = base;

  text.pop_back ();
  write (text);
  ASSERT_TRUE (postseal_account_store_edit (path.c_str (), "work", keys, values, 1, &error))
      << error->message;
  EXPECT_EQ (read (), std::string (base) + "keep=no\n");
}

TEST_F (AccountStore, RemoveTakesTheSectionAndLeavesTheCommentsOfTheNext)
{
  g_autoptr (GError) error = nullptr;

  write ("# top\n\n[account work]\n# inside\nfoo=bar\n# own\n\n# about good\n"
         + std::string (good));
  ASSERT_TRUE (postseal_account_store_remove (path.c_str (), "work", &error)) << error->message;
  EXPECT_EQ (read (), "# top\n\n# about good\n" + std::string (good));

  write (std::string (base) + "# about good\n" + good);
  ASSERT_TRUE (postseal_account_store_remove (path.c_str (), "work", &error)) << error->message;
  EXPECT_EQ (read (), "# about good\n" + std::string (good));
}

TEST_F (AccountStore, RefusedEditsLeaveTheFileAsItWas)
{
  struct
  {
    const char *account, *key, *value, *words;
    PostsealConfigError code;
  } edits[] = {
    { "work", "keep", "14", "“14”", POSTSEAL_CONFIG_ERROR_VALUE },
    { "work", "kep", "no", "did you mean “keep”", POSTSEAL_CONFIG_ERROR_UNKNOWN },
    { "work", "kep", nullptr, "did you mean “keep”", POSTSEAL_CONFIG_ERROR_UNKNOWN },
    { "wrok", "keep", "no", "did you mean “work”", POSTSEAL_CONFIG_ERROR_UNKNOWN },
    { "work", "address", nullptr, "no “address”", POSTSEAL_CONFIG_ERROR_VALUE },
    { "work", "password", "hunter2", "never belongs", POSTSEAL_CONFIG_ERROR_VALUE },
    { "work", "deliver", "mbox:/var/tmp/box", "“box” would become unusable",
      POSTSEAL_CONFIG_ERROR_VALUE },
    { "work", "keep", "no\n[account evil]", "control character", POSTSEAL_CONFIG_ERROR_VALUE },
    { "work", "folders", "INBOX\n[account evil]\\", "escape", POSTSEAL_CONFIG_ERROR_VALUE },
  };
  std::string text = std::string (base)
                     + "[account box]\naddress=a@b.example\nreceive=imaps://h.example\n"
                       "deliver=mbox:/var/tmp/box\n";

  for (const auto &edit : edits)
    {
      SCOPED_TRACE (edit.words);
      g_autoptr (GError) error = nullptr;

      write (text);
      EXPECT_FALSE (postseal_account_store_edit (path.c_str (), edit.account, &edit.key,
                                                 &edit.value, 1, &error));
      ASSERT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, edit.code)) << error->message;
      EXPECT_NE (strstr (error->message, edit.words), nullptr) << error->message;
      EXPECT_EQ (strstr (error->message, "hunter2"), nullptr) << error->message;
      EXPECT_EQ (read (), text);
    }
}

/* The comparison and the change are under one lock: nobody gets between them. */
TEST_F (AccountStore, EditsOnlyWhatIsAsItWasRead)
{
  g_autoptr (GError) error = nullptr;
  const char *keys[] = { "keep" };
  const char *values[] = { "no" };
  const std::string before = std::string ("# top\n") + base + "# of the next\n\n" + good;
  std::string changed = before;

  write (before);
  g_autofree char *shown = postseal_account_store_read_section (path.c_str (), "work", &error);
  ASSERT_NE (shown, nullptr) << error->message;
  ASSERT_TRUE (
      postseal_account_store_edit_expected (path.c_str (), "work", shown, keys, values, 1, &error))
      << error->message;
  changed.insert (changed.find ("# of the next"), "keep=no\n");
  EXPECT_EQ (read (), changed);

  values[0] = "14d";
  for (gsize n_keys : { 1, 0 })
    {
      g_clear_error (&error);
      EXPECT_FALSE (postseal_account_store_edit_expected (path.c_str (), "work", shown, keys,
                                                          values, n_keys, &error));
      ASSERT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE));
      EXPECT_NE (strstr (error->message, "somebody else"), nullptr) << error->message;
      EXPECT_EQ (read (), changed);
    }
}

/* Comments behind it may be the next one's. */
TEST_F (AccountStore, ReadsASectionAsItStandsThere)
{
  g_autoptr (GError) error = nullptr;
  std::string section = base;

  write (std::string ("# top\n") + base + "# of the next\n\n" + good);
  g_autofree char *shown = postseal_account_store_read_section (path.c_str (), "work", &error);
  ASSERT_NE (shown, nullptr) << error->message;
  EXPECT_EQ (shown + std::string ("\n"), section);

  EXPECT_EQ (postseal_account_store_read_section (path.c_str (), "nobody", &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_UNKNOWN));
  g_clear_error (&error);
  write (std::string (base) + "\n" + base);
  EXPECT_EQ (postseal_account_store_read_section (path.c_str (), "work", &error), nullptr);
  EXPECT_NE (strstr (error->message, "is there twice"), nullptr) << error->message;
}

TEST_F (AccountStore, LeavesAFileAloneThatIsNoneOfAccounts)
{
  g_autoptr (GError) error = nullptr;
  const char *keys[] = { "address", nullptr };
  const char *values[] = { "a@example.org", nullptr };

  write ("Dear diary\n");
  EXPECT_FALSE (postseal_account_store_add (path.c_str (), "new", keys, values, &error));
  EXPECT_NE (strstr (error->message, "is not a file of accounts"), nullptr) << error->message;
  EXPECT_EQ (read (), "Dear diary\n");
}

TEST_F (AccountStore, RefusesToAddWhatIsThereAlready)
{
  g_autoptr (GError) error = nullptr;

  write (base);
  EXPECT_FALSE (postseal_account_store_add (path.c_str (), "work", add_keys, add_values, &error));
  ASSERT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE));
  EXPECT_NE (strstr (error->message, "postseal account edit work"), nullptr) << error->message;

  g_clear_error (&error);
  EXPECT_FALSE (postseal_account_store_add (path.c_str (), "../x", add_keys, add_values, &error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_CONFIG_ERROR, POSTSEAL_CONFIG_ERROR_VALUE));
  EXPECT_EQ (read (), base);
}

TEST_F (AccountStore, EditMendsABadAccountAndOneOfTwoEqualKeys)
{
  g_autoptr (GError) error = nullptr;
  const char *keys[] = { "keep" };
  const char *values[] = { "no" };

  write (std::string (base) + "keep=14\nkeep=15\n");
  ASSERT_TRUE (postseal_account_store_edit (path.c_str (), "work", keys, values, 1, &error))
      << error->message;
  EXPECT_EQ (read (), std::string (base) + "keep=no\n");
}

TEST_F (AccountStore, EditFollowsALinkInsteadOfReplacingIt)
{
  g_autoptr (GError) error = nullptr;
  const char *keys[] = { "keep" };
  const char *values[] = { "no" };
  std::string real = directory + "/real.conf";

  ASSERT_TRUE (g_file_set_contents (real.c_str (), base, -1, nullptr));
  ASSERT_EQ (symlink (real.c_str (), path.c_str ()), 0);
  ASSERT_TRUE (postseal_account_store_edit (path.c_str (), "work", keys, values, 1, &error))
      << error->message;
  EXPECT_TRUE (g_file_test (path.c_str (), G_FILE_TEST_IS_SYMLINK));
  EXPECT_EQ (read (), std::string (base) + "keep=no\n");
}

TEST_F (AccountStore, TwoEditorsAtOnceDoNotLoseEachOthersWork)
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (PostsealLockFile) lock = nullptr;

  write (base);
  lock
      = postseal_lock_file_acquire ((directory + "/.accounts.conf.lock").c_str (), "test", nullptr);
  ASSERT_NE (lock, nullptr);
  EXPECT_FALSE (postseal_account_store_remove (path.c_str (), "work", &error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY));
  EXPECT_EQ (read (), base);
}
