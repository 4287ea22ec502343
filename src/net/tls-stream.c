/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tls-stream-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "net/net-error.h"
#include "net/tls-pollable-private.h"

#define RECORD_SIZE 16384 /* RFC 8446 section 5.1 */
#define HEAD_SIZE 5 /* of a record: what GnuTLS reads first */

G_STATIC_ASSERT (sizeof (giovec_t) == sizeof (GOutputVector));
G_STATIC_ASSERT (G_STRUCT_OFFSET (giovec_t, iov_base) == G_STRUCT_OFFSET (GOutputVector, buffer));
G_STATIC_ASSERT (G_STRUCT_OFFSET (giovec_t, iov_len) == G_STRUCT_OFFSET (GOutputVector, size));

struct _PostsealTlsStream
{
  GIOStream parent_instance;

  GSocket *socket; /* owned */
  gnutls_session_t session; /* owned */
  char *server; /* owned */
  GInputStream *input; /* owned; points back here, until we go */
  GOutputStream *output; /* owned; likewise */
  gboolean is_open; /* the handshake is done */
  gboolean is_at_end; /* close_notify was read */
  gboolean has_said_end; /* close_notify was sent */
  GError *failure; /* owned: why no byte will come or go any more */
  GError *transport_error; /* owned: the socket's own words */
  GByteArray *unsent; /* owned: the record that GnuTLS wants to be given again */
  GIOCondition read_wait;
  GIOCondition write_wait;
  guint8 head[HEAD_SIZE]; /* the first bytes that came */
  gsize head_length;
  PostsealTlsTicketFunc ticket_func; /* NULL once called */
  gpointer ticket_data;
  GDestroyNotify ticket_destroy;
};

G_DEFINE_FINAL_TYPE (PostsealTlsStream, _postseal_tls_stream, G_TYPE_IO_STREAM)

/* --- transport --- */

static gssize
take_transport_error (PostsealTlsStream *self, GError *error)
{
  gboolean is_busy = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);

  gnutls_transport_set_errno (self->session, is_busy ? EAGAIN : EIO);
  if (is_busy || self->transport_error != NULL)
    g_error_free (error);
  else
    self->transport_error = error;
  return -1;
}

static gssize
pull (gnutls_transport_ptr_t data, void *buffer, gsize size)
{
  PostsealTlsStream *self = data;
  GError *error = NULL;
  gssize count = g_socket_receive_with_blocking (self->socket, buffer, size, FALSE, NULL, &error);

  if (count < 0)
    return take_transport_error (self, error);
  if (self->head_length < HEAD_SIZE)
    {
      gsize rest = MIN ((gsize)count, HEAD_SIZE - self->head_length);

      memcpy (self->head + self->head_length, buffer, rest);
      self->head_length += rest;
    }
  return count;
}

/* We never let GnuTLS wait. */
static int
pull_timeout (gnutls_transport_ptr_t data, unsigned ms)
{
  return 1;
}

static gssize
push (gnutls_transport_ptr_t data, const giovec_t *vectors, int count)
{
  PostsealTlsStream *self = data;
  GError *error = NULL;
  gsize written = 0;
  GPollableReturn result = g_socket_send_message_with_timeout (
      self->socket, NULL, (GOutputVector *)vectors, count, NULL, 0, 0, 0, &written, NULL, &error);

  if (result == G_POLLABLE_RETURN_OK)
    return written;
  if (result == G_POLLABLE_RETURN_WOULD_BLOCK && error == NULL)
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "");
  return take_transport_error (self, error);
}

/* --- failures --- */

static gboolean
must_wait (int result)
{
  return result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED;
}

static GIOCondition
wanted_condition (PostsealTlsStream *self)
{
  return gnutls_record_get_direction (self->session) != 0 ? G_IO_OUT : G_IO_IN;
}

static GError *
explain_failure (PostsealTlsStream *self, int result)
{
  gboolean is_cut = result == GNUTLS_E_PREMATURE_TERMINATION
                    || result == GNUTLS_E_UNEXPECTED_PACKET_LENGTH; /* the cut was in mid-record */

  if (!is_cut && g_error_matches (self->transport_error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT,
                        _ ("The connection to %s is dead: %s"), self->server,
                        self->transport_error->message);
  if (is_cut || self->transport_error != NULL)
    return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_TRUNCATED,
                        _ ("The connection to %s was cut without the end being announced; what was "
                           "under way is incomplete and will be done again (%s)"),
                        self->server,
                        self->transport_error != NULL ? self->transport_error->message
                                                      : gnutls_strerror (result));
  if (result == GNUTLS_E_FATAL_ALERT_RECEIVED)
    return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_TRUNCATED,
                        _ ("%s broke off the TLS connection with the alert “%s”"), self->server,
                        gnutls_alert_get_name (gnutls_alert_get (self->session)));
  return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_TRUNCATED,
                      _ ("The TLS connection to %s was damaged on the way: %s"), self->server,
                      gnutls_strerror (result));
}

