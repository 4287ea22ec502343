/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/channel.h"

#include <glib/gi18n-lib.h>

#include "base/limits.h"
#include "base/loop.h"
#include "net/deflate-private.h"
#include "net/read-buffer-private.h"
#include "net/write-queue-private.h"

#define CHUNK 65536
#define BUFFER_SIZE (2 * CHUNK) /* what on_data left over, and a chunk behind it */
#define WAKE_UP_BUDGET (4 * CHUNK)

/* Reading yields to whatever the host does for its windows (GTK redraws at 120) and for finished
   work; writing goes first, because a command that waits costs a round trip. */
#define READ_PRIORITY G_PRIORITY_DEFAULT_IDLE
#define WRITE_PRIORITY G_PRIORITY_DEFAULT

typedef enum
{
  MODE_RUNNING,
  MODE_PAUSED,
  MODE_FAILED, /* on_closed is due */
  MODE_CLOSED, /* on_closed has been called */
  MODE_LEAVING, /* nobody listens any more; frees itself */
  MODE_FREED, /* freed from within a callback; gone when that returns */
} Mode;

typedef enum
{
  FILL_CHUNK, /* a whole chunk; there may be more */
  FILL_BLOCKED, /* nothing more for now */
  FILL_ENDED, /* end_error says why */
} Fill;

struct _PostsealChannel
{
  PostsealSealedLink *link; /* owned */
  GPollableInputStream *input; /* borrowed: of the link */
  GPollableOutputStream *output; /* borrowed: of the link */
  PostsealTranscript *transcript; /* owned, nullable */
  const PostsealChannelHandler *handler; /* borrowed: static */
  gpointer user_data;
  GMainContext *context; /* owned */
  GSource *read_source; /* owned, NULL unless running or leaving */
  GSource *write_source; /* owned, NULL unless bytes wait */
  GSource *wake_source; /* owned: ready when there is work that no stream announces */
  GSource *deadline_source; /* owned */
  Mode mode;
  guint n_dispatching;
  guint timeout_ms;
  gint64 last_activity_us;
  guint64 received;
  gboolean is_drain_due; /* on_drained is to be called, if nothing is queued by then */
  GError *end_error; /* owned: why there is nothing more to read, or why it failed */
  PostsealReadBuffer input_buffer; /* for on_data; held while there is something to read */
  PostsealReadBuffer raw_buffer; /* compressed; unused without deflate */
  PostsealWriteQueue plain_queue; /* to be compressed; unused without deflate */
  PostsealWriteQueue write_queue;
  PostsealDeflate *deflate; /* owned, nullable */
};

/* --- sources that are armed by their ready time, without churn --- */

static void
wake (PostsealChannel *self)
{
  g_source_set_ready_time (self->wake_source, 0);
}

static void
arm_deadline (PostsealChannel *self)
{
  gboolean is_armed = self->mode == MODE_RUNNING && self->timeout_ms > 0;

  g_source_set_ready_time (
      self->deadline_source,
      is_armed ? self->last_activity_us + self->timeout_ms * G_GINT64_CONSTANT (1000) : -1);
}

/* Every read and write is stamped, nothing is re-armed: the deadline looks at the stamp when it is
 * due. */
static void
stamp_activity (PostsealChannel *self)
{
  self->last_activity_us = g_get_monotonic_time ();
}

/* --- life --- */

static void
destroy (PostsealChannel *self)
{
  postseal_loop_clear (&self->read_source);
  postseal_loop_clear (&self->write_source);
  postseal_loop_clear (&self->wake_source);
  postseal_loop_clear (&self->deadline_source);
  g_clear_pointer (&self->deflate, _postseal_deflate_free);
  _postseal_write_queue_clear (&self->plain_queue);
  _postseal_write_queue_clear (&self->write_queue);
  g_free (self->input_buffer.data);
  g_free (self->raw_buffer.data);
  g_clear_error (&self->end_error);
  g_clear_pointer (&self->link, postseal_sealed_link_free);
  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self);
}

static void
begin_dispatch (PostsealChannel *self)
{
  self->n_dispatching++;
}

static void
end_dispatch (PostsealChannel *self)
{
  if (--self->n_dispatching == 0 && self->mode == MODE_FREED)
    destroy (self);
}

