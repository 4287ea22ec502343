/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/fetch-job-private.h"
#include "imap/imap-session.h"

G_BEGIN_DECLS

/* A further connection to the server that fetches nothing: it waits in one mailbox and reports.
   Comes back by itself, later each time, when its connection is lost. */
typedef struct _FetchSentinel FetchSentinel;

/* Never called from within a call of its owner. */
typedef struct
{
  /* @status: (nullable): as it was opened; else there is something new */
  void (*news) (FetchSentinel *self, const PostsealImapStatus *status, gpointer user_data);
  /* It has begun, or ceased, to watch. */
  void (*changed) (FetchSentinel *self, gpointer user_data);
} FetchSentinelHandler;

/* @job: outlives it. Returns: (transfer full) */
FetchSentinel *_postseal_fetch_sentinel_new (PostsealFetchJob *job,
                                             const PostsealImapMailbox *mailbox,
                                             const FetchSentinelHandler *handler,
                                             gpointer user_data);
/* Leaves; nothing is called any more. */
void _postseal_fetch_sentinel_free (FetchSentinel *self);

/* Title of its mailbox. */
const char *_postseal_fetch_sentinel_get_title (FetchSentinel *self);
/* The name, as the server spells it. */
const char *_postseal_fetch_sentinel_get_name (FetchSentinel *self);
/* News are told at once. */
gboolean _postseal_fetch_sentinel_is_watching (FetchSentinel *self);
/* There was no connection for it, or the server will not: its mailbox has to be asked about. */
gboolean _postseal_fetch_sentinel_has_given_up (FetchSentinel *self);
/* Goes on if it waited for the latches. */
void _postseal_fetch_sentinel_resume (FetchSentinel *self);
/* Lost within @limit_ms unless it shows that it is not. */
void _postseal_fetch_sentinel_probe (FetchSentinel *self, guint limit_ms);

G_END_DECLS
