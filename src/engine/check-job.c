/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/check-job.h"

#include "engine/advice.h"
#include "engine/outcome.h"
#include "engine/trial.h"

typedef struct
{
  PostsealAccount *account; /* owned */
  PostsealTrial *trial; /* owned */
} Check;

static void
free_check (gpointer data)
{
  Check *self = data;

  postseal_trial_free (self->trial);
  postseal_account_unref (self->account);
  g_free (self);
}

static GVariant *
describe (const Check *self, const GError *error)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  g_auto (PostsealAdvice) advice = postseal_advice_for (error, self->account);
  char *sentence = g_utf8_make_valid (error != NULL ? error->message : "", -1);

  g_variant_dict_insert (&dict, "status", "i", postseal_outcome_exit_status (error));
  g_variant_dict_insert_value (&dict, "error", g_variant_new_take_string (sentence));
  g_variant_dict_insert (&dict, "advice", "s", advice.sentence);
  g_variant_dict_insert_value (&dict, "seal",
                               postseal_seal_to_variant (postseal_trial_get_seal (self->trial)));
  return g_variant_dict_end (&dict);
}

/* @error: (transfer full) (nullable) */
static void
conclude (GTask *task, GError *error)
{
  Check *self = g_task_get_task_data (task);
  g_autoptr (GError) owned = error;

  postseal_trial_leave (self->trial);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&owned));
  else
    g_task_return_pointer (task, g_variant_ref_sink (describe (self, error)),
                           (GDestroyNotify)g_variant_unref);
}

static void
on_signed_in (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *self = g_task_get_task_data (task);
  GError *error = NULL;

  postseal_trial_sign_in_finish (self->trial, result, &error);
  conclude (task, error);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (postseal_trial_connect_finish (self->trial, result, &error))
    postseal_trial_sign_in_async (self->trial, g_task_get_cancellable (task), on_signed_in,
                                  g_object_ref (task));
  else
    conclude (task, error);
}

void
postseal_check_async (PostsealAccount *account,
                      gboolean sending,
                      PostsealTranscript *transcript,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Check *self;

  g_return_if_fail (account != NULL);
  g_return_if_fail ((sending ? account->send : account->receive) != NULL);

  self = g_new0 (Check, 1);
  self->account = postseal_account_ref (account);
  self->trial = postseal_trial_new (account, sending, NULL, transcript);
  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_check_async);
  g_task_set_task_data (task, self, free_check);
  postseal_trial_connect_async (self->trial, cancellable, on_connected, g_object_ref (task));
}

GVariant *
postseal_check_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
