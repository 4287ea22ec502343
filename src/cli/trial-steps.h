/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/transcript.h"

G_BEGIN_DECLS

/* What a connection goes through, step by step, with the time that each takes; heard from the
   transcript, so that the engine needs no clock of its own. */

typedef enum
{
  POSTSEAL_STEP_RESOLVE,
  POSTSEAL_STEP_CONNECT,
  POSTSEAL_STEP_GREETING,
  POSTSEAL_STEP_UPGRADE, /* STARTTLS, STLS: offered, asked for, agreed to */
  POSTSEAL_STEP_TLS, /* the handshake */
  POSTSEAL_STEP_CERTIFICATE,
  POSTSEAL_STEP_TRUST, /* who vouches */
  POSTSEAL_STEP_NAME,
  POSTSEAL_STEP_PIN,
  POSTSEAL_STEP_DANE,
  POSTSEAL_STEP_RESUMPTION,
  POSTSEAL_STEP_CAPABILITIES,
  POSTSEAL_STEP_MECHANISMS,
  POSTSEAL_STEP_SIGN_IN,
  POSTSEAL_STEP_USE, /* the mailbox; in sending, the envelope */
  POSTSEAL_TRIAL_N_STEPS,
} PostsealTrialStepKind;

typedef enum
{
  POSTSEAL_TRIAL_SKIPPED, /* not come to, or not asked for */
  POSTSEAL_TRIAL_NONE, /* there is no such thing here */
  POSTSEAL_TRIAL_UNKNOWN,
  POSTSEAL_TRIAL_OK,
  POSTSEAL_TRIAL_FAILED,
} PostsealTrialResult;

typedef struct
{
  PostsealTrialResult result;
  gint64 began_us; /* monotonic; 0: not begun */
  gint64 took_us; /* -1: not over, or nothing that takes time */
  char *text; /* owned, nullable: what came of it, for people */
} PostsealTrialStep;

typedef struct
{
  PostsealTrialStep steps[POSTSEAL_TRIAL_N_STEPS];
  int current; /* of PostsealTrialStepKind; -1: none */
  gboolean has_upgrade; /* TLS does not begin with the first byte */
  GHashTable *facts; /* owned (element-type utf8 utf8): of base/transcript.h */
  GPtrArray *names; /* owned (element-type utf8): in the certificate */
  GPtrArray *behind; /* owned (element-type utf8): certificates behind the server's */
} PostsealTrialSteps;

/* Both for what it holds. @has_upgrade: TLS does not begin with the first byte */
void postseal_trial_steps_init (PostsealTrialSteps *self, gboolean has_upgrade);
void postseal_trial_steps_clear (PostsealTrialSteps *self);

/* What the transcript tells, as it comes. */
void postseal_trial_steps_hear_line (PostsealTrialSteps *self, PostsealTranscriptKind kind);
void postseal_trial_steps_hear_fact (PostsealTrialSteps *self, const char *name, const char *value);

/* What is under way has ended well, and @kind begins. */
void postseal_trial_steps_enter (PostsealTrialSteps *self, PostsealTrialStepKind kind);
/* What is under way, if anything, ends. */
void postseal_trial_steps_end (PostsealTrialSteps *self, PostsealTrialResult result);

/* What has come of a step. @text: (transfer full) (nullable) */
void postseal_trial_steps_set (PostsealTrialSteps *self,
                               PostsealTrialStepKind kind,
                               PostsealTrialResult result,
                               char *text);

/* Returns: (transfer none) (nullable) */
const char *postseal_trial_steps_get_fact (const PostsealTrialSteps *self, const char *name);

/* Of a step, for programs: "resolve", "certificate"; of what came of it: "ok", "failed". */
const char *postseal_trial_step_kind_get_name (PostsealTrialStepKind kind);
const char *postseal_trial_result_get_name (PostsealTrialResult result);

G_END_DECLS
