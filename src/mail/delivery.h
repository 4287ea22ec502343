/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "mail/ledger.h"
#include "mail/sink.h"

G_BEGIN_DECLS

/* From bytes to a durable message: stages files, batches them, keeps the ledger, delivers to sinks,
   all in worker threads. The caller lives on a main loop and never blocks: it pushes bytes and is
   told, in its own thread-default main context, what has become durable.

   Order (invariant 8): stage file in tmp/ -> fsync files and tmp/ -> commit intent -> rename ->
   fsync new/ -> commit done -> on_delivered. One delivery serves one account, holding its lock; it
   recovers from a crash when it is opened. */
#define POSTSEAL_TYPE_DELIVERY (postseal_delivery_get_type ())
G_DECLARE_FINAL_TYPE (PostsealDelivery, postseal_delivery, POSTSEAL, DELIVERY, GObject)

/* How one message is known to the server. Servers list sizes that differ from what they send, so
   the listed one is remembered: the next listing is held against it. */
typedef struct
{
  guint32 uid; /* IMAP */
  const char *uidl; /* POP3 */
  guint32 occurrence;
  guint64 listed_size; /* what the server says (LIST, RFC822.SIZE), to be found again by; 0: what
                          was counted */
} PostsealMessageId;

typedef struct
{
  PostsealMessageId id;
  guint64 size; /* octets on the wire */
  gboolean is_delivered;
  const GError *error; /* when not */
  gboolean was_there; /* with is_delivered: it had been delivered before, and was not again */
  const char *file; /* (nullable): where a Maildir has it now; NULL for other sinks, and for what
                       was there before */
} PostsealDeliveryResult;

typedef struct
{
  /* A batch has been settled: @results for each of its messages. What is_delivered is in the ledger
     and on the disk, so the server's copy may go. */
  void (*on_settled) (PostsealDelivery *delivery,
                      const PostsealDeliveryResult *results,
                      gsize n_results,
                      gpointer user_data);
  /* Less than POSTSEAL_DELIVERY_LOW_WATER is queued again: go on reading. */
  void (*on_drained) (PostsealDelivery *delivery, gpointer user_data);
  /* Nothing more can be delivered: disk full, ledger unwritable. Once, at once; on_settled still
     tells the rest, and what is queued afterwards is thrown away. */
  void (*on_failed) (PostsealDelivery *delivery, const GError *error, gpointer user_data);
} PostsealDeliveryHandler;

/**
 * postseal_delivery_open_async:
 * @account: name
 * @state_dir: the account's state directory (made when missing): ledger, lock, spool
 * @deliver: the sink's spec
 * @layout: for other mailboxes than INBOX
 * @recipient: the account's address
 * @purpose: for the lock: "postseal fetch"
 *
 * Takes the account's lock, opens the ledger, settles intents of a crashed run, sweeps orphans in
 * tmp/. Errors: %POSTSEAL_LOCK_ERROR, %POSTSEAL_LEDGER_ERROR, %POSTSEAL_SINK_ERROR, %G_FILE_ERROR.
 */
