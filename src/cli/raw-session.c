/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/raw-session.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "auth/credential.h"
#include "base/limits.h"
#include "base/loop.h"
#include "engine/outcome.h"
#include "net/net-error.h"
#include "wire/crlf-codec.h"

#define INPUT_CHUNK 16384
#define MOST_QUEUED 262144 /* bytes for the server: more input waits until these have left */

typedef enum
{
  STATE_OPEN,
  STATE_INPUT_ENDED, /* the server does not know yet */
  STATE_HALF_CLOSED, /* the server knows */
  STATE_OVER,
} RawState;

struct _PostsealRawSession
{
  PostsealRawSessionOptions options;
  PostsealRawSessionEndedFunc ended;
  gpointer user_data;
  PostsealChannel *channel; /* owned once begun */
  RawState state;
  gboolean had_cr; /* the last byte of the input */
  GString *line_ends; /* owned: input with the line ends of the wire */
  guint in_source; /* 0: not listening */
  guint out_source; /* 0: not waiting */
  GSource *last_words; /* owned, NULL unless the server is to be told of the end */
};

/* @error: (nullable): borrowed */
static void
end (PostsealRawSession *self, int status, const GError *error)
{
  if (self->state == STATE_OVER)
    return;
  self->state = STATE_OVER;
  g_clear_handle_id (&self->in_source, g_source_remove);
  g_clear_handle_id (&self->out_source, g_source_remove);
  postseal_loop_clear (&self->last_words);
  self->ended (status, error, self->user_data);
}

static void G_GNUC_PRINTF (2, 3) end_for_trouble (PostsealRawSession *self, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  va_list arguments;

  va_start (arguments, format);
  error = g_error_new_valist (G_IO_ERROR, G_IO_ERROR_FAILED, format, arguments);
  va_end (arguments);
  end (self, 74, error);
}

/* --- from the server --- */

static gboolean
on_output_ready (int fd, GIOCondition condition, gpointer user_data)
{
  PostsealRawSession *self = user_data;

  self->out_source = 0;
  postseal_channel_resume (self->channel);
  return G_SOURCE_REMOVE;
}

/* Whoever shares the descriptor with us expects it to block, so it is left so: what is announced as
   ready takes this much at least without blocking (pipe(7)). Returns: bytes written */
static gsize
write_out (PostsealRawSession *self, const char *data, gsize length)
{
  struct pollfd ready = { .fd = self->options.out, .events = POLLOUT };
  gsize written = 0;

  while (written < length && self->state != STATE_OVER && poll (&ready, 1, 0) > 0)
    {
      gssize n = write (self->options.out, data + written, MIN (length - written, PIPE_BUF));

      if (n >= 0)
        written += (gsize)n;
      else if (errno == EAGAIN)
        break;
      else if (errno != EINTR)
        end_for_trouble (self, _ ("Cannot write to standard output: %s"), g_strerror (errno));
    }
  return written;
}

static void await_last_words (PostsealRawSession *self);

static gsize
on_data (PostsealChannel *channel, const char *data, gsize length, gpointer user_data)
{
  PostsealRawSession *self = user_data;
  gsize written = write_out (self, data, length);

  postseal_raw_record_bytes (self->options.record, POSTSEAL_TRANSCRIPT_RECEIVED, data, written);
  if (self->state == STATE_OVER)
    return length;
  if (self->state == STATE_INPUT_ENDED)
    await_last_words (self);
  if (written < length)
    {
      postseal_channel_pause (channel);
      self->out_source = g_unix_fd_add (self->options.out, G_IO_OUT, on_output_ready, self);
    }
  return written;
}

static void
on_closed (PostsealChannel *channel, const GError *error, gpointer user_data)
{
  PostsealRawSession *self = user_data;
  g_autoptr (GError) kept = g_error_copy (error);

  gboolean is_cut = g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_TRUNCATED);

  /* Postfix, told of our end, just leaves; it had nothing more to say. */
  if (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED)
      || (is_cut && self->state == STATE_HALF_CLOSED))
    g_clear_error (&kept);
  else if (is_cut)
    {
      g_free (kept->message);
      kept->message = g_strdup (_ ("The connection was cut without the server announcing its end; "
                                   "what it said may be incomplete"));
    }
  end (self, postseal_outcome_exit_status (kept), kept);
}

