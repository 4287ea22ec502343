/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/lock-file.h"
#include "outbox/envelope.h"
#include "outbox/outbox-error.h"

G_BEGIN_DECLS

/* The durable queue of what is to be sent, under $XDG_STATE_HOME/postseal/outbox:

     tmp/     messages being written; what is left of a crash is swept when it is older than a day
     queue/   ID: envelope and message in one file, there as a whole or not at all, never changed
     index.db what has become of each (SQLite), written by whoever sends or changes; an entry
   without a row has not been tried

   Any number of programs put messages in; one at a time sends those of an account, holding its
   lock. All of this blocks: worker threads, or where no main loop runs. An object is used by one
   thread at a time. */

typedef enum
{
  POSTSEAL_OUTBOX_QUEUED,
  POSTSEAL_OUTBOX_SENDING, /* marked, and its sender lives */
  POSTSEAL_OUTBOX_IN_DOUBT, /* marked, and its sender is gone: the server may or may not have it */
  POSTSEAL_OUTBOX_BLOCKED, /* TLS policy not met or log-in refused; the reason says which */
  POSTSEAL_OUTBOX_HELD, /* by the user */
  POSTSEAL_OUTBOX_FAILED, /* for good for all that are left, and nobody could be told by mail: kept
                             until the user removes or flushes it */
  POSTSEAL_OUTBOX_SENT, /* its file is gone; kept for some days for "queue show" */
  POSTSEAL_OUTBOX_BOUNCED, /* ended, not for all: the sender has a report. File gone, kept likewise
                            */
} PostsealOutboxState;

/* "queued", "in-doubt" ...: as in the design, for people and JSON, untranslated. */
const char *postseal_outbox_state_name (PostsealOutboxState state);

/* How far one recipient is. */
typedef enum
{
  POSTSEAL_OUTBOX_PENDING,
  POSTSEAL_OUTBOX_DELIVERED, /* the server has accepted it */
  POSTSEAL_OUTBOX_REFUSED, /* for good */
  POSTSEAL_OUTBOX_REPORTED, /* for good, and the sender has a report, or wanted none */
} PostsealOutboxProgress;

typedef struct
{
  const PostsealEnvelopeRecipient *recipient; /* borrowed from the entry's envelope */
  PostsealOutboxProgress progress;
  guint code; /* last reply's, 0: none */
  char *status; /* owned: "4.7.1", or NULL */
  char *text; /* owned: printable, or NULL */
  gint64 time; /* of that answer, 0: never */
} PostsealOutboxRecipient;

typedef struct
{
  char *id; /* owned */
  PostsealEnvelope *envelope; /* owned; NULL only for a finished entry whose file is gone: then
                                 account, sender, subject, message_id below come from the index */
  char *account; /* owned */
  char *sender; /* owned */
  char *subject; /* owned */
  char *message_id; /* owned: "" when it has none */
  gint64 arrived;
  guint64 length;
  PostsealOutboxState state;
  PostsealOutboxRecipient *recipients; /* owned: n_recipients */
  gsize n_recipients;
  guint attempts;
  gint64 last_attempt; /* Unix seconds, 0: never */
  gint64 next_attempt; /* 0: at once */
  gint64 since; /* Unix seconds of the first effort, though there was no network: 0: none yet */
  char *reason; /* owned: last sentence about the whole message, or NULL */
  char *seal; /* owned: postseal_seal_serialize() of the last connection, or NULL */
  gboolean was_clear; /* it went (or was tried) in clear: opportunistic or loopback */
  gboolean is_doubtful; /* was in doubt once: it may arrive more than once */
  char *bounce; /* owned: file of the report that was being delivered, or NULL */
  char *path; /* owned: its file */
  guint64 offset; /* of the message in the file */
  GBytes *beginning; /* private: owned: what was read of the file with its head, or NULL */
  PostsealEnvelope *remembered; /* private: owned, or NULL: what recipients borrow from when the
                                   file is gone */
} PostsealOutboxEntry;

void postseal_outbox_entry_free (PostsealOutboxEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealOutboxEntry, postseal_outbox_entry_free)

/* --- putting in; needs no index, so that it is quick --- */

/* A message being written. */
typedef struct _PostsealOutboxDraft PostsealOutboxDraft;

