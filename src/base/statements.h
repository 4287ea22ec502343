/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sqlite3.h>
#include <stdarg.h>

G_BEGIN_DECLS

/* The statements of one SQLite connection, each prepared when it is first used. What a failure
   means is for the owner to say. */
typedef struct
{
  /* Sets @error from the connection's last failure. Returns: FALSE */
  gboolean (*fail) (gpointer owner, GError **error);
  gpointer owner; /* borrowed */
  sqlite3 *db; /* borrowed: set once it is open */
  const char *const *texts; /* borrowed: static */
  guint n_texts;
  sqlite3_stmt **prepared; /* owned */
} PostsealStatements;

/* @texts: (array length=n_texts): static. Nothing is prepared yet. */
void postseal_statements_init (PostsealStatements *self,
                               const char *const *texts,
                               guint n_texts,
                               gboolean (*fail) (gpointer owner, GError **error),
                               gpointer owner);
/* Gives back the memory of all that are prepared, none of which is being run. */
void postseal_statements_rest (PostsealStatements *self);
/* Before the connection is closed. */
void postseal_statements_clear (PostsealStatements *self);

/* Statement @which, reset, with @types bound: 'i' gint64, 't' const char * (nullable), 'd' a digest
   of POSTSEAL_DIGEST_LENGTH octets. Text and digest must live until the statement is run.
   Returns: (transfer none) (nullable) */
sqlite3_stmt *postseal_statements_bind (
    PostsealStatements *self, guint which, GError **error, const char *types, va_list values);
/* Runs @stmt to its next row. Returns: TRUE with a row; FALSE at the end, reset, or with @error set
   on failure. */
gboolean postseal_statements_next (PostsealStatements *self, sqlite3_stmt *stmt, GError **error);
/* Binds, and runs to the end. */
gboolean postseal_statements_run (
    PostsealStatements *self, guint which, GError **error, const char *types, va_list values);

/* The single number that @sql gives; -1 when it cannot be read. */
gint64 postseal_statements_read_number (PostsealStatements *self, const char *sql);

G_END_DECLS
