/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/fetch-imap-private.h"

G_BEGIN_DECLS

/* Which mailboxes are worth a visit: STATUS of all in one flight, held against the ledger. */

typedef struct
{
  FetchBox *box; /* borrowed: the round keeps it */
  gboolean is_asked; /* else it is visited unasked */
  gboolean is_known; /* the ledger has it */
  gboolean has_due_work; /* the ledger has retries or deletions for it */
  guint32 uid_validity; /* the ledger's */
  guint32 next_uid; /* the ledger's */
  PostsealImapStatus *status; /* owned, nullable */
} FetchPlan;

void _postseal_fetch_plan_free (FetchPlan *self);

/* Asks server and ledger about each of @plans (element-type FetchPlan) with is_asked. @plans must
   live, unchanged, until @func is called, which is from within this when there is nothing to ask.
 */
void _postseal_fetch_plan_ask (FetchImap *imap, GPtrArray *plans, void (*func) (FetchImap *imap));

/* Is it worth a visit, after the answers? When in doubt it is. */
gboolean _postseal_fetch_plan_has_work (const FetchPlan *self);

G_END_DECLS