/* Makes the directories where missing and a file in tmp/. The room for @envelope is reserved at its
   head: its late facts may change until commit, the others not. Errors: %POSTSEAL_OUTBOX_ERROR */
PostsealOutboxDraft *postseal_outbox_draft_open (const PostsealEnvelope *envelope, GError **error);
gboolean postseal_outbox_draft_write (PostsealOutboxDraft *self,
                                      const void *data,
                                      gsize length,
                                      GError **error);
/* Writes @envelope with its late facts, fsync, a name in queue/ that is not taken, fsync of queue/.
   Frees @self in any case; after failure nothing is left. Returns: (transfer full): the ID: ten
   lower-case letters and digits that sort by time of arrival */
char *postseal_outbox_draft_commit (PostsealOutboxDraft *self,
                                    const PostsealEnvelope *envelope,
                                    GError **error);
/* Frees @self and removes the file. NULL-safe. */
void postseal_outbox_draft_abandon (PostsealOutboxDraft *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealOutboxDraft, postseal_outbox_draft_abandon)

/* --- looking --- */

typedef struct _PostsealOutbox PostsealOutbox;

/* Opens the index, made when missing; removes files of entries that are done (a crash came
   between), and rows of done entries older than POSTSEAL_LIMIT_OUTBOX_MEMORY_S. */
PostsealOutbox *postseal_outbox_open (GError **error);
void postseal_outbox_free (PostsealOutbox *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealOutbox, postseal_outbox_free)

typedef enum
{
  POSTSEAL_OUTBOX_ALL, /* all that are not done, failed ones too */
  POSTSEAL_OUTBOX_DUE, /* to be tried now: queued, in doubt and blocked whose time has come, or is
                          so far off that the clock must have been wrong */
  POSTSEAL_OUTBOX_WAITING, /* to be tried at all: the same, whatever their time; failed ones too,
                              held ones not */
  POSTSEAL_OUTBOX_DONE, /* sent and bounced, newest first */
} PostsealOutboxFilter;

/* IDs in order of arrival. Whether an envelope is to be held until some time is not looked at here:
   the sender does, who knows what the server can. @account: (nullable): of all. @now: Unix seconds.
   A file in queue/ that cannot be understood is left alone and named in @ret_problems (transfer
   full, out, optional, element-type utf8). Quick for 100,000 entries: reads no message file but
   those without a row. Returns: (transfer full) (array zero-terminated=1) */
char **postseal_outbox_list (PostsealOutbox *self,
                             const char *account,
                             PostsealOutboxFilter filter,
                             gint64 now,
                             GPtrArray **ret_problems,
                             GError **error);

/* @id: whole, or the beginning of one only. Errors: %POSTSEAL_OUTBOX_ERROR_UNKNOWN, _DAMAGED.
   Returns: (transfer full) */
PostsealOutboxEntry *postseal_outbox_load (PostsealOutbox *self, const char *id, GError **error);

/* IDs of @account whose row has the file of a report (see PostsealOutboxOutcome.bounce).
   Returns: (transfer full) (array zero-terminated=1) */
char **
postseal_outbox_list_unfinished_reports (PostsealOutbox *self, const char *account, GError **error);

/* Accounts that have entries that are not done. Returns: (transfer full) (array zero-terminated=1)
 */
char **postseal_outbox_list_accounts (PostsealOutbox *self, GError **error);

/* Unix seconds of the earliest next attempt of any entry, 0: something is due, -1: nothing waits.
 */
gint64 postseal_outbox_next_due (PostsealOutbox *self, gint64 now, GError **error);

/* What one account has in the outbox. */
typedef struct
{
  const char *account; /* borrowed from the outbox */
  gint64 next_due; /* as postseal_outbox_next_due(), but what a sender has under way is to be looked
                      at again soon: nobody tells when it dies. A pause is not looked at */
  guint waiting; /* to be sent: queued, being sent, in doubt, blocked */
  guint failed; /* given up */
} PostsealOutboxSummary;

/* Of all accounts that have entries that are not done, in one look. As quick as
   postseal_outbox_list(). Returns: (transfer full) (element-type PostsealOutboxSummary) */
GArray *postseal_outbox_summarize (PostsealOutbox *self, gint64 now, GError **error);

