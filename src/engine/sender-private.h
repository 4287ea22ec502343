/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/backoff.h"
#include "engine/advice.h"
#include "engine/sender.h"

G_BEGIN_DECLS

/* What the parts of a sender share: sender.c decides what is next, sender-run.c does one run,
   sender-outbox.c looks at the outbox and changes it. */

/* One thing at a time. */
typedef enum
{
  SENDER_RESTS,
  SENDER_SENDS, /* a job runs */
  SENDER_AMENDS, /* a worker changes the outbox */
  SENDER_LOOKS, /* a worker surveys the outbox */
  SENDER_QUEUES, /* another program has the account, and somebody waits for it */
} SenderPhase;

/* What is to be done to the outbox first. */
typedef enum
{
  SENDER_LIFTS = 1 << 0, /* the account's pause */
  SENDER_HASTENS = 1 << 1, /* what was put off for want of a network */
  SENDER_RECALLS = 1 << 2, /* reads the seal of the last message */
} SenderAmendment;

/* Somebody has asked for a run. */
typedef struct
{
  PostsealSendScope scope;
  char **ids; /* owned, or NULL */
  PostsealTranscript *transcript; /* owned, or NULL */

  /* Of those that were tried while it waited; their IDs are no longer among the above. */
  guint64 tried;
  guint64 sent;
  guint64 failed;
  int status; /* gravest */
  char *error; /* owned, or NULL */
} SenderRequest;

struct _PostsealSender
{
  GObject parent;

  PostsealAccount *account; /* owned */
  PostsealAccountStatus *status; /* owned */
  PostsealServers *servers; /* owned */
  PostsealWorld *world; /* owned; NULL: it only does what it is told */

  SenderPhase phase;
  guint amendments; /* of SenderAmendment: to be made */
  guint first_amendments; /* likewise, once there is something to send: who is idle costs nothing */
  gboolean wants_look; /* the outbox may have changed */
  GQueue requests; /* of owned GTask with a SenderRequest */
  gint64 next_due; /* Unix seconds; 0: now, -1: nothing waits */

  PostsealSendJob *job; /* owned while sending */
  GCancellable *cancellable; /* owned while sending */
  GTask *request; /* owned while sending: who asked for it, or NULL */
  GSource *request_source; /* owned: of the request's cancellable */
  PostsealWorld *awake; /* owned while sending: kept from sleeping, or NULL */

  PostsealAccountState verdict; /* of the last run: what it is while it rests */
  GQuark error_domain; /* of the last run that could tell, 0: none */
  PostsealSeal *seal; /* owned, or NULL: the last known */
  gboolean is_stranded; /* the last run met no server: another network, or some time, may help */
  PostsealBackoff backoff;
  gint64 not_before; /* monotonic microseconds, 0: at once */
  GSource *timer; /* owned: until something is due */
  gint64 ran_us; /* monotonic: when the last run ended, 0: there was none */
  GSource *secrets_timer; /* owned: until a secret that has changed may be tried */

  GTask *stop; /* owned while it ends */
  gboolean is_stopped; /* nothing begins any more */
  GSource *stop_timer; /* owned: until what is on its way is left in doubt */
};

/* Decides what is next and begins it. Nothing happens unless it rests. */
void _postseal_sender_pump (PostsealSender *self);

/* In the status; the time it began with it. */
void _postseal_sender_set_state (PostsealSender *self, PostsealAccountState state);
/* It could not do what was due: it is not tried again before some time. */
void _postseal_sender_hold_back (PostsealSender *self, guint longest_ms);

/* @request: (transfer full) (nullable): NULL: what is due, of its own accord */
void _postseal_sender_run (PostsealSender *self, GTask *request);
/* @request: (transfer full): is tried again in a moment. @error: why not now */
void _postseal_sender_queue_up (PostsealSender *self, GTask *request, const GError *error);
/* Answers @request, when all that it was for was tried while it waited: nothing is tried twice. */
gboolean _postseal_sender_answer_tried (PostsealSender *self, GTask *request);
/* Begins nothing more; what is on its way may end. */
void _postseal_sender_leave (PostsealSender *self);

/* Makes the amendments. */
void _postseal_sender_amend (PostsealSender *self);
void _postseal_sender_look (PostsealSender *self);

G_END_DECLS
