/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/local-link.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/un.h>

#include "base/limits.h"
#include "net/net-error.h"

struct _PostsealLocalLink
{
  GSocket *socket; /* owned; never blocks by itself */
  char *address; /* owned: as given, for messages */
  guint timeout_ms;
  gsize start;
  gsize end;
  char buffer[POSTSEAL_LIMIT_LINE + 2]; /* one line and its CR LF */
};

static gboolean
is_local (GSocketAddress *address)
{
  if (G_IS_INET_SOCKET_ADDRESS (address))
    return g_inet_address_get_is_loopback (
        g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
  return G_IS_UNIX_SOCKET_ADDRESS (address);
}

/* Waits, but not longer than the account allows. */
static gboolean
wait_for (PostsealLocalLink *self, GIOCondition condition, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (g_socket_condition_timed_wait (self->socket, condition,
                                     self->timeout_ms * G_GINT64_CONSTANT (1000), NULL, &reason))
    return TRUE;
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    g_set_error (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT,
                 _ ("The program at “%s” has been silent for %u ms"), self->address,
                 self->timeout_ms);
  else
    g_set_error (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
                 _ ("Waiting for the program at “%s” failed: %s"), self->address, reason->message);
  return FALSE;
}

/* --- addresses --- */

static GList *
look_up_path (const char *path, GError **error)
{
  if (strlen (path) >= sizeof (((struct sockaddr_un *)NULL)->sun_path))
    {
      g_set_error (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT,
                   _ ("The path of the socket “%s” is too long"), path);
      return NULL;
    }
  return g_list_append (NULL, g_unix_socket_address_new (path));
}

static GList *
look_up_host (const char *address, GError **error)
{
  g_autoptr (GSocketConnectable) name = NULL;
  g_autoptr (GError) reason = NULL;
  g_autolist (GInetAddress) found = NULL;
  GList *addresses = NULL;
  guint16 port = 0;

  name = g_network_address_parse (address, 0, &reason);
  if (name != NULL)
    port = g_network_address_get_port (G_NETWORK_ADDRESS (name));
  if (name == NULL || port == 0)
    {
      g_set_error (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_RESOLVE,
                   _ ("“%s” is neither the path of a socket nor HOST:PORT"), address);
      return NULL;
    }
  found = g_resolver_lookup_by_name (g_resolver_get_default (),
                                     g_network_address_get_hostname (G_NETWORK_ADDRESS (name)),
                                     NULL, &reason);
  if (found == NULL)
    g_set_error (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_RESOLVE,
                 _ ("No address was found for “%s”: %s"), address, reason->message);
  for (GList *item = found; item != NULL; item = item->next)
    addresses = g_list_append (addresses, g_inet_socket_address_new (item->data, port));
  return addresses;
}

/* --- connecting --- */

/* Returns: TRUE when self->socket is connected */
static gboolean
connect_to (PostsealLocalLink *self, GSocketAddress *address, GError **error)
{
  g_autoptr (GError) reason = NULL;

  g_clear_object (&self->socket);
  self->socket = g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM,
                               G_SOCKET_PROTOCOL_DEFAULT, &reason);
  if (self->socket != NULL)
    {
      g_socket_set_blocking (self->socket, FALSE);
      if (g_socket_connect (self->socket, address, NULL, &reason))
        return TRUE;
      if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PENDING))
        {
          g_clear_error (&reason);
          if (!wait_for (self, G_IO_OUT, error))
            return FALSE;
          if (g_socket_check_connect_result (self->socket, &reason))
            return TRUE;
        }
    }
  g_set_error (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT,
               _ ("Nobody answers at “%s”; start the program that takes the mail there: %s"),
               self->address, reason->message);
  return FALSE;
}

