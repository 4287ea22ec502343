/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/live-test.h"

#include "engine/trial.h"
#include "setup/test-report-private.h"
#include "setup/test-side-private.h"

enum
{
  RECEIVING,
  SENDING,
  N_SIDES,
};

struct _PostsealLiveTest
{
  GObject parent_instance;

  PostsealAccount *account; /* owned */
  PostsealCredential *secret; /* owned, or NULL: until the end */
  PostsealTestSide *sides[N_SIDES]; /* owned; NULL: the account has no such direction */
  GListStore *steps; /* owned */

  GTask *task; /* owned while it runs; holds this */
  guint n_running; /* sides */
  gboolean has_run;
  gboolean is_passed;
  char *report; /* owned, or NULL: from the end on */
};

G_DEFINE_FINAL_TYPE (PostsealLiveTest, postseal_live_test, G_TYPE_OBJECT)

static void
add_side (PostsealLiveTest *self, gboolean sending)
{
  GPtrArray *steps;

  self->sides[sending] = _postseal_test_side_new (self->account, sending, self->secret);
  steps = _postseal_test_side_get_steps (self->sides[sending]);
  g_list_store_splice (self->steps, g_list_model_get_n_items (G_LIST_MODEL (self->steps)), 0,
                       steps->pdata, steps->len);
}

PostsealLiveTest *
postseal_live_test_new (PostsealAccount *account, PostsealCredential *secret)
{
  PostsealLiveTest *self;

  g_return_val_if_fail (account != NULL, NULL);

  self = g_object_new (POSTSEAL_TYPE_LIVE_TEST, NULL);
  self->account = postseal_account_ref (account);
  self->secret = secret != NULL ? postseal_credential_ref (secret) : NULL;
  if (account->receive != NULL)
    add_side (self, RECEIVING);
  if (account->send != NULL)
    add_side (self, SENDING);
  return self;
}

GListModel *
postseal_live_test_get_steps (PostsealLiveTest *self)
{
  g_return_val_if_fail (POSTSEAL_IS_LIVE_TEST (self), NULL);
  return G_LIST_MODEL (self->steps);
}

/* --- running --- */

/* Whoever shows the test keeps it as long as its page is open. The report is the last one to need
   the secrets. */
static void
forget_secrets (PostsealLiveTest *self)
{
  self->report = _postseal_test_report_make (self->account, self->sides, self->secret);
  for (int i = 0; i < N_SIDES; i++)
    if (self->sides[i] != NULL)
      _postseal_test_side_forget_secrets (self->sides[i]);
  g_clear_pointer (&self->secret, postseal_credential_unref);
}

static void
end_side (PostsealLiveTest *self, int side, GAsyncResult *result)
{
  g_autoptr (GTask) task = NULL;

  self->is_passed &= _postseal_test_side_run_finish (self->sides[side], result, NULL);
  if (--self->n_running > 0)
    return;
  forget_secrets (self);
  task = g_steal_pointer (&self->task);
  if (!g_task_return_error_if_cancelled (task))
    g_task_return_boolean (task, self->is_passed);
}

static void
on_receiving_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  end_side (user_data, RECEIVING, result);
}

static void
on_sending_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  end_side (user_data, SENDING, result);
}

static void
on_receiving_judged (gboolean is_refused, gpointer user_data)
{
  PostsealLiveTest *self = user_data;

  _postseal_test_side_release (self->sides[SENDING], is_refused);
}

/* What was typed may be wrong: one server is to tell, not two, which might lock the account. */
static void
put_in_order (PostsealLiveTest *self)
{
  if (self->secret == NULL || self->sides[RECEIVING] == NULL || self->sides[SENDING] == NULL
      || !postseal_trial_signs_in (self->account, TRUE))
    return;
  _postseal_test_side_hold (self->sides[SENDING]);
  _postseal_test_side_set_judged_func (self->sides[RECEIVING], on_receiving_judged, self);
}

void
postseal_live_test_run_async (PostsealLiveTest *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  static const GAsyncReadyCallback ended[] = { on_receiving_ended, on_sending_ended };
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (POSTSEAL_IS_LIVE_TEST (self));
  g_return_if_fail (!self->has_run);

  self->has_run = TRUE;
  self->is_passed = TRUE;
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_live_test_run_async);
  put_in_order (self);
  for (int i = 0; i < N_SIDES; i++)
    self->n_running += self->sides[i] != NULL;
  if (self->n_running == 0)
    {
      forget_secrets (self);
      g_task_return_boolean (task, TRUE);
      return;
    }
  self->task = g_steal_pointer (&task);
  for (int i = 0; i < N_SIDES; i++)
    if (self->sides[i] != NULL)
      _postseal_test_side_run_async (self->sides[i], cancellable, ended[i], self);
}

gboolean
postseal_live_test_run_finish (PostsealLiveTest *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- what came of it --- */

const PostsealTrouble *
postseal_live_test_get_trouble (PostsealLiveTest *self, gboolean sending)
{
  PostsealTestSide *side;

  g_return_val_if_fail (POSTSEAL_IS_LIVE_TEST (self), NULL);

  side = self->sides[sending ? SENDING : RECEIVING];
  return side != NULL ? _postseal_test_side_get_trouble (side) : NULL;
}

PostsealSeal *
postseal_live_test_get_seal (PostsealLiveTest *self, gboolean sending)
{
  PostsealTestSide *side;

  g_return_val_if_fail (POSTSEAL_IS_LIVE_TEST (self), NULL);

  side = self->sides[sending ? SENDING : RECEIVING];
  return side != NULL ? _postseal_test_side_get_seal (side) : NULL;
}

char *
postseal_live_test_get_report (PostsealLiveTest *self)
{
  g_return_val_if_fail (POSTSEAL_IS_LIVE_TEST (self), NULL);
  if (self->report != NULL)
    return g_strdup (self->report);
  return _postseal_test_report_make (self->account, self->sides, self->secret);
}

/* --- GObject --- */

static void
postseal_live_test_finalize (GObject *object)
{
  PostsealLiveTest *self = POSTSEAL_LIVE_TEST (object);

  for (int i = 0; i < N_SIDES; i++)
    _postseal_test_side_free (self->sides[i]);
  g_clear_pointer (&self->secret, postseal_credential_unref);
  g_free (self->report);
  g_object_unref (self->steps);
  postseal_account_unref (self->account);
  G_OBJECT_CLASS (postseal_live_test_parent_class)->finalize (object);
}

static void
postseal_live_test_init (PostsealLiveTest *self)
{
  self->steps = g_list_store_new (POSTSEAL_TYPE_TEST_STEP);
}

static void
postseal_live_test_class_init (PostsealLiveTestClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = postseal_live_test_finalize;
}
