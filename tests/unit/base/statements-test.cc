/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/statements.h"

#include <gtest/gtest.h>
#include <string>

#include "base/digest.h"

enum
{
  MAKE,
  ADD,
  LIST,
  WRONG,
  N_TEXTS,
};

static const char *const texts[N_TEXTS] = {
  "CREATE TABLE a (number INTEGER NOT NULL, text TEXT, digest BLOB) STRICT",
  "INSERT INTO a VALUES (?1, ?2, ?3)",
  "SELECT number, text, digest FROM a ORDER BY number",
  "SELECT number FROM nowhere",
};

class Statements : public testing::Test
{
protected:
  sqlite3 *db = nullptr;
  PostsealStatements statements = {};
  GError *error = nullptr;

  void
  SetUp () override
  {
    ASSERT_EQ (sqlite3_open (":memory:", &db), SQLITE_OK);
    postseal_statements_init (&statements, texts, N_TEXTS, fail, db);
    statements.db = db;
    ASSERT_TRUE (run (MAKE, ""));
  }

  void
  TearDown () override
  {
    postseal_statements_clear (&statements);
    EXPECT_EQ (sqlite3_close (db), SQLITE_OK) << "a statement was left behind";
    g_clear_error (&error);
  }

  static gboolean
  fail (gpointer owner, GError **error)
  {
    g_set_error_literal (error, G_FILE_ERROR, 1, sqlite3_errmsg (static_cast<sqlite3 *> (owner)));
    return FALSE;
  }

  bool
  run (guint which, const char *types, ...)
  {
    va_list values;
    va_start (values, types);
    gboolean is_done = postseal_statements_run (&statements, which, &error, types, values);
    va_end (values);
    return is_done;
  }

  sqlite3_stmt *
  bind (guint which, const char *types, ...)
  {
    va_list values;
    va_start (values, types);
    sqlite3_stmt *stmt = postseal_statements_bind (&statements, which, &error, types, values);
    va_end (values);
    return stmt;
  }
};

TEST_F (Statements, BindRunAndReadAgain)
{
  guint8 digest[POSTSEAL_DIGEST_LENGTH] = { 1, 2, 3 };

  EXPECT_TRUE (run (ADD, "itd", gint64 (2), "two", digest));
  EXPECT_TRUE (run (ADD, "itd", gint64 (1), nullptr, digest));
  for (int round = 0; round < 2; round++)
    {
      sqlite3_stmt *row = bind (LIST, "");
      ASSERT_TRUE (postseal_statements_next (&statements, row, &error));
      EXPECT_EQ (sqlite3_column_int (row, 0), 1);
      EXPECT_EQ (sqlite3_column_text (row, 1), nullptr);
      ASSERT_TRUE (postseal_statements_next (&statements, row, &error));
      EXPECT_STREQ ((const char *)sqlite3_column_text (row, 1), "two");
      EXPECT_EQ (sqlite3_column_bytes (row, 2), POSTSEAL_DIGEST_LENGTH);
      EXPECT_FALSE (postseal_statements_next (&statements, row, &error));
      EXPECT_EQ (error, nullptr) << "the end is no failure";
    }
}

TEST_F (Statements, LeaveTheWordsForAFailureToTheirOwner)
{
  EXPECT_EQ (bind (WRONG, ""), nullptr);
  ASSERT_NE (error, nullptr);
  EXPECT_NE (std::string (error->message).find ("no such"), std::string::npos) << error->message;
}

TEST_F (Statements, ReadANumber)
{
  EXPECT_EQ (postseal_statements_read_number (&statements, "SELECT 7"), 7);
  EXPECT_EQ (postseal_statements_read_number (&statements, "SELECT x FROM y"), -1);
}
