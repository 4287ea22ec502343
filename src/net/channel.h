/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/transcript.h"
#include "net/net-error.h"
#include "net/sealed-link.h"

G_BEGIN_DECLS

/* The byte pump of a session: a sealed link with a read loop, a write queue, one deadline and,
   optionally, compression. Everything happens on the thread-default main context of its maker.

   Reading: on_data gets what is there (at most 64 KiB, after what it had left over) and says how
   much it used; the rest is offered again, with more behind it. A paused channel reads nothing, so
   the peer feels back-pressure. A peer that never pauses cannot keep other sources of the context
   from their turn. Writing: bytes are gathered and leave once per main-loop iteration in few, large
   TLS records. A pause does not stop them. Deadline: while running, silence longer than timeout_ms
   in both directions ends it with POSTSEAL_NET_ERROR_TIMEOUT; pausing stops that clock. A session
   that waits for nothing (no command is under way) sets the timeout to 0, which is none, and sets
   it again with its next command. */
typedef struct _PostsealChannel PostsealChannel;

typedef struct
{
  /* @data: never empty. Returns: bytes used; less than @length means "not enough yet", and is only
     allowed while less than POSTSEAL_LIMIT_LINE is left, or when the channel was paused by this
     call (then the rest is offered after the resume). May pause, write, fail, close or free the
     channel. */
  gsize (*on_data) (PostsealChannel *channel, const char *data, gsize length, gpointer user_data);
  /* Called once, last; the channel is still to be freed, here or later. @error is never NULL:
     POSTSEAL_NET_ERROR_CLOSED after close_notify, POSTSEAL_TLS_ERROR_TRUNCATED after a cut,
     _TIMEOUT, the stream's own error (G_IO_ERROR), G_IO_ERROR_INVALID_DATA when compressed data are
     damaged, G_IO_ERROR_MESSAGE_TOO_LARGE when on_data left too much, or what
     postseal_channel_fail() was given. */
  void (*on_closed) (PostsealChannel *channel, const GError *error, gpointer user_data);
  /* (nullable): All that was queued has left for the kernel; from the main loop, with the priority
     of reading, so that whoever writes without end here keeps nothing else from its turn. Not when
     more was queued meanwhile. May do what on_data may. */
  void (*on_drained) (PostsealChannel *channel, gpointer user_data);
} PostsealChannelHandler;

/**
 * postseal_channel_new:
 * @link: (transfer full): the sealed link
 * @timeout_ms: longest silence; 0: no limit
 * @transcript: (nullable): kept, not fed: sessions record their own lines, they know what is secret
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

PostsealSealedLink *
postseal_channel_get_link (PostsealChannel *self); /* Returns: (transfer none) */
/* Returns: (transfer none) (nullable) */
PostsealTranscript *postseal_channel_get_transcript (PostsealChannel *self);

/* Queues a copy of @length bytes (-1: NUL terminated). The copy is wiped as soon as the stream has
   taken it, so secrets may go this way; the caller wipes its own. Ignored once the channel has
   failed. */
void postseal_channel_write (PostsealChannel *self, const void *data, gssize length);

/* Another one listens from now on, without a limit on silence, and hears what the one before has
   not used; also from within on_data. No pause lasts. @handler: static vtable */
void postseal_channel_take_over (PostsealChannel *self,
                                 const PostsealChannelHandler *handler,
                                 gpointer user_data);

/* Bytes that were queued and have not left for the kernel yet (before compression, those that are
   compressed already as they are). Whoever sends much waits for them; 0 after the end. */
gsize postseal_channel_get_queued (PostsealChannel *self);

/* The longest silence from now on; 0: no limit. Restarts the clock. */
void postseal_channel_set_timeout (PostsealChannel *self, guint timeout_ms);

/* No on_data until resumed; takes effect at once, also from within on_data. Resuming restarts the
   clock and never calls back from within. Neither counts: one resume undoes any number of pauses.
 */
void postseal_channel_pause (PostsealChannel *self);
void postseal_channel_resume (PostsealChannel *self);

/* Raw DEFLATE in both directions from now on (RFC 4978 section 3). Call it from on_data when the OK
   has been read: bytes that on_data did not use are compressed already. Nothing may be waiting to
   be written. */
void postseal_channel_start_deflate (PostsealChannel *self);

/* Ends it with a copy of @error (on_closed follows from the main loop, also when paused). */
void postseal_channel_fail (PostsealChannel *self, const GError *error);

/* Sends what is queued, as much as possible before this returns, then waits in the background until
   the peer has closed or POSTSEAL_LIMIT_CLOSE_MS have passed, closes (close_notify), and frees the
   channel. No callback comes any more. For the goodbye: LOGOUT, QUIT. */
void postseal_channel_close_politely (PostsealChannel *self);

/* Bytes of application data received so far (before decompression). */
guint64 postseal_channel_get_received (PostsealChannel *self);

G_END_DECLS
