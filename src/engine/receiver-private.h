/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/backoff.h"
#include "engine/advice.h"
#include "engine/receiver.h"

G_BEGIN_DECLS

/* What the receiver's files share: receiver.c decides when a job runs, receiver-job.c follows one,
   receiver-request.c answers who asked for one, receiver-status.c tells the world. */
struct _PostsealReceiver
{
  GObject parent;

  PostsealAccount *account; /* owned */
  PostsealAccountStatus *status; /* owned */
  PostsealServers *servers; /* owned */
  PostsealWorld *world; /* owned, nullable: only when unattended */

  PostsealFetchJob *job; /* owned, nullable: the one that runs */
  GCancellable *cancellable; /* owned, nullable: the job's */
  gboolean stays; /* the job watches when it has looked */
  gboolean has_slot; /* one of the server's connections is taken for the job */
  gboolean is_fresh; /* the job has not been seen to work yet: nothing sealed */
  gboolean holds_sleep; /* the job has something under way that should become durable */
  gboolean was_reached; /* a round of the job has ended */
  gboolean was_probed; /* the job's connection had to show that it is not dead */
  gint64 well_since; /* monotonic microseconds of the job's first good round, 0: none yet */
  PostsealFetchRound round; /* of a job that does not stay; without error */

  GQueue requests; /* owned (element-type Request): of receiver-request.c */
  PostsealTranscript *relay; /* owned: what the job says, to the transcripts of requests */

  PostsealAccountState rest; /* what it waits for while no job runs */
  PostsealBackoff backoff;
  gint64 not_before; /* monotonic microseconds of the next attempt; G_MAXINT64: only an event */
  GSource *timer; /* owned, nullable */
  gint64 last_attempt; /* monotonic microseconds of its end */
  gboolean was_log_in_refused; /* by the server: to try again soon would do harm */
  gboolean left_for_sleep; /* the job was asked to leave, and is to be made up for */
  PostsealSeal *seal; /* owned, nullable: of the present or the last connection */

  gboolean is_stopping;
  GTask *stop; /* owned, nullable */
};

/* receiver.c: what changed may mean that it is time for a job, or for a timer. */
void _postseal_receiver_schedule (PostsealReceiver *self);
/* @job has ended: what follows from that for the next one, and the status. @error: (nullable) */
void
_postseal_receiver_job_ended (PostsealReceiver *self, PostsealFetchJob *job, const GError *error);

/* receiver-job.c: one job, for a request or of its own accord; nothing else runs. */
void _postseal_receiver_start_job (PostsealReceiver *self);
/* Shows what the job is doing, and what that means. */
void _postseal_receiver_follow_job (PostsealReceiver *self);
gboolean _postseal_receiver_is_watching (PostsealReceiver *self);

/* receiver-request.c: answers whom these concern. @error: (nullable) */
void _postseal_receiver_requests_job_started (PostsealReceiver *self);
void
_postseal_receiver_requests_round_ended (PostsealReceiver *self, const PostsealFetchRound *round);
void _postseal_receiver_requests_job_ended (PostsealReceiver *self, const GError *error);
void _postseal_receiver_requests_init (PostsealReceiver *self);
void _postseal_receiver_requests_clear (PostsealReceiver *self);

/* receiver-status.c */
void _postseal_receiver_show_state (PostsealReceiver *self, PostsealAccountState state);
/* @at: monotonic microseconds of the next attempt, when there is a timer for it */
void _postseal_receiver_show_next (PostsealReceiver *self, gint64 at);
void _postseal_receiver_show_job (PostsealReceiver *self); /* activity, counts, seal */
void _postseal_receiver_show_outcome (PostsealReceiver *self, const GError *error);
/* What the last run of another process left: seal, error, time. In the background. */
void _postseal_receiver_show_last_run (PostsealReceiver *self);

G_END_DECLS
