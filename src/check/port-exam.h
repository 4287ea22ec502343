/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "base/transcript.h"
#include "check/port-facts.h"

G_BEGIN_DECLS

/* One port of a mail server is looked at: what it says in clear and within TLS, and what it would
   agree to with another client. Nothing is verified, and nothing secret can be said: to judge is
   done from the facts. */

typedef struct
{
  const char *host; /* borrowed until _async() returns: for SNI; lower case, A-labels, or an IP
                       address */
  GPtrArray *addresses; /* borrowed likewise: (element-type GInetAddress), at least one, in the
                           order to try */
  gboolean probe_injection; /* sends a harmless command in clear behind the upgrade, to see whether
                               it is answered within TLS */
  gboolean is_brief; /* greeting, capabilities, TLS and chain; no further connections */
  guint limit_ms; /* for the whole port */
} PostsealPortExam;

/**
 * postseal_port_exam_async:
 * @facts: (transfer full): protocol, port and usual start are set
 * @transcript: (nullable): what is said until TLS was tried once, not what follows that; on the
 *   caller's main context
 *
 * The first connection tells most. Others follow, a few at a time, each for one question. The port
 * is asked politely: as a client that only looks.
 */
void postseal_port_exam_async (const PostsealPortExam *exam,
                               PostsealPortFacts *facts,
                               PostsealTranscript *transcript,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
/* What was not seen in time is UNKNOWN. Errors: %G_IO_ERROR_CANCELLED only.
   Returns: (transfer full) */
PostsealPortFacts *postseal_port_exam_finish (GAsyncResult *result, GError **error);

G_END_DECLS