/* Takes @error unless there is one already. */
static void
fail_with (PostsealChannel *self, GError *error)
{
  if (self->mode != MODE_RUNNING && self->mode != MODE_PAUSED)
    {
      g_error_free (error);
      return;
    }
  g_clear_error (&self->end_error);
  self->end_error = error;
  self->mode = MODE_FAILED;
  postseal_loop_clear (&self->read_source);
  postseal_loop_clear (&self->write_source);
  _postseal_write_queue_clear (&self->plain_queue);
  _postseal_write_queue_clear (&self->write_queue);
  arm_deadline (self);
  wake (self);
}

static const char *
host_of (PostsealChannel *self)
{
  return postseal_sealed_link_get_endpoint (self->link)->host;
}

/* --- reading --- */

/* Returns: bytes read, 0 when there are none now or no more at all (then end_error is set) */
static gsize
read_stream (PostsealChannel *self, guint8 *to, gsize room)
{
  GError *error = NULL;
  gssize n_read = 0;

  if (self->end_error != NULL)
    return 0;
  n_read = g_pollable_input_stream_read_nonblocking (self->input, to, room, NULL, &error);
  if (n_read > 0)
    {
      stamp_activity (self);
      self->received += (gsize)n_read;
      return (gsize)n_read;
    }
  if (n_read == 0)
    self->end_error = g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
                                   _ ("Server “%s” closed the connection"), host_of (self));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    g_error_free (error);
  else
    self->end_error = error;
  return 0;
}

/* Bytes for on_data from whichever source: the stream, or what was compressed. Like read_stream().
 */
static gsize
read_plain (PostsealChannel *self, guint8 *to, gsize room)
{
  PostsealReadBuffer *raw = &self->raw_buffer;

  if (self->deflate == NULL)
    return read_stream (self, to, room);

  for (;;)
    {
      gsize n_used = 0;
      gsize n_written = 0;

      if (raw->start < raw->end || _postseal_deflate_has_more (self->deflate))
        {
          g_autoptr (GError) error = NULL;

          if (!_postseal_deflate_expand (self->deflate, raw->data + raw->start,
                                         raw->end - raw->start, &n_used, to, room, &n_written,
                                         &error))
            {
              raw->start = raw->end = 0;
              if (self->end_error == NULL)
                self->end_error = g_steal_pointer (&error);
              return 0;
            }
          raw->start += n_used;
          if (n_written > 0)
            return n_written;
        }
      if (raw->start < raw->end && n_used > 0)
        continue;
      raw->start = 0;
      raw->end = read_stream (self, raw->data, CHUNK);
      if (raw->end == 0)
        return 0;
    }
}

static void
hold_buffers (PostsealChannel *self)
{
  _postseal_read_buffer_hold (&self->input_buffer, BUFFER_SIZE);
  if (self->deflate != NULL)
    _postseal_read_buffer_hold (&self->raw_buffer, BUFFER_SIZE);
}

/* Where nothing is awaited, nothing may come for hours. */
static void
release_buffers (PostsealChannel *self)
{
  if (self->mode != MODE_RUNNING || self->timeout_ms > 0)
    return;
  _postseal_read_buffer_release (&self->input_buffer);
  _postseal_read_buffer_release (&self->raw_buffer);
}

static Fill
fill_chunk (PostsealChannel *self, gsize *ret_length)
{
  PostsealReadBuffer *buffer = &self->input_buffer;
  gsize n_filled = 0;

  hold_buffers (self);
  _postseal_read_buffer_make_room (buffer, BUFFER_SIZE, CHUNK);
  while (n_filled < CHUNK)
    {
      gsize n_read = read_plain (self, buffer->data + buffer->end, CHUNK - n_filled);

      if (n_read == 0)
        break;
      buffer->end += n_read;
      n_filled += n_read;
    }
  *ret_length = n_filled;
  if (n_filled == CHUNK)
    return FILL_CHUNK;
  return self->end_error != NULL ? FILL_ENDED : FILL_BLOCKED;
}

static gboolean
has_hidden_input (PostsealChannel *self)
{
  return self->deflate != NULL
         && (self->raw_buffer.start < self->raw_buffer.end
             || _postseal_deflate_has_more (self->deflate));
}

