/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/fetch-job.h"
#include "mail/delivery.h"
#include "net/dial.h"

G_BEGIN_DECLS

/* What the parts of one run share: fetch-job.c prepares and concludes it, fetch-imap.c and
   fetch-pop3.c are the conversation between. */
struct _PostsealFetchJob
{
  GObject parent;

  PostsealAccount *account; /* owned */
  PostsealTranscript *transcript; /* owned, nullable */
  PostsealFetchProgress progress;
  char *mailbox_title; /* owned; what progress.mailbox points to */
  PostsealSeal *seal; /* owned, nullable */
  GPtrArray *notes; /* owned (element-type utf8) */
  GError *error; /* owned: the gravest so far, nullable */

  GTask *task; /* owned while running */
  GSource *progress_source; /* owned while a "progress" signal is due */
  char *state_dir; /* owned */
  PostsealLatches *latches; /* owned */
  PostsealDelivery *delivery; /* owned, nullable */
  char *seal_text; /* owned: what the ledger keeps of the seal */
  char *trace; /* owned, nullable: the trace header, when the account wants one */
};

/* The conversation, over a link that was just sealed. @link: (transfer full). Each ends by calling
   _postseal_fetch_job_conclude() exactly once; errors go to _postseal_fetch_job_take_error(). */
void _postseal_fetch_imap_start (PostsealFetchJob *job, PostsealSealedLink *link);
void _postseal_fetch_pop3_start (PostsealFetchJob *job, PostsealSealedLink *link);

/* Keeps @error (transfer full) when it is graver than what is there. */
void _postseal_fetch_job_take_error (PostsealFetchJob *job, GError *error);
void _postseal_fetch_job_note (PostsealFetchJob *job, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* @mailbox: (nullable): title */
void
_postseal_fetch_job_set_activity (PostsealFetchJob *job, const char *activity, const char *mailbox);
/* After a change of the progress: the signal follows, at most ten times a second. */
void _postseal_fetch_job_progressed (PostsealFetchJob *job);

/* Opens the next message in the delivery. */
void _postseal_fetch_job_begin_message (PostsealFetchJob *job, gint64 mailbox);

/* What the ledger knows @mailbox (its title, for the server's spelling depends on what was enabled;
   "" for POP3) by: UIDs and UIDLs mean nothing on another server or for another user. The port and
   the way TLS starts may change. Returns: (transfer full) */
char *_postseal_fetch_job_get_ledger_name (PostsealFetchJob *job, const char *mailbox);

/* Messages delivered until this time may go from the server (the key "keep"). */
gint64 _postseal_fetch_job_get_due_before (PostsealFetchJob *job);

/* How the account signs in to its receiving server. Returns: (transfer full) (nullable): NULL with
   the error taken */
PostsealAuthenticator *_postseal_fetch_job_make_authenticator (PostsealFetchJob *job);

/* The conversation is over: keeps the records, closes the delivery, returns the outcome. */
void _postseal_fetch_job_conclude (PostsealFetchJob *job);

G_END_DECLS
