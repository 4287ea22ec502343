/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/bindings.h"
#include "claws/front.h"

G_BEGIN_DECLS

/* Messages of the host's Queue that Postseal sends. Each is locked there until the outbox has come
   to an end with it: one that is sent is filed as the host would, one that is not is free in the
   Queue again, and the reason in the host's log. A record of each is on the disk, so that it is
   sent once and filed once whoever is killed when. */
typedef struct _PostsealClawsSending PostsealClawsSending;

/* Goes on with what an earlier run has left. Keeps a reference on @front. Returns: (transfer full)
 */
PostsealClawsSending *postseal_claws_sending_new (PostsealClawsFront *front);
/* NULL-safe; at any moment, waits for nothing. What is under way is gone on with by the next one.
 */
void postseal_claws_sending_free (PostsealClawsSending *self);

/* Sends the message @number of the Queue @folder, the host's identifier, through @account of
   Postseal. */
void postseal_claws_sending_send (PostsealClawsSending *self,
                                  const char *account,
                                  const char *folder,
                                  int number);

/* TRUE while it is under way, or is taken back: the message @number of @folder. */
gboolean postseal_claws_sending_has (PostsealClawsSending *self, const char *folder, int number);

G_END_DECLS
