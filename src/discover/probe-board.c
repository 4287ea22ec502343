/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/probe-board-private.h"

#include "base/limits.h"
#include "discover/probe-dial-private.h"

typedef struct
{
  PostsealProbeBoard *board; /* borrowed; NULL once that is gone */
  PostsealEndpoint *endpoint; /* owned */
  GCancellable *stop; /* owned */
  PostsealProbe *probe; /* owned; NULL while it is under way */
} Slot;

struct _PostsealProbeBoard
{
  gboolean is_exact;
  GFunc func;
  gpointer user_data; /* borrowed */
  GPtrArray *slots; /* owned Slot, reference counted */
  GCancellable *stop; /* owned */
  char *ca_file; /* owned, nullable */
  guint search_ms;
};

static void
clear_slot (gpointer data)
{
  Slot *self = data;

  postseal_endpoint_unref (self->endpoint);
  g_object_unref (self->stop);
  postseal_probe_free (self->probe);
}

static void
unref_slot (gpointer data)
{
  g_rc_box_release_full (data, clear_slot);
}

PostsealProbeBoard *
_postseal_probe_board_new (gboolean is_exact, GFunc func, gpointer user_data)
{
  PostsealProbeBoard *self = g_new0 (PostsealProbeBoard, 1);

  self->is_exact = is_exact;
  self->func = func;
  self->user_data = user_data;
  self->slots = g_ptr_array_new_with_free_func (unref_slot);
  self->stop = g_cancellable_new ();
  self->search_ms = POSTSEAL_LIMIT_DISCOVERY_MS;
  return self;
}

void
_postseal_probe_board_free (PostsealProbeBoard *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->slots->len; i++)
    ((Slot *)g_ptr_array_index (self->slots, i))->board = NULL;
  g_cancellable_cancel (self->stop);
  g_ptr_array_unref (self->slots);
  g_object_unref (self->stop);
  g_free (self->ca_file);
  g_free (self);
}

void
_postseal_probe_board_set_settings (PostsealProbeBoard *self, const char *ca_file, guint search_ms)
{
  g_free (self->ca_file);
  self->ca_file = g_strdup (ca_file);
  self->search_ms = search_ms;
}

void
_postseal_probe_board_stop (PostsealProbeBoard *self)
{
  g_cancellable_cancel (self->stop);
}

static Slot *
find_slot (PostsealProbeBoard *self, const PostsealEndpoint *endpoint)
{
  for (guint i = 0; i < self->slots->len; i++)
    {
      Slot *slot = g_ptr_array_index (self->slots, i);

      if (postseal_endpoint_equal (slot->endpoint, endpoint))
        return slot;
    }
  return NULL;
}

static void
take_probe (Slot *slot, PostsealProbe *taken)
{
  g_autoptr (PostsealProbe) probe = taken;
  PostsealProbeBoard *board = slot->board;

  if (board != NULL && probe != NULL)
    {
      slot->probe = g_steal_pointer (&probe);
      board->func (slot->endpoint, board->user_data);
    }
  unref_slot (slot);
}

static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  take_probe (user_data, postseal_probe_finish (result, NULL));
}

static void
on_dialled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  take_probe (user_data, _postseal_probe_dial_finish (result, NULL));
}

static void
start_probe (Slot *slot)
{
  PostsealProbeBoard *board = slot->board;
  g_autoptr (PostsealTlsPolicy) policy = postseal_tls_policy_new (POSTSEAL_TLS_ENFORCED);

  policy->search_ms = board->search_ms;
  g_rc_box_acquire (slot);
  if (board->is_exact)
    _postseal_probe_dial_async (slot->endpoint, policy, board->ca_file,
                                POSTSEAL_LIMIT_PROBE_SILENCE_MS, slot->stop, on_dialled, slot);
  else
    _postseal_probe_vouched_async (slot->endpoint, policy, board->ca_file,
                                   POSTSEAL_LIMIT_PROBE_SILENCE_MS, slot->stop, on_probed, slot);
}

void
_postseal_probe_board_ask (PostsealProbeBoard *self, PostsealEndpoint *endpoint)
{
  Slot *slot = NULL;

  if (endpoint == NULL || find_slot (self, endpoint) != NULL
      || g_cancellable_is_cancelled (self->stop))
    return;
  slot = g_rc_box_new0 (Slot);
  slot->board = self;
  slot->endpoint = postseal_endpoint_ref (endpoint);
  slot->stop = g_object_ref (self->stop);
  g_ptr_array_add (self->slots, slot);
  start_probe (slot);
}

const PostsealProbe *
_postseal_probe_board_get (PostsealProbeBoard *self, const PostsealEndpoint *endpoint)
{
  Slot *slot = endpoint != NULL ? find_slot (self, endpoint) : NULL;

  return slot != NULL ? slot->probe : NULL;
}
