/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trace/message-search.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "temp-dir.h"

using namespace postseal_test;
using std::string;

namespace
{

class MessageSearch : public testing::Test
{
protected:
  /* Returns: its path */
  string
  add (const string &name, const string &message_id)
  {
    string path = dir / name;

    std::filesystem::create_directories (std::filesystem::path (path).parent_path ());
    std::ofstream (path) << "From: a@example.com\nmessage-id: " << message_id << "\n\nHello\n";
    return path;
  }

  string
  find (const string &message_id, guint most = 1000)
  {
    string root = dir / "Mail";
    const char *roots[] = { root.c_str (), "/nowhere", nullptr };
    g_autofree char *path
        = postseal_message_search (roots, message_id.c_str (), most, &looked, &is_all);

    return path != nullptr ? path : "";
  }

  TempDir dir;
  guint looked = 0;
  gboolean is_all = FALSE;
};

} // namespace

TEST_F (MessageSearch, FindsItInFoldersBelowWhateverItsFlags)
{
  add ("Mail/new/1.a.host", "<1@b>");
  string flagged = add ("Mail/cur/2.b.host:2,RS", "<2@b>");
  string below = add ("Mail/.Lists.orchard/cur/3.c.host:2,", "<3@b>");
  string deep = add ("Mail/Lists/choir/new/4.d.host", "<4@b>");
  add ("Mail/tmp/5.e.host", "<5@b>");

  EXPECT_EQ (find ("<2@b>"), flagged);
  EXPECT_EQ (find ("<3@b>"), below);
  EXPECT_EQ (find ("<4@b>"), deep);
  EXPECT_EQ (find ("<5@b>"), "") << "not delivered yet";
  EXPECT_EQ (looked, 4u);
  EXPECT_TRUE (is_all);
  EXPECT_EQ (find ("<2@B>"), "");
}

TEST_F (MessageSearch, TheNewestIsFoundFirst)
{
  add ("Mail/cur/1.a.host:2,S", "<1@b>");
  string newest = add ("Mail/.Archive/cur/3.c.host:2,S", "<1@b>");
  add ("Mail/new/2.b.host", "<1@b>");

  EXPECT_EQ (find ("<1@b>"), newest);
  EXPECT_EQ (looked, 0u) << "none before it";
}

TEST_F (MessageSearch, LooksAtTheNewestOnlyWhereThereAreMany)
{
  for (int i = 1; i <= 50; i++)
    add ("Mail/cur/" + std::to_string (i) + ".a.host", "<" + std::to_string (i) + "@b>");
  EXPECT_NE (find ("<41@b>", 10), "");
  EXPECT_EQ (find ("<40@b>", 10), "");
  EXPECT_EQ (looked, 10u);
  EXPECT_FALSE (is_all);
}

TEST_F (MessageSearch, FollowsNoLinks)
{
  add ("elsewhere/cur/1.a.host", "<1@b>");
  std::filesystem::create_directories (dir / "Mail/new");
  std::filesystem::create_directory_symlink (dir / "elsewhere", dir / "Mail/link");
  std::filesystem::create_symlink (dir / "elsewhere/cur/1.a.host", dir / "Mail/new/2.b.host");
  EXPECT_EQ (find ("<1@b>"), "");
}