/* --- to the server --- */

/* A server that is told of our end often drops what it still had to say, so it is told when it has
   nothing to say. */
static gboolean
on_last_words (gpointer user_data)
{
  PostsealRawSession *self = user_data;

  postseal_loop_clear (&self->last_words);
  if (postseal_channel_get_queued (self->channel) == 0
      && postseal_sealed_link_end_writing (postseal_channel_get_link (self->channel)))
    self->state = STATE_HALF_CLOSED;
  else
    await_last_words (self);
  return G_SOURCE_REMOVE;
}

static void
await_last_words (PostsealRawSession *self)
{
  postseal_loop_clear (&self->last_words);
  self->last_words = postseal_loop_add_timeout (POSTSEAL_LIMIT_LAST_WORDS_MS, on_last_words, self);
}

static void
end_input (PostsealRawSession *self)
{
  self->state = STATE_INPUT_ENDED;
  postseal_channel_set_timeout (self->channel, self->options.timeout_ms);
  await_last_words (self);
}

static void
send_input (PostsealRawSession *self, const char *data, gsize length)
{
  if (self->options.keeps_line_feeds)
    {
      postseal_channel_write (self->channel, data, (gssize)length);
      return;
    }
  postseal_crlf_encode (&self->had_cr, data, length, self->line_ends);
  postseal_channel_write (self->channel, self->line_ends->str, (gssize)self->line_ends->len);
  postseal_wipe (self->line_ends->str, self->line_ends->len);
  g_string_truncate (self->line_ends, 0);
}

static gboolean
on_input (int fd, GIOCondition condition, gpointer user_data)
{
  PostsealRawSession *self = user_data;
  char buffer[INPUT_CHUNK];
  gssize length = read (fd, buffer, sizeof buffer);

  if (length < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (length > 0)
    {
      postseal_raw_record_bytes (self->options.record, POSTSEAL_TRANSCRIPT_SENT, buffer,
                                 (gsize)length);
      send_input (self, buffer, (gsize)length);
      postseal_wipe (buffer, (gsize)length);
      if (postseal_channel_get_queued (self->channel) < MOST_QUEUED)
        return G_SOURCE_CONTINUE;
    }
  self->in_source = 0;
  /* EIO: of a terminal that is gone. */
  if (length < 0 && errno != EIO)
    end_for_trouble (self, _ ("Cannot read standard input: %s"), g_strerror (errno));
  else if (length <= 0)
    end_input (self);
  return G_SOURCE_REMOVE;
}

static void
listen_to_input (PostsealRawSession *self)
{
  if (self->state == STATE_OPEN && self->in_source == 0)
    self->in_source = g_unix_fd_add (self->options.in, G_IO_IN | G_IO_HUP, on_input, self);
}

static void
on_drained (PostsealChannel *channel, gpointer user_data)
{
  listen_to_input (user_data);
}

/* --- public --- */

const PostsealChannelHandler postseal_raw_session_handler
    = { .on_data = on_data, .on_closed = on_closed, .on_drained = on_drained };

PostsealRawSession *
postseal_raw_session_new (const PostsealRawSessionOptions *options,
                          PostsealRawSessionEndedFunc ended,
                          gpointer user_data)
{
  PostsealRawSession *self = g_new0 (PostsealRawSession, 1);

  self->options = *options;
  self->ended = ended;
  self->user_data = user_data;
  self->line_ends = g_string_sized_new (2 * INPUT_CHUNK);
  return self;
}

void
postseal_raw_session_free (PostsealRawSession *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->in_source, g_source_remove);
  g_clear_handle_id (&self->out_source, g_source_remove);
  postseal_loop_clear (&self->last_words);
  g_clear_pointer (&self->channel, postseal_channel_free);
  g_string_free (self->line_ends, TRUE);
  g_free (self);
}

void
postseal_raw_session_begin (PostsealRawSession *self, PostsealChannel *channel)
{
  self->channel = channel;
  listen_to_input (self);
}
