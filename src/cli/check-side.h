/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/capability-talk.h"
#include "cli/check-exam.h"
#include "cli/trial-steps.h"
#include "discover/probe.h"
#include "engine/account.h"

G_BEGIN_DECLS

/* One direction of an account, connected exactly as it is configured, and looked at step by step.
   Nothing is learned or written by it: what is known of the server is obeyed, and tickets of its
   sessions stay in memory. Without signing in, no command leaves that could. */
typedef struct _PostsealCheckSide PostsealCheckSide;

struct _PostsealCheckSide
{
  PostsealAccount *account; /* owned */
  gboolean is_sending;
  PostsealEndpoint *endpoint; /* borrowed from the account, likewise below */
  PostsealTlsPolicy *policy;
  gboolean signs_in;
  gboolean is_verbose; /* what is said goes to standard error */

  /* What came of it. */
  PostsealTrialSteps steps;
  char *greeting; /* owned, nullable: in clear, printable */
  PostsealSeal *seal; /* owned, nullable */
  GError *error; /* owned, nullable: why there is no seal */
  PostsealCapabilities *capabilities; /* owned, nullable: within TLS */
  GError *talk_error; /* owned, nullable: why not */
  char *ticket; /* owned, nullable: whether the second connection had one to offer; "late" where it
                   was not known yet what the DNS says */
  PostsealSeal *second_seal; /* owned, nullable */
  GError *login_error; /* owned, nullable: of signing in, and of the way there */
  GError *use_error; /* owned, nullable */
  gboolean is_signed_in;
  gboolean is_login_spared; /* the same password was refused just now */
  gint64 n_messages; /* in the mailbox; -1: not known */
  char *remark; /* owned, nullable: on the envelope */
  PostsealProbe *probe; /* owned, nullable: what else would work */
  PostsealCheckExam *exam; /* owned, nullable: what its server is seen to do otherwise */

  /* While it runs. */
  GTask *task; /* owned */
  PostsealTranscript *transcript; /* owned */
  PostsealTrial *trial; /* owned */
  gboolean is_second; /* connection */
  gboolean is_judged; /* the password has been tried, or will not be */
  gboolean is_waiting; /* for the other side to be judged */
  GSource *patience; /* owned: until a slow server is looked at beside it */
  gboolean is_examined; /* begun, at least; likewise the next */
  gboolean is_searched;
  guint n_open; /* the account's connections, and what else is asked */
  PostsealCheckSide *before; /* borrowed, nullable: the side that tries it first ... */
  PostsealCheckSide *after; /* ... and the one that waits for this */
};

/* @is_sending: a direction that @account has. @signs_in: ... and sees what the user can do there */
PostsealCheckSide *postseal_check_side_new (PostsealAccount *account,
                                            gboolean is_sending,
                                            gboolean signs_in,
                                            gboolean is_verbose);
/* Not while it runs. NULL-safe. */
void postseal_check_side_free (PostsealCheckSide *self);

/* Before they run: a password that @first has seen refused is not tried again by @second, which
   might lock the user out. */
void postseal_check_side_order (PostsealCheckSide *first, PostsealCheckSide *second);

/* Once. What goes wrong is in the struct and no error. */
void postseal_check_side_run_async (PostsealCheckSide *self,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
void postseal_check_side_run_finish (PostsealCheckSide *self, GAsyncResult *result);

/* What the steps have come to, in words, from what is known at the end. */
void postseal_check_side_describe (PostsealCheckSide *self);

G_END_DECLS
