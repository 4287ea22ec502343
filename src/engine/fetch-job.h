/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "base/transcript.h"
#include "engine/account.h"
#include "engine/servers.h"

G_BEGIN_DECLS

/* One retrieval run of one account: dial, sign in, list, stream into the delivery, delete what may
   go. All of it once is a round; a job that stays makes many. */
#define POSTSEAL_TYPE_FETCH_JOB (postseal_fetch_job_get_type ())
G_DECLARE_FINAL_TYPE (PostsealFetchJob, postseal_fetch_job, POSTSEAL, FETCH_JOB, GObject)

typedef struct
{
  guint64 messages_total; /* to fetch in this run, as far as listed */
  guint64 messages_done; /* durable */
  guint64 bytes_total; /* announced */
  guint64 bytes_done; /* received */
  guint64 deleted; /* on the server, confirmed */
  guint64 failed; /* wanted, not delivered; they stay on the server */
  const char *activity; /* untranslated word: "connecting", "signing in", "listing", "fetching",
                           "settling", "done" */
  const char *mailbox; /* title of the one being fetched, or NULL */
} PostsealFetchProgress;

/* @transcript: (nullable) */
PostsealFetchJob *postseal_fetch_job_new (PostsealAccount *account, PostsealTranscript *transcript);

/* Returns: (transfer none) */
PostsealAccount *postseal_fetch_job_get_account (PostsealFetchJob *self);
/* Valid as long as the job; changes as it goes on. Returns: (transfer none) */
const PostsealFetchProgress *postseal_fetch_job_get_progress (PostsealFetchJob *self);
PostsealSeal *postseal_fetch_job_get_seal (PostsealFetchJob *self); /* NULL before sealed */
/* Sentences worth telling that are no errors: recovery notes, ALERTs, UIDVALIDITY changes, one
   refused message. Of the last round, and what came after it. Returns: (transfer none)
   (element-type utf8) */
const GPtrArray *postseal_fetch_job_get_notes (PostsealFetchJob *self);

/* Signal "progress" (no arguments): the progress changed; at most some times a second. */

/* --- a job that stays: after everything was fetched it waits for news, on the same connection ---
 */

/* Before it runs. IMAP only, and only as long as the server has IDLE: without it the job ends after
   its first round. While it waits the activity is "watching".
   @servers: (nullable): what further connections to the server are taken from; one is taken already
   for the job's own by its caller. */
void postseal_fetch_job_set_stay (PostsealFetchJob *self, PostsealServers *servers);

/* What one round brought: everything was looked at, or what there was news about. */
typedef struct
{
  guint64 delivered;
  guint64 deleted;
  guint64 failed;
  guint64 bytes;
  const GError *error; /* (nullable): the gravest thing in it; also what ended the job */
} PostsealFetchRound;

/* Signal "round" (gpointer PostsealFetchRound): a round has ended, also the last one; what the
   progress counts, and the notes, begin anew after it when another one can follow. A job that ends
   before it was signed in, or while it waited, had no round.
   Signal "arrived" (const char *mailbox, guint count, GStrv files): new mail is durable; files: at
   most 100, of a Maildir. For every job, staying or not, before its "round". */

/* Looks at everything once more, soon: ends the wait, or follows on what is under way. A "round"
   that begins after this call ends with a signal. POP3 has one round only (a maildrop is listed
   once, RFC 1939 section 5): it is for a job that stays. */
void postseal_fetch_job_look (PostsealFetchJob *self);
/* Ends it in good order, without an error, once what is under way is durable (at most the messages
   that have been asked for). Works for jobs that do not stay, too. */
void postseal_fetch_job_leave (PostsealFetchJob *self);
/* The connection may be dead (network change, sleep): it has to show within @limit_ms that it is
   not, or the job ends with %POSTSEAL_NET_ERROR_TIMEOUT; one that is still connecting has to be
   connected by then. Nothing happens while data flow. POP3 jobs are short: their own time-outs do.
 */
void postseal_fetch_job_probe (PostsealFetchJob *self, guint limit_ms);

/* Titles of the mailboxes whose changes the server tells of at once; empty unless it stays.
   Returns: (transfer none) (array zero-terminated=1) */
const char *const *postseal_fetch_job_get_watched (PostsealFetchJob *self);
/* Seconds that a POP3 server wants between log-ins (LOGIN-DELAY, RFC 2449 section 6.5), 0: none. */
guint postseal_fetch_job_get_login_delay (PostsealFetchJob *self);

/* Runs once. Errors: the gravest thing that kept a wanted message from arriving or an allowed
   deletion from happening; everything else was done all the same. postseal_outcome_exit_status()
   knows them all. For a job that stays: what ended the conversation; the rest was told with the
   rounds. */
void postseal_fetch_job_run_async (PostsealFetchJob *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean
postseal_fetch_job_run_finish (PostsealFetchJob *self, GAsyncResult *result, GError **error);

/* What the last run left in the account's state directory for "postseal status" (blocking, small
   file): key file "last-run" with time, status, error text, counts, and the seal. */

G_END_DECLS
