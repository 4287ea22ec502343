/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <set>
#include <thread>

#include "outbox-fixture.h"

namespace fs = std::filesystem;

static gint64 frozen_time;

/* In front of GLib's, so that two messages can arrive in the same microsecond. */
extern "C" gint64
g_get_real_time ()
{
  struct timespec now;

  if (frozen_time != 0)
    return frozen_time;
  clock_gettime (CLOCK_REALTIME, &now);
  return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

class OutboxDraft : public OutboxFixture
{
};

TEST_F (OutboxDraft, PutsEnvelopeAndMessageIntoOneFileThatOthersCannotRead)
{
  g_autoptr (PostsealEnvelope) envelope = make_envelope ();
  std::string id = put (envelope, "Subject: x\r\n\r\nHello\r\n");
  std::string content = read (place ("queue/" + id));
  gsize length = 0;
  struct stat status;

  EXPECT_EQ (id.size (), 10u);
  EXPECT_EQ (id.find_first_not_of ("0123456789abcdefghijklmnopqrstuvwxyz"), std::string::npos);
  g_autoptr (PostsealEnvelope) stored
      = postseal_envelope_parse (content.data (), content.size (), &length, nullptr);
  ASSERT_NE (stored, nullptr) << content;
  EXPECT_EQ (content.substr (length), "Subject: x\r\n\r\nHello\r\n");
  EXPECT_EQ (stored->length, 21u) << "late facts are those at the end";
  EXPECT_TRUE (names ("tmp").empty ());
  ASSERT_EQ (stat (place ("queue/" + id).c_str (), &status), 0);
  EXPECT_EQ (status.st_mode & 07777, 0600u);
  for (const char *folder : { "", "tmp", "queue" })
    {
      ASSERT_EQ (stat (place (folder).c_str (), &status), 0);
      EXPECT_EQ (status.st_mode & 07777, 0700u) << folder;
    }
}

TEST_F (OutboxDraft, RewritesTheHeadOfALongMessageToo)
{
  g_autoptr (PostsealEnvelope) envelope = make_envelope ();
  std::string text = "Subject: x\r\n\r\n" + std::string (3000000, 'a') + "\r\n";
  g_autoptr (GError) error = nullptr;
  PostsealOutboxDraft *draft = postseal_outbox_draft_open (envelope, &error);
  gsize length = 0;

  for (size_t at = 0; at < text.size (); at += 7001)
    ASSERT_TRUE (postseal_outbox_draft_write (draft, text.data () + at,
                                              std::min<size_t> (7001, text.size () - at), &error));
  envelope->length = text.size ();
  envelope->body = POSTSEAL_SMTP_BODY_8BIT;
  g_autofree char *id = postseal_outbox_draft_commit (draft, envelope, &error);
  ASSERT_NE (id, nullptr);

  std::string content = read (place ("queue/" + std::string (id)));
  g_autoptr (PostsealEnvelope) stored
      = postseal_envelope_parse (content.data (), content.size (), &length, nullptr);
  ASSERT_NE (stored, nullptr);
  EXPECT_EQ (stored->length, text.size ());
  EXPECT_EQ (stored->body, POSTSEAL_SMTP_BODY_8BIT);
  EXPECT_EQ (content.substr (length), text);
}

TEST_F (OutboxDraft, IdsSortByArrivalAndAreNeverTaken)
{
  std::string last;

  for (int i = 0; i < 50; i++)
    {
      std::string id = put ();
      EXPECT_LT (last, id);
      last = id;
    }
  EXPECT_EQ (names ("queue").size (), 50u);
}

TEST_F (OutboxDraft, AMessageOfTheSameMomentReplacesNone)
{
  g_autoptr (PostsealEnvelope) envelope = make_envelope ();

  frozen_time = g_get_real_time ();
  std::string one = put (envelope, "Subject: one\r\n");
  std::string two = put (envelope, "Subject: two, longer\r\n");
  frozen_time = 0;
  EXPECT_LT (one, two);
  EXPECT_NE (read (place ("queue/" + one)).find ("Subject: one\r\n"), std::string::npos);
  EXPECT_NE (read (place ("queue/" + two)).find ("Subject: two"), std::string::npos);
}

TEST_F (OutboxDraft, ManyAtOnceGetNamesOfTheirOwn)
{
  std::vector<std::thread> threads;
  std::vector<std::vector<std::string>> ids (8);
  std::set<std::string> all;

  for (int i = 0; i < 8; i++)
    threads.emplace_back ([&, i] {
      for (int j = 0; j < 25; j++)
        ids[i].push_back (put ());
    });
  for (auto &thread : threads)
    thread.join ();
  for (const auto &some : ids)
    all.insert (some.begin (), some.end ());
  EXPECT_EQ (all.size (), 200u);
  EXPECT_EQ (names ("queue").size (), 200u);
  EXPECT_TRUE (names ("tmp").empty ());
}

TEST_F (OutboxDraft, AbandonedLeavesNothing)
{
  g_autoptr (PostsealEnvelope) envelope = make_envelope ();
  PostsealOutboxDraft *draft = postseal_outbox_draft_open (envelope, nullptr);

  ASSERT_NE (draft, nullptr);
  EXPECT_EQ (names ("tmp").size (), 1u);
  postseal_outbox_draft_abandon (draft);
  postseal_outbox_draft_abandon (nullptr);
  EXPECT_TRUE (names ("tmp").empty ());
  EXPECT_TRUE (names ("queue").empty ());
}

TEST_F (OutboxDraft, AFullDiskIsAnErrorThatSaysSoAndLeavesNothing)
{
  g_autoptr (PostsealEnvelope) envelope = make_envelope ();
  g_autoptr (GError) error = nullptr;
  std::string block (100000, 'a');
  struct rlimit before, little = { 150000, 150000 };
  bool is_written = true;

  std::signal (SIGXFSZ, SIG_IGN);
  ASSERT_EQ (getrlimit (RLIMIT_FSIZE, &before), 0);
  little.rlim_max = before.rlim_max;
  PostsealOutboxDraft *draft = postseal_outbox_draft_open (envelope, nullptr);
  ASSERT_NE (draft, nullptr);
  ASSERT_EQ (setrlimit (RLIMIT_FSIZE, &little), 0);
  for (int i = 0; i < 3 && is_written; i++)
    is_written = postseal_outbox_draft_write (draft, block.data (), block.size (), &error);
  setrlimit (RLIMIT_FSIZE, &before);

  EXPECT_FALSE (is_written);
  ASSERT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DISK));
  EXPECT_NE (strstr (error->message, place ("tmp").c_str ()), nullptr) << error->message;
  postseal_outbox_draft_abandon (draft);
  EXPECT_TRUE (names ("tmp").empty ());
  EXPECT_TRUE (names ("queue").empty ());
}

TEST_F (OutboxDraft, APlaceThatIsNoDirectoryCannotBeWritten)
{
  g_autoptr (PostsealEnvelope) envelope = make_envelope ();
  g_autoptr (GError) error = nullptr;

  std::ofstream (home + "/postseal") << "in the way";
  EXPECT_EQ (postseal_outbox_draft_open (envelope, &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_CANNOT_WRITE));
}

TEST_F (OutboxDraft, AQueueThatIsGoneIsAnErrorAndLeavesNothing)
{
  g_autoptr (PostsealEnvelope) envelope = make_envelope ();
  g_autoptr (GError) error = nullptr;
  PostsealOutboxDraft *draft = postseal_outbox_draft_open (envelope, nullptr);

  ASSERT_NE (draft, nullptr);
  fs::remove (place ("queue"));
  EXPECT_EQ (postseal_outbox_draft_commit (draft, envelope, &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_CANNOT_WRITE));
  EXPECT_TRUE (names ("tmp").empty ());
}
