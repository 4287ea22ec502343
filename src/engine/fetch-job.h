/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "base/transcript.h"
#include "engine/account.h"

G_BEGIN_DECLS

/* One retrieval run of one account: dial, sign in, list, stream into the delivery, delete what may
 * go. */
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
   refused message. Returns: (transfer none) (element-type utf8) */
const GPtrArray *postseal_fetch_job_get_notes (PostsealFetchJob *self);

/* Signal "progress" (no arguments): the progress changed; at most some times a second. */

/* Runs once. Errors: the gravest thing that kept a wanted message from arriving or an allowed
   deletion from happening; everything else was done all the same. postseal_outcome_exit_status()
   knows them all. */
void postseal_fetch_job_run_async (PostsealFetchJob *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean
postseal_fetch_job_run_finish (PostsealFetchJob *self, GAsyncResult *result, GError **error);

/* What the last run left in the account's state directory for "postseal status" (blocking, small
   file): key file "last-run" with time, status, error text, counts, and the seal. */

G_END_DECLS
