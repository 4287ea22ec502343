/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The durable record of what has been delivered: one SQLite file an account (WAL,
   synchronous=FULL), used by one worker thread at a time, under the account's lock. Every call
   blocks.

   A message is named by its mailbox and, for IMAP, UID under the mailbox's UIDVALIDITY; for POP3,
   UIDL and its occurrence in the listing, under a mailbox row with uid_validity 0. */
typedef struct _PostsealLedger PostsealLedger;

#define POSTSEAL_LEDGER_ERROR (postseal_ledger_error_quark ())
GQuark postseal_ledger_error_quark (void);
typedef enum
{
  POSTSEAL_LEDGER_ERROR_CANNOT_WRITE, /* disk full, read only, input or output error */
  POSTSEAL_LEDGER_ERROR_DAMAGED, /* not a ledger, or SQLite says it is corrupt */
} PostsealLedgerError;

/* Opens or makes @path (0600); its directory exists. Reading beside a running fetch is fine.
   Errors: %POSTSEAL_LEDGER_ERROR */
PostsealLedger *postseal_ledger_open (const char *path, GError **error);
void postseal_ledger_close (PostsealLedger *self);
/* Gives back what it keeps to be fast: it may be long until the next question. Between two of them,
   and two transactions. */
void postseal_ledger_release_memory (PostsealLedger *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealLedger, postseal_ledger_close)

/* --- transactions: what stands between them is on the disk as a whole, or not at all --- */

/* Begins one; there is none in another. */
gboolean postseal_ledger_begin (PostsealLedger *self, GError **error);
/* Durable when it returns TRUE; rolled back when not. */
gboolean postseal_ledger_commit (PostsealLedger *self, GError **error);
void postseal_ledger_rollback (PostsealLedger *self);
/* After a failed transaction: is it certain that nothing of it can come back after a crash? Not so
   when the sync itself failed. */
gboolean postseal_ledger_is_surely_undone (PostsealLedger *self);

/* --- mailboxes --- */

typedef struct
{
  gint64 id;
  guint32 uid_validity;
  guint32 next_uid; /* every message below it is settled (delivered, gone, or in "retry") */
  guint64 highest_modseq;
} PostsealLedgerMailbox;

/**
 * postseal_ledger_open_mailbox:
 * @name: what it is known by
 * @uid_validity: the server's; when it differs from the stored one, what was known about UIDs is
 * forgotten (a new mailbox: nothing is deleted anywhere) and @ret_changed is TRUE
 * @ret_mailbox: its uid_validity is 0, though the server's is not, as long as
 * postseal_ledger_await_seen() waits for postseal_ledger_adopt_seen()
 */
gboolean postseal_ledger_open_mailbox (PostsealLedger *self,
                                       const char *name,
                                       guint32 uid_validity,
                                       PostsealLedgerMailbox *ret_mailbox,
                                       gboolean *ret_changed,
                                       GError **error);
/* The same without making or changing anything: FALSE without error when the mailbox is not known.
   @ret_has_work: there are retries, or messages delivered at or before @due_before. */
gboolean postseal_ledger_peek_mailbox (PostsealLedger *self,
                                       const char *name,
                                       gint64 due_before,
                                       PostsealLedgerMailbox *ret_mailbox,
                                       gboolean *ret_has_work,
                                       GError **error);

/* Everything below @next_uid has been settled. Never goes back; 0 leaves a value as it is. Inside
   or outside of a transaction. */
gboolean postseal_ledger_set_progress (
    PostsealLedger *self, gint64 mailbox, guint32 next_uid, guint64 highest_modseq, GError **error);

/* The server has counted UIDs anew: forgets all messages but those of @uids (ascending), and sets
   back the progress, in one transaction. */
gboolean postseal_ledger_rewind (
    PostsealLedger *self, gint64 mailbox, const guint32 *uids, gsize n_uids, GError **error);

/* UIDs that could not be delivered and should be tried again, ascending. */
GArray *postseal_ledger_get_retries (PostsealLedger *self, gint64 mailbox, GError **error);
/* Replaces them, in one transaction; what is delivered is left out. */
gboolean postseal_ledger_set_retries (
    PostsealLedger *self, gint64 mailbox, const guint32 *uids, gsize n_uids, GError **error);
/* Inside or outside of a transaction. Nothing happens when it is delivered. */
gboolean
postseal_ledger_add_retry (PostsealLedger *self, gint64 mailbox, guint32 uid, GError **error);

/* --- messages --- */

typedef struct
{
  gint64 mailbox;
  guint32 uid; /* IMAP, else 0 */
  const char *uidl; /* POP3, else NULL */
  guint32 occurrence;
  guint64 size; /* what the server's listed size is checked against */
  const guint8 *digest; /* SHA-256 of the delivered bytes, 32 octets */
  const guint8 *content; /* the same without a trace header, which is another one in each run; NULL:
                            there is none. An intent does not remember it */
  const char *name; /* Maildir: file name in new/, else a description of the place */
  const char *staged; /* absolute path of the staged file */
  const char *path; /* Maildir: the Maildir's absolute path, else NULL */
  gint64 seal; /* postseal_ledger_add_seal() */
  gint64 intent; /* the intent's own number, set by postseal_ledger_add_intent() */
} PostsealLedgerMessage;

/* Remembers @message as about to be delivered, with boot id and time. Inside of a transaction. */
gboolean
postseal_ledger_add_intent (PostsealLedger *self, PostsealLedgerMessage *message, GError **error);
/* The intent is fulfilled: delivered at @now (Unix seconds), and no retry any more. Inside of a
 * transaction. */
gboolean postseal_ledger_mark_delivered (PostsealLedger *self,
                                         const PostsealLedgerMessage *message,
                                         gint64 now,
                                         GError **error);
