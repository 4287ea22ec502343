/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "base/digest.h"

G_BEGIN_DECLS

/* One message file being written: CR LF becomes LF, the rest is byte for byte; counted and digested
 * on the way. */
typedef struct _PostsealStage PostsealStage;

typedef struct
{
  guint64 wire_size; /* octets that came in */
  guint64 length; /* of the file */
  guint8 digest[POSTSEAL_DIGEST_LENGTH]; /* SHA-256 of the file */
  guint8 content[POSTSEAL_DIGEST_LENGTH]; /* the same without the trace header */
} PostsealStaged;

#define POSTSEAL_STAGE_CHUNK 65536 /* most that _postseal_stage_write() takes at once */

/**
 * _postseal_stage_open:
 * @dir_fd: directory to make the file in
 * @dir: its path, for messages
 * @name: the file's name; nothing of that name is there
 * @trace: (nullable): goes in front as it is
 *
 * Errors: %POSTSEAL_SINK_ERROR_CANNOT_WRITE, %POSTSEAL_SINK_ERROR_DISK
 */
PostsealStage *_postseal_stage_open (
    int dir_fd, const char *dir, const char *name, const char *trace, GError **error);

/* Appends at most POSTSEAL_STAGE_CHUNK bytes as they came. After failure it must be abandoned. */
gboolean
_postseal_stage_write (PostsealStage *self, const void *data, gsize length, GError **error);

/* Frees @self. Returns: the file's descriptor, to be synced and closed by the caller, or -1: the
 * file is gone */
int _postseal_stage_finish (PostsealStage *self, PostsealStaged *ret_staged, GError **error);
/* Frees @self and removes the file. */
void _postseal_stage_abandon (PostsealStage *self);

G_END_DECLS