void postseal_delivery_open_async (const char *account,
                                   const char *state_dir,
                                   const char *deliver,
                                   PostsealLayout layout,
                                   const char *recipient,
                                   const char *purpose,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* Returns: (transfer full) */
PostsealDelivery *postseal_delivery_open_finish (GAsyncResult *result, GError **error);

/* What the recovery found, for people: sentences such as "1 message of an interrupted run was
   delivered". Returns: (transfer none) (element-type utf8) */
const GPtrArray *postseal_delivery_get_recovery_notes (PostsealDelivery *self);

/* Copies @handler; NULL: nobody is told. @user_data must live until another one is set. */
void postseal_delivery_set_handler (PostsealDelivery *self,
                                    const PostsealDeliveryHandler *handler,
                                    gpointer user_data);

/* --- mailboxes and questions to the ledger, answered in order by the worker thread --- */

typedef struct
{
  gint64 id; /* for postseal_delivery_begin() */
  guint32 next_uid;
  guint64 highest_modseq;
  gboolean is_new_validity; /* UIDVALIDITY changed since last time */
  gboolean awaits_seen; /* what is \Seen was retrieved by another program: adopt it, then go on */
  GArray *known; /* (element-type guint32) ascending: at or above next_uid, but delivered: do not
                    fetch */
  GArray *retries; /* (element-type guint32) ascending; none of them is delivered */
  GArray *due; /* (element-type PostsealLedgerDue) ascending: to delete on the server, by keep */
} PostsealDeliveryMailbox;
void postseal_delivery_mailbox_free (PostsealDeliveryMailbox *self);

/**
 * postseal_delivery_open_mailbox_async:
 * @name: what the ledger knows it by: the server's spelling, or "" for POP3; an account that may
 * move to another server or login puts that in front, for UIDs and UIDLs mean nothing elsewhere
 * @title: UTF-8, for the sink
 * @uid_validity: the server's, 0 for POP3
 * @due_before: Unix time: messages delivered until then are due for deletion; G_MININT64 for
 * keep=yes
 */
void postseal_delivery_open_mailbox_async (PostsealDelivery *self,
                                           const char *name,
                                           const char *title,
                                           char delimiter,
                                           guint32 uid_validity,
                                           gint64 due_before,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
/* Returns: (transfer full) */
PostsealDeliveryMailbox *postseal_delivery_open_mailbox_finish (PostsealDelivery *self,
                                                                GAsyncResult *result,
                                                                GError **error);

/* What is stored about a mailbox, to be held against STATUS before selecting it: next_uid 0 when
 * unknown. */
void postseal_delivery_peek_mailbox_async (PostsealDelivery *self,
                                           const char *name,
                                           gint64 due_before,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
gboolean
postseal_delivery_peek_mailbox_finish (PostsealDelivery *self,
                                       GAsyncResult *result,
                                       guint32 *ret_uid_validity,
                                       guint32 *ret_next_uid,
                                       gboolean *ret_has_work, /* retries or due deletions */
                                       GError **error);

/* IMAP: everything that was delivered from the mailbox and has not been deleted there. */
void postseal_delivery_list_delivered_async (PostsealDelivery *self,
                                             gint64 mailbox,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback,
                                             gpointer user_data);
/* Returns: (transfer full) (element-type PostsealLedgerDue): ascending */
GArray *postseal_delivery_list_delivered_finish (PostsealDelivery *self,
                                                 GAsyncResult *result,
                                                 GError **error);

/* POP3: what of a listing is new, and what is due for deletion. */
typedef PostsealLedgerListed PostsealDeliveryListed;

/**
 * postseal_delivery_compare_async:
 * @mailbox: of postseal_delivery_open_mailbox_async()
 * @listed: (array length=n_listed): kept alive by the caller until the callback
 *
 * Result: two arrays of indexes (guint) into @listed, ascending: new ones, and delivered ones due
 * for deletion. UIDLs that are remembered but no longer listed are forgotten.
 */
void postseal_delivery_compare_async (PostsealDelivery *self,
                                      gint64 mailbox,
                                      const PostsealDeliveryListed *listed,
                                      gsize n_listed,
                                      gint64 due_before,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean postseal_delivery_compare_finish (PostsealDelivery *self,
                                           GAsyncResult *result,
                                           GArray **ret_new,
                                           GArray **ret_due,
                                           GError **error);

/* --- messages: one at a time --- */

/* A message that is in the ledger already, with the same content, is not delivered again but
 * settled as delivered. */

/* @seal: postseal_seal_serialize() of the connection. @trace: (nullable): a header field to
 * prepend, with LF */
void postseal_delivery_begin (PostsealDelivery *self,
                              gint64 mailbox,
                              const char *seal,
                              const char *trace);
/* Copies. Returns: FALSE when more than POSTSEAL_DELIVERY_HIGH_WATER is queued: stop reading until
 * on_drained */
gboolean postseal_delivery_write (PostsealDelivery *self, const void *data, gsize length);
/* The message is whole as far as its own framing tells. */
void postseal_delivery_end (PostsealDelivery *self, const PostsealMessageId *id);
/* Not whole: its file goes away. */
void postseal_delivery_abort (PostsealDelivery *self);

/* IMAP: messages ended since the last confirm are complete only when the tagged OK was seen:
   nothing is committed before this. @next_uid: settled up to here once all of these are (0:
   unchanged); it is committed together with the last of them, never earlier. A message of these
   that a sink refuses joins the mailbox's retries in that same transaction, so that progress never
   passes a message that is missing; one that is delivered leaves them likewise. POP3: call it per
   message. */
void postseal_delivery_confirm (PostsealDelivery *self, gint64 mailbox, guint32 next_uid);
/* The command failed: what was ended since the last confirm goes away. */
void postseal_delivery_reject (PostsealDelivery *self);

/* --- after the server --- */

/* IMAP: the server has expunged them. POP3: QUIT confirmed them. Queued, like everything. */
void postseal_delivery_forget (PostsealDelivery *self,
                               gint64 mailbox,
                               const PostsealMessageId *ids,
                               gsize n_ids);
/* IMAP: these could not be fetched, try them next time. Replaces the mailbox's list; what was
   delivered leaves it and what the sink refused in this run stays in it by itself. */
void postseal_delivery_set_retries (PostsealDelivery *self,
                                    gint64 mailbox,
                                    const guint32 *uids,
                                    gsize n_uids);
/* IMAP: nothing below @next_uid is left to do, e.g. an empty listing. */
void postseal_delivery_set_progress (PostsealDelivery *self,
                                     gint64 mailbox,
                                     guint32 next_uid,
                                     guint64 highest_modseq);

/* IMAP: the server has counted UIDs anew under the same UIDVALIDITY: all but @uids (ascending) is
   forgotten, and nothing is settled any more but them. */
void postseal_delivery_rewind (PostsealDelivery *self,
                               gint64 mailbox,
                               const guint32 *uids,
                               gsize n_uids);

/* IMAP: what was \Seen when a mailbox was opened that awaits it: the mailbox is like any other from
   now on, and these count as retrieved. Queued, like everything. */
void postseal_delivery_adopt_seen (PostsealDelivery *self,
                                   gint64 mailbox,
                                   guint32 uid_validity,
                                   const PostsealLedgerDue *seen,
                                   gsize n_seen);

/* Settles everything that was confirmed (on_settled comes first), throws away what was not. */
void postseal_delivery_flush_async (PostsealDelivery *self,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
/* Errors: the first that made delivery stop. */
gboolean
postseal_delivery_flush_finish (PostsealDelivery *self, GAsyncResult *result, GError **error);

/* Flushes, closes the ledger, releases the lock. After it the object is of no more use. */
void postseal_delivery_close_async (PostsealDelivery *self,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean
postseal_delivery_close_finish (PostsealDelivery *self, GAsyncResult *result, GError **error);

G_END_DECLS
