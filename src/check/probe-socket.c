/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/probe-socket-private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "base/limits.h"

struct _PostsealProbeSocket
{
  GSocket *socket; /* owned */
  GInetAddress *address; /* owned */
  guint16 port;
  const PostsealProbeLimit *limit; /* borrowed */
};

gint64
_postseal_probe_limit_within (const PostsealProbeLimit *limit, guint ms)
{
  return MIN (limit->end, g_get_monotonic_time () + ms * G_GINT64_CONSTANT (1000));
}

/* --- opening --- */

/* A connection that is being made to several addresses. */
typedef struct
{
  GPtrArray *addresses; /* borrowed */
  guint16 port;
  GPtrArray *sockets; /* owned: of those that were begun; NULL where it has failed */
  guint open; /* how many of them are under way */
  GError *error; /* owned, nullable: the most telling one */
} Attempt;

static void
unref_socket (gpointer socket)
{
  if (socket != NULL)
    g_object_unref (socket);
}

static void
keep_error (Attempt *attempt, GError *error)
{
  gboolean is_kept = g_error_matches (attempt->error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);

  if (is_kept)
    g_error_free (error);
  else
    {
      g_clear_error (&attempt->error);
      attempt->error = error;
    }
}

/* Begins with the next address. */
static void
begin (Attempt *attempt)
{
  GInetAddress *address = g_ptr_array_index (attempt->addresses, attempt->sockets->len);
  g_autoptr (GSocketAddress) target = g_inet_socket_address_new (address, attempt->port);
  GError *error = NULL;
  g_autoptr (GSocket) socket = g_socket_new (g_inet_address_get_family (address),
                                             G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);

  if (socket != NULL)
    {
      g_socket_set_blocking (socket, FALSE);
      /* What is measured is the server, not our kernel's patience. */
      g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
      if (g_socket_connect (socket, target, NULL, &error)
          || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING))
        {
          g_clear_error (&error);
          g_ptr_array_add (attempt->sockets, g_steal_pointer (&socket));
          attempt->open++;
          return;
        }
    }
  g_ptr_array_add (attempt->sockets, NULL);
  keep_error (attempt, error);
}

/* Returns: the index of a socket that is connected, or -1; those that have failed are dropped. */
static int
take_results (Attempt *attempt)
{
  for (guint i = 0; i < attempt->sockets->len; i++)
    {
      GSocket *socket = g_ptr_array_index (attempt->sockets, i);
      GError *error = NULL;

      if (socket == NULL || g_socket_condition_check (socket, G_IO_OUT | G_IO_ERR | G_IO_HUP) == 0)
        continue;
      if (g_socket_check_connect_result (socket, &error))
        return i;
      keep_error (attempt, error);
      g_object_unref (socket);
      g_ptr_array_index (attempt->sockets, i) = NULL;
      attempt->open--;
    }
  return -1;
}

static int
milliseconds_until (gint64 until)
{
  gint64 rest = (until - g_get_monotonic_time () + 999) / 1000;

  return CLAMP (rest, 0, G_MAXINT);
}

/* Sleeps until something has happened to one of the sockets. */
static void
wait_for_some (Attempt *attempt, GCancellable *cancellable, gint64 until)
{
  g_autofree GPollFD *fds = g_new0 (GPollFD, attempt->sockets->len + 1);
  guint count = 0;
  gboolean has_cancel_fd = g_cancellable_make_pollfd (cancellable, &fds[0]);

  count += has_cancel_fd;
  for (guint i = 0; i < attempt->sockets->len; i++)
    {
      GSocket *socket = g_ptr_array_index (attempt->sockets, i);

      if (socket != NULL)
        fds[count++] = (GPollFD){ g_socket_get_fd (socket), G_IO_OUT | G_IO_ERR | G_IO_HUP, 0 };
    }
  g_poll (fds, count, milliseconds_until (until));
  if (has_cancel_fd)
    g_cancellable_release_fd (cancellable);
}

/* Returns: the index of the address that answers, or -1 with an error in @attempt */
static int
race (Attempt *attempt, GCancellable *cancellable, gint64 until)
{
  gint64 next = 0; /* when another address is begun with */

  for (;;)
    {
      gint64 now = g_get_monotonic_time ();
      gboolean has_next = attempt->sockets->len < attempt->addresses->len;
      GError *error = NULL;
      int index = -1;

      if (g_cancellable_set_error_if_cancelled (cancellable, &error))
        {
          g_clear_error (&attempt->error);
          attempt->error = error;
          return -1;
        }
      if (has_next && (attempt->open == 0 || now >= next))
        {
          begin (attempt);
          next = now + POSTSEAL_LIMIT_HAPPY_EYEBALLS_MS * G_GINT64_CONSTANT (1000);
          continue;
        }
      index = take_results (attempt);
      if (index >= 0)
        return index;
      if (attempt->open == 0 && !has_next)
        return -1;
      if (now >= until)
        {
          keep_error (attempt, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                                    g_strerror (ETIMEDOUT)));
          return -1;
        }
      if (attempt->open > 0)
        wait_for_some (attempt, cancellable, has_next ? MIN (next, until) : until);
    }
}

