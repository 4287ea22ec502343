/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/database.h"
#include "mail/ledger.h"

G_BEGIN_DECLS

/* What the ledger's files share: the connection with its prepared statements. */

typedef enum
{
  LEDGER_BEGIN,
  LEDGER_COMMIT,
  LEDGER_FIND_MAILBOX,
  LEDGER_ADD_MAILBOX,
  LEDGER_RENEW_MAILBOX,
  LEDGER_CLEAR_MESSAGES,
  LEDGER_CLEAR_RETRIES,
  LEDGER_SET_PROGRESS,
  LEDGER_GET_RETRIES,
  LEDGER_ADD_RETRY,
  LEDGER_DROP_RETRY,
  LEDGER_HAS_WORK,
  LEDGER_ADD_INTENT,
  LEDGER_DROP_INTENT,
  LEDGER_LIST_INTENTS,
  LEDGER_ADD_MESSAGE,
  LEDGER_ADD_POP3_MESSAGE,
  LEDGER_FIND_MESSAGE,
  LEDGER_FIND_POP3_MESSAGE,
  LEDGER_GET_KNOWN,
  LEDGER_GET_DUE,
  LEDGER_MARK_DELETED,
  LEDGER_FORGET_MESSAGE,
  LEDGER_REWIND_MAILBOX,
  LEDGER_LIST_POP3,
  LEDGER_FORGET_POP3,
  LEDGER_MOVE_POP3,
  LEDGER_RENAME_POP3,
  LEDGER_SIZE_POP3,
  LEDGER_ADOPT_UIDL,
  LEDGER_ADOPT_UID,
  LEDGER_AWAIT_SEEN,
  LEDGER_FIND_SEAL,
  LEDGER_ADD_SEAL,
  LEDGER_SUM_UP,
  LEDGER_FIND_CONTENT,
  LEDGER_FIND_DEPARTED,
  LEDGER_N_STATEMENTS,
} PostsealLedgerStatement;

struct _PostsealLedger
{
  char *path; /* owned */
  char *boot_id; /* owned; "" when unknown */
  PostsealDatabase db; /* owned */
  gboolean is_surely_undone;
};

/* The seal of what was retrieved before there was this record: it is known, and was not delivered
   by us. It is not counted, and never due for deletion. */
#define LEDGER_ADOPTED (-1)
/* Of an adopted POP3 message that has not been listed yet. */
#define LEDGER_SIZE_UNKNOWN (-1)

/* Makes the tables in an empty file, or checks that it is a ledger of a version we know. */
gboolean _postseal_ledger_schema_prepare (PostsealLedger *self, GError **error);

/* Sets @error from the connection's last failure. Returns: FALSE */
gboolean _postseal_ledger_fail (PostsealLedger *self, GError **error);

/* Runs @stmt to its end, appending the first column of each row. Returns: (transfer full)
 * (nullable) */
GArray *_postseal_ledger_collect_uids (PostsealLedger *self, sqlite3_stmt *stmt, GError **error);

/* The POP3 side of postseal_ledger_knows(). */
gboolean _postseal_ledger_knows_pop3 (PostsealLedger *self,
                                      const PostsealLedgerMessage *message,
                                      gboolean *ret_knows,
                                      GError **error);

/* The first eight bytes of the content's digest, as SQLite's integer. */
gint64 _postseal_ledger_fold_content (const PostsealLedgerMessage *message);

/* Another boot id for ledgers opened from now on; NULL: the kernel's. For tests. */
void _postseal_ledger_set_boot_id (const char *boot_id);

G_END_DECLS
