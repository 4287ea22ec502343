/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "outbox/outbox-error.h"

G_BEGIN_DECLS

/* Where the outbox keeps what, and how entries are called. */

#define POSTSEAL_OUTBOX_ID_LENGTH 10

/* Microseconds since 1970 to the base of 36: in order of time both as numbers and as names, until
   the year 2085. */
typedef guint64 PostsealOutboxNumber;

/* @ret_id has room for POSTSEAL_OUTBOX_ID_LENGTH + 1 bytes. */
void _postseal_outbox_format_id (PostsealOutboxNumber number, char *ret_id);
/* Returns: FALSE when @id is no whole ID */
gboolean _postseal_outbox_parse_id (const char *id, PostsealOutboxNumber *ret_number);
/* The numbers of all IDs that begin with @prefix. Returns: FALSE when none can */
gboolean _postseal_outbox_parse_prefix (const char *prefix,
                                        PostsealOutboxNumber *ret_first,
                                        PostsealOutboxNumber *ret_last);

/* A directory or file of the outbox: "tmp", "queue", "index.db". Returns: (transfer full) */
char *_postseal_outbox_build_path (const char *name);
/* The file of an entry. Returns: (transfer full) */
char *_postseal_outbox_build_entry_path (const char *id);

/* Makes tmp/ and queue/ where they are missing. Errors: %POSTSEAL_OUTBOX_ERROR */
gboolean _postseal_outbox_make_directories (GError **error);

/* %POSTSEAL_OUTBOX_ERROR_DISK or _CANNOT_WRITE. */
PostsealOutboxError _postseal_outbox_judge_errno (int code);
/* Sets @error from @code, an errno: "@action PATH: reason; what to do". @action is translated.
   Returns: FALSE */
gboolean
_postseal_outbox_fail_errno (int code, const char *action, const char *path, GError **error);

/* fsync of queue/. Errors: %POSTSEAL_OUTBOX_ERROR */
gboolean _postseal_outbox_sync_queue (GError **error);

G_END_DECLS
