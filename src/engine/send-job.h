/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "base/transcript.h"
#include "engine/account.h"

G_BEGIN_DECLS

/* One run that sends what waits in the outbox for one account: lock, dial, sign in, a window of
   messages at a time, results into the index, reports of failure into the account's sink. */
#define POSTSEAL_TYPE_SEND_JOB (postseal_send_job_get_type ())
G_DECLARE_FINAL_TYPE (PostsealSendJob, postseal_send_job, POSTSEAL, SEND_JOB, GObject)

typedef enum
{
  POSTSEAL_SEND_DUE, /* what is due; a paused account (log-in refused) is left alone */
  POSTSEAL_SEND_WAITING, /* each message once now, whatever its back-off; a pause does not count */
  POSTSEAL_SEND_CHOSEN, /* only those named, once now, likewise */
} PostsealSendScope;

typedef struct
{
  guint64 messages_total; /* to be tried in this run, as far as known */
  guint64 messages_done; /* tried, whatever came of it */
  guint64 sent; /* accepted for all recipients that were left */
  guint64 delayed; /* to be tried again: queued, in doubt, blocked */
  guint64 failed; /* failed or bounced */
  guint64 bytes_total; /* of the message being sent */
  guint64 bytes_done;
  const char *activity; /* untranslated word: "connecting", "signing in", "sending", "done" */
} PostsealSendProgress;

/* What became of one message, as it becomes known. Everything is borrowed. */
typedef struct
{
  const char *id;
  const char *state; /* postseal_outbox_state_name() */
  guint code; /* the server's final reply, 0: none */
  const char *text; /* (nullable): the server's reply with its code, or the reason */
  const GError *error; /* (nullable): NULL when it was sent to all */
} PostsealSendReport;

/* @ids: (array zero-terminated=1) (nullable): for POSTSEAL_SEND_CHOSEN. @transcript: (nullable) */
PostsealSendJob *postseal_send_job_new (PostsealAccount *account,
                                        PostsealSendScope scope,
                                        const char *const *ids,
                                        PostsealTranscript *transcript);

/* Returns: (transfer none) */
PostsealAccount *postseal_send_job_get_account (PostsealSendJob *self);
/* Valid as long as the job; changes as it goes on. Returns: (transfer none) */
const PostsealSendProgress *postseal_send_job_get_progress (PostsealSendJob *self);
PostsealSeal *postseal_send_job_get_seal (PostsealSendJob *self); /* NULL before sealed */
/* Sentences worth telling that are no errors. Returns: (transfer none) (element-type utf8) */
const GPtrArray *postseal_send_job_get_notes (PostsealSendJob *self);

/* Signal "progress" (no arguments): at most some times a second.
   Signal "message" (gpointer PostsealSendReport): one message was tried and its outcome is durable.
 */

/**
 * postseal_send_job_run_async:
 *
 * Runs once. Another sender of the same account is no error for POSTSEAL_SEND_DUE (it will do the
 * work), else %POSTSEAL_LOCK_ERROR_BUSY. After the lock is released the queue is looked at once
 * more and the work goes on where something came meanwhile, so that no message waits for a sender
 * that was just leaving.
 *
 * Errors: the gravest of the run: of the connection as in a fetch; POSTSEAL_SEND_ERROR for
 * messages.
 */
void postseal_send_job_run_async (PostsealSendJob *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean postseal_send_job_run_finish (PostsealSendJob *self, GAsyncResult *result, GError **error);

/* Ends it in good order: no further message is begun, and what is not begun stays as it is.
   Returns: TRUE when messages are on their way, whose answers it still waits for; else its
   cancellable may be cancelled, and no message is in doubt by that */
gboolean postseal_send_job_leave (PostsealSendJob *self);

#define POSTSEAL_SEND_ERROR (postseal_send_error_quark ())
GQuark postseal_send_error_quark (void);
typedef enum
{
  POSTSEAL_SEND_ERROR_REFUSED, /* 5yz: for good, for at least one recipient (69) */
  POSTSEAL_SEND_ERROR_LATER, /* 4yz: it stays queued (75) */
  POSTSEAL_SEND_ERROR_IN_DOUBT, /* it may have been accepted (75) */
  POSTSEAL_SEND_ERROR_UNFIT, /* the server cannot carry it: SMTPUTF8, 8BITMIME, SIZE ... (65) */
} PostsealSendError;

G_END_DECLS
