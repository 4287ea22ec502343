/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What was said on a connection, line by line, for --verbose and for reports. Secrets never get
   here: the sender says which bytes to hide. Message content is summed up ("[1234 bytes]").
   Reference counted, used on one thread. A NULL transcript is valid everywhere and records nothing.
 */
typedef struct _PostsealTranscript PostsealTranscript;

typedef enum
{
  POSTSEAL_TRANSCRIPT_NOTE, /* "*" connected, sealed, closed */
  POSTSEAL_TRANSCRIPT_SENT, /* ">" */
  POSTSEAL_TRANSCRIPT_RECEIVED, /* "<" */
} PostsealTranscriptKind;

/* @line is printable (see postseal_printable()) and has no line end. */
typedef void (*PostsealTranscriptFunc) (PostsealTranscriptKind kind,
                                        const char *line,
                                        gpointer user_data);

PostsealTranscript *
postseal_transcript_new (PostsealTranscriptFunc func, gpointer user_data, GDestroyNotify destroy);
PostsealTranscript *postseal_transcript_ref (PostsealTranscript *self);
void postseal_transcript_unref (PostsealTranscript *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTranscript, postseal_transcript_unref)

/* While nobody hears it, nothing is recorded and little time is spent; heard when made. */
void postseal_transcript_set_heard (PostsealTranscript *self, gboolean is_heard);

/* Something that happened, in words of ours; never with a secret. */
void
postseal_transcript_note (PostsealTranscript *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* One protocol line without its CR LF. */
void postseal_transcript_line (PostsealTranscript *self,
                               PostsealTranscriptKind kind,
                               const char *line,
                               gssize length);

G_END_DECLS
