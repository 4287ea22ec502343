/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* One SQLite connection with its statements, each prepared when it is first used. What a failure
   means is for the owner to say. */
typedef struct
{
  /* Sets @error from the connection's last failure. Returns: FALSE */
  gboolean (*fail) (gpointer owner, GError **error);
  gpointer owner; /* borrowed */
  sqlite3 *handle; /* owned; NULL before it is opened */
  const char *const *texts; /* borrowed: static */
  guint n_texts;
  sqlite3_stmt **prepared; /* owned */
} PostsealDatabase;

/* @texts: (array length=n_texts): static. Nothing is opened yet. */
void postseal_database_init (PostsealDatabase *self,
                             const char *const *texts,
                             guint n_texts,
                             gboolean (*fail) (gpointer owner, GError **error),
                             gpointer owner);
/* Opens @path, a file that is there, for one thread at a time. What is committed is on the disk.
   @busy_ms: how long to wait for others. @cache_kib: of pages in memory. @log_bytes: what its log
   is cut back to */
gboolean postseal_database_open (PostsealDatabase *self,
                                 const char *path,
                                 int busy_ms,
                                 guint cache_kib,
                                 guint log_bytes,
                                 GError **error);
/* Gives back the memory of all that are prepared, none of which is being run. */
void postseal_database_rest (PostsealDatabase *self);
/* Also where it was never opened, or opening failed. */
void postseal_database_close (PostsealDatabase *self);

/* Returns: the primary result code of the last failure; @ret_reason: (out) (transfer none): in
   SQLite's words */
int postseal_database_get_failure (PostsealDatabase *self, const char **ret_reason);

/* Statement @which, reset, with @types bound: 'i' gint64, 't' const char * (nullable), 'd' a digest
   of POSTSEAL_DIGEST_LENGTH octets. Text and digest must live until the statement is run.
   Returns: (transfer none) (nullable) */
sqlite3_stmt *postseal_database_bind (
    PostsealDatabase *self, guint which, GError **error, const char *types, ...);
/* Runs @stmt to its next row. Returns: TRUE with a row; FALSE at the end, reset, or with @error set
   on failure. */
gboolean postseal_database_next (PostsealDatabase *self, sqlite3_stmt *stmt, GError **error);
/* Binds, and runs to the end. */
gboolean
postseal_database_run (PostsealDatabase *self, guint which, GError **error, const char *types, ...);
/* Rolls back what has been begun, if anything: after a full disk SQLite may have done so itself. */
void postseal_database_undo (PostsealDatabase *self);

/* The number that statement @find gives for @text, which statement @add adds where it is missing.
 */
gboolean postseal_database_intern (PostsealDatabase *self,
                                   guint find,
                                   guint add,
                                   const char *text,
                                   gint64 *ret_id,
                                   GError **error);
/* The single number that @sql gives; -1 when it cannot be read. */
gint64 postseal_database_read_number (PostsealDatabase *self, const char *sql);

G_END_DECLS