/* Tries the local ones of @addresses in order. */
static gboolean
connect_to_any (PostsealLocalLink *self, GList *addresses, GError **error)
{
  g_autoptr (GError) last = NULL;

  for (GList *item = addresses; item != NULL; item = item->next)
    {
      if (!is_local (item->data))
        continue;
      g_clear_error (&last);
      if (connect_to (self, item->data, &last))
        return TRUE;
    }
  if (last == NULL)
    g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_NOT_LOOPBACK,
                 _ ("“%s” is not on this machine; mail is not handed to another one without TLS"),
                 self->address);
  else
    g_propagate_error (error, g_steal_pointer (&last));
  return FALSE;
}

PostsealLocalLink *
postseal_local_link_open (const char *address, guint timeout_ms, GError **error)
{
  g_autolist (GSocketAddress) addresses = NULL;
  g_autoptr (PostsealLocalLink) self = NULL;

  g_return_val_if_fail (address != NULL, NULL);

  addresses = address[0] == '/' ? look_up_path (address, error) : look_up_host (address, error);
  if (addresses == NULL)
    return NULL;
  self = g_new0 (PostsealLocalLink, 1);
  self->address = g_strdup (address);
  self->timeout_ms = timeout_ms;
  return connect_to_any (self, addresses, error) ? g_steal_pointer (&self) : NULL;
}

void
postseal_local_link_close (PostsealLocalLink *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->socket); /* closes it */
  g_free (self->address);
  g_free (self);
}

/* --- talking --- */

gboolean
postseal_local_link_write (PostsealLocalLink *self, const void *data, gsize length, GError **error)
{
  const char *at = data;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (data != NULL || length == 0, FALSE);

  while (length > 0)
    {
      g_autoptr (GError) reason = NULL;
      gssize n_sent = g_socket_send (self->socket, at, length, NULL, &reason);

      if (n_sent >= 0)
        {
          at += n_sent;
          length -= (gsize)n_sent;
        }
      else if (!g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          g_set_error (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
                       _ ("Sending to the program at “%s” failed: %s"), self->address,
                       reason->message);
          return FALSE;
        }
      else if (!wait_for (self, G_IO_OUT, error))
        return FALSE;
    }
  return TRUE;
}

/* Returns: FALSE at the end of the stream, too */
static gboolean
read_more (PostsealLocalLink *self, GError **error)
{
  memmove (self->buffer, self->buffer + self->start, self->end - self->start);
  self->end -= self->start;
  self->start = 0;

  for (;;)
    {
      g_autoptr (GError) reason = NULL;
      gssize n_read = g_socket_receive (self->socket, self->buffer + self->end,
                                        sizeof self->buffer - self->end, NULL, &reason);

      if (n_read > 0)
        {
          self->end += (gsize)n_read;
          return TRUE;
        }
      if (n_read == 0 || !g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          g_set_error (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
                       _ ("The program at “%s” ended the conversation too early: %s"),
                       self->address, n_read == 0 ? _ ("end of stream") : reason->message);
          return FALSE;
        }
      if (!wait_for (self, G_IO_IN, error))
        return FALSE;
    }
}

char *
postseal_local_link_read_line (PostsealLocalLink *self, GError **error)
{
  gsize n_seen = 0;

  g_return_val_if_fail (self != NULL, NULL);

  for (;;)
    {
      const char *line = self->buffer + self->start;
      gsize length = self->end - self->start;
      const char *end = memchr (line + n_seen, '\n', length - n_seen);

      if (end != NULL)
        {
          self->start += (gsize)(end - line) + 1;
          length = (gsize)(end - line);
          if (length > 0 && line[length - 1] == '\r')
            length--;
          return g_strndup (line, length);
        }
      if (length == sizeof self->buffer)
        {
          g_set_error (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
                       _ ("The program at “%s” sent a line longer than %d bytes"), self->address,
                       POSTSEAL_LIMIT_LINE);
          return NULL;
        }
      n_seen = length;
      if (!read_more (self, error))
        return NULL;
    }
}
