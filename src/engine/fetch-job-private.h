/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/fetch-job.h"
#include "engine/last-run.h"
#include "engine/progress-pace-private.h"
#include "engine/tls-counts.h"
#include "mail/delivery.h"
#include "net/dial.h"

G_BEGIN_DECLS

/* What a conversation can be told in mid-course. @data: its own */
typedef struct
{
  void (*look) (gpointer data); /* nullable: there is one round only */
  void (*leave) (gpointer data);
  void (*probe) (gpointer data, guint limit_ms);
  void (*resume) (gpointer data); /* nullable: the records are kept, latches may be used again */
} PostsealFetchConversation;

typedef enum
{
  POSTSEAL_FETCH_RUNNING,
  POSTSEAL_FETCH_CONCLUDING, /* waits for records that are being written */
  POSTSEAL_FETCH_KEPT, /* the last ones are being written, or are */
} PostsealFetchStage;

/* What the parts of one run share: fetch-job.c prepares it, fetch-round.c keeps its books and
   concludes it, fetch-imap.c and fetch-pop3.c are the conversation between. */
struct _PostsealFetchJob
{
  GObject parent;

  PostsealAccount *account; /* owned */
  PostsealTranscript *transcript; /* owned, nullable */
  PostsealFetchProgress progress;
  char *mailbox_title; /* owned; what progress.mailbox points to */
  PostsealSeal *seal; /* owned, nullable */
  GPtrArray *notes; /* owned (element-type utf8): of this round */
  GError *error; /* owned: the gravest of this round that did not end the conversation, nullable */
  GError *fatal; /* owned: what did, nullable */

  gboolean stays;
  PostsealServers *servers; /* owned, nullable */
  GPtrArray *watched; /* owned (element-type utf8), NULL-terminated: titles */
  guint login_delay; /* seconds */

  GTask *task; /* owned while running */
  GCancellable *cancellable; /* owned: of all that can be cancelled; also by leaving */
  GSource *cancel_source; /* owned, nullable: the caller's cancellable */
  gboolean is_leaving;
  GSource *probe_source; /* owned, nullable: while there is no conversation */
  PostsealProgressPace progress_pace;

  char *state_dir; /* owned */
  PostsealLatches *latches; /* owned; not to be touched while is_keeping */
  PostsealTlsCounts *counts; /* owned: of connections, since records were written last */
  gboolean is_keeping; /* records are being written */
  guint n_latch_users; /* others than the conversation itself; no writing meanwhile */
  guint n_further; /* connections taken beside the own one */
  gboolean is_round; /* one is under way */
  PostsealFetchStage stage;
  PostsealLastRun *last_run; /* owned, nullable: to be written */
  gboolean is_recorded; /* "last-run" is, or will be, of this run */

  PostsealDelivery *delivery; /* owned, nullable */
  char *seal_text; /* owned: what the ledger keeps of the seal */
  char *trace; /* owned, nullable: the trace header, when the account wants one */

  const PostsealFetchConversation *conversation; /* borrowed: static; NULL before and after */
  gpointer conversation_data; /* borrowed: lives as long as that is set */
};

/* The conversation, over a link that was just sealed. @link: (transfer full). Each ends by calling
   _postseal_fetch_job_conclude() exactly once; errors go to _postseal_fetch_job_take_error() or
   _take_fatal(). */
void _postseal_fetch_imap_start (PostsealFetchJob *job, PostsealSealedLink *link);
void _postseal_fetch_pop3_start (PostsealFetchJob *job, PostsealSealedLink *link);

/* Sets what it can be told. NULL: nothing any more */
void _postseal_fetch_job_set_conversation (PostsealFetchJob *job,
                                           const PostsealFetchConversation *conversation,
                                           gpointer data);

/* Keeps @error (transfer full) when it is graver than what is there. */
void _postseal_fetch_job_take_error (PostsealFetchJob *job, GError *error);
/* The same for one that ends the conversation: the first counts. */
void _postseal_fetch_job_take_fatal (PostsealFetchJob *job, GError *error);
void _postseal_fetch_job_note (PostsealFetchJob *job, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* @mailbox: (nullable): title */
void
_postseal_fetch_job_set_activity (PostsealFetchJob *job, const char *activity, const char *mailbox);
/* After a change of the progress: the signal follows, at most ten times a second. */
void _postseal_fetch_job_progressed (PostsealFetchJob *job);

/* Opens the next message in the delivery. */
void _postseal_fetch_job_begin_message (PostsealFetchJob *job, gint64 mailbox);

/* postseal_prior_mail_get_ledger_name() of the job's account. Returns: (transfer full) */
char *_postseal_fetch_job_get_ledger_name (PostsealFetchJob *job, const char *mailbox);

/* Messages delivered until this time may go from the server (the key "keep"). */
gint64 _postseal_fetch_job_get_due_before (PostsealFetchJob *job);

/* How the account signs in to its receiving server. Returns: (transfer full) (nullable): NULL with
   the error taken */
PostsealAuthenticator *_postseal_fetch_job_make_authenticator (PostsealFetchJob *job);

/* --- rounds: fetch-round.c --- */

/* What is counted from now on belongs to a new round. */
void _postseal_fetch_job_begin_round (PostsealFetchJob *job);
/* Tells of the round, and keeps its records when there is something to keep. @is_whole: everything
   was looked at */
void _postseal_fetch_job_end_round (PostsealFetchJob *job, gboolean is_whole);
/* Writes what the latches have learned, if anything, in the background. */
void _postseal_fetch_job_keep_latches (PostsealFetchJob *job);

/* While they are held nobody writes them. Returns: FALSE when they are being written: again when
   the conversation is told to resume */
gboolean _postseal_fetch_job_hold_latches (PostsealFetchJob *job);
void _postseal_fetch_job_release_latches (PostsealFetchJob *job);

/* One more connection to the server than the job's own, if there may be one. */
gboolean _postseal_fetch_job_take_connection (PostsealFetchJob *job);
void _postseal_fetch_job_give_back_connection (PostsealFetchJob *job);
/* The server refused the one taken last. */
void _postseal_fetch_job_report_limit (PostsealFetchJob *job);

/* Tells of the new mail among @results, which are of @mailbox (a title), and counts them. */
void _postseal_fetch_job_tell_arrived (PostsealFetchJob *job,
                                       const char *mailbox,
                                       const PostsealDeliveryResult *results,
                                       gsize n_results);
/* @titles: (transfer full) (element-type utf8) with a free function: what is told of at once */
void _postseal_fetch_job_set_watched (PostsealFetchJob *job, GPtrArray *titles);

/* When the class is made, and when a job is finalized. */
void _postseal_fetch_round_add_signals (GType type);
void _postseal_fetch_round_clear (PostsealFetchJob *job);

/* The conversation is over: keeps the records, closes the delivery, returns the outcome. */
void _postseal_fetch_job_conclude (PostsealFetchJob *job);

G_END_DECLS
