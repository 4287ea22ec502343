/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The folders of a server, chosen and then fetched: Dovecot. */
#include "setup/folder-search.h"

#include <map>

#include "engine/account-store.h"
#include "fetch-fixture.h"
#include "support/main-loop.h"

using namespace postseal_test;

namespace
{

class FoldersTest : public FetchTest
{
protected:
  void
  SetUp () override
  {
    g_setenv ("XDG_STATE_HOME", postseal_.path ("state").c_str (), TRUE);
  }

  ~FoldersTest () override { g_clear_object (&choice_); }

  /* With a message in each. @wire: as the server has it */
  void
  create (const std::string &wire)
  {
    auto admin = server ().admin (user_);

    if (wire != "INBOX")
      admin->create (wire);
    admin->append (wire, "Subject: in " + wire + "\r\n\r\nx\r\n");
  }

  std::string
  section (const std::string &folders)
  {
    return server ().account ("main", "imaps", user_, postseal_.deliver (),
                              "folders=" + folders + "\nlayout=single\n");
  }

  void
  search (const std::string &folders)
  {
    const std::string config = postseal_.path ("searched.conf");
    g_autoptr (GError) error = nullptr;

    ASSERT_TRUE (g_file_set_contents (config.c_str (), section (folders).c_str (), -1, nullptr));
    g_autoptr (PostsealAccountStore) store = postseal_account_store_load (config.c_str (), &error);
    ASSERT_NE (store, nullptr) << error->message;
    PostsealAccount *account = postseal_account_store_lookup (store, "main", &error);
    ASSERT_NE (account, nullptr) << error->message;
    postseal_folder_search_async (account, nullptr, nullptr, AsyncLoop::on_ready, &loop_);
    g_clear_object (&choice_);
    choice_ = postseal_folder_search_finish (loop_.wait (), nullptr, &error);
    ASSERT_NE (choice_, nullptr) << error->message;
  }

  /* By name; they stay as long as the choice. */
  std::map<std::string, PostsealFolder *>
  folders ()
  {
    GListModel *list = postseal_folder_choice_get_folders (choice_);
    std::map<std::string, PostsealFolder *> by_name;

    for (guint i = 0; i < g_list_model_get_n_items (list); i++)
      {
        g_autoptr (PostsealFolder) folder = POSTSEAL_FOLDER (g_list_model_get_item (list, i));

        by_name[postseal_folder_get_name (folder)] = folder;
      }
    return by_name;
  }

  std::string
  value ()
  {
    g_autofree char *text = postseal_folder_choice_get_value (choice_);

    return text != nullptr ? text : "";
  }

  AsyncLoop loop_;
  PostsealFolderChoice *choice_ = nullptr;
};

TEST_F (FoldersTest, EveryNameThatIsChosenIsFetched)
{
  const std::vector<std::string> odd = { "Entw&APw-rfe", "&ZeVnLIqe-", "R&-D", "Lists/gtk",
                                         "Lists/glib",   "a;b",        "a\\b", "Top/child" };

  create ("INBOX");
  for (const std::string &name : odd)
    create (name);
  for (int i = 10; i < 40; i++)
    create ("Project " + std::to_string (i));
  create ("Junk");
  search ("INBOX");
  const auto all = folders ();

  for (const char *name : { "Entwürfe", "日本語", "R&D", "Lists/gtk", "a;b", "a\\b", "Top/child" })
    EXPECT_EQ (all.count (name), 1u) << name;
  EXPECT_EQ (all.size (), 1 + 1 + odd.size () + 30 + 1) << "“*” and no \\Noselect";
  EXPECT_EQ (all.count ("Top"), 0u);
  EXPECT_EQ (postseal_folder_get_use (all.at ("Junk")), POSTSEAL_IMAP_USE_JUNK);
  EXPECT_EQ (postseal_folder_get_use (all.at ("Lists/gtk")), POSTSEAL_IMAP_USE_NONE);
  EXPECT_EQ (value (), "INBOX");

  for (const auto &[name, folder] : all)
    if (name != "*" && name != "Junk")
      {
        EXPECT_TRUE (postseal_folder_is_nameable (folder)) << name;
        postseal_folder_set_picked (folder, TRUE);
      }
  postseal_.configure (section (value ()));
  fetch_well ();
  EXPECT_EQ (delivered ().size (), 1 + odd.size () + 30) << value ();
}

TEST_F (FoldersTest, PatternsCoverWhatTheServerFindsByThem)
{
  for (const char *name : { "Lists/a", "Lists/a/deep", "Lists/b", "Work" })
    create (name);
  search ("INBOX;Lists/%;Gone;work");
  const auto all = folders ();

  EXPECT_EQ (postseal_folder_get_cover (all.at ("Lists/a")), all.at ("Lists/%"));
  EXPECT_EQ (postseal_folder_get_cover (all.at ("Lists/a/deep")), nullptr);
  EXPECT_FALSE (postseal_folder_is_chosen (all.at ("Work"))) << "another name";
  EXPECT_EQ (postseal_folder_get_kind (all.at ("Gone")), POSTSEAL_FOLDER_MISSING);
  postseal_folder_set_picked (all.at ("Gone"), FALSE);
  postseal_folder_set_picked (all.at ("work"), FALSE);
  postseal_folder_set_picked (all.at ("INBOX"), FALSE);
  EXPECT_EQ (value (), "Lists/%");
  postseal_.configure (section (value ()));
  fetch_well ();
  EXPECT_EQ (delivered ().size (), 2u);
}

TEST_F (FoldersTest, TheCommandShowsThem)
{
  for (const char *name : { "INBOX", "Junk", "Lists/a", "Work" })
    create (name);
  postseal_.configure (section ("INBOX;Gone;Lists/*"));
  Outcome shown = postseal_.run ({ "account", "folders", "main" });
  Outcome json = postseal_.run ({ "account", "folders", "--json", "main" });

  EXPECT_EQ (shown.status, 0) << shown.err;
  EXPECT_EQ (shown.out, "FOLDER   FETCHED  NOTE\n"
                        "Gone     yes      Not on the server now\n"
                        "INBOX    yes      -\n"
                        "Junk     no       Junk\n"
                        "Lists/a  yes      -\n"
                        "Work     no       -\n");
  EXPECT_EQ (json.status, 0) << json.err;
  for (const char *key : { "folder", "use", "exists", "fetched" })
    EXPECT_NE (json.out.find (std::string ("\"") + key + "\""), std::string::npos) << json.out;
  EXPECT_NE (json.out.find ("\"junk\""), std::string::npos) << json.out;
}

TEST_F (FoldersTest, TheCommandTellsWhatIsWrong)
{
  std::string wrong = section ("INBOX");
  const size_t at = wrong.find ("password=");

  wrong.replace (at, wrong.find ('\n', at) - at, "password=file:" + postseal_.path ("none"));
  postseal_.configure (wrong);
  Outcome outcome = postseal_.run ({ "account", "folders", "main" });
  EXPECT_EQ (outcome.status, 77) << outcome.err;
  EXPECT_EQ (outcome.out, "");
  EXPECT_EQ (outcome.err.compare (0, 10, "postseal: "), 0) << outcome.err;
}

} // namespace
