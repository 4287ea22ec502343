/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/outbox-digest.h"
#include "engine/account-status.h"
#include "engine/account.h"
#include "engine/last-run.h"
#include "mail/ledger.h"
#include "net/latches.h"
#include "net/seal.h"

G_BEGIN_DECLS

/* What the state directory and the outbox tell about one account, daemon or not. */
typedef struct
{
  gboolean has_run;
  PostsealLastRun run; /* owned */
  PostsealSeal *seal; /* owned, or NULL: of the last run, else of the last message */
  gboolean has_ledger;
  PostsealLedgerSummary ledger; /* owned */
  PostsealLatches *latches; /* owned, or NULL */
  PostsealOutboxDigest outbox; /* owned */
  GPtrArray *troubles; /* owned (element-type utf8): what could not be read */
} PostsealAccountFacts;

/* Makes nothing where there is nothing. Blocks. @outbox: (nullable). Returns: (transfer full) */
PostsealAccountFacts *postseal_account_facts_read (const char *account, PostsealOutbox *outbox);
void postseal_account_facts_free (PostsealAccountFacts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealAccountFacts, postseal_account_facts_free)

/* The status of an account that nobody is in charge of, as far as the facts know it: states are
   "off". Returns: (transfer full) */
PostsealAccountStatus *postseal_account_facts_make_status (const PostsealAccountFacts *self,
                                                           const PostsealAccount *account);

G_END_DECLS