static void
offer_input (PostsealChannel *self)
{
  PostsealReadBuffer *buffer = &self->input_buffer;
  gsize length = buffer->end - buffer->start;
  gboolean was_deflated = self->deflate != NULL;
  gsize n_used = self->handler->on_data (self, (const char *)buffer->data + buffer->start, length,
                                         self->user_data);

  g_assert (n_used <= length);
  _postseal_read_buffer_use (buffer, n_used);
  /* What came behind the OK is the beginning of the compressed stream. */
  if (!was_deflated && self->deflate != NULL)
    _postseal_read_buffer_move (buffer, &self->raw_buffer);
  if (self->mode == MODE_RUNNING && buffer->end - buffer->start >= POSTSEAL_LIMIT_LINE)
    fail_with (self, g_error_new (G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
                                  _ ("Server “%s” sent a line longer than %d bytes"),
                                  host_of (self), POSTSEAL_LIMIT_LINE));
}

static void
read_some (PostsealChannel *self)
{
  gsize n_read = 0;

  while (self->mode == MODE_RUNNING)
    {
      gsize length = 0;
      Fill fill = fill_chunk (self, &length);

      n_read += length;
      if (length > 0)
        offer_input (self);
      if (self->mode != MODE_RUNNING)
        return;
      /* Inflating may have begun with the data just offered, also when they were the last. */
      if (has_hidden_input (self))
        fill = FILL_CHUNK;
      if (fill == FILL_ENDED)
        fail_with (self, g_steal_pointer (&self->end_error));
      if (fill != FILL_CHUNK)
        return;
      if (n_read >= WAKE_UP_BUDGET)
        {
          if (has_hidden_input (self) || self->end_error != NULL)
            wake (self);
          return;
        }
    }
}

static void
discard_input (PostsealChannel *self)
{
  hold_buffers (self);
  for (int i = 0; i < WAKE_UP_BUDGET / CHUNK; i++)
    if (read_stream (self, self->input_buffer.data, BUFFER_SIZE) == 0)
      break;
  if (self->end_error != NULL)
    self->mode = MODE_FREED;
}

static gboolean
on_readable (GObject *stream, gpointer user_data)
{
  PostsealChannel *self = user_data;

  begin_dispatch (self);
  if (self->mode == MODE_LEAVING)
    discard_input (self);
  else
    read_some (self);
  release_buffers (self);
  end_dispatch (self);
  return G_SOURCE_CONTINUE; /* its owner destroys it when it is not wanted any more */
}

static void
start_reading (PostsealChannel *self)
{
  if (self->read_source != NULL)
    return;
  self->read_source = g_pollable_input_stream_create_source (self->input, NULL);
  g_source_set_priority (self->read_source, READ_PRIORITY);
  g_source_set_static_name (self->read_source, "[postseal] channel read");
  g_source_set_callback (self->read_source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->read_source, self->context);
}

static gboolean
is_all_written (PostsealChannel *self)
{
  return self->write_queue.start == self->write_queue.end
         && self->plain_queue.start == self->plain_queue.end;
}

static void
report_drained (PostsealChannel *self)
{
  gboolean is_due = self->is_drain_due;

  self->is_drain_due = FALSE;
  if (is_due && is_all_written (self) && (self->mode == MODE_RUNNING || self->mode == MODE_PAUSED))
    self->handler->on_drained (self, self->user_data);
}

