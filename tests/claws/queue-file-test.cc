/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <unistd.h>

#include "claws/queue-file.h"

namespace
{

const std::string usual = "AF:\nNF:0\nPS:10\nS:jane@example.org\nSSV:(null)\n"
                          "R:<bob@example.net>,<\"a,b\"@example.net>\nMAID:3\n"
                          "X-Claws-Encrypt:0\nSCF:#mh/Mail/sent\n"
                          "RMID:#mh/Mail/inbox\t7\t1@example.net\n"
                          "X-Claws-End-Special-Headers: 1\n";
const std::string message = "From: Jane\nMessage-ID:\n <2@example.org>\nBcc: x@y\n\n"
                            "Message-ID: <body>\n";

class QueueFile : public testing::Test
{
protected:
  ~QueueFile () override { postseal_claws_queue_file_free (file); }

  bool
  parse (const std::string &text)
  {
    postseal_claws_queue_file_free (file);
    file = postseal_claws_queue_file_parse (text.data (), text.size (), nullptr);
    return file != nullptr;
  }

  PostsealClawsQueueFile *file = nullptr;
};

TEST_F (QueueFile, TellsWhatTheHostWrote)
{
  ASSERT_TRUE (parse (usual + message));
  EXPECT_STREQ (file->sender, "jane@example.org");
  ASSERT_EQ (file->recipients->len, 3u);
  EXPECT_STREQ ((char *)file->recipients->pdata[0], "bob@example.net");
  EXPECT_STREQ ((char *)file->recipients->pdata[1], "\"a,b\"@example.net");
  EXPECT_EQ (file->recipients->pdata[2], nullptr);
  EXPECT_EQ (file->account, 3);
  EXPECT_STREQ (file->sent_folder, "#mh/Mail/sent");
  EXPECT_STREQ (file->replied.folder, "#mh/Mail/inbox");
  EXPECT_EQ (file->replied.number, 7);
  EXPECT_STREQ (file->replied.message_id, "1@example.net");
  EXPECT_EQ (file->forwarded.folder, nullptr);
  EXPECT_STREQ (file->message_id, "<2@example.org>");
  EXPECT_EQ (file->offset, (goffset)usual.size ());
  EXPECT_FALSE (file->has_news);
  EXPECT_FALSE (file->is_clear);
}

TEST_F (QueueFile, TellsWhatOnlyTheHostCanSend)
{
  ASSERT_TRUE (parse ("S:<a@b>\nNG:\nX-Claws-Encrypt:1\nX-Sylpheed-End-Special-Headers: 1\n"));
  EXPECT_STREQ (file->sender, "a@b");
  EXPECT_TRUE (file->is_clear);
  EXPECT_FALSE (file->has_news);
  EXPECT_EQ (file->message_id, nullptr);
  ASSERT_TRUE (parse ("S:a@b\nNG:alt.test\nX-Claws-End-Special-Headers: 1\n"));
  EXPECT_TRUE (file->has_news);
}

TEST_F (QueueFile, RefusesWhatIsNone)
{
  EXPECT_FALSE (parse (""));
  EXPECT_FALSE (parse (message));
  EXPECT_FALSE (parse ("S:a@b\n"));
  EXPECT_FALSE (parse ("R:<a@b>\nX-Claws-End-Special-Headers: 1\n")) << "no sender";
  EXPECT_FALSE (parse ("S:a@b\nR:<a@b\nX-Claws-End-Special-Headers: 1\n"));
  for (size_t length = 0; length < usual.size (); length++)
    EXPECT_FALSE (parse (usual.substr (0, length))) << length;
}

TEST_F (QueueFile, SurvivesAnyByte)
{
  std::string text = usual + message;

  for (size_t at = 0; at < text.size (); at++)
    for (char byte : { '\0', '\n', '\t', ':', '<', '"', '\xff' })
      {
        std::string changed = text;

        changed[at] = byte;
        EXPECT_TRUE (!parse (changed) || file->offset <= (goffset)changed.size ());
      }
}

TEST_F (QueueFile, StandsAtTheMessageProper)
{
  std::string path = testing::TempDir () + "queue-file-" + std::to_string (getpid ());
  char buffer[1000];
  int fd = -1;

  std::ofstream (path) << usual << message;
  file = postseal_claws_queue_file_open (path.c_str (), &fd, nullptr);
  ASSERT_NE (file, nullptr);
  ssize_t n = read (fd, buffer, sizeof buffer);
  EXPECT_EQ (std::string (buffer, n), message);
  close (fd);
  unlink (path.c_str ());
  EXPECT_EQ (postseal_claws_queue_file_open (path.c_str (), &fd, nullptr), nullptr);
}

} // namespace
