/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/discovery.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"
#include "base/loop.h"
#include "discover/probe-board-private.h"
#include "discover/probe-dial-private.h"
#include "discover/ranking-private.h"
#include "discover/source-private.h"

typedef enum
{
  DISCOVERY_NEW,
  DISCOVERY_RUNNING,
  DISCOVERY_DONE,
} DiscoveryState;

enum
{
  SIGNAL_SOURCE_CHANGED,
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

struct _PostsealDiscovery
{
  GObject parent_instance;

  char *address; /* owned */
  gboolean may_ask_list;
  DiscoveryState state;
  PostsealSearchContext *context; /* owned while it runs */
  char *ca_file; /* owned, nullable: of discovery.conf */
  guint timeout_ms; /* of discovery.conf */
  PostsealSourceState source_states[POSTSEAL_N_SOURCES];
  GPtrArray *proposals[POSTSEAL_N_SOURCES]; /* owned PostsealProposal: best first */
  PostsealProbeBoard *board; /* owned */

  GTask *task; /* owned while it runs */
  GCancellable *stop; /* owned: ends the sources */
  GSource *deadline; /* owned */
  GSource *cancelled; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealDiscovery, postseal_discovery, G_TYPE_OBJECT)

static void evaluate (PostsealDiscovery *self);

/* --- what has come in --- */

static void
set_source (PostsealDiscovery *self,
            PostsealSource source,
            PostsealSourceState state,
            const char *text)
{
  self->source_states[source] = state;
  g_signal_emit (self, signals[SIGNAL_SOURCE_CHANGED], 0, (guint)source, (guint)state, text);
}

/* Nothing is sent to a foreign host before the user agrees (RFC 8314 section 5.1). */
static void
ask_for_probes (PostsealDiscovery *self, PostsealProposal *proposal)
{
  if (proposal->foreign_host != NULL)
    return;
  if (proposal->receive_probe == NULL)
    _postseal_probe_board_ask (self->board, proposal->receive);
  if (proposal->send_probe == NULL)
    _postseal_probe_board_ask (self->board, proposal->send);
}

static void
fill_in (PostsealProbeBoard *board, const PostsealEndpoint *endpoint, PostsealProbe **probe)
{
  const PostsealProbe *known = _postseal_probe_board_get (board, endpoint);

  if (*probe == NULL && known != NULL)
    *probe = _postseal_probe_copy (known);
}

static void
fill_in_both (PostsealProbeBoard *board, PostsealProposal *proposal)
{
  fill_in (board, proposal->receive, &proposal->receive_probe);
  fill_in (board, proposal->send, &proposal->send_probe);
}

/* Servers that have no TLS are told of, not proposed. */
static void
drop_in_clear (PostsealDiscovery *self, PostsealSource source)
{
  GPtrArray *proposals = self->proposals[source];
  g_autofree char *text = NULL;

  for (guint i = proposals->len; i > 0; i--)
    {
      const PostsealEndpoint *endpoint
          = _postseal_ranking_find_in_clear (g_ptr_array_index (proposals, i - 1));

      if (endpoint == NULL)
        continue;
      g_free (text);
      text = _postseal_source_describe_in_clear (endpoint);
      g_ptr_array_remove_index (proposals, i - 1);
    }
  if (text != NULL && proposals->len == 0)
    set_source (self, source, POSTSEAL_SOURCE_IN_CLEAR, text);
}

static void
take_probes (PostsealDiscovery *self)
{
  for (guint source = 0; source < POSTSEAL_N_SOURCES; source++)
    {
      GPtrArray *proposals = self->proposals[source];

      for (guint i = 0; i < proposals->len; i++)
        {
          PostsealProposal *proposal = g_ptr_array_index (proposals, i);

          if (proposal->foreign_host == NULL)
            fill_in_both (self->board, proposal);
        }
      drop_in_clear (self, source);
    }
}

static void
on_probed (gpointer endpoint, gpointer user_data)
{
  g_autoptr (PostsealDiscovery) self = g_object_ref (user_data);

  if (self->state != DISCOVERY_RUNNING)
    return;
  take_probes (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  evaluate (self);
}

/* --- the end --- */

static GTask *
stop_all (PostsealDiscovery *self)
{
  self->state = DISCOVERY_DONE;
  postseal_loop_clear (&self->deadline);
  postseal_loop_clear (&self->cancelled);
  g_cancellable_cancel (self->stop);
  _postseal_probe_board_stop (self->board);
  g_clear_pointer (&self->context, _postseal_search_context_unref);
  return g_steal_pointer (&self->task);
}

static void
finish (PostsealDiscovery *self, PostsealSourceState left, const char *text)
{
  g_autoptr (GTask) task = stop_all (self);

  for (guint source = 0; source < POSTSEAL_N_SOURCES; source++)
    if (self->source_states[source] == POSTSEAL_SOURCE_ASKED)
      set_source (self, source, left, text);
  g_task_return_pointer (task, postseal_discovery_get_proposals (self),
                         (GDestroyNotify)g_ptr_array_unref);
}

static gboolean
on_deadline (gpointer user_data)
{
  g_autoptr (PostsealDiscovery) self = g_object_ref (user_data);

  finish (self, POSTSEAL_SOURCE_FAILED, _ ("No answer in time"));
  return G_SOURCE_REMOVE;
}

static void
set_deadline (PostsealDiscovery *self, guint ms)
{
  postseal_loop_clear (&self->deadline);
  self->deadline = postseal_loop_add_timeout (ms, on_deadline, self);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (PostsealDiscovery) self = g_object_ref (user_data);
  g_autoptr (GTask) task = stop_all (self);

  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

/* Ends as soon as nothing that is still to come could be better. */
static void
evaluate (PostsealDiscovery *self)
{
  for (guint source = 0; source < POSTSEAL_N_SOURCES && self->state == DISCOVERY_RUNNING; source++)
    {
      GPtrArray *proposals = self->proposals[source];
      PostsealProposal *first = proposals->len > 0 ? g_ptr_array_index (proposals, 0) : NULL;

      if (self->source_states[source] == POSTSEAL_SOURCE_ASKED)
        return;
      if (first == NULL)
        continue;
      if (_postseal_ranking_is_good (first))
        break;
      if (_postseal_ranking_is_pending (first))
        return;
    }
  if (self->state == DISCOVERY_RUNNING)
    finish (self, POSTSEAL_SOURCE_SKIPPED, _ ("Not needed any more"));
}

/* --- asking --- */

typedef void (*AskSource) (PostsealSearchContext *context,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);

static const AskSource sources[POSTSEAL_N_SOURCES] = {
  [POSTSEAL_SOURCE_PROVIDER] = _postseal_source_provider_async,
  [POSTSEAL_SOURCE_KNOWN] = _postseal_source_known_async,
  [POSTSEAL_SOURCE_DNS] = _postseal_source_dns_async,
  [POSTSEAL_SOURCE_LIST] = _postseal_source_list_async,
  [POSTSEAL_SOURCE_MX] = _postseal_source_mx_async,
  [POSTSEAL_SOURCE_GUESS] = _postseal_source_guess_async,
};

/* For a callback. */
typedef struct
{
  PostsealDiscovery *self; /* owned */
  PostsealSource source;
} Question;

static void ask (PostsealDiscovery *self, PostsealSource source);

/* Whoever is well known has all its names here, and what its mail exchanger is called or may be
   listening at tells no more. */
static void
ask_the_vague (PostsealDiscovery *self)
{
  static const PostsealSource vague[] = { POSTSEAL_SOURCE_MX, POSTSEAL_SOURCE_GUESS };
  gboolean is_known = self->source_states[POSTSEAL_SOURCE_KNOWN] == POSTSEAL_SOURCE_FOUND;

  for (gsize i = 0; i < G_N_ELEMENTS (vague); i++)
    if (is_known)
      set_source (self, vague[i], POSTSEAL_SOURCE_SKIPPED, _ ("Not needed"));
    else
      ask (self, vague[i]);
}

static void
take_answer (PostsealDiscovery *self, PostsealSource source, PostsealSourceAnswer *answer)
{
  g_ptr_array_extend_and_steal (self->proposals[source], g_ptr_array_ref (answer->proposals));
  set_source (self, source, answer->state, answer->text);
  if (self->state != DISCOVERY_RUNNING)
    return;
  for (guint i = 0; i < self->proposals[source]->len; i++)
    ask_for_probes (self, g_ptr_array_index (self->proposals[source], i));
  take_probes (self); /* another source may have named the same servers before */
  if (source == POSTSEAL_SOURCE_KNOWN)
    ask_the_vague (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  if (self->state == DISCOVERY_RUNNING)
    evaluate (self);
}

static void
on_answer (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (PostsealDiscovery) self = question->self;
  g_autoptr (PostsealSourceAnswer) answer = _postseal_source_ask_finish (result, NULL);

  if (answer != NULL && self->state == DISCOVERY_RUNNING
      && self->source_states[question->source] == POSTSEAL_SOURCE_ASKED)
    take_answer (self, question->source, answer);
  g_free (question);
}

static void
ask (PostsealDiscovery *self, PostsealSource source)
{
  Question *question = NULL;

  if (self->state != DISCOVERY_RUNNING)
    return;
  question = g_new0 (Question, 1);
  question->self = g_object_ref (self);
  question->source = source;
  sources[source](self->context, self->stop, on_answer, question);
}

static void
load_context (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_task_return_pointer (task, _postseal_search_context_new (task_data),
                         (GDestroyNotify)_postseal_search_context_unref);
}

static void
on_context_loaded (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealDiscovery) self = user_data;
  g_autoptr (PostsealSearchContext) context = g_task_propagate_pointer (G_TASK (result), NULL);

  if (context == NULL || self->state != DISCOVERY_RUNNING)
    return;
  set_deadline (self, context->settings->timeout_ms);
  /* So that there is time left to prove what is named. */
  context->lookup = postseal_lookup_new (context->settings->timeout_ms * 2 / 3);
  postseal_lookup_set_settings (context->lookup, context->settings);
  context->may_ask_list = self->may_ask_list || context->settings->ask_list;
  self->ca_file = g_strdup (context->settings->ca_file);
  self->timeout_ms = context->settings->timeout_ms;
  _postseal_probe_board_set_settings (self->board, self->ca_file, self->timeout_ms);
  self->context = g_steal_pointer (&context);
  ask (self, POSTSEAL_SOURCE_KNOWN);
  ask (self, POSTSEAL_SOURCE_PROVIDER);
  ask (self, POSTSEAL_SOURCE_DNS);
  ask (self, POSTSEAL_SOURCE_LIST);
}

void
postseal_discovery_run_async (PostsealDiscovery *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) loading = NULL;

  g_return_if_fail (POSTSEAL_IS_DISCOVERY (self));
  g_return_if_fail (self->state == DISCOVERY_NEW);

  self->state = DISCOVERY_RUNNING;
  self->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, postseal_discovery_run_async);
  set_deadline (self, POSTSEAL_LIMIT_DISCOVERY_MS); /* until the settings are read */
  self->cancelled = postseal_loop_add_cancellable (cancellable, on_cancelled, self);
  /* Without it as the source: the thread may be the last to let go of its task. */
  loading = g_task_new (NULL, NULL, on_context_loaded, g_object_ref (self));
  g_task_set_task_data (loading, g_strdup (self->address), g_free);
  g_task_run_in_thread (loading, load_context);
}

GPtrArray *
postseal_discovery_run_finish (PostsealDiscovery *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

GPtrArray *
postseal_discovery_get_proposals (PostsealDiscovery *self)
{
  g_return_val_if_fail (POSTSEAL_IS_DISCOVERY (self), NULL);

  return _postseal_ranking_merge (self->proposals);
}

/* --- a foreign host --- */

typedef struct
{
  PostsealProposal *proposal; /* owned */
  PostsealProbeBoard *board; /* owned */
  GSource *cancelled; /* owned */
} Confirmation;

static void
free_confirmation (gpointer data)
{
  Confirmation *self = data;

  postseal_proposal_unref (self->proposal);
  _postseal_probe_board_free (self->board);
  postseal_loop_clear (&self->cancelled);
  g_free (self);
}

static gboolean
is_probed (const PostsealProposal *proposal)
{
  return (proposal->receive == NULL || proposal->receive_probe != NULL)
         && (proposal->send == NULL || proposal->send_probe != NULL);
}

/* The task lives as long as the search, by one reference that is given up here. */
static void
end_confirmation (GTask *task)
{
  g_autoptr (PostsealDiscovery) self = g_object_ref (g_task_get_source_object (task));
  Confirmation *confirmation = g_task_get_task_data (task);

  postseal_loop_clear (&confirmation->cancelled);
  /* The caller may keep the result: no probe is to end it once more. */
  _postseal_probe_board_stop (confirmation->board);
  if (!g_task_return_error_if_cancelled (task))
    {
      g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
      g_task_return_boolean (task, TRUE);
    }
  g_object_unref (task);
}

static void
on_confirmed_probed (gpointer endpoint, gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  Confirmation *self = g_task_get_task_data (task);

  fill_in_both (self->board, self->proposal);
  if (is_probed (self->proposal))
    end_confirmation (task);
}

static gboolean
on_confirmation_cancelled (GCancellable *cancellable, gpointer user_data)
{
  end_confirmation (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_nothing_to_probe (gpointer user_data)
{
  end_confirmation (user_data);
  return G_SOURCE_REMOVE;
}

void
postseal_discovery_confirm_async (PostsealDiscovery *self,
                                  PostsealProposal *proposal,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GTask *task = NULL;
  Confirmation *confirmation = NULL;

  g_return_if_fail (POSTSEAL_IS_DISCOVERY (self));
  g_return_if_fail (proposal != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_discovery_confirm_async);
  confirmation = g_new0 (Confirmation, 1);
  g_task_set_task_data (task, confirmation, free_confirmation);
  confirmation->proposal = postseal_proposal_ref (proposal);
  confirmation->board = _postseal_probe_board_new (FALSE, on_confirmed_probed, task);
  _postseal_probe_board_set_settings (confirmation->board, self->ca_file, self->timeout_ms);
  confirmation->cancelled
      = is_probed (proposal) ? g_idle_source_new () : g_cancellable_source_new (cancellable);
  if (is_probed (proposal))
    g_source_set_callback (confirmation->cancelled, on_nothing_to_probe, task, NULL);
  else
    g_source_set_callback (confirmation->cancelled, G_SOURCE_FUNC (on_confirmation_cancelled), task,
                           NULL);
  g_source_attach (confirmation->cancelled, g_main_context_get_thread_default ());
  if (proposal->receive_probe == NULL)
    _postseal_probe_board_ask (confirmation->board, proposal->receive);
  if (proposal->send_probe == NULL)
    _postseal_probe_board_ask (confirmation->board, proposal->send);
}

gboolean
postseal_discovery_confirm_finish (PostsealDiscovery *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- object --- */

PostsealDiscovery *
postseal_discovery_new (const char *address, gboolean may_ask_list)
{
  PostsealDiscovery *self = NULL;

  g_return_val_if_fail (address != NULL && strchr (address, '@') != NULL, NULL);

  self = g_object_new (POSTSEAL_TYPE_DISCOVERY, NULL);
  self->address = g_strdup (address);
  self->may_ask_list = may_ask_list;
  return self;
}

static void
postseal_discovery_finalize (GObject *object)
{
  PostsealDiscovery *self = POSTSEAL_DISCOVERY (object);

  for (guint i = 0; i < POSTSEAL_N_SOURCES; i++)
    g_ptr_array_unref (self->proposals[i]);
  _postseal_probe_board_free (self->board);
  g_object_unref (self->stop);
  g_free (self->ca_file);
  g_free (self->address);
  G_OBJECT_CLASS (postseal_discovery_parent_class)->finalize (object);
}

static void
postseal_discovery_class_init (PostsealDiscoveryClass *class)
{
  G_OBJECT_CLASS (class)->finalize = postseal_discovery_finalize;
  signals[SIGNAL_SOURCE_CHANGED]
      = g_signal_new ("source-changed", POSTSEAL_TYPE_DISCOVERY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 3, G_TYPE_UINT, G_TYPE_UINT, G_TYPE_STRING);
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", POSTSEAL_TYPE_DISCOVERY, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
postseal_discovery_init (PostsealDiscovery *self)
{
  for (guint i = 0; i < POSTSEAL_N_SOURCES; i++)
    self->proposals[i] = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_proposal_unref);
  self->timeout_ms = POSTSEAL_LIMIT_DISCOVERY_MS;
  self->board = _postseal_probe_board_new (FALSE, on_probed, self);
  self->stop = g_cancellable_new ();
}
