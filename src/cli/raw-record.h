/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/transcript.h"
#include "net/endpoint.h"

G_BEGIN_DECLS

/* The file in which a raw session is kept, line by line and without secrets, readable for its owner
   only: "*" what happened, ">" what was sent, "<" what was received. */
typedef struct _PostsealRawRecord PostsealRawRecord;

/* Makes or empties the file. Errors: %G_FILE_ERROR */
PostsealRawRecord *postseal_raw_record_new (const char *path, GError **error);
/* NULL-safe, like all that follows. Returns: FALSE when something could not be written: then @error
   says what */
gboolean postseal_raw_record_close (PostsealRawRecord *self, GError **error);

/* A line of a conversation led by others, who have hidden what is secret. */
void
postseal_raw_record_line (PostsealRawRecord *self, PostsealTranscriptKind kind, const char *line);

/* From now on the bytes come as they are. @awaits_greeting: the server's first word is to come */
void postseal_raw_record_begin (PostsealRawRecord *self,
                                PostsealProtocol protocol,
                                gboolean awaits_greeting);
/* @kind: SENT or RECEIVED; in the order in which they are seen */
void postseal_raw_record_bytes (PostsealRawRecord *self,
                                PostsealTranscriptKind kind,
                                const char *data,
                                gsize length);

G_END_DECLS
