/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/fetch-job-private.h"
#include "imap/imap-session.h"

G_BEGIN_DECLS

/* The IMAP part of a run, shared by fetch-imap.c (rounds: which mailboxes, in which order),
   fetch-mailbox.c (one of them) and fetch-watch.c (the wait between two rounds). Reference
   counted. */
typedef struct _FetchImap FetchImap;

/* A mailbox of the account, for as long as it is listed. */
typedef struct
{
  PostsealImapMailbox *mailbox; /* owned */
  guint32 uid_validity; /* when it was last looked at: what it was ... */
  guint32 next_uid; /* ... and up to where all is settled; 0: it was not */
  gboolean has_news; /* it was told of, and not looked at since */
  gboolean is_shut; /* it could not be opened in this round */
} FetchBox;

FetchImap *_postseal_fetch_imap_ref (FetchImap *self);
void _postseal_fetch_imap_unref (FetchImap *self);
/* Returns: (transfer none) */
PostsealFetchJob *_postseal_fetch_imap_get_job (FetchImap *self);
/* Returns: (transfer none) */
PostsealImapSession *_postseal_fetch_imap_get_session (FetchImap *self);
/* Returns: (transfer none) (element-type FetchBox): also what cannot be selected */
const GPtrArray *_postseal_fetch_imap_get_boxes (FetchImap *self);
/* The one that the session waits in. Returns: (transfer none) (nullable) */
FetchBox *_postseal_fetch_imap_get_home (FetchImap *self);

/* How it waits between rounds. Returns: (transfer none) (nullable): NULL when it does not, or no
   longer */
struct _FetchWatch *_postseal_fetch_imap_get_watch (FetchImap *self);

/* --- news --- */

/* How far a round looks. */
typedef enum
{
  POSTSEAL_FETCH_NEWS, /* at mailboxes that were told of */
  POSTSEAL_FETCH_POLL, /* at those that nobody watches, too, if STATUS says that it is worth it */
  POSTSEAL_FETCH_WHOLE, /* at everything: also deletions that are due, retries, new mailboxes */
} FetchScope;

/* At least this far, soon: ends the wait. */
void _postseal_fetch_imap_want (FetchImap *self, FetchScope scope);
/* @name: as the server spells it. @status: (nullable): when it says that nothing is new, it is not
 */
void _postseal_fetch_imap_take_news (FetchImap *self,
                                     const char *name,
                                     const PostsealImapStatus *status);
/* The wait is over. @error: (transfer full) (nullable): the session's */
void _postseal_fetch_imap_woke (FetchImap *self, GError *error);
/* There can be no wait: the job ends. */
void _postseal_fetch_imap_give_up_waiting (FetchImap *self);

/* --- one mailbox --- */

typedef struct _PostsealMailboxVisit PostsealMailboxVisit;

/* Everything there is to do in @mailbox. Ends by calling _mailbox_done once; lives on until it is
   freed. Returns: (transfer full) */
PostsealMailboxVisit *
_postseal_mailbox_visit_new (FetchImap *imap, const PostsealImapMailbox *mailbox);
/* Only what is new in it since; the mailbox must still be open. */
void _postseal_mailbox_visit_repeat (PostsealMailboxVisit *self);
void _postseal_mailbox_visit_free (PostsealMailboxVisit *self);
/* May it be repeated? @ret_uid_validity, @ret_next_uid: (nullable): as in FetchBox */
gboolean _postseal_mailbox_visit_is_open (PostsealMailboxVisit *self,
                                          guint32 *ret_uid_validity,
                                          guint32 *ret_next_uid);
/* Have messages been announced since the new ones were listed? */
gboolean _postseal_mailbox_visit_is_stale (PostsealMailboxVisit *self);
/* Messages have been asked for, which are waited for even when the job leaves. */
gboolean _postseal_mailbox_visit_is_streaming (PostsealMailboxVisit *self);

/* The visit has come to its end. @is_alive: the session can go on with the next mailbox. */
void _postseal_fetch_imap_mailbox_done (FetchImap *self, gboolean is_alive);

G_END_DECLS