/* FALSE with @error when the stream can do nothing any more. */
static gboolean
check_usable (PostsealTlsStream *self, GError **error)
{
  if (self != NULL && self->failure == NULL && self->is_open && !g_socket_is_closed (self->socket))
    return TRUE;
  if (self != NULL && self->failure != NULL)
    g_propagate_error (error, g_error_copy (self->failure));
  else
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, _ ("The connection is closed"));
  return FALSE;
}

static gssize
fail_would_block (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "Operation would block");
  return -1;
}

static gssize
fail_stream (PostsealTlsStream *self, int result, GError **error)
{
  self->failure = explain_failure (self, result);
  g_propagate_error (error, g_error_copy (self->failure));
  return -1;
}

/* --- reading and writing, for the two pollable streams --- */

static void
call_ticket_func (PostsealTlsStream *self)
{
  PostsealTlsTicketFunc func = self->ticket_func;

  if (func == NULL
      || (gnutls_session_get_flags (self->session) & GNUTLS_SFLAGS_SESSION_TICKET) == 0)
    return;
  self->ticket_func = NULL;
  func (self->session, self->ticket_data);
}

gssize
_postseal_tls_stream_read (PostsealTlsStream *self, void *buffer, gsize size, GError **error)
{
  gssize count = 0;

  if (!check_usable (self, error))
    return -1;
  if (self->is_at_end || size == 0)
    return 0;
  count = gnutls_record_recv (self->session, buffer, size);
  if (count < 0 && gnutls_error_is_fatal (count))
    return fail_stream (self, count, error);
  call_ticket_func (self);
  self->is_at_end = count == 0;
  if (count >= 0)
    return count;
  /* Nothing for us: half a record, a ticket, a key update, a warning, a wish to renegotiate (which
     TLS 1.2 lets a client pass over, RFC 5246 section 7.4.1.1). */
  self->read_wait = must_wait (count) ? wanted_condition (self) : G_IO_IN;
  return fail_would_block (error);
}

gboolean
_postseal_tls_stream_is_readable (PostsealTlsStream *self, GIOCondition *ret_wait)
{
  *ret_wait = G_IO_IN;
  if (self == NULL || self->failure != NULL || !self->is_open || self->is_at_end
      || g_socket_is_closed (self->socket))
    return TRUE; /* a read will not wait */
  *ret_wait = self->read_wait;
  /* Bytes that are decrypted already make no event on the socket. */
  return gnutls_record_check_pending (self->session) > 0;
}

gssize
_postseal_tls_stream_write (PostsealTlsStream *self, const void *data, gsize size, GError **error)
{
  gsize length = MIN (size, RECORD_SIZE);
  gssize count = 0;

  if (!check_usable (self, error))
    return -1;
  if (self->has_said_end)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, _ ("The connection is closed"));
      return -1;
    }
  if (self->unsent->len > 0)
    {
      if (size < self->unsent->len || memcmp (data, self->unsent->data, self->unsent->len) != 0)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                               "after WOULD_BLOCK the same bytes must be written again");
          return -1;
        }
      length = self->unsent->len;
    }
  if (length == 0)
    return 0;
  count = gnutls_record_send (self->session, data, length);
  if (must_wait (count))
    {
      if (self->unsent->len == 0)
        g_byte_array_append (self->unsent, data, length);
      self->write_wait = wanted_condition (self);
      return fail_would_block (error);
    }
  g_byte_array_set_size (self->unsent, 0);
  return count >= 0 ? count : fail_stream (self, count, error);
}

gboolean
_postseal_tls_stream_is_writable (PostsealTlsStream *self, GIOCondition *ret_wait)
{
  *ret_wait = G_IO_OUT;
  if (self == NULL || self->failure != NULL || !self->is_open || g_socket_is_closed (self->socket))
    return TRUE;
  *ret_wait = self->write_wait;
  return FALSE;
}

/* --- handshake --- */

int
_postseal_tls_stream_shake_hands (PostsealTlsStream *self, GIOCondition *ret_wait)
{
  int result = gnutls_handshake (self->session);

  if (result == GNUTLS_E_SUCCESS)
    {
      self->is_open = TRUE;
      return result;
    }
  if (!gnutls_error_is_fatal (result))
    {
      /* After a warning go on at once, but by way of the loop: a flood of them must not hold it up.
       */
      *ret_wait = must_wait (result) ? wanted_condition (self) : G_IO_OUT;
      return GNUTLS_E_AGAIN;
    }
  gnutls_alert_send_appropriate (self->session, result);
  return result;
}

gboolean
_postseal_tls_stream_heard_anything (PostsealTlsStream *self)
{
  return self->head_length > 0;
}

gboolean
_postseal_tls_stream_heard_garbage (PostsealTlsStream *self, gboolean *ret_is_text)
{
  gboolean is_text = TRUE;

  if (self->head_length == 0)
    return FALSE;
  for (gsize i = 0; i < self->head_length; i++)
    is_text = is_text && (g_ascii_isprint (self->head[i]) || g_ascii_isspace (self->head[i]));
  *ret_is_text = is_text;
  /* change_cipher_spec, alert, handshake: RFC 8446 section 5.1 */
  return is_text || self->head[0] < 0x14 || self->head[0] > 0x16
         || (self->head_length > 1 && self->head[1] != 0x03);
}

