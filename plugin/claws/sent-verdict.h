/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/sent-record.h"

G_BEGIN_DECLS

/* What the outbox says of a message of the host's Queue, and what follows from it. It knows nothing
   of the host. */

typedef enum
{
  POSTSEAL_CLAWS_WAITS, /* the outbox has it, and will send it */
  POSTSEAL_CLAWS_IS_SENT, /* to everybody, or to all but those that "reason" names */
  POSTSEAL_CLAWS_IS_REFUSED, /* nobody has it and nobody will: it goes back to the user */
  POSTSEAL_CLAWS_WAS_TAKEN_OUT, /* somebody has removed it from the outbox: likewise */
  POSTSEAL_CLAWS_IS_UNKNOWN, /* it never got into the outbox */
  POSTSEAL_CLAWS_IS_FORGOTTEN, /* too long ago to know */
} PostsealClawsFate;

typedef struct
{
  PostsealClawsFate fate;
  char *outbox_id; /* owned, nullable */
  gboolean is_in_outbox; /* and has to be taken out of it, unless it waits */
  char *reason; /* owned, nullable: why not, or not yet */
  gint64 next_attempt; /* Unix seconds, when it waits for a reason; 0: not known */
} PostsealClawsVerdict;

/* @pending, @done: a{sv}, what the service answers to QUEUE_LIST; @done was asked for after
   @pending. @now: Unix seconds. Returns: (transfer full) */
PostsealClawsVerdict *postseal_claws_verdict_new (const PostsealClawsSentRecord *record,
                                                  GVariant *pending,
                                                  GVariant *done,
                                                  gint64 now);
/* NULL-safe. */
void postseal_claws_verdict_free (PostsealClawsVerdict *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealClawsVerdict, postseal_claws_verdict_free)

G_END_DECLS
