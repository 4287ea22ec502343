/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/database.h"

#include <glib/gstdio.h>
#include <gtest/gtest.h>
#include <string>

#include "base/digest.h"

enum
{
  MAKE,
  ADD,
  LIST,
  WRONG,
  BEGIN,
  FIND_NAME,
  ADD_NAME,
  N_TEXTS,
};

static const char *const texts[N_TEXTS] = {
  "CREATE TABLE a (number INTEGER PRIMARY KEY, text TEXT, digest BLOB) STRICT",
  "INSERT INTO a VALUES (?1, ?2, ?3)",
  "SELECT number, text, digest FROM a ORDER BY number",
  "SELECT number FROM nowhere",
  "BEGIN IMMEDIATE",
  "SELECT number FROM a WHERE text = ?1",
  "INSERT INTO a (text) VALUES (?1)",
};

class Database : public testing::Test
{
protected:
  std::string path;
  PostsealDatabase db = {};
  GError *error = nullptr;

  void
  SetUp () override
  {
    g_autofree char *name = nullptr;

    close (g_file_open_tmp ("database-XXXXXX", &name, nullptr));
    path = name;
    postseal_database_init (&db, texts, N_TEXTS, fail, &db);
    ASSERT_TRUE (postseal_database_open (&db, name, 1000, 64, 4096, &error)) << error->message;
    ASSERT_TRUE (postseal_database_run (&db, MAKE, &error, ""));
  }

  void
  TearDown () override
  {
    postseal_database_close (&db);
    g_unlink (path.c_str ());
    g_clear_error (&error);
  }

  static gboolean
  fail (gpointer owner, GError **error)
  {
    const char *reason = nullptr;
    int code = postseal_database_get_failure (static_cast<PostsealDatabase *> (owner), &reason);

    g_set_error_literal (error, G_FILE_ERROR, code, reason);
    return FALSE;
  }

  gint64
  intern (const char *text)
  {
    gint64 id = 0;

    EXPECT_TRUE (postseal_database_intern (&db, FIND_NAME, ADD_NAME, text, &id, &error));
    return id;
  }
};

TEST_F (Database, BindsRunsAndReadsAgain)
{
  guint8 digest[POSTSEAL_DIGEST_LENGTH] = { 1, 2, 3 };

  EXPECT_TRUE (postseal_database_run (&db, ADD, &error, "itd", gint64 (2), "two", digest));
  EXPECT_TRUE (postseal_database_run (&db, ADD, &error, "itd", gint64 (1), nullptr, digest));
  for (int round = 0; round < 2; round++)
    {
      sqlite3_stmt *row = postseal_database_bind (&db, LIST, &error, "");
      ASSERT_TRUE (postseal_database_next (&db, row, &error));
      EXPECT_EQ (sqlite3_column_int (row, 0), 1);
      EXPECT_EQ (sqlite3_column_text (row, 1), nullptr);
      ASSERT_TRUE (postseal_database_next (&db, row, &error));
      EXPECT_STREQ ((const char *)sqlite3_column_text (row, 1), "two");
      EXPECT_EQ (sqlite3_column_bytes (row, 2), POSTSEAL_DIGEST_LENGTH);
      EXPECT_FALSE (postseal_database_next (&db, row, &error));
      EXPECT_EQ (error, nullptr) << "the end is no failure";
    }
}

TEST_F (Database, LeavesTheWordsForAFailureToItsOwner)
{
  EXPECT_EQ (postseal_database_bind (&db, WRONG, &error, ""), nullptr);
  ASSERT_NE (error, nullptr);
  EXPECT_EQ (error->code, SQLITE_ERROR);
  EXPECT_NE (std::string (error->message).find ("no such"), std::string::npos) << error->message;
}

TEST_F (Database, ReadsANumber)
{
  EXPECT_EQ (postseal_database_read_number (&db, "SELECT 7"), 7);
  EXPECT_EQ (postseal_database_read_number (&db, "SELECT x FROM y"), -1);
}

TEST_F (Database, WaitsForTheDisk)
{
  EXPECT_EQ (postseal_database_read_number (&db, "PRAGMA synchronous"), 2) << "FULL";
  EXPECT_EQ (postseal_database_read_number (&db, "PRAGMA cache_size"), -64);
  EXPECT_EQ (postseal_database_read_number (&db, "PRAGMA journal_size_limit"), 4096);
}

TEST_F (Database, OpensNoFileThatIsNotThere)
{
  PostsealDatabase other = {};

  postseal_database_init (&other, texts, N_TEXTS, fail, &other);
  EXPECT_FALSE (postseal_database_open (&other, (path + ".not").c_str (), 0, 64, 4096, &error));
  EXPECT_TRUE (g_error_matches (error, G_FILE_ERROR, SQLITE_CANTOPEN)) << error->message;
  postseal_database_close (&other);
}

TEST_F (Database, AddsATextOnce)
{
  gint64 one = intern ("one");

  EXPECT_NE (intern ("two"), one);
  EXPECT_EQ (intern ("one"), one);
  EXPECT_EQ (postseal_database_read_number (&db, "SELECT count (*) FROM a"), 2);
}

TEST_F (Database, UndoesWhatHasBegun)
{
  postseal_database_undo (&db);
  ASSERT_TRUE (postseal_database_run (&db, BEGIN, &error, ""));
  intern ("one");
  postseal_database_undo (&db);
  EXPECT_EQ (postseal_database_read_number (&db, "SELECT count (*) FROM a"), 0);
}
