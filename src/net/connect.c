/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/connect-private.h"

#include <glib/gi18n-lib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "base/loop.h"
#include "net/net-error.h"

#define RESOLUTION_DELAY_MS 50 /* RFC 8305 section 3: how long IPv4 answers wait for IPv6 ones */
#define ADDRESSES_TRIED 32 /* a name with more is not a mail server's */

enum
{
  IPV6,
  IPV4,
  N_FAMILIES,
};

typedef struct
{
  GTask *task; /* borrowed: this is its data; NULL once it has returned */
  PostsealEndpoint *endpoint; /* owned */
  PostsealTranscript *transcript; /* owned, may be NULL */
  guint timeout_ms;
  GCancellable *lookup_cancellable; /* owned */
  GQueue addresses[N_FAMILIES]; /* owned GInetAddress, still to be tried */
  gboolean is_resolved[N_FAMILIES];
  int next_family;
  guint tried;
  GPtrArray *attempts; /* owned GSource: connections in progress */
  GSource *pause; /* owned: runs out -> next attempt */
  GSource *deadline; /* owned */
  GSource *cancelled; /* owned */
  GError *last_error; /* owned */
} Connect;

static void
destroy_attempt (gpointer data)
{
  g_source_destroy (data);
  g_source_unref (data);
}

static void
free_connect (gpointer data)
{
  Connect *self = data;

  postseal_endpoint_unref (self->endpoint);
  postseal_transcript_unref (self->transcript);
  g_object_unref (self->lookup_cancellable);
  g_queue_clear_full (&self->addresses[IPV6], g_object_unref);
  g_queue_clear_full (&self->addresses[IPV4], g_object_unref);
  g_ptr_array_unref (self->attempts);
  g_clear_error (&self->last_error);
  g_free (self);
}

/* Returns @socket, or @error; whatever else is going on ends. */
static void
finish (Connect *self, GSocket *socket, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  postseal_loop_clear (&self->pause);
  postseal_loop_clear (&self->deadline);
  postseal_loop_clear (&self->cancelled);
  g_ptr_array_set_size (self->attempts, 0);
  g_cancellable_cancel (self->lookup_cancellable);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, socket, g_object_unref);
}

static void
set_timer (GSource **timer, guint after_ms, GSourceFunc func, Connect *self)
{
  postseal_loop_clear (timer);
  *timer = postseal_loop_add_timeout (after_ms, func, self);
}

static GError *
explain_failure (Connect *self)
{
  g_autofree char *server = postseal_endpoint_to_string (self->endpoint);
  const char *reason = self->last_error != NULL ? self->last_error->message : _ ("no answer");

  if (self->tried == 0)
    return g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_RESOLVE,
                        _ ("There is no address for “%s”; check the name and the network (%s)"),
                        self->endpoint->host, reason);
  if (self->tried == 1)
    return g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT,
                        _ ("Nobody answers at %s; check the port and the network (%s)"), server,
                        reason);
  return g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT,
                      _ ("Nobody answers at %s, at none of %u addresses; check the port and the "
                         "network (%s)"),
                      server, self->tried, reason);
}

static gboolean
on_deadline (gpointer user_data)
{
  Connect *self = user_data;

  /* An older refusal is not why we gave up. */
  g_clear_error (&self->last_error);
  if (self->tried > 0)
    self->last_error = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                    _ ("no answer for %.4g seconds"), self->timeout_ms / 1000.0);
  finish (self, NULL, explain_failure (self));
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GError *error = NULL;

  g_cancellable_set_error_if_cancelled (cancellable, &error);
  finish (user_data, NULL, error);
  return G_SOURCE_REMOVE;
}

/* --- attempts --- */

static void try_next (Connect *self);

/* No limit of ours is above what the user allows. */
static void
tune_socket (GSocket *socket, guint timeout_ms)
{
  int unacknowledged_ms = (int)CLAMP (timeout_ms, POSTSEAL_LIMIT_UNACKNOWLEDGED_MS, G_MAXINT);

  g_socket_set_blocking (socket, FALSE);
  g_socket_set_keepalive (socket, TRUE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPIDLE, POSTSEAL_LIMIT_KEEPALIVE_IDLE_S, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPINTVL, POSTSEAL_LIMIT_KEEPALIVE_INTERVAL_S,
                       NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPCNT, POSTSEAL_LIMIT_KEEPALIVE_PROBES, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, unacknowledged_ms, NULL);
}

static void
take_failure (Connect *self, GError *error)
{
  postseal_transcript_note (self->transcript, "%s", error->message);
  g_clear_error (&self->last_error);
  self->last_error = error;
}

static gboolean
on_attempt_ready (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Connect *self = user_data;
  GError *error = NULL;

  if (g_socket_check_connect_result (socket, &error))
    {
      g_object_ref (socket); /* its source, which holds it, goes in finish () */
      finish (self, socket, NULL);
      return G_SOURCE_REMOVE;
    }
  take_failure (self, error);
  g_ptr_array_remove (self->attempts, g_main_current_source ());
  try_next (self);
  return G_SOURCE_REMOVE;
}