/* The intent's message did not get there. Inside of a transaction. */
gboolean postseal_ledger_drop_intent (PostsealLedger *self, gint64 intent, GError **error);

/* After a crash. @is_recent: recorded since this machine was started and less than a day ago, so
   that nobody but the delivery or a mail reader after it can have moved the staged file. */
typedef void (*PostsealLedgerIntentFunc) (const PostsealLedgerMessage *message,
                                          gboolean is_recent,
                                          gpointer user_data);
gboolean postseal_ledger_foreach_intent (PostsealLedger *self,
                                         PostsealLedgerIntentFunc func,
                                         gpointer user_data,
                                         GError **error);

/* Has @message (mailbox, UID or UIDL, digest) been delivered before, with the same content? A POP3
   message may have been known by another size or occurrence, and is by these from now on. Inside of
   a transaction. */
gboolean postseal_ledger_knows (PostsealLedger *self,
                                const PostsealLedgerMessage *message,
                                gboolean *ret_knows,
                                GError **error);

/* --- POP3 --- */

typedef struct
{
  const char *uidl;
  guint32 occurrence; /* of the same UIDL in one listing */
  guint64 size;
} PostsealLedgerListed;

/**
 * postseal_ledger_compare:
 * @due_before: Unix time
 * @ret_new: (out) (element-type guint): indexes into @listed, ascending, of what is not delivered
 * yet. A remembered UIDL with another size, or another occurrence, may be another message: only its
 * content, which postseal_ledger_knows() compares, tells
 * @ret_due: (out) (element-type guint): of what was delivered at or before @due_before
 *
 * One transaction: also forgets what is not in the listing any more (an empty one too).
 */
gboolean postseal_ledger_compare (PostsealLedger *self,
                                  gint64 mailbox,
                                  const PostsealLedgerListed *listed,
                                  gsize n_listed,
                                  gint64 due_before,
                                  GArray **ret_new,
                                  GArray **ret_due,
                                  GError **error);
/* Forgets one whose deletion QUIT has confirmed. Inside of a transaction. */
gboolean postseal_ledger_forget_uidl (
    PostsealLedger *self, gint64 mailbox, const char *uidl, guint32 occurrence, GError **error);

/* --- IMAP --- */

/* Delivered UIDs at or above @next_uid, ascending. */
GArray *
postseal_ledger_get_known (PostsealLedger *self, gint64 mailbox, guint32 next_uid, GError **error);

/* Delivered at or before @before, not yet deleted, ascending UIDs with the sizes they had. */
typedef struct
{
  guint32 uid;
  guint64 size;
} PostsealLedgerDue;
GArray *
postseal_ledger_get_due (PostsealLedger *self, gint64 mailbox, gint64 before, GError **error);
/* Gone from the server: not due any more. Inside of a transaction. */
gboolean
postseal_ledger_mark_deleted (PostsealLedger *self, gint64 mailbox, guint32 uid, GError **error);

/* --- what was retrieved before there was this record, by another program ---

   It is known, and so not fetched. It is not counted as delivered, and never due for deletion: the
   other program's record does not say what it was. What the ledger knows itself stays as it is. */

/* POP3. The size is the one that a message is first listed with. Inside of a transaction. */
gboolean postseal_ledger_adopt_uidl (
    PostsealLedger *self, gint64 mailbox, const char *uidl, gint64 now, GError **error);
/* IMAP. @size: 0 when it is not known. Inside of a transaction. */
gboolean postseal_ledger_adopt_uid (
    PostsealLedger *self, gint64 mailbox, guint32 uid, guint64 size, gint64 now, GError **error);
/* IMAP: what is \Seen when the mailbox is first opened counts as retrieved: for programs that have
   no other memory. Nothing happens when the mailbox is known. Inside or outside of a transaction.
 */
gboolean postseal_ledger_await_seen (PostsealLedger *self, const char *name, GError **error);
/* They are these; one transaction. The mailbox has @uid_validity from now on. */
gboolean postseal_ledger_adopt_seen (PostsealLedger *self,
                                     gint64 mailbox,
                                     guint32 uid_validity,
                                     const PostsealLedgerDue *seen,
                                     gsize n_seen,
                                     gint64 now,
                                     GError **error);

/* --- seals --- */

/* @text: postseal_seal_serialize(). The same seal gets the same id. Returns: 0 on failure */
gint64 postseal_ledger_add_seal (PostsealLedger *self, const char *text, GError **error);

/* --- for people: postseal status --- */
typedef struct
{
  guint64 delivered;
  gint64 last_delivered_at;
  char *last_seal; /* owned; serialized, or NULL */
} PostsealLedgerSummary;
gboolean postseal_ledger_summarize (PostsealLedger *self,
                                    PostsealLedgerSummary *ret_summary,
                                    GError **error);

/* --- for people: postseal trace --- */

#define POSTSEAL_LEDGER_CONTENT_LENGTH 8 /* octets of a content's digest that are kept */

/* One delivery of a message. */
typedef struct
{
  char *mailbox; /* owned: what it is known by */
  gint64 delivered_at; /* Unix seconds */
  char *seal; /* owned: postseal_seal_serialize() */
} PostsealLedgerSighting;

void postseal_ledger_sighting_free (PostsealLedgerSighting *self);

/* Where and when a message with this content was delivered, be it on the server any more or not: of
   each kind the latest first, at most sixteen; it looks at all that there is. @content: (array
   fixed-size=8): the beginning of PostsealLedgerMessage.content. Returns: (transfer full)
   (element-type PostsealLedgerSighting) */
GPtrArray *
postseal_ledger_find_content (PostsealLedger *self, const guint8 *content, GError **error);

G_END_DECLS
