/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/raw-record.h"
#include "net/channel.h"

G_BEGIN_DECLS

/* A person or a script on one side, a server on the other: bytes pass in both directions as they
   are, whatever they say. Neither side is read faster than the other takes it, so that memory does
   not grow. The end of the input ends our half only: what the server still says is passed on. */
typedef struct _PostsealRawSession PostsealRawSession;

typedef struct
{
  int in; /* borrowed descriptors */
  int out;
  gboolean keeps_line_feeds; /* a bare LF is not made CR LF */
  PostsealRawRecord *record; /* borrowed, nullable: gets what passes */
  guint timeout_ms; /* the longest silence after the end of the input */
} PostsealRawSessionOptions;

/* @error: (nullable): why it ended before its time. @status: the exit status that belongs to it, 0
   when the server has closed */
typedef void (*PostsealRawSessionEndedFunc) (int status, const GError *error, gpointer user_data);

/* For whoever hands a channel over, with the session as its user data. */
extern const PostsealChannelHandler postseal_raw_session_handler;

/* Returns: (transfer full) */
PostsealRawSession *postseal_raw_session_new (const PostsealRawSessionOptions *options,
                                              PostsealRawSessionEndedFunc ended,
                                              gpointer user_data);
void postseal_raw_session_free (PostsealRawSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealRawSession, postseal_raw_session_free)

/* Begins, in the default main context. @channel: (transfer full): its handler is the one above */
void postseal_raw_session_begin (PostsealRawSession *self, PostsealChannel *channel);

G_END_DECLS
