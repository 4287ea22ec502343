/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "open-outbox.h"

class OutboxChange : public OpenOutbox
{
};
TEST_F (OutboxChange, AHeldMessageIsNotTriedUntilReleased)
{
  open ();
  std::string fresh = put (), tried = put ();
  settle (tried, POSTSEAL_OUTBOX_QUEUED, NOW + 1000);

  for (const auto &id : { fresh, tried })
    {
      EXPECT_TRUE (postseal_outbox_hold (outbox, id.c_str (), nullptr));
      EXPECT_TRUE (postseal_outbox_hold (outbox, id.c_str (), nullptr)) << "twice is fine";
      EXPECT_EQ (state (id), POSTSEAL_OUTBOX_HELD);
    }
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE, nullptr, NOW + 9999), Ids{});
  EXPECT_EQ (list (POSTSEAL_OUTBOX_WAITING), Ids{});
  EXPECT_EQ (postseal_outbox_next_due (outbox, NOW, nullptr), -1);
  EXPECT_EQ (mark ({ fresh, tried }), (Ids{ fresh, tried }));
  settle (tried, POSTSEAL_OUTBOX_BLOCKED);
  EXPECT_EQ (state (tried), POSTSEAL_OUTBOX_HELD) << "an outcome does not release it";

  for (const auto &id : { fresh, tried })
    {
      EXPECT_TRUE (postseal_outbox_release (outbox, id.c_str (), nullptr));
      EXPECT_TRUE (postseal_outbox_release (outbox, id.c_str (), nullptr));
    }
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DUE), (Ids{ fresh, tried })) << "at once";
}

TEST_F (OutboxChange, HoldingWhatIsInDoubtKeepsTheDoubt)
{
  open ();
  std::string id = put ();
  EXPECT_EQ (mark ({ id }), Ids{});
  EXPECT_TRUE (postseal_outbox_hold (outbox, id.c_str (), nullptr));
  EXPECT_TRUE (postseal_outbox_release (outbox, id.c_str (), nullptr));
  g_autoptr (PostsealOutboxEntry) entry = load (id);
  EXPECT_EQ (entry->state, POSTSEAL_OUTBOX_QUEUED);
  EXPECT_TRUE (entry->is_doubtful);
}

TEST_F (OutboxChange, ARemovedMessageIsReallyGone)
{
  open ();
  std::string fresh = put (), tried = put (), sent = put ();
  settle (tried, POSTSEAL_OUTBOX_FAILED);
  settle (sent, POSTSEAL_OUTBOX_SENT);

  for (const auto &id : { fresh, tried, sent })
    {
      g_autoptr (GError) error = nullptr;

      EXPECT_TRUE (postseal_outbox_remove (outbox, id.c_str (), &error)) << error->message;
      EXPECT_EQ (load_failure (id), POSTSEAL_OUTBOX_ERROR_UNKNOWN);
      EXPECT_FALSE (postseal_outbox_remove (outbox, id.c_str (), nullptr)) << "once only";
    }
  EXPECT_TRUE (names ("queue").empty ());
  EXPECT_EQ (list (POSTSEAL_OUTBOX_DONE), Ids{});
  EXPECT_EQ (mark ({ fresh, tried }), (Ids{ fresh, tried }));
}

TEST_F (OutboxChange, NobodyInterferesWithWhatIsBeingSent)
{
  open ();
  std::string id = put ();
  g_autoptr (PostsealLockFile) sender = lock ();
  EXPECT_EQ (mark ({ id }), Ids{});

  for (auto change : { postseal_outbox_hold, postseal_outbox_release, postseal_outbox_remove })
    {
      g_autoptr (GError) error = nullptr;

      EXPECT_FALSE (change (outbox, id.c_str (), &error));
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_BUSY));
    }
  EXPECT_EQ (names ("queue"), Ids{ id });
  g_clear_pointer (&sender, postseal_lock_file_release);
  EXPECT_TRUE (postseal_outbox_remove (outbox, id.c_str (), nullptr));
}

TEST_F (OutboxChange, WhatHasLeftCannotBeHeld)
{
  open ();
  std::string id = put ();
  settle (id, POSTSEAL_OUTBOX_SENT);

  for (auto change : { postseal_outbox_hold, postseal_outbox_release })
    {
      g_autoptr (GError) error = nullptr;

      EXPECT_FALSE (change (outbox, id.c_str (), &error));
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_UNKNOWN));
    }
}

TEST_F (OutboxChange, AnOutcomeOfWhatWasRemovedChangesNothing)
{
  open ();
  std::string id = put ();
  g_autoptr (PostsealOutboxEntry) entry = load (id);
  EXPECT_TRUE (postseal_outbox_remove (outbox, id.c_str (), nullptr));
  commit (make_outcome (entry, POSTSEAL_OUTBOX_QUEUED));
  EXPECT_EQ (list (POSTSEAL_OUTBOX_ALL), Ids{});
  EXPECT_EQ (load_failure (id), POSTSEAL_OUTBOX_ERROR_UNKNOWN);
}