PostsealProbeSocket *
_postseal_probe_socket_open (GPtrArray *addresses,
                             guint16 port,
                             const PostsealProbeLimit *limit,
                             gint64 until,
                             GError **error)
{
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (unref_socket);
  Attempt attempt = { addresses, port, sockets, 0, NULL };
  int index = race (&attempt, limit->cancellable, MIN (until, limit->end));
  PostsealProbeSocket *self = NULL;

  if (index < 0)
    {
      g_propagate_error (error, attempt.error);
      return NULL;
    }
  g_clear_error (&attempt.error);
  self = g_new0 (PostsealProbeSocket, 1);
  self->socket = g_object_ref (g_ptr_array_index (sockets, index));
  self->address = g_object_ref (g_ptr_array_index (addresses, index));
  self->port = port;
  self->limit = limit;
  return self;
}

void
_postseal_probe_socket_free (PostsealProbeSocket *self)
{
  if (self == NULL)
    return;
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_object_unref (self->address);
  g_free (self);
}

/* --- who --- */

GInetAddress *
_postseal_probe_socket_get_address (PostsealProbeSocket *self)
{
  return self->address;
}

char *
_postseal_probe_socket_describe (PostsealProbeSocket *self)
{
  g_autofree char *address = g_inet_address_to_string (self->address);

  return g_strdup_printf (strchr (address, ':') != NULL ? "[%s]:%u" : "%s:%u", address, self->port);
}

char *
_postseal_probe_socket_get_own_literal (PostsealProbeSocket *self)
{
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (self->socket, NULL);
  g_autofree char *address = NULL;

  if (!G_IS_INET_SOCKET_ADDRESS (local))
    return g_strdup ("[127.0.0.1]");
  address = g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local)));
  return g_strdup_printf (strchr (address, ':') != NULL ? "[IPv6:%s]" : "[%s]", address);
}

/* --- bytes --- */

gboolean
_postseal_probe_socket_wait (PostsealProbeSocket *self,
                             GIOCondition condition,
                             gint64 until,
                             GError **error)
{
  gint64 rest = MIN (until, self->limit->end) - g_get_monotonic_time ();

  return g_socket_condition_timed_wait (self->socket, condition, MAX (rest, 0),
                                        self->limit->cancellable, error);
}

/* A reset ends a connection, too. */
static gboolean
is_end (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
}

gssize
_postseal_probe_socket_receive (PostsealProbeSocket *self, void *buffer, gsize size, GError **error)
{
  GError *local = NULL;
  gssize count = g_socket_receive_with_blocking (self->socket, buffer, size, FALSE, NULL, &local);

  if (count >= 0)
    return count;
  if (is_end (local))
    {
      g_error_free (local);
      return 0;
    }
  g_propagate_error (error, local);
  return -1;
}

gssize
_postseal_probe_socket_send (PostsealProbeSocket *self,
                             const void *data,
                             gsize size,
                             GError **error)
{
  return g_socket_send_with_blocking (self->socket, data, size, FALSE, NULL, error);
}

gssize
_postseal_probe_socket_read (
    PostsealProbeSocket *self, void *buffer, gsize size, gint64 until, GError **error)
{
  for (;;)
    {
      GError *local = NULL;
      gssize count = _postseal_probe_socket_receive (self, buffer, size, &local);

      if (count >= 0)
        return count;
      if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          g_propagate_error (error, local);
          return -1;
        }
      g_error_free (local);
      if (!_postseal_probe_socket_wait (self, G_IO_IN, until, error))
        return -1;
    }
}

gboolean
_postseal_probe_socket_write (
    PostsealProbeSocket *self, const void *data, gsize size, gint64 until, GError **error)
{
  const char *rest = data;

  while (size > 0)
    {
      GError *local = NULL;
      gssize count = _postseal_probe_socket_send (self, rest, size, &local);

      if (count >= 0)
        {
          rest += count;
          size -= count;
          continue;
        }
      if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          g_propagate_error (error, local);
          return FALSE;
        }
      g_error_free (local);
      if (!_postseal_probe_socket_wait (self, G_IO_OUT, until, error))
        return FALSE;
    }
  return TRUE;
}
