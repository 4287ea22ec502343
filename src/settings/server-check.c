/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/server-check.h"

/* What is known of one side: everything in it may be used on another thread. */
typedef struct
{
  PostsealEndpoint *endpoint; /* owned, nullable: there is no such side */
  gboolean is_sealed;
  GError *error; /* owned, nullable */
  GHashTable *facts; /* owned, nullable */
  PostsealEndpoint *better; /* owned, nullable */
} Evidence;

typedef struct
{
  Evidence sides[2];
  guint n_pending;
} Work;

typedef struct
{
  GTask *task; /* owned */
  Evidence *evidence; /* borrowed: from the task's data */
} Probing;

static void
clear_evidence (Evidence *self)
{
  g_clear_pointer (&self->endpoint, postseal_endpoint_unref);
  g_clear_error (&self->error);
  g_clear_pointer (&self->facts, g_hash_table_unref);
  g_clear_pointer (&self->better, postseal_endpoint_unref);
}

static void
free_work (Work *self)
{
  clear_evidence (&self->sides[FALSE]);
  clear_evidence (&self->sides[TRUE]);
  g_free (self);
}

void
postseal_server_check_free (PostsealServerCheck *self)
{
  g_clear_pointer (&self->sides[FALSE].trouble, postseal_trouble_free);
  g_clear_pointer (&self->sides[TRUE].trouble, postseal_trouble_free);
  g_free (self);
}

gboolean
postseal_server_check_is_proven (const PostsealServerCheck *self)
{
  const PostsealServerVerdict *sides = self->sides;

  return (sides[FALSE].exists || sides[TRUE].exists)
         && (!sides[FALSE].exists || sides[FALSE].is_sealed)
         && (!sides[TRUE].exists || sides[TRUE].is_sealed);
}

gboolean
postseal_server_check_is_offline (const PostsealServerCheck *self)
{
  gboolean has_trouble = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (self->sides); i++)
    {
      const PostsealTrouble *trouble = self->sides[i].trouble;

      if (trouble != NULL && trouble->kind != POSTSEAL_TROUBLE_NO_NETWORK)
        return FALSE;
      has_trouble = has_trouble || trouble != NULL;
    }
  return has_trouble;
}

const PostsealTrouble *
postseal_server_check_get_trouble (const PostsealServerCheck *self)
{
  return self->sides[FALSE].trouble != NULL ? self->sides[FALSE].trouble
                                            : self->sides[TRUE].trouble;
}

/* --- the verdict: reads small files, so on a thread of its own --- */

static void
judge_side (const Evidence *evidence, gboolean sending, PostsealServerVerdict *verdict)
{
  verdict->exists = evidence->endpoint != NULL;
  verdict->is_sealed = evidence->is_sealed;
  if (evidence->error == NULL)
    return;
  verdict->trouble = postseal_trouble_new (evidence->error, NULL, evidence->endpoint,
                                           evidence->facts, evidence->better);
  verdict->trouble->is_sending = sending;
}

static void
judge (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Work *work = task_data;
  PostsealServerCheck *check = g_new0 (PostsealServerCheck, 1);

  judge_side (&work->sides[FALSE], FALSE, &check->sides[FALSE]);
  judge_side (&work->sides[TRUE], TRUE, &check->sides[TRUE]);
  g_task_return_pointer (task, check, (GDestroyNotify)postseal_server_check_free);
}

static void
settle_side (GTask *task)
{
  Work *work = g_task_get_task_data (task);

  work->n_pending--;
  if (work->n_pending == 0 && !g_task_return_error_if_cancelled (task))
    g_task_run_in_thread (task, judge);
}

/* --- the evidence --- */

static void
take_probe (Evidence *evidence, const PostsealProbe *probe)
{
  evidence->is_sealed = probe->seal != NULL;
  if (probe->error != NULL)
    evidence->error = g_error_copy (probe->error);
  if (probe->facts != NULL)
    evidence->facts = g_hash_table_ref (probe->facts);
  if (probe->better != NULL)
    evidence->better = postseal_endpoint_ref (probe->better);
}

static void
on_probe (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Probing *probing = user_data;
  g_autoptr (GTask) task = probing->task;
  g_autoptr (PostsealProbe) probe = postseal_probe_finish (result, NULL);

  if (probe != NULL)
    take_probe (probing->evidence, probe);
  g_free (probing);
  settle_side (task);
}

static gboolean
is_same (const PostsealEndpoint *a, const PostsealEndpoint *b)
{
  return a->protocol == b->protocol && a->start == b->start && a->port == b->port
         && g_str_equal (a->host, b->host);
}

static void
begin_side (GTask *task,
            Evidence *evidence,
            PostsealEndpoint *endpoint,
            PostsealTlsPolicy *policy,
            const PostsealProbe *known,
            guint limit_ms)
{
  Probing *probing;

  if (endpoint == NULL)
    {
      settle_side (task);
      return;
    }
  evidence->endpoint = postseal_endpoint_ref (endpoint);
  if (known != NULL)
    {
      take_probe (evidence, known);
      settle_side (task);
      return;
    }
  probing = g_new0 (Probing, 1);
  probing->task = g_object_ref (task);
  probing->evidence = evidence;
  postseal_probe_async (endpoint, policy, limit_ms, g_task_get_cancellable (task), on_probe,
                        probing);
}

/* A probe says nothing about another server, nor where others vouch. */
static const PostsealProbe *
choose_known (const PostsealEndpoint *endpoint,
              const PostsealTlsPolicy *policy,
              const PostsealEndpoint *probed,
              const PostsealProbe *probe)
{
  if (endpoint == NULL || probed == NULL || probe == NULL || !is_same (endpoint, probed)
      || g_strcmp0 (policy->ca_file, probe->ca_file) != 0 || policy->pins != NULL)
    return NULL;
  return probe;
}

void
postseal_server_check_async (PostsealAccount *account,
                             const PostsealProposal *known,
                             guint limit_ms,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Work *work = g_new0 (Work, 1);
  const PostsealProbe *receive = NULL;
  const PostsealProbe *send = NULL;

  g_return_if_fail (account != NULL);

  g_task_set_source_tag (task, postseal_server_check_async);
  g_task_set_task_data (task, work, (GDestroyNotify)free_work);
  if (known != NULL)
    {
      receive = choose_known (account->receive, account->receive_policy, known->receive,
                              known->receive_probe);
      send = choose_known (account->send, account->send_policy, known->send, known->send_probe);
    }
  work->n_pending = 2;
  begin_side (task, &work->sides[FALSE], account->receive, account->receive_policy, receive,
              limit_ms);
  begin_side (task, &work->sides[TRUE], account->send, account->send_policy, send, limit_ms);
}

PostsealServerCheck *
postseal_server_check_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
