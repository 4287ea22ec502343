/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/seal.h"
#include "outbox/outbox.h"

G_BEGIN_DECLS

/* What the outbox holds for one account, for "postseal status". */
typedef struct
{
  guint64 total; /* all that are not done */
  guint64 waiting; /* queued or being sent */
  guint64 blocked;
  guint64 in_doubt;
  guint64 held;
  guint64 failed;
  char *reason; /* owned, or NULL: of the first that did not leave at once */
  PostsealSeal *seal; /* owned, or NULL: of the last connection that sent */
} PostsealOutboxDigest;

/* Opens the outbox if there is one, never makes it. Returns: (transfer full) (nullable): NULL
   without
   @error when there is none */
PostsealOutbox *postseal_outbox_digest_open (GError **error);

/* Quick, however much waits: of more than ten thousand messages only the first are looked at, and
   the rest counts as waiting. */
gboolean postseal_outbox_digest_load (PostsealOutboxDigest *self,
                                      PostsealOutbox *outbox,
                                      const char *account,
                                      GError **error);
void postseal_outbox_digest_clear (PostsealOutboxDigest *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealOutboxDigest, postseal_outbox_digest_clear)

G_END_DECLS
