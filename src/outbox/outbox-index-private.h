/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/database.h"
#include "outbox/outbox-place-private.h"
#include "outbox/outbox.h"

G_BEGIN_DECLS

/* The index of the outbox: its connection with prepared statements, and what its files share. */

typedef enum
{
  OUTBOX_BEGIN,
  OUTBOX_BEGIN_READING,
  OUTBOX_COMMIT,
  OUTBOX_FIND_ACCOUNT,
  OUTBOX_ADD_ACCOUNT,
  OUTBOX_LIST_ACCOUNTS,
  OUTBOX_PAUSE_ACCOUNT,
  OUTBOX_GET_PAUSE,
  OUTBOX_UNBLOCK,
  OUTBOX_HASTEN,
  OUTBOX_FIND_SEAL,
  OUTBOX_ADD_SEAL,
  OUTBOX_SCAN,
  OUTBOX_SCAN_RANGE,
  OUTBOX_LIST_DONE,
  OUTBOX_LIST_REPORTS,
  OUTBOX_GET_STATE,
  OUTBOX_GET_ENTRY,
  OUTBOX_GET_RECIPIENTS,
  OUTBOX_ADD_ENTRY,
  OUTBOX_SET_STATE,
  OUTBOX_MARK,
  OUTBOX_SETTLE,
  OUTBOX_PUT_RECIPIENT,
  OUTBOX_KEEP_RECIPIENT,
  OUTBOX_DROP_ENTRY,
  OUTBOX_DROP_RECIPIENTS,
  OUTBOX_DROP_SEALS,
  OUTBOX_GET_IDENTITY,
  OUTBOX_HAS_MARKS,
  OUTBOX_DOUBT_MARKS,
  OUTBOX_N_STATEMENTS,
} PostsealOutboxStatement;

struct _PostsealOutbox
{
  char *path; /* owned: of the index */
  int queue_fd; /* owned: the directory, -1: none */
  GThreadPool *remover; /* owned, or NULL before its first work: removes files of what is done */
  PostsealDatabase db; /* owned */
  GHashTable *account_ids; /* owned: name to id */
  GHashTable *seal_ids; /* owned: text to id */
  GStringChunk *names; /* owned: of accounts, for as long as this lives */
  GHashTable *heads; /* owned: number to account of files without a row: they never change */
  GHashTable *senders; /* owned: account to whether somebody sends for it, for one call */
};

/* What stands in a row is done with: its file is or will be gone. */
#define POSTSEAL_OUTBOX_IS_DONE(state) ((state) >= POSTSEAL_OUTBOX_SENT)

/* Connects to the index, which is made when it is missing; nothing is swept. */
PostsealOutbox *_postseal_outbox_connect (GError **error);
/* Removes what a crash has left, and what is remembered for too long. */
gboolean _postseal_outbox_sweep (PostsealOutbox *self, gint64 now, GError **error);

/* Sets @error from the connection's last failure. Returns: FALSE */
gboolean _postseal_outbox_fail (PostsealOutbox *self, GError **error);
/* A transaction that may write; ended or undone by the other two. */
gboolean _postseal_outbox_begin (PostsealOutbox *self, GError **error);
gboolean _postseal_outbox_end (PostsealOutbox *self, GError **error);
void _postseal_outbox_undo (PostsealOutbox *self);

/* The number of an account or seal, added where it is missing. Returns: FALSE with @error set */
gboolean _postseal_outbox_intern_account (PostsealOutbox *self,
                                          const char *account,
                                          gint64 *ret_id,
                                          GError **error);
gboolean _postseal_outbox_intern_seal (PostsealOutbox *self,
                                       const char *seal,
                                       gint64 *ret_id,
                                       GError **error);

/* The numbers of the files in queue/, sorted. What is no message is named in @problems (nullable).
   Returns: (transfer full) (element-type PostsealOutboxNumber) */
GArray *_postseal_outbox_read_queue (PostsealOutbox *self, GPtrArray *problems, GError **error);
/* TRUE when the entry has its file. */
gboolean _postseal_outbox_has_file (PostsealOutbox *self, PostsealOutboxNumber number);
/* Removes the file of an entry. Returns: FALSE when it is still there, with errno set */
gboolean _postseal_outbox_remove_file (PostsealOutbox *self, PostsealOutboxNumber number);
/* What stands at the head of a file. @ret_offset: (out) (optional): of the message. Errors:
   %POSTSEAL_OUTBOX_ERROR_UNKNOWN when there is no file. Returns: (transfer full) */
PostsealEnvelope *_postseal_outbox_read_head (PostsealOutbox *self,
                                              PostsealOutboxNumber number,
                                              guint64 *ret_offset,
                                              GError **error);
/* The same, and what was read on that occasion, from the first octet of the file on.
   @ret_beginning: (out) (transfer full) (optional) */
PostsealEnvelope *_postseal_outbox_read_beginning (PostsealOutbox *self,
                                                   PostsealOutboxNumber number,
                                                   guint64 *ret_offset,
                                                   GBytes **ret_beginning,
                                                   GError **error);
/* The whole number for what the user wrote. Errors: %POSTSEAL_OUTBOX_ERROR_UNKNOWN */
gboolean _postseal_outbox_resolve_id (PostsealOutbox *self,
                                      const char *id,
                                      PostsealOutboxNumber *ret_number,
                                      GError **error);

/* The row's state, -1 without one. Returns: FALSE with @error set. @ret_account: (out) (transfer
   full) (optional): its account, or NULL */
gboolean _postseal_outbox_get_state (PostsealOutbox *self,
                                     PostsealOutboxNumber number,
                                     int *ret_state,
                                     char **ret_account,
                                     GError **error);
/* Makes the row of an entry that has none, from its file. */
gboolean _postseal_outbox_add_entry (PostsealOutbox *self,
                                     PostsealOutboxNumber number,
                                     PostsealOutboxState state,
                                     GError **error);

/* What the state of a row is to others: a mark is SENDING while its sender lives, else IN_DOUBT. */
PostsealOutboxState
_postseal_outbox_judge_state (PostsealOutbox *self, PostsealOutboxState state, const char *account);
/* Forgets which senders live: at the beginning of each call. */
void _postseal_outbox_look_anew (PostsealOutbox *self);

G_END_DECLS
