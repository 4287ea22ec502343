/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/progress-pace-private.h"
#include "engine/send-job.h"
#include "engine/send-item.h"
#include "engine/send-store.h"
#include "engine/tls-counts.h"
#include "net/dial.h"
#include "smtp/smtp-session.h"

G_BEGIN_DECLS

/* What the parts of one run share: send-job.c prepares and concludes it, send-connection.c is the
   conversation between. */

struct _PostsealSendJob
{
  GObject parent;

  PostsealAccount *account; /* owned */
  PostsealSendScope scope;
  char **chosen; /* owned, nullable */
  PostsealTranscript *transcript; /* owned, nullable */
  PostsealSendProgress progress;
  PostsealSeal *seal; /* owned, nullable: of the last connection */
  char *seal_text; /* owned, nullable: what the index keeps of it */
  GPtrArray *notes; /* owned (element-type utf8) */
  GError *error; /* owned: the gravest so far, nullable */

  GTask *task; /* owned while running */
  PostsealProgressPace progress_pace;
  char *state_dir; /* owned */
  PostsealLatches *latches; /* owned */
  PostsealTlsCounts *counts; /* owned: of connections that are not on record yet */
  char *endpoint; /* owned: the latches' key */
  gboolean is_getting_on; /* something came of this look at the queue, or there was nothing in it */
  gboolean is_leaving; /* nothing more is begun */
  gboolean is_follow_up; /* what came while the chosen were sent: not what the caller asked about */

  PostsealSendStore *store; /* owned; in the hands of one worker at a time */
  GQueue waiting; /* of owned IDs: to be tried in this run */
  PostsealSmtpSession *session; /* owned while there is a connection */
  PostsealSendLimits limits; /* of this connection */
  guint window; /* messages on their way at once */
  guint n_in_flight;
  guint n_on_connection; /* handed to the session, */
  guint n_decided; /* and answered for good or ill */
  guint n_broken; /* on their way when the peer cut the connection */
  GError *loss; /* owned: why the connection ended, NULL while it lives */
  GPtrArray *answered; /* owned (element-type PostsealSendItem): to be recorded */
  gboolean is_storing;
  gboolean is_pipelining_suspect; /* the peer hung up with several messages on their way */
};

/* Dials, signs in, sends all that waits, records all that came of it; at the end it calls
   _postseal_send_job_conclude(). */
void _postseal_send_connection_start (PostsealSendJob *job);

/* Keeps @error (transfer full) when it is graver than what is there. */
void _postseal_send_job_take_error (PostsealSendJob *job, GError *error);
void _postseal_send_job_note (PostsealSendJob *job, const char *format, ...) G_GNUC_PRINTF (2, 3);
void _postseal_send_job_set_activity (PostsealSendJob *job, const char *activity);
/* After a change of the progress: the signal follows, at most ten times a second. */
void _postseal_send_job_progressed (PostsealSendJob *job);
/* Tells what has become of @item, which is durable now. */
void _postseal_send_job_report (PostsealSendJob *job, const PostsealSendItem *item);

/* The conversation is over. @error: (transfer full) (nullable): why, when it never really began */
void _postseal_send_job_conclude (PostsealSendJob *job, GError *error);

G_END_DECLS
