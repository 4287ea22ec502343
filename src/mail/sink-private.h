/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mail/sink.h"

G_BEGIN_DECLS

/* What the kinds of sinks share. Each has a struct that begins with PostsealSink. */

typedef struct
{
  gboolean (*deliver) (PostsealSink *self, PostsealSinkItem *items, gsize n_items, GError **error);
  void (*clear) (PostsealSink *self);
} PostsealSinkClass;

struct _PostsealSink
{
  const PostsealSinkClass *klass; /* borrowed: static */
  PostsealSinkKind kind;
  char *path; /* owned, or NULL */
  char *stage_dir; /* owned, or NULL */
};

/* @path: expanded, absolute. @mailbox: NULL for the path itself. */
PostsealSink *_postseal_sink_maildir_new (
    const char *path, PostsealLayout layout, const char *mailbox, char delimiter, GError **error);
PostsealSink *_postseal_sink_mbox_new (
    const char *path, PostsealLayout layout, const char *mailbox, char delimiter, GError **error);
PostsealSink *
_postseal_sink_command_new (const char *command_line, const char *recipient, GError **error);
/* How long one run may take; 0: POSTSEAL_LIMIT_DELIVERY_MS. For tests. */
void _postseal_sink_command_set_limit (guint limit_ms);
PostsealSink *_postseal_sink_lmtp_new (const char *address, const char *recipient, GError **error);

/**
 * _postseal_maildir_place:
 * @name: (inout): name to get in new/; becomes another one when a stranger's file has it
 *
 * Renames a staged file into new/, never replacing a file. A file of that name with the same
 * content is this message: the staged file goes. Nothing is synced. Errors: as sinks have them,
 * with %POSTSEAL_SINK_ERROR_TEMPORARY for a staged file that is not there.
 */
gboolean _postseal_maildir_place (
    const char *staged_path, const char *maildir, int new_fd, char **name, GError **error);

/* Sets @error for a failed file operation: DISK for a full or broken disk, else CANNOT_WRITE.
   @format says what could not be done; the reason and what to do are put behind it. Returns: FALSE
 */
gboolean
_postseal_sink_fail (GError **error, int saved_errno, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Is going on with other messages of no use? */
gboolean _postseal_sink_error_is_fatal (const GError *error);

/* Gives every item that has neither place nor error a copy of @error. */
void _postseal_sink_fail_rest (PostsealSinkItem *items, gsize n_items, const GError *error);

G_END_DECLS
