/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tls-pollable-private.h"

#include <string.h>

#define RECORD_SIZE 16384

/* --- a source that looks into the session before it looks at the socket --- */

typedef gboolean (*IsReady) (PostsealTlsStream *stream, GIOCondition *ret_wait);

typedef struct
{
  GSource source;
  GObject *half; /* owned: input or output stream */
  PostsealTlsStream *stream; /* owned, may be NULL */
  IsReady is_ready;
  gpointer tag; /* of the socket's file descriptor, NULL once it is closed */
  GIOCondition wait;
} TlsSource;

static gboolean
prepare_source (GSource *source, int *timeout_ms)
{
  TlsSource *self = (TlsSource *)source;
  GIOCondition wait = 0;

  *timeout_ms = -1;
  if (self->is_ready (self->stream, &wait) || self->tag == NULL)
    return TRUE;
  if (wait != self->wait)
    g_source_modify_unix_fd (source, self->tag, wait);
  self->wait = wait;
  return FALSE;
}

static gboolean
check_source (GSource *source)
{
  TlsSource *self = (TlsSource *)source;
  GIOCondition wait = 0;

  return self->is_ready (self->stream, &wait) || self->tag == NULL
         || g_source_query_unix_fd (source, self->tag) != 0;
}

static gboolean
dispatch_source (GSource *source, GSourceFunc callback, gpointer user_data)
{
  TlsSource *self = (TlsSource *)source;

  return ((GPollableSourceFunc)(void (*) (void))callback) (self->half, user_data);
}

static void
finalize_source (GSource *source)
{
  TlsSource *self = (TlsSource *)source;

  g_object_unref (self->half);
  g_clear_object (&self->stream);
}

static GSourceFuncs source_funcs = {
  .prepare = prepare_source,
  .check = check_source,
  .dispatch = dispatch_source,
  .finalize = finalize_source,
};

static GSource *
make_source (gpointer half, PostsealTlsStream *stream, IsReady is_ready, GCancellable *cancellable)
{
  GSource *source = g_source_new (&source_funcs, sizeof (TlsSource));
  TlsSource *self = (TlsSource *)source;

  g_source_set_static_name (source, "PostsealTlsStream");
  self->half = g_object_ref (half);
  self->is_ready = is_ready;
  if (stream != NULL)
    {
      int fd = g_socket_get_fd (_postseal_tls_stream_get_socket (stream));

      self->stream = g_object_ref (stream);
      is_ready (stream, &self->wait);
      if (fd >= 0)
        self->tag = g_source_add_unix_fd (source, fd, self->wait);
    }
  if (cancellable != NULL)
    {
      g_autoptr (GSource) cancelled = g_cancellable_source_new (cancellable);

      g_source_set_dummy_callback (cancelled);
      g_source_add_child_source (source, cancelled);
    }
  return source;
}

/* TRUE when an operation would not wait now. */
static gboolean
is_ready_now (PostsealTlsStream *stream, IsReady is_ready)
{
  GIOCondition wait = 0;

  return is_ready (stream, &wait)
         || g_socket_condition_check (_postseal_tls_stream_get_socket (stream), wait) != 0;
}

/* --- input --- */

#define POSTSEAL_TYPE_TLS_INPUT (_postseal_tls_input_get_type ())
G_DECLARE_FINAL_TYPE (PostsealTlsInput, _postseal_tls_input, POSTSEAL, TLS_INPUT, GInputStream)

struct _PostsealTlsInput
{
  GInputStream parent_instance;

  PostsealTlsStream *stream; /* borrowed: it owns us; NULL once it has gone */
};

static void implement_pollable_input (GPollableInputStreamInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealTlsInput,
                               _postseal_tls_input,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      implement_pollable_input))

static gssize
read_input (
    GInputStream *input, void *buffer, gsize size, GCancellable *cancellable, GError **error)
{
  return _postseal_tls_stream_read (POSTSEAL_TLS_INPUT (input)->stream, buffer, size, error);
}

static gssize
read_input_nonblocking (GPollableInputStream *input, void *buffer, gsize size, GError **error)
{
  return _postseal_tls_stream_read (POSTSEAL_TLS_INPUT (input)->stream, buffer, size, error);
}

static gboolean
is_input_readable (GPollableInputStream *input)
{
  return is_ready_now (POSTSEAL_TLS_INPUT (input)->stream, _postseal_tls_stream_is_readable);
}

