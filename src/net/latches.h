/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

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
/* Adds what was set since load to what the file holds now, under the file's own lock ("PATH.lock"):
   a retrieval and a sending run of one account do not undo each other's lessons. Blocks. Errors:
   also %POSTSEAL_LOCK_ERROR_BUSY after some seconds */
gboolean postseal_latches_teach (PostsealLatches *self, const char *path, GError **error);
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
/* The user's word: forget all about @endpoint, or everything when NULL. */
void postseal_latches_clear (PostsealLatches *self, const char *endpoint);

G_END_DECLS
