/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/mailbox-path.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace
{

std::string
path (const std::string &title,
      char delimiter = '/',
      PostsealLayout layout = POSTSEAL_LAYOUT_MAILDIRPP,
      PostsealSinkKind kind = POSTSEAL_SINK_MAILDIR)
{
  g_autofree char *result = _postseal_mailbox_path (title.c_str (), delimiter, layout, kind);

  return result;
}

std::string
fs (const std::string &title, char delimiter = '/')
{
  return path (title, delimiter, POSTSEAL_LAYOUT_FS);
}

} // namespace

TEST (MailboxPath, ComponentsBecomeDotsOrFolders)
{
  EXPECT_EQ (path ("Lists/Dev"), ".Lists.Dev");
  EXPECT_EQ (fs ("Lists/Dev"), "Lists/Dev");
  EXPECT_EQ (path ("Lists.Dev", '.'), ".Lists.Dev");
  EXPECT_EQ (fs ("Lists.Dev", '.'), "Lists/Dev");
  EXPECT_EQ (path ("Lists/Dev", '/', POSTSEAL_LAYOUT_FS, POSTSEAL_SINK_MBOX), ".sbd/Lists.sbd/Dev");
  EXPECT_EQ (path ("Lists/Dev", '/', POSTSEAL_LAYOUT_MAILDIRPP, POSTSEAL_SINK_MBOX), ".Lists.Dev");
}

TEST (MailboxPath, Utf8StaysUtf8)
{
  EXPECT_EQ (path ("Entwürfe/日本"), ".Entwürfe.日本");
  EXPECT_EQ (fs ("Entwürfe/日本"), "Entwürfe/日本");
}

TEST (MailboxPath, NoNameLeavesThePath)
{
  EXPECT_EQ (fs ("../../etc"), "%2E./%2E./etc");
  EXPECT_EQ (fs ("./x"), "%2E/x");
  EXPECT_EQ (fs ("/etc/passwd"), "%/etc/passwd");
  EXPECT_EQ (fs ("../../etc", '.'), "%/%/%2F/%/%2Fetc");
  EXPECT_EQ (fs ("a/b", 0), "a%2Fb");
  EXPECT_EQ (path ("../../etc"), ".%2E%2E.%2E%2E.etc");
  EXPECT_EQ (path ("a/b", '.'), ".a%2Fb");
  EXPECT_EQ (path ("..", 0), ".%2E%2E");
}

TEST (MailboxPath, ControlCharactersAndBrokenUtf8AreEscaped)
{
  EXPECT_EQ (path ("a\nb\x7f"), ".a%0Ab%7F");
  EXPECT_EQ (path ("a\xff\xc3"), ".a%FF%C3");
  EXPECT_EQ (path ("\xc0\xaf"), ".%C0%AF"); /* an overlong slash */
}

TEST (MailboxPath, TheMaildirsOwnFoldersAreNoMailboxes)
{
  EXPECT_EQ (fs ("cur"), "%63ur");
  EXPECT_EQ (fs ("a/new/tmp"), "a/%6Eew/%74mp");
  EXPECT_EQ (fs ("current"), "current");
}

TEST (MailboxPath, NoTwoTitlesBecomeOne)
{
  const char *titles[] = { "a/b",  "a.b",  "a%2Eb", "a%2eb", "a//b", "a/%/b", "a/ /b", "/a/b",
                           "a/b/", "a%/b", "%",     "",      "cur",  "%63ur", "a\nb",  "a%0Ab" };

  for (auto layout : { POSTSEAL_LAYOUT_MAILDIRPP, POSTSEAL_LAYOUT_FS })
    {
      std::set<std::string> seen;

      for (const char *title : titles)
        EXPECT_TRUE (seen.insert (path (title, '/', layout)).second) << title;
    }
}

TEST (MailboxPath, OverlongNamesEndInAHash)
{
  std::set<std::string> seen;

  for (int cut = 0; cut < 6; cut++)
    for (const char *unit : { "x", "ü", "\x01", "日", "." })
      {
        std::string title (static_cast<size_t> (cut), 'a');

        for (int i = 0; i < 400; i++)
          title += unit;
        for (auto layout : { POSTSEAL_LAYOUT_MAILDIRPP, POSTSEAL_LAYOUT_FS })
          {
            std::string name = path (title, '/', layout);

            EXPECT_LE (name.size (), 200u);
            EXPECT_TRUE (g_utf8_validate (name.c_str (), -1, nullptr)) << name;
            EXPECT_TRUE (seen.insert (name).second) << name;
            EXPECT_TRUE (seen.insert (path (title + "z", '/', layout)).second) << name;
          }
      }
}