static GSource *
create_input_source (GPollableInputStream *input, GCancellable *cancellable)
{
  return make_source (input, POSTSEAL_TLS_INPUT (input)->stream, _postseal_tls_stream_is_readable,
                      cancellable);
}

static void
implement_pollable_input (GPollableInputStreamInterface *interface)
{
  interface->is_readable = is_input_readable;
  interface->create_source = create_input_source;
  interface->read_nonblocking = read_input_nonblocking;
}

static void
_postseal_tls_input_class_init (PostsealTlsInputClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = read_input;
}

static void
_postseal_tls_input_init (PostsealTlsInput *self)
{
}

GInputStream *
_postseal_tls_input_new (PostsealTlsStream *stream)
{
  PostsealTlsInput *self = g_object_new (POSTSEAL_TYPE_TLS_INPUT, NULL);

  self->stream = stream;
  return G_INPUT_STREAM (self);
}

/* --- output --- */

#define POSTSEAL_TYPE_TLS_OUTPUT (_postseal_tls_output_get_type ())
G_DECLARE_FINAL_TYPE (PostsealTlsOutput, _postseal_tls_output, POSTSEAL, TLS_OUTPUT, GOutputStream)

struct _PostsealTlsOutput
{
  GOutputStream parent_instance;

  PostsealTlsStream *stream; /* borrowed: it owns us; NULL once it has gone */
};

static void implement_pollable_output (GPollableOutputStreamInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealTlsOutput,
                               _postseal_tls_output,
                               G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      implement_pollable_output))

static gssize
write_output (
    GOutputStream *output, const void *data, gsize size, GCancellable *cancellable, GError **error)
{
  return _postseal_tls_stream_write (POSTSEAL_TLS_OUTPUT (output)->stream, data, size, error);
}

static gssize
write_output_nonblocking (GPollableOutputStream *output,
                          const void *data,
                          gsize size,
                          GError **error)
{
  return _postseal_tls_stream_write (POSTSEAL_TLS_OUTPUT (output)->stream, data, size, error);
}

/* Small pieces leave as one record. */
static GPollableReturn
writev_output_nonblocking (GPollableOutputStream *output,
                           const GOutputVector *vectors,
                           gsize count,
                           gsize *ret_written,
                           GError **error)
{
  g_autoptr (GError) local = NULL;
  guint8 record[RECORD_SIZE];
  gsize length = 0;
  gssize written = 0;

  for (gsize i = 0; i < count && length < sizeof record; i++)
    {
      gsize part = MIN (vectors[i].size, sizeof record - length);

      if (part > 0)
        memcpy (record + length, vectors[i].buffer, part);
      length += part;
    }
  written
      = _postseal_tls_stream_write (POSTSEAL_TLS_OUTPUT (output)->stream, record, length, &local);
  if (written < 0 && g_error_matches (local, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_POLLABLE_RETURN_WOULD_BLOCK;
  if (written < 0)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return G_POLLABLE_RETURN_FAILED;
    }
  *ret_written = written;
  return G_POLLABLE_RETURN_OK;
}

static gboolean
is_output_writable (GPollableOutputStream *output)
{
  return is_ready_now (POSTSEAL_TLS_OUTPUT (output)->stream, _postseal_tls_stream_is_writable);
}

static GSource *
create_output_source (GPollableOutputStream *output, GCancellable *cancellable)
{
  return make_source (output, POSTSEAL_TLS_OUTPUT (output)->stream,
                      _postseal_tls_stream_is_writable, cancellable);
}

static void
implement_pollable_output (GPollableOutputStreamInterface *interface)
{
  interface->is_writable = is_output_writable;
  interface->create_source = create_output_source;
  interface->write_nonblocking = write_output_nonblocking;
  interface->writev_nonblocking = writev_output_nonblocking;
}

static void
_postseal_tls_output_class_init (PostsealTlsOutputClass *klass)
{
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = write_output;
}

static void
_postseal_tls_output_init (PostsealTlsOutput *self)
{
}

GOutputStream *
_postseal_tls_output_new (PostsealTlsStream *stream)
{
  PostsealTlsOutput *self = g_object_new (POSTSEAL_TYPE_TLS_OUTPUT, NULL);

  self->stream = stream;
  return G_OUTPUT_STREAM (self);
}

void
_postseal_tls_pollable_orphan (GInputStream *input, GOutputStream *output)
{
  POSTSEAL_TLS_INPUT (input)->stream = NULL;
  POSTSEAL_TLS_OUTPUT (output)->stream = NULL;
}