static gboolean
on_wake (gpointer user_data)
{
  PostsealChannel *self = user_data;

  begin_dispatch (self);
  if (self->mode == MODE_RUNNING && self->input_buffer.start < self->input_buffer.end)
    offer_input (self);
  if (self->mode == MODE_RUNNING)
    read_some (self);
  else if (self->mode == MODE_FAILED)
    {
      self->mode = MODE_CLOSED;
      self->handler->on_closed (self, self->end_error, self->user_data);
    }
  report_drained (self);
  release_buffers (self);
  end_dispatch (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_deadline (gpointer user_data)
{
  PostsealChannel *self = user_data;
  gint64 limit_us = self->timeout_ms * G_GINT64_CONSTANT (1000);

  begin_dispatch (self);
  if (self->mode == MODE_LEAVING)
    self->mode = MODE_FREED;
  else if (self->mode == MODE_RUNNING)
    {
      /* When the loop itself was busy for long, what arrived meanwhile counts. */
      if (g_get_monotonic_time () - self->last_activity_us >= limit_us)
        read_some (self);
      if (self->mode == MODE_RUNNING && self->timeout_ms > 0
          && g_get_monotonic_time () - self->last_activity_us >= limit_us)
        {
          guint seconds = MAX (1, self->timeout_ms / 1000);

          fail_with (self,
                     g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT,
                                  ngettext ("Server “%s” has been silent for %u second",
                                            "Server “%s” has been silent for %u seconds", seconds),
                                  host_of (self), seconds));
        }
      else if (self->mode == MODE_RUNNING)
        arm_deadline (self);
    }
  end_dispatch (self);
  return G_SOURCE_CONTINUE;
}

/* --- writing --- */

/* Writes what the stream takes now. Returns: FALSE when it is broken */
static gboolean
flush_queue (PostsealChannel *self, GError **error)
{
  if (self->deflate != NULL)
    _postseal_deflate_compress (self->deflate, &self->plain_queue, &self->write_queue);

  while (!is_all_written (self))
    {
      gsize length = 0;
      const guint8 *data = _postseal_write_queue_peek (&self->write_queue, &length);
      g_autoptr (GError) own_error = NULL;
      gssize n_written = g_pollable_output_stream_write_nonblocking (self->output, data, length,
                                                                     NULL, &own_error);

      if (n_written < 0)
        {
          if (g_error_matches (own_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            return TRUE;
          g_propagate_error (error, g_steal_pointer (&own_error));
          return FALSE;
        }
      stamp_activity (self);
      _postseal_write_queue_consume (&self->write_queue, (gsize)n_written);
    }
  return TRUE;
}

static gboolean
on_writable (GObject *stream, gpointer user_data)
{
  PostsealChannel *self = user_data;
  g_autoptr (GError) error = NULL;

  begin_dispatch (self);
  if (!flush_queue (self, &error))
    {
      if (self->mode == MODE_LEAVING)
        self->mode = MODE_FREED;
      /* What the peer said before it hung up explains more than "broken pipe". What has not left
         still counts as queued meanwhile: no reply can be one to that. */
      if (self->mode == MODE_RUNNING)
        read_some (self);
      _postseal_write_queue_clear (&self->plain_queue);
      _postseal_write_queue_clear (&self->write_queue);
      if (self->mode != MODE_FREED)
        fail_with (self, g_steal_pointer (&error));
    }
  if (is_all_written (self))
    {
      postseal_loop_clear (&self->write_source);
      if (self->handler->on_drained != NULL && self->mode != MODE_LEAVING)
        {
          self->is_drain_due = TRUE;
          wake (self);
        }
    }
  end_dispatch (self);
  return G_SOURCE_CONTINUE;
}

static void
schedule_write (PostsealChannel *self)
{
  if (self->write_source != NULL || is_all_written (self))
    return;
  self->write_source = g_pollable_output_stream_create_source (self->output, NULL);
  g_source_set_priority (self->write_source, WRITE_PRIORITY);
  g_source_set_static_name (self->write_source, "[postseal] channel write");
  g_source_set_callback (self->write_source, G_SOURCE_FUNC (on_writable), self, NULL);
  g_source_attach (self->write_source, self->context);
}

/* --- public --- */

PostsealChannel *
postseal_channel_new (PostsealSealedLink *link,
                      guint timeout_ms,
                      PostsealTranscript *transcript,
                      const PostsealChannelHandler *handler,
                      gpointer user_data)
{
  PostsealChannel *self = NULL;
  GIOStream *stream = NULL;

  g_return_val_if_fail (link != NULL, NULL);
  g_return_val_if_fail (handler != NULL, NULL);

  stream = postseal_sealed_link_get_stream (link);
  self = g_new0 (PostsealChannel, 1);
  self->link = link;
  self->input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream));
  self->output = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (stream));
  self->transcript = transcript != NULL ? postseal_transcript_ref (transcript) : NULL;
  self->handler = handler;
  self->user_data = user_data;
  self->timeout_ms = timeout_ms;
  self->context = g_main_context_ref_thread_default ();
  self->wake_source
      = postseal_loop_add_dormant ("[postseal] channel wake", READ_PRIORITY, on_wake, self);
  self->deadline_source
      = postseal_loop_add_dormant ("[postseal] channel deadline", READ_PRIORITY, on_deadline, self);
  self->mode = MODE_RUNNING;
  stamp_activity (self);
  arm_deadline (self);
  start_reading (self);
  return self;
}

