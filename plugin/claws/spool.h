/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The Maildir in which Postseal leaves the mail of one account for the host: "new" is what has
   arrived, "cur" what has been taken and not yet been dropped. A message leaves it in two steps, so
   that whoever is killed between them finds in "cur" what was under way. All work on files is
   done by worker threads. It knows nothing of the host.

   Signal "arrived": there is something to be taken. Told once until it was looked at. */
#define POSTSEAL_TYPE_CLAWS_SPOOL (postseal_claws_spool_get_type ())
G_DECLARE_FINAL_TYPE (PostsealClawsSpool, postseal_claws_spool, POSTSEAL, CLAWS_SPOOL, GObject)

/* Where the mail of @account is left: $XDG_STATE_HOME/postseal/claws/ACCOUNT, escaped.
   Returns: (transfer full) */
char *postseal_claws_spool_path (const char *account);

/* Watches @path from now on, which is made when missing. Returns: (transfer full) */
PostsealClawsSpool *postseal_claws_spool_new (const char *path);

/* No signal comes any more, and nothing more is moved or removed once what a thread is doing at the
   moment has come to its end: another spool for the same path waits for that. */
void postseal_claws_spool_stop (PostsealClawsSpool *self);

/**
 * postseal_claws_spool_take_async:
 * @limit: at most so many
 *
 * Moves the oldest messages from "new" to "cur", and syncs that.
 */
void postseal_claws_spool_take_async (PostsealClawsSpool *self,
                                      guint limit,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
/* Returns: (transfer full) (element-type filename): paths in "cur", oldest first; none when there
   is nothing new. Errors: %G_FILE_ERROR, %G_IO_ERROR_CANCELLED after stop() */
GPtrArray *
postseal_claws_spool_take_finish (PostsealClawsSpool *self, GAsyncResult *result, GError **error);

/* A taken message, and what became of it. */
typedef struct
{
  char *path; /* owned: in "cur" */
  char *filed; /* owned, nullable: the file of the host that holds the same */
} PostsealClawsTaken;
/* NULL-safe. */
void postseal_claws_taken_free (PostsealClawsTaken *self);
/* @path, @filed: (transfer none). Returns: (transfer full) */
PostsealClawsTaken *postseal_claws_taken_new (const char *path, const char *filed);

/**
 * postseal_claws_spool_drop_async:
 * @taken: (transfer full) (element-type PostsealClawsTaken): each with its "filed"
 *
 * Makes sure that the host's files hold the same and survive a power cut, then removes the messages
 * from "cur", for good.
 */
void postseal_claws_spool_drop_async (PostsealClawsSpool *self,
                                      GPtrArray *taken,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
/* FALSE: those that could not be dropped are still in "cur". Errors: as above */
gboolean
postseal_claws_spool_drop_finish (PostsealClawsSpool *self, GAsyncResult *result, GError **error);

/**
 * postseal_claws_spool_recover_async:
 * @folder: where the host keeps what was handed over and has not yet been moved on
 *
 * What was under way when somebody was killed: everything in "cur", each held against the files in
 * @folder by identity, then by size and content. Each of those stands for one message only.
 */
void postseal_claws_spool_recover_async (PostsealClawsSpool *self,
                                         const char *folder,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
/* Returns: (transfer full) (element-type PostsealClawsTaken): "filed" is NULL for those that the
   host has not got. Errors: as above */
GPtrArray *postseal_claws_spool_recover_finish (PostsealClawsSpool *self,
                                                GAsyncResult *result,
                                                GError **error);

/* TRUE when both files are one, or hold the same bytes. Blocks. */
gboolean postseal_claws_spool_is_same (const char *path, const char *other);

G_END_DECLS