/* FALSE when the attempt has failed already; it never succeeds within this call. */
static gboolean
start_attempt (Connect *self, GInetAddress *address)
{
  g_autoptr (GSocketAddress) target = g_inet_socket_address_new (address, self->endpoint->port);
  g_autoptr (GSocket) socket = NULL;
  g_autofree char *text = g_inet_address_to_string (address);
  GSource *source = NULL;
  GError *error = NULL;

  if (self->tried++ == 0)
    postseal_transcript_fact (self->transcript, "stage", "connect");
  postseal_transcript_note (self->transcript, "connecting to %s port %u", text,
                            self->endpoint->port);
  socket = g_socket_new (g_inet_address_get_family (address), G_SOCKET_TYPE_STREAM,
                         G_SOCKET_PROTOCOL_TCP, &error);
  if (socket != NULL)
    {
      tune_socket (socket, self->timeout_ms);
      g_socket_connect (socket, target, NULL, &error);
    }
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PENDING))
    {
      take_failure (self, error);
      return FALSE;
    }
  g_clear_error (&error);
  source = g_socket_create_source (socket, G_IO_OUT, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (on_attempt_ready), self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  g_ptr_array_add (self->attempts, source);
  return TRUE;
}

/* RFC 8305 section 4: the families take turns. */
static GInetAddress *
pop_address (Connect *self)
{
  int family = g_queue_is_empty (&self->addresses[self->next_family]) ? !self->next_family
                                                                      : self->next_family;
  GInetAddress *address = g_queue_pop_head (&self->addresses[family]);

  if (address != NULL)
    self->next_family = !family;
  return address;
}

static gboolean
on_pause_over (gpointer user_data)
{
  Connect *self = user_data;

  postseal_loop_clear (&self->pause);
  try_next (self);
  return G_SOURCE_REMOVE;
}

/* Starts the next attempt that does not fail at once; ends it all when there is nothing left to
 * try. */
static void
try_next (Connect *self)
{
  postseal_loop_clear (&self->pause);
  while (self->tried < ADDRESSES_TRIED)
    {
      g_autoptr (GInetAddress) address = pop_address (self);

      if (address == NULL)
        break;
      if (start_attempt (self, address))
        {
          set_timer (&self->deadline, self->timeout_ms, on_deadline, self);
          set_timer (&self->pause, POSTSEAL_LIMIT_HAPPY_EYEBALLS_MS, on_pause_over, self);
          return;
        }
    }
  if (self->attempts->len == 0 && self->is_resolved[IPV6] && self->is_resolved[IPV4])
    finish (self, NULL, explain_failure (self));
}

/* --- names --- */

static void
take_addresses (Connect *self, int family, GList *addresses)
{
  self->is_resolved[family] = TRUE;
  for (GList *link = addresses; link != NULL; link = link->next)
    g_queue_push_tail (&self->addresses[family], g_object_ref (link->data));
}

/* New addresses have come, or the last lookup has failed. */
static void
go_on (Connect *self)
{
  gboolean is_first = self->tried == 0;

  if (is_first && !self->is_resolved[IPV6])
    set_timer (&self->pause, RESOLUTION_DELAY_MS, on_pause_over, self);
  else if (is_first || self->pause == NULL)
    try_next (self);
}

static void
take_lookup (GObject *source, GAsyncResult *result, gpointer user_data, int family)
{
  g_autoptr (GTask) task = user_data; /* keeps @self alive when finish () was first */
  Connect *self = g_task_get_task_data (task);
  GList *addresses = NULL;
  GError *error = NULL;

  addresses = g_resolver_lookup_by_name_with_flags_finish (G_RESOLVER (source), result, &error);
  if (self->task == NULL)
    g_clear_error (&error);
  else
    {
      if (error != NULL && self->last_error == NULL)
        self->last_error = g_steal_pointer (&error);
      g_clear_error (&error);
      take_addresses (self, family, addresses);
      go_on (self);
    }
  g_resolver_free_addresses (addresses);
}

static void
on_ipv6_resolved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  take_lookup (source, result, user_data, IPV6);
}

static void
on_ipv4_resolved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  take_lookup (source, result, user_data, IPV4);
}

static void
start_lookups (Connect *self)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  const char *host = self->endpoint->host;

  postseal_transcript_fact (self->transcript, "stage", "resolve");
  postseal_transcript_note (self->transcript, "resolving %s", host);
  g_resolver_lookup_by_name_with_flags_async (
      resolver, host, G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY, self->lookup_cancellable,
      on_ipv6_resolved, g_object_ref (self->task));
  g_resolver_lookup_by_name_with_flags_async (
      resolver, host, G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY, self->lookup_cancellable,
      on_ipv4_resolved, g_object_ref (self->task));
}

void
_postseal_connect_async (PostsealEndpoint *endpoint,
                         guint timeout_ms,
                         PostsealTranscript *transcript,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  Connect *self = g_new0 (Connect, 1);
  g_autoptr (GInetAddress) literal = g_inet_address_new_from_string (endpoint->host);

  self->task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, _postseal_connect_async);
  g_task_set_task_data (self->task, self, free_connect);
  self->endpoint = postseal_endpoint_ref (endpoint);
  self->transcript = postseal_transcript_ref (transcript);
  self->timeout_ms = timeout_ms;
  self->lookup_cancellable = g_cancellable_new ();
  self->attempts = g_ptr_array_new_with_free_func (destroy_attempt);
  set_timer (&self->deadline, timeout_ms, on_deadline, self);
  self->cancelled = postseal_loop_add_cancellable (cancellable, on_cancelled, self);
  if (literal == NULL)
    {
      start_lookups (self);
      return;
    }
  self->is_resolved[IPV6] = self->is_resolved[IPV4] = TRUE;
  g_queue_push_tail (&self->addresses[IPV6], g_steal_pointer (&literal));
  try_next (self);
}

GSocket *
_postseal_connect_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
_postseal_connect_is_loopback (GSocketAddress *address)
{
  static const guint8 mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127 };
  GInetAddress *inet = NULL;

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return FALSE;
  inet = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address));
  return g_inet_address_get_is_loopback (inet)
         || (g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV6
             && memcmp (g_inet_address_to_bytes (inet), mapped, sizeof mapped) == 0);
}
