/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/trial-steps.h"

#include <string.h>

static const char *const kind_names[] = {
  [POSTSEAL_STEP_RESOLVE] = "resolve",
  [POSTSEAL_STEP_CONNECT] = "connect",
  [POSTSEAL_STEP_GREETING] = "greeting",
  [POSTSEAL_STEP_UPGRADE] = "upgrade",
  [POSTSEAL_STEP_TLS] = "tls",
  [POSTSEAL_STEP_CERTIFICATE] = "certificate",
  [POSTSEAL_STEP_TRUST] = "trust",
  [POSTSEAL_STEP_NAME] = "name",
  [POSTSEAL_STEP_PIN] = "pin",
  [POSTSEAL_STEP_DANE] = "dane",
  [POSTSEAL_STEP_RESUMPTION] = "resumption",
  [POSTSEAL_STEP_CAPABILITIES] = "capabilities",
  [POSTSEAL_STEP_MECHANISMS] = "mechanisms",
  [POSTSEAL_STEP_SIGN_IN] = "sign-in",
  [POSTSEAL_STEP_USE] = "use",
};

static const char *const result_names[] = {
  [POSTSEAL_TRIAL_SKIPPED] = "skipped", [POSTSEAL_TRIAL_NONE] = "none",
  [POSTSEAL_TRIAL_UNKNOWN] = "unknown", [POSTSEAL_TRIAL_OK] = "ok",
  [POSTSEAL_TRIAL_FAILED] = "failed",
};

const char *
postseal_trial_step_kind_get_name (PostsealTrialStepKind kind)
{
  return kind_names[kind];
}

const char *
postseal_trial_result_get_name (PostsealTrialResult result)
{
  return result_names[result];
}

void
postseal_trial_steps_init (PostsealTrialSteps *self, gboolean has_upgrade)
{
  memset (self, 0, sizeof *self);
  for (int i = 0; i < POSTSEAL_TRIAL_N_STEPS; i++)
    self->steps[i].took_us = -1;
  self->current = -1;
  self->has_upgrade = has_upgrade;
  self->facts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->behind = g_ptr_array_new_with_free_func (g_free);
}

void
postseal_trial_steps_clear (PostsealTrialSteps *self)
{
  for (int i = 0; i < POSTSEAL_TRIAL_N_STEPS; i++)
    g_clear_pointer (&self->steps[i].text, g_free);
  g_clear_pointer (&self->facts, g_hash_table_unref);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->behind, g_ptr_array_unref);
}

void
postseal_trial_steps_end (PostsealTrialSteps *self, PostsealTrialResult result)
{
  PostsealTrialStep *step;

  if (self->current < 0)
    return;
  step = &self->steps[self->current];
  step->result = result;
  step->took_us = g_get_monotonic_time () - step->began_us;
  self->current = -1;
}

void
postseal_trial_steps_enter (PostsealTrialSteps *self, PostsealTrialStepKind kind)
{
  if (self->current == (int)kind)
    return;
  postseal_trial_steps_end (self, POSTSEAL_TRIAL_OK);
  self->current = (int)kind;
  self->steps[kind].began_us = g_get_monotonic_time ();
}

void
postseal_trial_steps_set (PostsealTrialSteps *self,
                          PostsealTrialStepKind kind,
                          PostsealTrialResult result,
                          char *text)
{
  self->steps[kind].result = result;
  g_free (self->steps[kind].text);
  self->steps[kind].text = text;
}

/* --- what is heard --- */

/* Our first words follow the greeting. */
void
postseal_trial_steps_hear_line (PostsealTrialSteps *self, PostsealTranscriptKind kind)
{
  if (kind == POSTSEAL_TRANSCRIPT_SENT && self->current == POSTSEAL_STEP_GREETING
      && self->has_upgrade)
    postseal_trial_steps_enter (self, POSTSEAL_STEP_UPGRADE);
}

static void
take_stage (PostsealTrialSteps *self, const char *stage)
{
  static const struct
  {
    const char *stage;
    PostsealTrialStepKind kind;
  } kinds[] = {
    { "resolve", POSTSEAL_STEP_RESOLVE },  { "connect", POSTSEAL_STEP_CONNECT },
    { "upgrade", POSTSEAL_STEP_GREETING }, { "handshake", POSTSEAL_STEP_TLS },
    { "verify", POSTSEAL_STEP_TRUST },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (stage, kinds[i].stage) == 0)
      postseal_trial_steps_enter (self, kinds[i].kind);
}

/* The DNS is asked beside everything else. */
static void
take_dane (PostsealTrialSteps *self)
{
  PostsealTrialStep *step = &self->steps[POSTSEAL_STEP_DANE];

  if (step->began_us > 0)
    step->took_us = g_get_monotonic_time () - step->began_us;
}

void
postseal_trial_steps_hear_fact (PostsealTrialSteps *self, const char *name, const char *value)
{
  postseal_transcript_keep_fact (self->facts, name, value);
  if (strcmp (name, "stage") == 0)
    take_stage (self, value);
  else if (strcmp (name, "address") == 0)
    postseal_trial_steps_end (self, POSTSEAL_TRIAL_OK);
  else if (strcmp (name, "dane") == 0)
    take_dane (self);
  else if (strcmp (name, "cert-name") == 0)
    g_ptr_array_add (self->names, g_strdup (value));
  else if (strcmp (name, "cert-behind") == 0)
    g_ptr_array_add (self->behind, g_strdup (value));
}

const char *
postseal_trial_steps_get_fact (const PostsealTrialSteps *self, const char *name)
{
  return g_hash_table_lookup (self->facts, name);
}
