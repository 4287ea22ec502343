/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/lock-file.h"
#include "mail/delivery.h"
#include "mail/ledger.h"
#include "mail/message-name.h"
#include "mail/stage.h"
#include "mail/sync-pool.h"

G_BEGIN_DECLS

/* What the parts of a delivery share.

   main loop --ops--> writer thread --ops--> committer thread --events--> main loop

   The writer makes the files, the sync pool syncs them, the committer owns lock, ledger and sinks.
   An op passes through both in order, so that a question is answered after what was queued before
   it. The writer is needed from the first message on; a poll that finds nothing new runs without
   it. Neither keeps its thread while there is nothing to do: a delivery may stay open for weeks. */

/* --- a mailbox of this run: made by the committer, never changed and never freed before the core
 * --- */
typedef struct
{
  gint64 id;
  char *name; /* owned; what the ledger knows it by */
  char *title; /* owned */
  guint32 uid_validity;
  PostsealSink *sink; /* owned; used by the committer */
  char *stage_dir; /* owned */
  int stage_fd; /* owned */
  GHashTable *refused; /* owned; set of UIDs that the sink refused in this run; the committer's */
} DeliveryMailbox;

/* --- a message that has ended: made by the writer, settled by the committer, told and freed on the
 * main loop --- */
typedef struct _DeliveryMessage DeliveryMessage;
struct _DeliveryMessage
{
  DeliveryMailbox *mailbox; /* borrowed: lives as long as the core; NULL for an unknown id */
  guint32 uid;
  char *uidl; /* owned */
  guint32 occurrence;
  guint64 known_size; /* what the ledger remembers */
  PostsealStaged staged;
  char *staged_path; /* owned; NULL when there is no file */
  char *name; /* owned */
  char *seal; /* owned: ref-counted string */
  PostsealSync sync;
  gint64 seal_id;
  gint64 intent;
  gboolean is_delivered;
  char *place; /* owned, nullable: the file in a Maildir, once it is delivered */
  DeliveryMessage *twin; /* borrowed: the same message, earlier in its batch */
  GError *error; /* owned */
};

void _postseal_delivery_message_free (DeliveryMessage *self);

/* --- ops --- */
typedef struct _DeliveryCommitter DeliveryCommitter;
typedef struct _DeliveryOp DeliveryOp;
typedef void (*DeliveryOpFunc) (DeliveryCommitter *committer, DeliveryOp *op);

typedef enum
{
  DELIVERY_OP_PIECE, /* for the writer: (a part of) a message */
  DELIVERY_OP_MESSAGE, /* from the writer to the committer */
  DELIVERY_OP_CALL, /* for the committer: run(); the writer passes it on */
  DELIVERY_OP_CONFIRM, /* the same, and the writer counts what it confirms */
  DELIVERY_OP_CLOSE, /* the same, and both threads end */
} DeliveryOpKind;

struct _DeliveryOp
{
  DeliveryOpKind kind;
  DeliveryOpFunc run; /* CALL, CONFIRM, CLOSE */
  GTask *task; /* owned, or NULL: to be answered */
  DeliveryMessage *message; /* owned: MESSAGE */
  gint64 mailbox;
  char *text; /* owned: mailbox name */
  char *title; /* owned */
  char delimiter;
  guint32 number; /* uid_validity, next_uid */
  guint64 modseq;
  gint64 due_before;
  const PostsealLedgerListed *listed; /* borrowed: the caller keeps it until the answer */
  gsize n_listed;
  GArray *uids; /* owned (element-type guint32) */
  GPtrArray *uidls; /* owned (element-type utf8), with the occurrences in uids */
};

DeliveryOp *_postseal_delivery_op_new (DeliveryOpKind kind, DeliveryOpFunc run);
void _postseal_delivery_op_free (DeliveryOp *self);

/* A part of a message. Small messages are one piece: first, last and all bytes. */
typedef struct
{
  DeliveryOp op;
  gboolean is_first;
  gboolean is_last;
  gboolean is_aborted; /* with is_last */
  char *seal; /* owned: ref-counted string; first */
  char *trace; /* owned, nullable; first */
  char *uidl; /* owned, nullable; last */
  guint32 uid;
  guint32 occurrence;
  guint64 listed_size;
  guint weight; /* what it counts for in n_queued */
  gsize length;
  gsize capacity;
  guint8 data[];
} DeliveryPiece;

DeliveryPiece *_postseal_delivery_piece_new (gsize capacity);
void _postseal_delivery_piece_free (DeliveryPiece *self);

