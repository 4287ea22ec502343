/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The durable record of what has been delivered: one SQLite file an account (WAL, synchronous=FULL), used
   by one worker thread at a time, under the account's lock. Every call blocks.

   A message is named by its mailbox and, for IMAP, UID under the mailbox's UIDVALIDITY; for POP3, UIDL and
   its occurrence in the listing, under a mailbox row with the name "" and uid_validity 0. */
typedef struct _PostsealLedger PostsealLedger;

#define POSTSEAL_LEDGER_ERROR (postseal_ledger_error_quark ())
GQuark postseal_ledger_error_quark (void);
typedef enum
{
  POSTSEAL_LEDGER_ERROR_CANNOT_WRITE, /* disk full, read only, input or output error */
  POSTSEAL_LEDGER_ERROR_DAMAGED,      /* not a ledger, or SQLite says it is corrupt */
} PostsealLedgerError;

/* Opens or makes @path (0600). Errors: %POSTSEAL_LEDGER_ERROR */
PostsealLedger *postseal_ledger_open (const char *path, GError **error);
void postseal_ledger_close (PostsealLedger *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealLedger, postseal_ledger_close)

/* --- mailboxes --- */

typedef struct
{
  gint64 id;
  guint32 uid_validity;
  guint32 next_uid;       /* every message below it is settled (delivered, gone, or in "retry") */
  guint64 highest_modseq;
} PostsealLedgerMailbox;

/**
 * postseal_ledger_open_mailbox:
 * @name: the server's spelling; "" for POP3
 * @uid_validity: the server's; when it differs from the stored one, what was known about UIDs is forgotten
 *   (a new mailbox: nothing is deleted anywhere) and @ret_changed is TRUE
 */
gboolean postseal_ledger_open_mailbox (PostsealLedger *self,
                                       const char *name,
                                       guint32 uid_validity,
                                       PostsealLedgerMailbox *ret_mailbox,
                                       gboolean *ret_changed,
                                       GError **error);
/* The same without making or changing anything: FALSE without error when the mailbox is not known. */
gboolean postseal_ledger_peek_mailbox (PostsealLedger *self,
                                       const char *name,
                                       PostsealLedgerMailbox *ret_mailbox,
                                       GError **error);

/* Everything below @next_uid has been settled. Never goes back. Part of the next batch's transaction is
   enough: the value only saves work. */
gboolean postseal_ledger_set_progress (PostsealLedger *self,
                                       gint64 mailbox,
                                       guint32 next_uid,
                                       guint64 highest_modseq,
                                       GError **error);

/* UIDs below next_uid that could not be fetched and should be tried again. */
GArray *postseal_ledger_get_retries (PostsealLedger *self, gint64 mailbox, GError **error);
gboolean postseal_ledger_set_retries (PostsealLedger *self,
                                      gint64 mailbox,
                                      const guint32 *uids,
                                      gsize n_uids,
                                      GError **error);

/* --- messages --- */

typedef enum
{
  POSTSEAL_LEDGER_INTENT,    /* about to be delivered */
  POSTSEAL_LEDGER_DELIVERED, /* durable; may be deleted on the server */
  POSTSEAL_LEDGER_DELETED,   /* IMAP: gone from the server by our word */
} PostsealLedgerState;

typedef struct
{
  gint64 mailbox;
  guint32 uid;       /* IMAP, else 0 */
  const char *uidl;  /* POP3, else NULL */
  guint32 occurrence;
  guint64 size;      /* octets on the wire (CR LF), what the server's size is checked against */
  const guint8 *digest; /* SHA-256 of the delivered bytes, 32 octets */
  const char *name;  /* file name for Maildir, else a description of the place */
  const char *path;  /* Maildir: the Maildir's absolute path, else NULL */
  gint64 seal;       /* postseal_ledger_add_seal() */
} PostsealLedgerMessage;

/* One transaction: remembers all as INTENT with the boot id. */
gboolean postseal_ledger_add_intents (PostsealLedger *self,
                                      const PostsealLedgerMessage *messages,
                                      gsize n_messages,
                                      GError **error);
/* One transaction: INTENT becomes DELIVERED at time @now (Unix seconds), and, when @next_uid is not 0, the mailbox's
   progress. */
gboolean postseal_ledger_mark_delivered (PostsealLedger *self,
                                         const PostsealLedgerMessage *messages,
                                         gsize n_messages,
                                         gint64 now,
                                         GError **error);
/* An intent whose message did not get there. */
gboolean postseal_ledger_drop_intents (PostsealLedger *self,
                                       const PostsealLedgerMessage *messages,
                                       gsize n_messages,
                                       GError **error);

/* Every INTENT, after a crash. @is_same_boot: recorded since this machine was started. */
typedef void (*PostsealLedgerIntentFunc) (const PostsealLedgerMessage *message,
                                          gboolean is_same_boot,
                                          gpointer user_data);
gboolean postseal_ledger_foreach_intent (PostsealLedger *self,
                                         PostsealLedgerIntentFunc func,
                                         gpointer user_data,
                                         GError **error);

/* POP3. Is this message delivered already? With its time, for keep=TIME. A remembered UIDL with another size
   is another message: not found. */
gboolean postseal_ledger_find_uidl (PostsealLedger *self,
                                    const char *uidl,
                                    guint32 occurrence,
                                    guint64 listed_size,
                                    gint64 *ret_delivered_at,
                                    gboolean *ret_found,
                                    GError **error);
/* POP3, one transaction: forget UIDLs whose deletion QUIT has confirmed. */
gboolean postseal_ledger_forget_uidls (PostsealLedger *self,
                                       const char *const *uidls,
                                       const guint32 *occurrences,
                                       gsize n_uidls,
                                       GError **error);
/* POP3, one transaction: forget what is not in the listing any more. Call _begin_, _see_ for each entry, _end_. */
gboolean postseal_ledger_begin_listing (PostsealLedger *self, GError **error);
gboolean postseal_ledger_end_listing (PostsealLedger *self, GError **error);

/* IMAP: delivered at or before @before, not yet deleted, ascending UIDs with the sizes they had. */
typedef struct
{
  guint32 uid;
  guint64 size;
} PostsealLedgerDue;
GArray *postseal_ledger_get_due (PostsealLedger *self, gint64 mailbox, gint64 before, GError **error);
/* IMAP, one transaction: DELIVERED becomes DELETED. */
gboolean postseal_ledger_mark_deleted (PostsealLedger *self,
                                       gint64 mailbox,
                                       const guint32 *uids,
                                       gsize n_uids,
                                       GError **error);

/* --- seals --- */

/* @text: postseal_seal_serialize(). The same seal gets the same id. */
gint64 postseal_ledger_add_seal (PostsealLedger *self, const char *text, GError **error);

/* --- for people: postseal status --- */
typedef struct
{
  guint64 delivered;
  gint64 last_delivered_at;
  char *last_seal; /* serialized, or NULL */
} PostsealLedgerSummary;
gboolean
postseal_ledger_summarize (PostsealLedger *self, PostsealLedgerSummary *ret_summary, GError **error);

G_END_DECLS