void
postseal_channel_free (PostsealChannel *self)
{
  if (self == NULL)
    return;
  self->mode = MODE_FREED;
  if (self->n_dispatching == 0)
    destroy (self);
}

PostsealSealedLink *
postseal_channel_get_link (PostsealChannel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->link;
}

PostsealTranscript *
postseal_channel_get_transcript (PostsealChannel *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->transcript;
}

void
postseal_channel_write (PostsealChannel *self, const void *data, gssize length)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (data != NULL || length == 0);

  if (self->mode != MODE_RUNNING && self->mode != MODE_PAUSED)
    return;
  /* The wait for an answer begins now, however long nothing was asked. */
  if (is_all_written (self))
    {
      stamp_activity (self);
      arm_deadline (self);
    }
  _postseal_write_queue_append (self->deflate != NULL ? &self->plain_queue : &self->write_queue,
                                data, length < 0 ? strlen (data) : (gsize)length);
  schedule_write (self);
}

gsize
postseal_channel_get_queued (PostsealChannel *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->write_queue.end - self->write_queue.start + self->plain_queue.end
         - self->plain_queue.start;
}

void
postseal_channel_set_timeout (PostsealChannel *self, guint timeout_ms)
{
  g_return_if_fail (self != NULL);

  self->timeout_ms = timeout_ms;
  if (self->mode == MODE_LEAVING)
    return;
  stamp_activity (self);
  arm_deadline (self);
}

void
postseal_channel_pause (PostsealChannel *self)
{
  g_return_if_fail (self != NULL);

  if (self->mode != MODE_RUNNING)
    return;
  self->mode = MODE_PAUSED;
  postseal_loop_clear (&self->read_source);
  arm_deadline (self);
}

void
postseal_channel_resume (PostsealChannel *self)
{
  g_return_if_fail (self != NULL);

  if (self->mode != MODE_PAUSED)
    return;
  self->mode = MODE_RUNNING;
  stamp_activity (self);
  arm_deadline (self);
  start_reading (self);
  wake (self); /* for what was read or inflated before the pause */
}

void
postseal_channel_take_over (PostsealChannel *self,
                            const PostsealChannelHandler *handler,
                            gpointer user_data)
{
  g_return_if_fail (self != NULL);

  self->handler = handler;
  self->user_data = user_data;
  postseal_channel_set_timeout (self, 0);
  postseal_channel_resume (self);
  wake (self); /* for what is left over */
}

void
postseal_channel_start_deflate (PostsealChannel *self)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (self->deflate == NULL);
  g_return_if_fail (is_all_written (self));

  self->deflate = _postseal_deflate_new ();
  _postseal_read_buffer_hold (&self->raw_buffer, BUFFER_SIZE);
}

void
postseal_channel_fail (PostsealChannel *self, const GError *error)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (error != NULL);
  fail_with (self, g_error_copy (error));
}

void
postseal_channel_close_politely (PostsealChannel *self)
{
  g_return_if_fail (self != NULL);

  if ((self->mode != MODE_RUNNING && self->mode != MODE_PAUSED) || self->end_error != NULL
      || !flush_queue (self, NULL))
    {
      postseal_channel_free (self);
      return;
    }
  /* To close while the answer is on its way would reset the connection, and might cost the peer
   * what we said. */
  self->mode = MODE_LEAVING;
  g_source_set_ready_time (self->deadline_source,
                           g_get_monotonic_time ()
                               + POSTSEAL_LIMIT_CLOSE_MS * G_GINT64_CONSTANT (1000));
  start_reading (self);
  schedule_write (self);
}

guint64
postseal_channel_get_received (PostsealChannel *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->received;
}