/* --- events --- */
typedef enum
{
  DELIVERY_EVENT_SETTLED,
  DELIVERY_EVENT_DRAINED,
  DELIVERY_EVENT_FAILED,
  DELIVERY_EVENT_ANSWER,
} DeliveryEventKind;

typedef struct
{
  DeliveryEventKind kind;
  GPtrArray *messages; /* owned (element-type DeliveryMessage): SETTLED */
  GError *error; /* owned: FAILED, ANSWER */
  GTask *task; /* owned: ANSWER */
  gpointer answer; /* owned: ANSWER */
  GDestroyNotify destroy; /* of answer */
} DeliveryEvent;

void _postseal_delivery_event_free (DeliveryEvent *self);

/* --- lanes: the ops of writer and committer, each with a thread of its own while there are any ---
 */
typedef struct _DeliveryCore DeliveryCore;

typedef struct
{
  DeliveryCore *core; /* borrowed: it has the lane; a running thread holds it */
  GAsyncQueue *ops; /* owned (element-type DeliveryOp) */
  void (*serve) (DeliveryCore *core); /* in a thread, until parked or closed */
  gboolean is_running; /* guarded by the core's lock */
} DeliveryLane;

/* @serve: does what is queued, in a thread of a common pool */
void _postseal_delivery_lane_init (DeliveryLane *self,
                                   DeliveryCore *core,
                                   void (*serve) (DeliveryCore *core));
/* When nobody runs it any more. */
void _postseal_delivery_lane_clear (DeliveryLane *self);
/* Any thread. Takes @op. */
void _postseal_delivery_lane_push (DeliveryLane *self, DeliveryOp *op);
/* The lane's thread. @deadline: monotonic time, 0: wait a little. Returns: (transfer full)
   (nullable): NULL when there was nothing until then */
DeliveryOp *_postseal_delivery_lane_pop (DeliveryLane *self, gint64 deadline);
/* The lane's thread. Returns: TRUE when there is nothing to do: serve() must return at once, for
   another thread may go on already */
gboolean _postseal_delivery_lane_park (DeliveryLane *self);

/* --- the core: shared by the object and its threads --- */
typedef struct _DeliveryWriter DeliveryWriter;

struct _DeliveryCore
{
  gatomicrefcount references;
  char *account; /* owned */
  char *state_dir; /* owned */
  char *deliver; /* owned */
  char *recipient; /* owned */
  char *purpose; /* owned */
  char *owner; /* owned; set while opening; of staged files' names */
  char *spool_dir; /* owned; NULL for Maildir */
  PostsealLayout layout;
  GPtrArray *notes; /* owned (element-type utf8); written while opening, then only read */

  GMainContext *context; /* owned */
  PostsealDelivery *delivery; /* weak; main loop only; NULL when it is gone */

  DeliveryLane to_writer;
  DeliveryLane to_committer;
  DeliveryWriter *writer; /* owned: that lane's alone, nullable */
  DeliveryCommitter *committer; /* owned: that lane's alone, nullable */

  gint n_queued; /* atomic: bytes on their way to the writer */
  gint is_stopped; /* atomic: the main loop was told to stop reading */
  gint is_failed; /* atomic: failure is set */
  gint is_orphaned; /* atomic: the object has gone, nobody is told anything */

  GMutex lock; /* guards what follows */
  GCond settled;
  GHashTable *mailboxes; /* owned (element-type DeliveryMailbox): by id */
  GPtrArray *old_mailboxes; /* owned: replaced by a reopening, but messages may point to them */
  GError *failure; /* owned: the first that made delivery stop */
  gsize n_backlog; /* messages confirmed and not settled */
  guint64 backlog_bytes;
  GQueue events; /* owned (element-type DeliveryEvent) */
  gboolean has_source; /* a source is going to take the events */
};

/* For the caller's thread-default main context. */
DeliveryCore *_postseal_delivery_core_new (void);
DeliveryCore *_postseal_delivery_core_ref (DeliveryCore *self);
void _postseal_delivery_core_unref (DeliveryCore *self);

/* Any thread. Takes @event. */
void _postseal_delivery_core_post (DeliveryCore *self, DeliveryEvent *event);
/* Any thread. Answers @op's task, taking @answer or @error. */
void _postseal_delivery_core_answer (
    DeliveryCore *self, DeliveryOp *op, gpointer answer, GDestroyNotify destroy, GError *error);
