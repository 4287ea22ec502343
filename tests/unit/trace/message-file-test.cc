/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trace/message-file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "base/limits.h"
#include "temp-dir.h"

using namespace postseal_test;
using std::string;

namespace
{

string
digest_of (const string &text)
{
  guint8 value[POSTSEAL_DIGEST_LENGTH];
  PostsealDigest *digest = postseal_digest_new ();

  postseal_digest_update (digest, text.data (), text.size ());
  postseal_digest_finish (digest, value);
  g_autofree char *hex = postseal_digest_to_hex (value, sizeof value);
  return hex;
}

class MessageFile : public testing::Test
{
protected:
  string
  write (const string &text)
  {
    string path = dir / "1.host:2,S";
    std::ofstream (path, std::ios::binary) << text;
    return path;
  }

  /* What the message may be known by. */
  std::set<string>
  contents (const string &text)
  {
    g_autoptr (GError) error = nullptr;
    g_autoptr (PostsealMessageFile) file
        = postseal_message_file_read (write (text).c_str (), &error);
    std::set<string> found;

    EXPECT_NE (file, nullptr) << (error != nullptr ? error->message : "");
    for (guint i = 0; file != nullptr && i < file->n_contents; i++)
      {
        g_autofree char *hex
            = postseal_digest_to_hex (file->contents[i].digest, POSTSEAL_DIGEST_LENGTH);
        found.insert (hex);
      }
    return found;
  }

  /* The complaint. */
  string
  refuse (const string &text, int code = POSTSEAL_MESSAGE_FILE_ERROR_NO_MESSAGE)
  {
    g_autoptr (GError) error = nullptr;
    g_autoptr (PostsealMessageFile) file
        = postseal_message_file_read (write (text).c_str (), &error);

    EXPECT_EQ (file, nullptr);
    EXPECT_TRUE (g_error_matches (error, POSTSEAL_MESSAGE_FILE_ERROR, code));
    return error != nullptr ? error->message : "";
  }

  TempDir dir;
};

const string kMessage = "From: a@example.com\nSubject: x\n\nHello\n";
const string kTrace = "Received: from imap.example.org by localhost with IMAP\n\t(TLS 1.3)\n";

} // namespace

TEST_F (MessageFile, IsKnownAsItStandsAndWithItsLineEndsUndone)
{
  EXPECT_TRUE (contents (kMessage).count (digest_of (kMessage)));
  EXPECT_TRUE (
      contents ("From: a@example.com\r\nSubject: x\r\n\r\nHello\r\n").count (digest_of (kMessage)));
}

TEST_F (MessageFile, IsKnownWithoutAReceivedFieldInFront)
{
  EXPECT_TRUE (contents (kTrace + kMessage).count (digest_of (kMessage)));
  EXPECT_TRUE (contents (kTrace + kMessage).count (digest_of (kTrace + kMessage)));
  EXPECT_EQ (contents (kMessage).size (), 1u) << "another first field stays";
}

/* Beyond the first block, a CR at its end included. */
TEST_F (MessageFile, ALargeMessageIsDigestedWhole)
{
  for (size_t length : { 65535, 65536, 65537, 300000 })
    {
      string body (length - 30, 'x'), message = "From: a@example.com\n\n" + body + "\ny\n";
      string on_wire;
      for (char character : message)
        on_wire += character == '\n' ? "\r\n" : string (1, character);
      EXPECT_TRUE (contents (on_wire).count (digest_of (message))) << length;
      EXPECT_TRUE (contents (kTrace + message).count (digest_of (message))) << length;
    }
}

TEST_F (MessageFile, AnMboxLineIsLeftOutButOnlyOfOneMessage)
{
  string line = "From a@example.com Tue Nov  3 10:11:12 2026\n";

  EXPECT_TRUE (contents (line + kMessage).count (digest_of (kMessage)));
  EXPECT_NE (refuse (line + kMessage + "\n" + line + kMessage).find ("postseal trace -"),
             string::npos);
  EXPECT_NE (refuse (line + kMessage + string (100000, '\n') + line + kMessage).find ("mbox"),
             string::npos);
  EXPECT_TRUE (contents (kMessage + "\nFrom here on\n").size () > 0)
      << "a message may say so in its text";
}

TEST_F (MessageFile, RefusesWhatIsNoMessage)
{
  refuse ("");
  refuse ("\n");
  refuse ("Dear Jane,\nhow are you?\n");
  refuse ("Name: value\n\n");
  refuse (string ("\x7f"
                  "ELF\0\0\0",
                  7)
          + "\nFrom: a\n");
  EXPECT_NE (refuse ("From: a\n" + string (POSTSEAL_LIMIT_HEADER + 1, 'x')).find ("header"),
             string::npos);
}

TEST_F (MessageFile, TellsWhatCannotBeRead)
{
  g_autoptr (GError) error = nullptr;

  EXPECT_EQ (postseal_message_file_read ((dir / "none").c_str (), &error), nullptr);
  EXPECT_TRUE (
      g_error_matches (error, POSTSEAL_MESSAGE_FILE_ERROR, POSTSEAL_MESSAGE_FILE_ERROR_UNREADABLE));
  g_clear_error (&error);
  EXPECT_EQ (postseal_message_file_read ("/", &error), nullptr);
  EXPECT_TRUE (
      g_error_matches (error, POSTSEAL_MESSAGE_FILE_ERROR, POSTSEAL_MESSAGE_FILE_ERROR_NO_MESSAGE));
}

TEST_F (MessageFile, SaysWhatItsFieldsSay)
{
  string path
      = write ("From: =?utf-8?Q?J=C3=B6rg_=1B[31m?= <a@example.com>\nMessage-ID:\n\t<1@b> \n\n");
  g_autoptr (PostsealMessageFile) file = postseal_message_file_read (path.c_str (), nullptr);
  g_autofree char *from = postseal_message_file_describe (file, "from");
  g_autofree char *id = postseal_message_file_get (file, "message-id");

  EXPECT_STREQ (from, "Jörg \\x1B[31m <a@example.com>");
  EXPECT_STREQ (id, "<1@b>");
  EXPECT_EQ (postseal_message_file_get (file, "Subject"), nullptr);
  EXPECT_STREQ (file->name, "1.host:2,S");
}
