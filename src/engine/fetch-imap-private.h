/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/fetch-job-private.h"
#include "imap/imap-session.h"

G_BEGIN_DECLS

/* The IMAP part of a run, shared by fetch-imap.c (which mailboxes) and fetch-mailbox.c (one of
   them). Reference counted. */
typedef struct _FetchImap FetchImap;

/* Returns: (transfer none) */
PostsealFetchJob *_postseal_fetch_imap_get_job (FetchImap *self);
/* Returns: (transfer none) */
PostsealImapSession *_postseal_fetch_imap_get_session (FetchImap *self);

/* Everything there is to do in @mailbox. Takes the reference; ends by calling _mailbox_done once.
 */
void _postseal_fetch_imap_visit (FetchImap *self, const PostsealImapMailbox *mailbox);

/* Gives the reference back. @is_alive: the session can go on with the next mailbox. */
void _postseal_fetch_imap_mailbox_done (FetchImap *self, gboolean is_alive);

void _postseal_fetch_imap_unref (FetchImap *self);

G_END_DECLS
