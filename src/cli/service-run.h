/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/options.h"
#include "engine/service.h"
#include "net/seal.h"

G_BEGIN_DECLS

/* Requests to the service for several accounts at the same time, in the foreground, until the last
   is answered: progress on a terminal, transcripts with --verbose, an interrupt that ends the work
   in good order or, where a daemon does it, the waiting. */
typedef struct _PostsealServiceRun PostsealServiceRun;

typedef enum
{
  POSTSEAL_SERVICE_RUN_PROGRESS, /* drawn where standard error is a terminal */
  POSTSEAL_SERVICE_RUN_VERBOSE, /* transcripts on standard error instead */
  POSTSEAL_SERVICE_RUN_SILENT, /* neither */
} PostsealServiceRunDisplay;

/* One request. All but the account is known when it has ended. */
typedef struct
{
  char *account; /* owned */
  gpointer plan; /* the caller's */
  int status; /* exit status */
  char *error; /* owned, or NULL: one sentence */
  char **notes; /* owned */
  GVariant *details; /* owned: a{sv}: of FETCH the answer, of QUEUE_FLUSH that about the account;
                        empty when there was none */
} PostsealErrand;

/* A number ("t") of the details, 0 when it is not there. */
guint64 postseal_errand_get_count (const PostsealErrand *self, const char *key);

/* The seal of the details. Returns: (transfer full) (nullable) */
PostsealSeal *postseal_errand_get_seal (const PostsealErrand *self);

/* The errand has ended, and the progress is hidden: anything can be printed. */
typedef void (*PostsealServiceRunEndedFunc) (const PostsealErrand *errand, gpointer user_data);

/* Asked again and again while another program has the account. Returns: TRUE when the errand need
   not be done any more: then it ends without an error */
typedef gboolean (*PostsealServiceRunNeedlessFunc) (const PostsealErrand *errand,
                                                    gpointer user_data);

/* @options: borrowed. Returns: (transfer full) */
PostsealServiceRun *postseal_service_run_new (const PostsealOptions *options,

                                              PostsealServiceRequest request,
                                              PostsealServiceRunDisplay display);
void postseal_service_run_free (PostsealServiceRun *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealServiceRun, postseal_service_run_free)

/* Who does it. Made at the first call. Returns: (transfer none) */
PostsealService *postseal_service_run_get_service (PostsealServiceRun *self);

/* @arguments: (nullable): of the request, floating, without "account" and "transcript". @plan:
   (nullable): borrowed */
void postseal_service_run_add (PostsealServiceRun *self,
                               const char *account,
                               GVariant *arguments,
                               gpointer plan);

/* For a run of one errand. Its user data is that of the run. */
void postseal_service_run_set_needless (PostsealServiceRun *self,
                                        PostsealServiceRunNeedlessFunc needless);

/**
 * postseal_service_run_execute:
 * @ended: (nullable): called once for each errand
 *
 * Runs them all, in a main loop of its own. SIGINT and SIGTERM cancel them; a second one ends the
 * program as if nobody had listened.
 *
 * Returns: the gravest exit status
 */
int postseal_service_run_execute (PostsealServiceRun *self,
                                  PostsealServiceRunEndedFunc ended,
                                  gpointer user_data);

/* Before anything is printed while it runs. */
void postseal_service_run_hide_progress (PostsealServiceRun *self);

/* Notes and error on standard error, one line each, "postseal: ACCOUNT: …". */
void postseal_service_run_print_troubles (const PostsealErrand *errand);

/* In the order in which they were added. Returns: (element-type PostsealErrand) */
const GPtrArray *postseal_service_run_get_errands (PostsealServiceRun *self);

G_END_DECLS
