/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/transcript.h"
#include "check/probe-talk-private.h"
#include "check/probe-tls-private.h"

G_BEGIN_DECLS

/* One conversation with a server that is examined: in clear, and after a handshake within TLS. It
   blocks its thread. */
typedef struct _PostsealProbeLink PostsealProbeLink;

/* Whom to talk to, and for how long. */
typedef struct
{
  char *host; /* owned: for SNI */
  PostsealProtocol protocol;
  guint16 port;
  PostsealProbeLimit limit;
} PostsealProbeTarget;

/* Hears what is said, on the thread of the link. */
typedef void (*PostsealProbeListener) (PostsealTranscriptKind kind,
                                       const char *line,
                                       gpointer user_data);

/**
 * _postseal_probe_link_open:
 * @target: borrowed for the life of the link
 * @addresses: (element-type GInetAddress)
 *
 * Errors: as _postseal_probe_socket_open()
 */
PostsealProbeLink *_postseal_probe_link_open (const PostsealProbeTarget *target,
                                              GPtrArray *addresses,
                                              gint64 until,
                                              GError **error);
/* Ends the connection at once. */
void _postseal_probe_link_free (PostsealProbeLink *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealProbeLink, _postseal_probe_link_free)

/* @listener: (nullable) */
void _postseal_probe_link_set_listener (PostsealProbeLink *self,
                                        PostsealProbeListener listener,
                                        gpointer user_data);
/* Tells the listener. */
void
_postseal_probe_link_note (PostsealProbeLink *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Returns: (transfer none) */
PostsealProbeSocket *_postseal_probe_link_get_socket (PostsealProbeLink *self);
PostsealProbeTalk *_postseal_probe_link_get_talk (PostsealProbeLink *self);
/* Returns: (transfer none) (nullable): NULL before the handshake was begun */
PostsealProbeTls *_postseal_probe_link_get_tls (PostsealProbeLink *self);

/* Waits for the server's first byte. Returns: YES, ENDED or STALLED */
PostsealProbeAnswer _postseal_probe_link_await (PostsealProbeLink *self, gint64 until);
/* Asks, and hears the answer, never MORE. */
PostsealProbeAnswer
_postseal_probe_link_ask (PostsealProbeLink *self, PostsealProbeQuestion question, gint64 until);
/* Asks for the upgrade, and sends a stowaway in the same segment. */
PostsealProbeAnswer _postseal_probe_link_ask_with_stowaway (PostsealProbeLink *self, gint64 until);
/* After the handshake: whether the stowaway is answered. */
gboolean _postseal_probe_link_hears_stowaway (PostsealProbeLink *self, gint64 until);

/* What has come behind the last answer. Returns: (transfer full) (nullable): printable */
char *_postseal_probe_link_get_leftover (PostsealProbeLink *self);

/* At most once, with nothing left over. @session: (nullable): to be resumed */
PostsealProbeTlsOutcome _postseal_probe_link_start_tls (PostsealProbeLink *self,
                                                        PostsealProbeOffer offer,
                                                        GBytes *session,
                                                        gint64 until);
/* Says goodbye, and waits a little for the answer. */
void _postseal_probe_link_leave (PostsealProbeLink *self);

G_END_DECLS
