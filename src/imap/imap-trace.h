/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/transcript.h"

G_BEGIN_DECLS

/* What a server says, for the transcript: each response as one line as it came, shortened, every
   literal summed up as "[1234 bytes]". */
typedef struct _PostsealImapTrace PostsealImapTrace;

PostsealImapTrace *postseal_imap_trace_new (PostsealTranscript *transcript);
void postseal_imap_trace_free (PostsealImapTrace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealImapTrace, postseal_imap_trace_free)

/* Bytes that the parser has used, in order. */
void postseal_imap_trace_bytes (PostsealImapTrace *self, const char *data, gsize length);
/* The next @length bytes are a literal. */
void postseal_imap_trace_literal (PostsealImapTrace *self, guint64 length);
/* A response is whole. @is_challenge: a "+" of a SASL exchange: not shown */
void postseal_imap_trace_response (PostsealImapTrace *self, gboolean is_challenge);

G_END_DECLS
