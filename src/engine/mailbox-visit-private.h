/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/fetch-imap-private.h"

G_BEGIN_DECLS

/* One mailbox of a run, shared by fetch-mailbox.c (select, list, settle, delete) and fetch-stream.c
   (its messages on their way from the session into the delivery). As long as the mailbox stays open
   it can be looked at again for what is new, without asking server or ledger what is known. */
struct _PostsealMailboxVisit
{
  FetchImap *imap; /* owned while it is under way, else borrowed */
  PostsealFetchJob *job; /* borrowed: from imap */
  PostsealImapSession *session; /* borrowed: from imap */
  PostsealImapMailbox *mailbox; /* owned */
  PostsealImapStatus *status; /* owned */
  PostsealDeliveryMailbox *box; /* owned */
  GArray *delivered; /* owned (element-type PostsealLedgerDue), nullable: all, when the server
                        counts anew */
  guint listings; /* under way */
  GArray *entries; /* owned (element-type PostsealImapEntry): to fetch, ascending */
  gsize next_entry; /* the first that has not been asked for */
  guint32 next_uid; /* everything below it is settled, or to be tried again */
  guint32 confirmed; /* the ledger knows that everything below it is; 0: nothing was said */
  guint32 guessed; /* asked for before it was listed; 0: nothing */
  gboolean is_guess_right; /* it came, and is on its way into the ledger */
  guint32 n_news; /* how often messages had been announced when the new ones were listed */
  guint n_stored; /* retries that the ledger knows of */
  GQueue again; /* owned (element-type GArray): parts of a refused chunk */
  GQueue chunks; /* in flight, oldest first; of fetch-stream.c */
  GHashTable *retries; /* owned: UIDs that are wanted and not there yet */
  GHashTable *missing; /* owned: UIDs that the server did not return */
  GArray *expired; /* owned (element-type guint32): on the server, to be deleted */
  GArray *vanished; /* owned (element-type guint32): were to be deleted, and are gone */
  gboolean is_repeat; /* looks for what is new only */
  gboolean is_open; /* selected, and what is in it known */
  gboolean is_cut; /* ended before everything was fetched, because the job leaves */
  gboolean is_broken; /* the session or the delivery is of no more use */
};

/* Streams all entries, then calls _postseal_mailbox_visit_streamed(). Also the delivery's handler.
 */
void _postseal_mailbox_visit_stream (PostsealMailboxVisit *self);
void _postseal_mailbox_visit_streamed (PostsealMailboxVisit *self);
extern const PostsealDeliveryHandler _postseal_mailbox_visit_delivery_handler;

/* Asks for the message that is likely to be the new one, together with the listing: its UID is most
   often the next (RFC 9051 section 2.3.1.1), and to ask for one that is not there costs nothing. */
void _postseal_mailbox_visit_guess (PostsealMailboxVisit *self);

/* What is \Seen is adopted by the ledger, and known from now on. Ends by calling
   _postseal_mailbox_visit_seen_known(). */
void _postseal_mailbox_visit_find_seen (PostsealMailboxVisit *self);
/* @error: (transfer full) (nullable) */
void _postseal_mailbox_visit_seen_known (PostsealMailboxVisit *self, GError *error);

/* A refusal concerns this mailbox, anything else the whole conversation. */
gboolean _postseal_mailbox_visit_is_refusal (const GError *error);
/* @error: (transfer full) */
void _postseal_mailbox_visit_take_error (PostsealMailboxVisit *self, GError *error);

/* The ledger is told before the next confirm, so that progress never passes a message that is
 * missing. */
void _postseal_mailbox_visit_store_retries (PostsealMailboxVisit *self);

/* For arrays of guint32 and of PostsealImapEntry, by UID. */
int _postseal_compare_uids (gconstpointer a, gconstpointer b);
int _postseal_compare_entries (gconstpointer a, gconstpointer b);

G_END_DECLS
