/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "discover/probe.h"

G_BEGIN_DECLS

/* The probes of one search: each server is asked once, whoever names it and however often. */
typedef struct _PostsealProbeBoard PostsealProbeBoard;

/* @is_exact: nothing but the very port that is asked for is tried
   @func: called from the main loop whenever a probe has ended, until the board is freed */
PostsealProbeBoard *_postseal_probe_board_new (gboolean is_exact, GFunc func, gpointer user_data);
/* Probes under way end. */
void _postseal_probe_board_free (PostsealProbeBoard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealProbeBoard, _postseal_probe_board_free)

/* @ca_file: (nullable): whose word counts where the system's authorities know nothing
   @search_ms: how long all of the search may take */
void
_postseal_probe_board_set_settings (PostsealProbeBoard *self, const char *ca_file, guint search_ms);

/* Starts the probe of @endpoint, unless it has been. NULL is fine. */
void _postseal_probe_board_ask (PostsealProbeBoard *self, PostsealEndpoint *endpoint);
/* Ends what is under way; nothing is started any more. */
void _postseal_probe_board_stop (PostsealProbeBoard *self);

/* Returns: (transfer none) (nullable): NULL while it is not known */
const PostsealProbe *
_postseal_probe_board_get (PostsealProbeBoard *self, const PostsealEndpoint *endpoint);

G_END_DECLS
