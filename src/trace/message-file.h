/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "base/digest.h"
#include "wire/header-fields.h"

G_BEGIN_DECLS

#define POSTSEAL_MESSAGE_FILE_ERROR (postseal_message_file_error_quark ())
GQuark postseal_message_file_error_quark (void);
typedef enum
{
  POSTSEAL_MESSAGE_FILE_ERROR_UNREADABLE, /* not there, no permission, input or output error */
  POSTSEAL_MESSAGE_FILE_ERROR_NO_MESSAGE, /* something else than one message */
} PostsealMessageFileError;

/* What it may be known by: the digest of what a server has sent, as it was stored. */
typedef struct
{
  guint8 digest[POSTSEAL_DIGEST_LENGTH];
  gboolean is_without_first; /* the first field was put in front by whoever stored it */
} PostsealMessageContent;

#define POSTSEAL_MESSAGE_CONTENTS 4

/* One message, of which the header is in memory. */
typedef struct
{
  char *name; /* owned: the file's, without its folder; NULL: standard input */
  char *header; /* owned: without the empty line */
  gsize header_length;
  GArray *fields; /* owned: (element-type PostsealHeaderField) */
  PostsealMessageContent contents[POSTSEAL_MESSAGE_CONTENTS];
  guint n_contents;
} PostsealMessageFile;

/**
 * postseal_message_file_read:
 * @path: (nullable): of a plain file; NULL: standard input
 *
 * Reads all of it once, keeping its header, of at most POSTSEAL_LIMIT_HEADER. An mbox line in front
 * is left out; an mbox with more than one message is none. Blocks.
 *
 * Errors: %POSTSEAL_MESSAGE_FILE_ERROR. Returns: (transfer full)
 */
PostsealMessageFile *postseal_message_file_read (const char *path, GError **error);
void postseal_message_file_free (PostsealMessageFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealMessageFile, postseal_message_file_free)

/* The first field @name, decoded (RFC 2047), unfolded and printable, cut where it is long. Returns:
   (transfer full) (nullable) */
char *postseal_message_file_describe (const PostsealMessageFile *self, const char *name);

/* The value of the first field @name without white space around it, as it stands there. Returns:
   (transfer full) (nullable) */
char *postseal_message_file_get (const PostsealMessageFile *self, const char *name);

G_END_DECLS
