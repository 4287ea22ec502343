/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/key-history.h"
#include "net/seal.h"

G_BEGIN_DECLS

/* What success has taught about the endpoints of one account: held to until the user says
   otherwise. A small key file in the account's state directory. Values are changed in memory; save
   and load block (worker thread, or before the loop runs). */
typedef struct _PostsealLatches PostsealLatches;

PostsealLatches *postseal_latches_new (void);
/* A missing file is an empty set; an unreadable or damaged one is an error, never "no latches". */
PostsealLatches *postseal_latches_load (const char *path, GError **error);
/* Replaces the file by all of @self. */
gboolean postseal_latches_save (PostsealLatches *self, const char *path, GError **error);
/* Adds what was set since load, or since the last time, to what the file holds now, under the
   file's own lock ("PATH.lock"): a retrieval and a sending run of one account do not undo each
   other's lessons, and what the user had forgotten meanwhile is not taught again. Blocks. Errors:
   also %POSTSEAL_LOCK_ERROR_BUSY after some seconds */
gboolean postseal_latches_teach (PostsealLatches *self, const char *path, GError **error);
/**
 * postseal_latches_forget:
 * @endpoint: (nullable): of this server only
 * @name: (nullable): this only, with what is noted about it
 *
 * Takes it out of the file, under the file's own lock; without @endpoint and @name a damaged file
 * becomes an empty one. Blocks. Errors: those of teaching.
 *
 * Returns: (transfer full) (nullable): what has been forgotten
 */
PostsealLatches *
postseal_latches_forget (const char *path, const char *endpoint, const char *name, GError **error);
PostsealLatches *postseal_latches_ref (PostsealLatches *self);
void postseal_latches_unref (PostsealLatches *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealLatches, postseal_latches_unref)

/* TRUE when something has been set since load or save. */
gboolean postseal_latches_is_changed (PostsealLatches *self);

/* @endpoint: postseal_endpoint_to_string(). @name: "tls" -> "1.3", "mechanism" -> "SCRAM-SHA-256"
   ... Returns: (transfer none) (nullable) */
const char *postseal_latches_get (PostsealLatches *self, const char *endpoint, const char *name);
void postseal_latches_set (PostsealLatches *self,
                           const char *endpoint,
                           const char *name,
                           const char *value);
/* Any value, also one that is no word. Returns: (transfer full) (nullable) */
char *postseal_latches_dup (PostsealLatches *self, const char *endpoint, const char *name);
/* The same as set, for what @endpoint has just shown on the connection of @seal. Where that is new,
   NAME-since is the time and NAME-by the connection. */
void postseal_latches_learn (PostsealLatches *self,
                             const char *endpoint,
                             const PostsealSeal *seal,
                             const char *name,
                             const char *value);
/* The endpoints that something is known of. Returns: (transfer full) (array zero-terminated=1) */
char **postseal_latches_list_endpoints (PostsealLatches *self);

/* The keys that @endpoint has shown. Returns: (transfer full) (element-type PostsealKeyEntry) */
GPtrArray *postseal_latches_list_keys (PostsealLatches *self, const char *endpoint);
/**
 * postseal_latches_meet_key:
 * @seal: of a server that was vouched for
 * @is_pinned: its key is one of several pinned ones
 * @ret_since: (out): when this key by this issuer was seen first
 *
 * Takes the key into the history, if it is new.
 *
 * Returns: what it was when it came
 */
PostsealKeyNews postseal_latches_meet_key (PostsealLatches *self,
                                           const PostsealSeal *seal,
                                           gboolean is_pinned,
                                           gint64 *ret_since);

/* The user's word: forget all about @endpoint, or everything when NULL. */
void postseal_latches_clear (PostsealLatches *self, const char *endpoint);

G_END_DECLS