/* --- the user's word; refused with %POSTSEAL_OUTBOX_ERROR_BUSY while it is being sent --- */

/* It is not tried until it is released. */
gboolean postseal_outbox_hold (PostsealOutbox *self, const char *id, GError **error);
/* A held one is due at once; others stay as they are. */
gboolean postseal_outbox_release (PostsealOutbox *self, const char *id, GError **error);
/* The file is gone when this returns, and its row. */
gboolean postseal_outbox_remove (PostsealOutbox *self, const char *id, GError **error);

/* --- sending: only for whoever holds the account's sending lock --- */

/* Takes the lock that makes its holder the sender of @account; what a sender that is gone has left
   marked is IN_DOUBT from then on. Freed by postseal_lock_file_release(). Errors:
   %POSTSEAL_LOCK_ERROR_BUSY, %G_FILE_ERROR, %POSTSEAL_OUTBOX_ERROR */
PostsealLockFile *postseal_outbox_lock (const char *account, GError **error);

/* What became of one entry in one attempt. Recipients that were not part of it stay as they are. */
typedef struct
{
  const char *id;
  PostsealOutboxState state; /* QUEUED (again), IN_DOUBT, BLOCKED, FAILED, SENT or BOUNCED */
  const PostsealOutboxRecipient *recipients; /* all of the entry's, as they are now */
  gsize n_recipients; /* 0: all stay as they are */
  gboolean counts_as_attempt; /* being offline does not */
  gboolean is_offline; /* there was no way to the server: see postseal_outbox_hasten() */
  gint64 time; /* of the attempt */
  gint64 next_attempt;
  const char *reason; /* (nullable) */
  const char *seal; /* (nullable): keeps the old one */
  gboolean was_clear;
  gboolean is_doubtful; /* once TRUE it stays so */
  const char *bounce; /* (nullable): file of the report about to be delivered: written before it is;
                         NULL afterwards */
} PostsealOutboxOutcome;

/**
 * postseal_outbox_commit:
 * @outcomes: (array length=n_outcomes): of entries that were tried
 * @marks: (array length=n_marks): loaded entries about to be sent: from now on they are SENDING,
 * or IN_DOUBT should the process end
 *
 * All of it in one transaction, synced when this returns; the files of SENT and BOUNCED entries are
 * removed beside it, at the latest when the outbox is freed. A mark on an entry that is meanwhile
 * held or removed fails for that one only:
 * @ret_unmarked (out, optional, transfer full) names those.
 */
gboolean postseal_outbox_commit (PostsealOutbox *self,
                                 const PostsealOutboxOutcome *outcomes,
                                 gsize n_outcomes,
                                 const PostsealOutboxEntry *const *marks,
                                 gsize n_marks,
                                 char ***ret_unmarked,
                                 GError **error);

/* Between these two calls entries are loaded from one state of the index, and more quickly. Nothing
   may be changed meanwhile. */
gboolean postseal_outbox_begin_loading (PostsealOutbox *self, GError **error);
void postseal_outbox_end_loading (PostsealOutbox *self);

/* Reads the first octets of the message: all of it when it is at most @limit.
   @ret_fd: (out): the open file, at the octet after those, when there is more, else -1. Errors:
   %POSTSEAL_OUTBOX_ERROR_UNKNOWN when it is gone, _DAMAGED */
GBytes *
postseal_outbox_read (const PostsealOutboxEntry *entry, gsize limit, int *ret_fd, GError **error);

/* Another network: what of @account was put off because there was no way to the server is due now.
   Anybody may do so. */
gboolean postseal_outbox_hasten (PostsealOutbox *self, const char *account, GError **error);

/* An account that must not be tried on its own accord (log-in refused, TLS policy not met): until
   @until, because of @reason. 0 ends it, and what was blocked is due at once. */
gboolean postseal_outbox_pause_account (
    PostsealOutbox *self, const char *account, gint64 until, const char *reason, GError **error);
/* Returns: Unix seconds, 0: not paused. @ret_failures: how often in a row it was. @ret_reason:
 * (out) (optional) (transfer full) (nullable) */
gint64 postseal_outbox_get_pause (PostsealOutbox *self,
                                  const char *account,
                                  guint *ret_failures,
                                  char **ret_reason,
                                  GError **error);

G_END_DECLS
