/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/seal.h"
#include "trace/message-file.h"

G_BEGIN_DECLS

/* That this computer has fetched a message itself, by the record of delivered mail. */
typedef struct
{
  char *account; /* owned */
  char *mailbox; /* owned: its name on the server; "" for POP3 */
  gint64 time; /* Unix seconds of delivery */
  PostsealSeal *seal; /* owned: of the connection; NULL: it cannot be read */
  gboolean is_by_name; /* known by its file name alone: its content is another one by now */
  gboolean has_own_field; /* its first field was put in front here */
} PostsealSighting;

void postseal_sighting_free (PostsealSighting *self);

/**
 * postseal_sightings_find:
 * @accounts: (array zero-terminated=1): whose records to look into
 * @troubles: (element-type utf8): a sentence is added for each record that cannot be read
 *
 * Makes no record and takes no lock; blocks.
 *
 * Returns: (transfer full) (element-type PostsealSighting): the latest first; by name only where
 * there is none by content
 */
GPtrArray *postseal_sightings_find (const PostsealMessageFile *file,
                                    const char *const *accounts,
                                    GPtrArray *troubles);

G_END_DECLS
