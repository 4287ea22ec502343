/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "check/port-facts.h"
#include "check/probe-link-private.h"

G_BEGIN_DECLS

/* How long one step may take: a mail server answers in a second or so, most in much less. */
#define POSTSEAL_PORT_CONNECT_MS 5000
#define POSTSEAL_PORT_STEP_MS 5000

/* One port under examination. Owned by one thread at a time. */
typedef struct
{
  PostsealProbeTarget target;
  GPtrArray *addresses; /* owned: once connected, the one that answers */
  gboolean probe_injection, is_brief;
  PostsealPortFacts *facts; /* owned */
  PostsealProbeListener listener; /* nullable */
  gpointer listener_data; /* borrowed */
  PostsealProbeTlsOutcome outcome; /* of the first handshake */
  gboolean has_tried_tls;
  GBytes *session; /* owned, nullable: of the first connection, to be resumed */
} PostsealPortSubject;

/* The first connection, and where that was silent a second: which protocol, which start of TLS,
   capabilities, chain. */
void _postseal_port_look (PostsealPortSubject *self);

/* Further connections: which versions and suites are accepted, and whether sessions are resumed.
   Only after a handshake was tried. */
void _postseal_port_try (PostsealPortSubject *self);

/* Connects. Returns: (nullable) */
PostsealProbeLink *_postseal_port_subject_open (PostsealPortSubject *self, GError **error);
/* The end of a step that begins now. */
gint64 _postseal_port_subject_step (PostsealPortSubject *self);
/* CAPABILITIES, and of SMTP HELO where that is refused. */
PostsealProbeAnswer
_postseal_port_subject_ask_caps (PostsealPortSubject *self, PostsealProbeLink *link);

G_END_DECLS
