/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sqlite3.h>

#include "base/lock-file.h"
#include "outbox-fixture.h"

using Ids = std::vector<std::string>;

/* The same with its index open, and what a sender does with it. */
inline const gint64 NOW = g_get_real_time () / G_USEC_PER_SEC;

class OpenOutbox : public OutboxFixture
{
protected:
  void
  TearDown () override
  {
    g_clear_pointer (&outbox, postseal_outbox_free);
    OutboxFixture::TearDown ();
  }

  void
  open ()
  {
    g_autoptr (GError) error = nullptr;

    g_clear_pointer (&outbox, postseal_outbox_free);
    outbox = postseal_outbox_open (&error);
    ASSERT_NE (outbox, nullptr) << error->message;
  }

  /* Files of what is done are removed at the latest when the outbox is freed. */
  void
  reopen_after_removal ()
  {
    g_clear_pointer (&outbox, postseal_outbox_free);
    EXPECT_TRUE (names ("queue").empty ());
    open ();
  }

  Ids
  list (PostsealOutboxFilter filter, const char *account = nullptr, gint64 now = NOW)
  {
    g_autoptr (GError) error = nullptr;
    g_autoptr (GPtrArray) found = nullptr;
    g_auto (GStrv) ids = postseal_outbox_list (outbox, account, filter, now, &found, &error);
    Ids list;

    EXPECT_NE (ids, nullptr) << error->message;
    problems.clear ();
    for (guint i = 0; found != nullptr && i < found->len; i++)
      problems.push_back (static_cast<const char *> (found->pdata[i]));
    for (gsize i = 0; ids != nullptr && ids[i] != nullptr; i++)
      list.push_back (ids[i]);
    return list;
  }

  PostsealOutboxEntry *
  load (const std::string &id)
  {
    g_autoptr (GError) error = nullptr;
    PostsealOutboxEntry *entry = postseal_outbox_load (outbox, id.c_str (), &error);

    EXPECT_NE (entry, nullptr) << error->message;
    return entry;
  }

  PostsealOutboxState
  state (const std::string &id)
  {
    g_autoptr (PostsealOutboxEntry) entry = load (id);

    return entry != nullptr ? entry->state : POSTSEAL_OUTBOX_HELD;
  }

  int
  load_failure (const std::string &id)
  {
    g_autoptr (GError) error = nullptr;
    g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, id.c_str (), &error);

    EXPECT_EQ (entry, nullptr);
    return error != nullptr && error->domain == POSTSEAL_OUTBOX_ERROR ? error->code : -1;
  }

  /* Marks, asserting that the commit works. Returns: those that could not be */
  Ids
  mark (const Ids &ids)
  {
    std::vector<const PostsealOutboxEntry *> marks;
    g_autoptr (GPtrArray) entries
        = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_outbox_entry_free);
    g_autoptr (GError) error = nullptr;
    g_auto (GStrv) unmarked = nullptr;
    Ids failed;

    for (const auto &id : ids)
      {
        PostsealOutboxEntry *entry = postseal_outbox_load (outbox, id.c_str (), nullptr);
        if (entry == nullptr)
          failed.push_back (id);
        else
          {
            g_ptr_array_add (entries, entry);
            marks.push_back (entry);
          }
      }
    EXPECT_TRUE (postseal_outbox_commit (outbox, nullptr, 0, marks.data (), marks.size (),
                                         &unmarked, &error))
        << error->message;
    for (gsize i = 0; unmarked != nullptr && unmarked[i] != nullptr; i++)
      failed.push_back (unmarked[i]);
    return failed;
  }

  static PostsealOutboxOutcome
  make_outcome (const PostsealOutboxEntry *entry, PostsealOutboxState state)
  {
    PostsealOutboxOutcome outcome = {};

    outcome.id = entry->id;
    outcome.state = state;
    outcome.recipients = entry->recipients;
    outcome.n_recipients = entry->n_recipients;
    outcome.counts_as_attempt = TRUE;
    outcome.time = NOW;
    return outcome;
  }

  void
  commit (const PostsealOutboxOutcome &outcome)
  {
    g_autoptr (GError) error = nullptr;

    EXPECT_TRUE (postseal_outbox_commit (outbox, &outcome, 1, nullptr, 0, nullptr, &error))
        << error->message;
  }

  void
  settle (const std::string &id, PostsealOutboxState state, gint64 next_attempt = 0)
  {
    g_autoptr (PostsealOutboxEntry) entry = load (id);
    PostsealOutboxOutcome outcome = make_outcome (entry, state);

    outcome.next_attempt = next_attempt;
    commit (outcome);
  }

  PostsealLockFile *
  lock (const char *account = "work")
  {
    g_autoptr (GError) error = nullptr;
    PostsealLockFile *taken = postseal_outbox_lock (account, &error);

    EXPECT_NE (taken, nullptr) << error->message;
    return taken;
  }

  /* For what no program of ours does. */
  void
  execute (const std::string &sql)
  {
    sqlite3 *db = nullptr;

    ASSERT_EQ (sqlite3_open (place ("index.db").c_str (), &db), SQLITE_OK);
    EXPECT_EQ (sqlite3_exec (db, sql.c_str (), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg (db);
    sqlite3_close (db);
  }

  PostsealOutbox *outbox = nullptr;
  std::vector<std::string> problems;
};
