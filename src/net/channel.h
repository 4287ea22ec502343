/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/transcript.h"
#include "net/net-error.h"
#include "net/sealed-link.h"

G_BEGIN_DECLS

/* The byte pump of a session: a sealed link with a read loop, a write queue, one deadline and,
   optionally, compression. Everything happens on the thread-default main context of its maker.

   Reading: on_data gets what is there (at most 64 KiB) and says how much it used; the rest is offered
   again, with more behind it. A paused channel reads nothing, so the peer feels back-pressure.
   Writing: bytes are gathered and leave once per main-loop iteration in few, large TLS records.
   Deadline: while running, silence longer than timeout_ms in both directions ends it with
   POSTSEAL_NET_ERROR_TIMEOUT; pausing stops that clock. */
typedef struct _PostsealChannel PostsealChannel;

typedef struct
{
  /* @data: never empty. Returns: bytes used; less than @length means "not enough yet", and is only
     allowed while less than POSTSEAL_LIMIT_LINE is left. May pause, write, or close the channel. */
  gsize (*on_data) (PostsealChannel *channel, const char *data, gsize length, gpointer user_data);
  /* Called once, last. @error is never NULL: POSTSEAL_NET_ERROR_CLOSED after close_notify,
     POSTSEAL_TLS_ERROR_TRUNCATED after a cut, _TIMEOUT, or what postseal_channel_fail() was given. */
  void (*on_closed) (PostsealChannel *channel, const GError *error, gpointer user_data);
} PostsealChannelHandler;

/**
 * postseal_channel_new:
 * @link: (transfer full): the sealed link
 * @timeout_ms: longest silence
 * @transcript: (nullable): noted, not fed: sessions record their own lines, they know what is secret
 * @handler: static vtable
 *
 * Reading begins at once (first on_data comes from the main loop, not from within this call).
 */
PostsealChannel *postseal_channel_new (PostsealSealedLink *link,
                                       guint timeout_ms,
                                       PostsealTranscript *transcript,
                                       const PostsealChannelHandler *handler,
                                       gpointer user_data);

/* Drops everything, closes the link without ceremony; no callback comes any more. */
void postseal_channel_free (PostsealChannel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealChannel, postseal_channel_free)

PostsealSealedLink *postseal_channel_get_link (PostsealChannel *self); /* Returns: (transfer none) */
PostsealTranscript *postseal_channel_get_transcript (PostsealChannel *self);

void postseal_channel_write (PostsealChannel *self, const void *data, gssize length);
void postseal_channel_set_timeout (PostsealChannel *self, guint timeout_ms);
void postseal_channel_pause (PostsealChannel *self);
void postseal_channel_resume (PostsealChannel *self);

/* Raw DEFLATE in both directions from now on (RFC 4978 section 3). Call it from on_data when the OK has been
   read: bytes that on_data did not use are compressed already. Nothing may be waiting to be written. */
void postseal_channel_start_deflate (PostsealChannel *self);

/* Ends it with @error (on_closed follows from the main loop). */
void postseal_channel_fail (PostsealChannel *self, const GError *error);

/* Sends what is queued, then close_notify, in the background, for at most POSTSEAL_LIMIT_CLOSE_MS, and
   frees the channel. No callback comes any more. For the goodbye: LOGOUT, QUIT. */
void postseal_channel_close_politely (PostsealChannel *self);

/* Bytes of application data received so far (before decompression). */
guint64 postseal_channel_get_received (PostsealChannel *self);

G_END_DECLS