/* --- plain questions --- */

gnutls_session_t
_postseal_tls_stream_get_session (PostsealTlsStream *self)
{
  return self->session;
}

GSocket *
_postseal_tls_stream_get_socket (PostsealTlsStream *self)
{
  return self->socket;
}

const GError *
_postseal_tls_stream_get_transport_error (PostsealTlsStream *self)
{
  return self->transport_error;
}

void
_postseal_tls_stream_set_ticket_func (PostsealTlsStream *self,
                                      PostsealTlsTicketFunc func,
                                      gpointer user_data,
                                      GDestroyNotify destroy)
{
  self->ticket_func = func;
  self->ticket_data = user_data;
  self->ticket_destroy = destroy;
  call_ticket_func (self); /* TLS 1.2 tickets come with the handshake */
}

GBytes *
_postseal_tls_stream_get_channel_binding (GIOStream *stream, const char **ret_type)
{
  PostsealTlsStream *self = POSTSEAL_TLS_STREAM (stream);
  gboolean is_1_3 = gnutls_protocol_get_version (self->session) == GNUTLS_TLS1_3;
  gnutls_datum_t binding = { NULL, 0 };
  GBytes *bytes = NULL;

  if (!is_1_3 && !gnutls_session_ext_master_secret_status (self->session))
    return NULL;
  if (gnutls_session_channel_binding (
          self->session, is_1_3 ? GNUTLS_CB_TLS_EXPORTER : GNUTLS_CB_TLS_UNIQUE, &binding)
      < 0)
    return NULL;
  bytes = g_bytes_new (binding.data, binding.size);
  gnutls_free (binding.data);
  *ret_type = is_1_3 ? "tls-exporter" : "tls-unique";
  return bytes;
}

gboolean
_postseal_tls_stream_has_client_certificate (GIOStream *stream)
{
  PostsealTlsStream *self = POSTSEAL_TLS_STREAM (stream);

  return gnutls_certificate_client_get_request_status (self->session) != 0
         && gnutls_certificate_get_ours (self->session) != NULL;
}

gboolean
_postseal_tls_stream_end_writing (PostsealTlsStream *self)
{
  if (!self->has_said_end && self->is_open && self->failure == NULL)
    self->has_said_end = !must_wait (gnutls_bye (self->session, GNUTLS_SHUT_WR));
  return self->has_said_end || !self->is_open || self->failure != NULL;
}

/* --- object --- */

PostsealTlsStream *
_postseal_tls_stream_new (GSocket *socket, gnutls_session_t session, const char *server)
{
  PostsealTlsStream *self = g_object_new (POSTSEAL_TYPE_TLS_STREAM, NULL);

  self->socket = g_object_ref (socket);
  self->session = session;
  self->server = g_strdup (server);
  gnutls_transport_set_ptr (session, self);
  gnutls_transport_set_pull_function (session, pull);
  gnutls_transport_set_pull_timeout_function (session, pull_timeout);
  gnutls_transport_set_vec_push_function (session, push);
  gnutls_handshake_set_timeout (session, 0); /* deadlines are the caller's */
  return self;
}

static GInputStream *
get_input_stream (GIOStream *stream)
{
  return POSTSEAL_TLS_STREAM (stream)->input;
}

static GOutputStream *
get_output_stream (GIOStream *stream)
{
  return POSTSEAL_TLS_STREAM (stream)->output;
}

/* RFC 8446 section 6.1: each side announces its end; ours is one try, because close does not wait.
 */
static gboolean
close_stream (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  PostsealTlsStream *self = POSTSEAL_TLS_STREAM (stream);

  _postseal_tls_stream_end_writing (self);
  self->is_open = FALSE;
  return g_socket_close (self->socket, error);
}

static void
_postseal_tls_stream_finalize (GObject *object)
{
  PostsealTlsStream *self = POSTSEAL_TLS_STREAM (object);

  _postseal_tls_pollable_orphan (self->input, self->output);
  g_object_unref (self->input);
  g_object_unref (self->output);
  if (self->ticket_destroy != NULL)
    self->ticket_destroy (self->ticket_data);
  gnutls_deinit (self->session);
  g_object_unref (self->socket);
  g_byte_array_unref (self->unsent);
  g_clear_error (&self->failure);
  g_clear_error (&self->transport_error);
  g_free (self->server);
  G_OBJECT_CLASS (_postseal_tls_stream_parent_class)->finalize (object);
}

static void
_postseal_tls_stream_class_init (PostsealTlsStreamClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = _postseal_tls_stream_finalize;
  stream_class->get_input_stream = get_input_stream;
  stream_class->get_output_stream = get_output_stream;
  stream_class->close_fn = close_stream;
}

static void
_postseal_tls_stream_init (PostsealTlsStream *self)
{
  self->input = _postseal_tls_input_new (self);
  self->output = _postseal_tls_output_new (self);
  self->unsent = g_byte_array_new ();
  self->read_wait = G_IO_IN;
  self->write_wait = G_IO_OUT;
}