/* Any thread. The first failure stops the delivery and is told. */
void _postseal_delivery_core_fail (DeliveryCore *self, const GError *error);
gboolean _postseal_delivery_core_is_failed (DeliveryCore *self);
/* Returns: (transfer full) (nullable) */
GError *_postseal_delivery_core_get_failure (DeliveryCore *self);
/* Returns: (transfer none) (nullable) */
DeliveryMailbox *_postseal_delivery_core_find_mailbox (DeliveryCore *self, gint64 id);
/* Takes @mailbox. */
void _postseal_delivery_core_add_mailbox (DeliveryCore *self, DeliveryMailbox *mailbox);

/* --- the main loop's side --- */

/* Takes @task and @op; a closed delivery answers itself. */
void _postseal_delivery_ask (PostsealDelivery *self, GTask *task, DeliveryOp *op);
DeliveryOp *_postseal_delivery_make_call (DeliveryOpFunc run, gint64 mailbox);

/* --- the writer's lane --- */

/* For its lane. */
void _postseal_delivery_writer_serve (DeliveryCore *core);

/* --- the committer's lane --- */

struct _DeliveryCommitter
{
  DeliveryCore *core; /* borrowed: has it */
  PostsealLockFile *lock; /* owned */
  PostsealLedger *ledger; /* owned */
  GPtrArray *unconfirmed; /* owned (element-type DeliveryMessage) */
  GPtrArray *batch; /* owned (element-type DeliveryMessage): confirmed */
  guint64 batch_bytes;
  gint64 deadline; /* monotonic time when the batch is closed, 0: it is empty */
  GArray *progress; /* owned (element-type DeliveryProgress): true once the batch is settled */
  GHashTable *swept; /* owned; set of "device:inode" of stage directories without orphans */
  char *seal; /* owned; the last one seen ... */
  gint64 seal_id; /* ... and its number */
  gboolean is_closed;
};

typedef struct
{
  gint64 mailbox;
  guint32 next_uid;
  guint64 highest_modseq;
} DeliveryProgress;

/* For its lane. */
void _postseal_delivery_committer_serve (DeliveryCore *core);
/* Takes the lock, opens the ledger: the first op. */
void _postseal_delivery_do_open (DeliveryCommitter *self, DeliveryOp *op);

/* Settles what is confirmed; the results are posted. Failures are the core's. */
void _postseal_delivery_settle (DeliveryCommitter *self);
/* Removes what is not confirmed. */
void _postseal_delivery_discard (DeliveryCommitter *self);

/* Settles the intents of a crashed run, writing notes for people. */
gboolean _postseal_delivery_recover (PostsealLedger *ledger, GPtrArray *notes, GError **error);
/* Removes files that @owner staged in @dir_fd and that nothing knows of. Returns: how many */
guint _postseal_delivery_sweep (int dir_fd, const char *owner);

/* What the committer does for each op. */
void _postseal_delivery_do_open_mailbox (DeliveryCommitter *self, DeliveryOp *op);
void _postseal_delivery_do_peek_mailbox (DeliveryCommitter *self, DeliveryOp *op);
void _postseal_delivery_do_list_delivered (DeliveryCommitter *self, DeliveryOp *op);
void _postseal_delivery_do_rewind (DeliveryCommitter *self, DeliveryOp *op);
void _postseal_delivery_do_adopt_seen (DeliveryCommitter *self, DeliveryOp *op);
void _postseal_delivery_do_compare (DeliveryCommitter *self, DeliveryOp *op);
void _postseal_delivery_do_forget (DeliveryCommitter *self, DeliveryOp *op);
void _postseal_delivery_do_set_retries (DeliveryCommitter *self, DeliveryOp *op);
void _postseal_delivery_do_set_progress (DeliveryCommitter *self, DeliveryOp *op);
void _postseal_delivery_do_confirm (DeliveryCommitter *self, DeliveryOp *op);
void _postseal_delivery_do_reject (DeliveryCommitter *self, DeliveryOp *op);
void _postseal_delivery_do_flush (DeliveryCommitter *self, DeliveryOp *op);

/* Answers of postseal_delivery_peek_mailbox_async() and postseal_delivery_compare_async(). */
typedef struct
{
  guint32 uid_validity;
  guint32 next_uid;
  gboolean has_work;
} DeliveryPeek;

typedef struct
{
  GArray *fresh; /* owned */
  GArray *due; /* owned */
} DeliveryComparison;

void _postseal_delivery_comparison_free (DeliveryComparison *self);

G_END_DECLS
