/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account.h"

G_BEGIN_DECLS

/* What another program has retrieved for an account, to be put into its ledger before the first
   fetch. */

typedef struct
{
  char *mailbox; /* owned: its title; "" for POP3 */
  GPtrArray *uidls; /* owned (element-type utf8): POP3 */
  GArray *uids; /* owned (element-type guint32): IMAP, ascending */
  GArray *waiting; /* owned (element-type guint32): below next_uid, and not retrieved */
  guint32 uid_validity; /* of uids, waiting and next_uid; 0: nothing is known but counts_seen */
  guint32 next_uid; /* everything below it was dealt with; 0: not said */
  gboolean counts_seen; /* what is \Seen on the server counts as retrieved */
} PostsealPriorMailbox;

/* Empty. Returns: (transfer full) */
PostsealPriorMailbox *postseal_prior_mailbox_new (const char *mailbox);
void postseal_prior_mailbox_free (PostsealPriorMailbox *self);

/**
 * postseal_prior_mail_adopt:
 * @mailboxes: (element-type PostsealPriorMailbox)
 *
 * Under the account's lock, which is not waited for. Blocks. What the ledger knows itself stays; so
 * doing it twice gives the same as once. Durable when it returns TRUE, and nothing has changed when
 * it returns FALSE. Errors: %POSTSEAL_LOCK_ERROR_BUSY, %POSTSEAL_LEDGER_ERROR, %G_FILE_ERROR.
 */
gboolean
postseal_prior_mail_adopt (PostsealAccount *account, const GPtrArray *mailboxes, GError **error);

/* What the ledger of @account knows @mailbox (its title, for the server's spelling depends on what
   was enabled; "" for POP3) by: UIDs and UIDLs mean nothing on another server or for another user.
   The port and the way TLS starts may change. Returns: (transfer full) */
char *postseal_prior_mail_get_ledger_name (PostsealAccount *account, const char *mailbox);

G_END_DECLS
