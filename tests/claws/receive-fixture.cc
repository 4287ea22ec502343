/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/receive-fixture.h"

#include <cstdio>
#include <filesystem>

namespace postseal_test
{

namespace fs = std::filesystem;

ReceiveTest::ReceiveTest ()
{
  add_filter ("[to-work]", "work");
  add_filter ("[to-news]", "news");
  bind ("[account 1]\naccount=work\nreceive=true\n");
}

void
ReceiveTest::file_work_into (const std::string &folder)
{
  add_filter ("[to-work]", folder, true); /* the first rule wins */
}

std::string
ReceiveTest::folder_of (unsigned number)
{
  return number % 10 == 0 ? "work" : number % 7 == 0 ? "news" : "inbox";
}

std::vector<std::string>
ReceiveTest::make_messages (unsigned count)
{
  std::vector<std::string> messages;

  for (unsigned i = 0; i < count; i++)
    {
      std::string number = std::to_string (i), folder = folder_of (i);

      messages.push_back ("From: joe@example.com\nTo: jane@example.org\nSubject: "
                          + (folder == "inbox" ? "" : "[to-" + folder + "] ") + "Number " + number
                          + "\nDate: Mon, 02 Nov 2026 10:00:00 +0000\nMessage-ID: <" + number
                          + "@example.com>\n\nThis is number " + number + ".\n");
    }
  return messages;
}

void
ReceiveTest::deliver (const std::vector<std::string> &messages)
{
  for (const char *name : { "tmp", "new", "cur" })
    fs::create_directories (spool () + "/" + name);
  for (const auto &message : messages)
    {
      char name[64];

      snprintf (name, sizeof name, "1790000000.M%08uQ1.example", delivered_++);
      write_file (spool () + "/tmp/" + name, message);
      fs::rename (spool () + "/tmp/" + name, spool () + "/new/" + name);
    }
}

size_t
ReceiveTest::count_filed () const
{
  return count ("inbox") + count ("work") + count ("news");
}

void
ReceiveTest::expect_filed (unsigned count)
{
  auto all = make_messages (count);

  for (const char *folder : { "inbox", "work", "news" })
    {
      Contents wanted;

      for (unsigned i = 0; i < count; i++)
        if (folder_of (i) == folder)
          wanted.insert (all[i]);
      EXPECT_EQ (compare_contents (wanted, messages (folder)), "") << "in " << folder;
    }
  EXPECT_EQ (list_folder (spool () + "/new").size (), 0u);
  EXPECT_EQ (list_folder (spool () + "/cur").size (), 0u);
}

} // namespace postseal_test
