/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account.h"
#include "outbox/outbox.h"
#include "smtp/smtp-session.h"

G_BEGIN_DECLS

/* One message of the outbox in one attempt: what is asked of the server, what it said, and what
   follows from that. */
typedef struct
{
  PostsealOutboxEntry *entry; /* owned */

  /* the question */
  PostsealSmtpMessage message; /* borrows from here and from the entry */
  PostsealSmtpRecipient *recipients; /* owned */
  gsize *indexes; /* owned: of each in entry->recipients */
  gboolean is_partial; /* more recipients wait than the server takes at once */
  GBytes *content; /* owned */
  int fd; /* owned, or -1 */

  /* the answer */
  PostsealSmtpResult *result; /* owned */

  /* what follows; set by _postseal_send_item_judge() */
  PostsealOutboxOutcome outcome; /* borrows from here and from the entry */
  char *reason; /* owned */
  char *bounce; /* owned */
  GError *error; /* owned: for the report; NULL when sent to all */
  gboolean is_expired;
  gboolean goes_on; /* the rest of its recipients at once */
  gboolean is_blocked; /* not the message's fault: the server wants a log-in */
} PostsealSendItem;

/* @entry: (transfer full) */
PostsealSendItem *_postseal_send_item_new (PostsealOutboxEntry *entry);
void _postseal_send_item_free (PostsealSendItem *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealSendItem, _postseal_send_item_free)

/* What a server takes at once (LIMITS, RFC 9422) and can carry. */
typedef struct
{
  guint recipients_max; /* 0: any number, likewise below */
  guint recipient_domains_max;
  gboolean has_8bitmime;
  gboolean has_binarymime;
  gboolean has_futurerelease;
  guint64 futurerelease_max;
} PostsealSendLimits;

/* Fills in the question from the entry, for those recipients that are still to be served. */
void
_postseal_send_item_prepare (PostsealSendItem *self, const PostsealSendLimits *limits, gint64 now);

/* Refuses it for all recipients asked about, before any server did. @status: "5.6.3"; @error:
   (nullable) when there are none */
void _postseal_send_item_refuse (PostsealSendItem *self, const char *status, const GError *error);

/**
 * _postseal_send_item_judge:
 * @account: how long to try
 * @server: for messages
 * @seal: (nullable): serialized
 * @now: Unix seconds
 * @random: 0 to 1
 *
 * From the answers to the outcome: who is served, who is refused, when to try the rest again (RFC
 * 5321 section 4.5.4.1), whether it is given up. Changes the entry's recipients.
 */
void _postseal_send_item_judge (PostsealSendItem *self,
                                PostsealAccount *account,
                                const char *server,
                                const char *seal,
                                gint64 now,
                                double random);

/**
 * _postseal_send_item_postpone:
 * @state: POSTSEAL_OUTBOX_QUEUED or _BLOCKED
 * @error: why nothing was tried
 *
 * The whole message stays, for a reason that is not its own: no network, no trust, no log-in. Given
 * up all the same when its time is over.
 */
void _postseal_send_item_postpone (PostsealSendItem *self,
                                   PostsealAccount *account,
                                   PostsealOutboxState state,
                                   const GError *error,
                                   gint64 next_attempt,
                                   gint64 now);

/* Once the report of failure has reached the sender (or none is wanted): nobody is left to be told.
 */
void _postseal_send_item_set_reported (PostsealSendItem *self);

/* TRUE when somebody was refused for good who has not been told of. */
gboolean _postseal_send_item_has_refused (const PostsealSendItem *self);

G_END_DECLS
