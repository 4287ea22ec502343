/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/redirect-listener.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "auth/credential.h"

#define REQUEST_MAX 16384
#define SILENCE_S 10

struct _PostsealRedirectListener
{
  GSocketService *service; /* owned */
  guint16 port;
  PostsealRedirectFunc func; /* NULL once it has its answer */
  gpointer user_data; /* borrowed: the maker's */
  GCancellable *cancellable; /* owned: ends what is being read */
};

typedef struct
{
  PostsealRedirectListener *listener; /* borrowed: gone when cancelled */
  GCancellable *cancellable; /* owned: cancelled when the listener goes */
  GSocketConnection *connection; /* owned */
  gsize length;
  char request[REQUEST_MAX + 1];
} Visit;

static void
free_visit (Visit *visit)
{
  g_object_unref (visit->connection);
  g_object_unref (visit->cancellable);
  postseal_wipe (visit, sizeof *visit);
  g_free (visit);
}

static void
reply (Visit *visit, const char *status, const char *sentence)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (visit->connection));
  g_autofree char *page = g_strdup_printf (
      "<!DOCTYPE html><meta charset=\"utf-8\"><title>Postseal</title><p>%s</p>\n", sentence);
  g_autofree char *answer
      = g_strdup_printf ("HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\n"
                         "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
                         "Connection: close\r\nContent-Length: %zu\r\n\r\n%s",
                         status, strlen (page), page);

  /* A page is smaller than any socket's buffer: this does not wait. */
  (void)g_output_stream_write_all (output, answer, strlen (answer), NULL, NULL, NULL);
  (void)g_io_stream_close (G_IO_STREAM (visit->connection), NULL, NULL);
}

/* "GET /?QUERY HTTP/1.1". Returns: (nullable): the query, in place */
static char *
find_query (char *line)
{
  static const char start[] = "GET /?";
  char *query = NULL;
  char *end = NULL;

  if (!g_str_has_prefix (line, start))
    return NULL;
  query = line + strlen (start);
  end = strchr (query, ' ');
  if (end == NULL || !g_str_has_prefix (end + 1, "HTTP/1."))
    return NULL;
  *end = '\0';
  return query;
}

static void
take_request (Visit *visit)
{
  PostsealRedirectListener *listener = visit->listener;
  char *query = NULL;

  *strchr (visit->request, '\n') = '\0';
  query = find_query (visit->request);
  if (query == NULL || listener->func == NULL || !listener->func (query, listener->user_data))
    {
      reply (visit, "404 Not Found", _ ("Nothing is waited for here."));
      return;
    }
  listener->func = NULL;
  reply (visit, "200 OK", _ ("Postseal has got the answer. You can close this page."));
  g_socket_service_stop (listener->service);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visit *visit = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (n <= 0 || g_cancellable_is_cancelled (visit->cancellable))
    {
      free_visit (visit);
      return;
    }
  visit->length += (gsize)n;
  visit->request[visit->length] = '\0';
  if (strchr (visit->request, '\n') != NULL)
    take_request (visit);
  else if (visit->length < REQUEST_MAX)
    {
      g_input_stream_read_async (G_INPUT_STREAM (source), visit->request + visit->length,
                                 REQUEST_MAX - visit->length, G_PRIORITY_DEFAULT,
                                 visit->cancellable, on_read, visit);
      return;
    }
  free_visit (visit);
}

static gboolean
on_incoming (GSocketService *service,
             GSocketConnection *connection,
             GObject *source,
             gpointer user_data)
{
  PostsealRedirectListener *self = user_data;
  Visit *visit = g_new0 (Visit, 1);

  visit->listener = self;
  visit->connection = g_object_ref (connection);
  visit->cancellable = g_object_ref (self->cancellable);
  g_socket_set_timeout (g_socket_connection_get_socket (connection), SILENCE_S);
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                             visit->request, REQUEST_MAX, G_PRIORITY_DEFAULT, self->cancellable,
                             on_read, visit);
  return TRUE;
}

PostsealRedirectListener *
postseal_redirect_listener_new (PostsealRedirectFunc func, gpointer user_data, GError **error)
{
  g_autoptr (GSocketService) service = g_socket_service_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) effective = NULL;
  PostsealRedirectListener *self = NULL;

  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (service), wanted, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_TCP, NULL, &effective, error))
    return NULL;
  self = g_new0 (PostsealRedirectListener, 1);
  self->service = g_steal_pointer (&service);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));
  self->func = func;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  g_socket_service_start (self->service);
  return self;
}

guint16
postseal_redirect_listener_get_port (PostsealRedirectListener *self)
{
  return self->port;
}

void
postseal_redirect_listener_free (PostsealRedirectListener *self)
{
  g_signal_handlers_disconnect_by_data (self->service, self);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_object_unref (self->service);
  g_free (self);
}
