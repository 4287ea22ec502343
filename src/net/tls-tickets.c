/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tls-tickets-private.h"

#define TICKETS_PER_KEY 4 /* as many connections may resume at once */
#define KEYS_KEPT 256
#define LONGEST_KEPT_US (G_GINT64_CONSTANT (24 * 3600) * G_USEC_PER_SEC)

static GMutex mutex;
static GHashTable
    *kept; /* owned char * -> owned GQueue of owned tickets, newest first; with mutex held */

void
_postseal_tls_ticket_free (PostsealTlsTicket *self)
{
  if (self == NULL)
    return;
  g_bytes_unref (self->session);
  _postseal_tls_chain_unref (self->chain);
  g_free (self);
}

static void
free_queue (gpointer data)
{
  g_queue_free_full (data, (GDestroyNotify)_postseal_tls_ticket_free);
}

char *
_postseal_tls_tickets_key (const char *scope,
                           const PostsealEndpoint *endpoint,
                           const PostsealTlsPolicy *policy)
{
  g_autofree char *server = NULL;
  g_autofree char *digest = NULL;

  if (scope == NULL || policy->client_certificate != NULL)
    return NULL;
  server = postseal_endpoint_to_string (endpoint);
  digest = postseal_tls_policy_digest (policy);
  /* Protocol and start, too: a session of one service must not open another (RFC 8446
   * section 4.6.1). */
  return g_strdup_printf ("%s %d %d %s %s", digest, endpoint->protocol, endpoint->start, server,
                          scope);
}

static gboolean
is_too_old (const PostsealTlsTicket *ticket)
{
  return g_get_monotonic_time () - ticket->earned_us > LONGEST_KEPT_US;
}

void
_postseal_tls_tickets_put (const char *key, GBytes *session, PostsealTlsChain *chain)
{
  g_autoptr (GMutexLocker) locker = NULL;
  PostsealTlsTicket *ticket = NULL;
  GQueue *queue = NULL;

  if (key == NULL)
    return;
  ticket = g_new0 (PostsealTlsTicket, 1);
  ticket->session = g_bytes_ref (session);
  ticket->chain = _postseal_tls_chain_ref (chain);
  ticket->earned_us = g_get_monotonic_time ();

  locker = g_mutex_locker_new (&mutex);
  if (kept == NULL)
    kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_queue);
  queue = g_hash_table_lookup (kept, key);
  if (queue == NULL)
    {
      if (g_hash_table_size (kept) >= KEYS_KEPT)
        g_hash_table_remove_all (kept);
      queue = g_queue_new ();
      g_hash_table_insert (kept, g_strdup (key), queue);
    }
  g_queue_push_head (queue, ticket);
  if (queue->length > TICKETS_PER_KEY)
    _postseal_tls_ticket_free (g_queue_pop_tail (queue));
}

PostsealTlsTicket *
_postseal_tls_tickets_take (const char *key)
{
  g_autoptr (GMutexLocker) locker = NULL;
  g_autoptr (PostsealTlsTicket) ticket = NULL;
  GQueue *queue = NULL;

  if (key == NULL)
    return NULL;
  locker = g_mutex_locker_new (&mutex);
  queue = kept != NULL ? g_hash_table_lookup (kept, key) : NULL;
  ticket = queue != NULL ? g_queue_pop_head (queue) : NULL;
  if (queue != NULL && queue->length == 0)
    g_hash_table_remove (kept, key);
  return ticket != NULL && !is_too_old (ticket) ? g_steal_pointer (&ticket) : NULL;
}

void
_postseal_tls_tickets_clear (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

  g_clear_pointer (&kept, g_hash_table_unref);
}

/* --- of a stream --- */

typedef struct
{
  char *key; /* owned */
  PostsealTlsChain *chain; /* owned */
} TicketKeeper;

static void
free_ticket_keeper (gpointer data)
{
  TicketKeeper *self = data;

  g_free (self->key);
  _postseal_tls_chain_unref (self->chain);
  g_free (self);
}

static void
on_ticket (gnutls_session_t session, gpointer user_data)
{
  TicketKeeper *self = user_data;
  g_autoptr (GBytes) bytes = NULL;
  gnutls_datum_t data = { NULL, 0 };

  if (gnutls_session_get_data2 (session, &data) < 0)
    return;
  bytes = g_bytes_new (data.data, data.size);
  gnutls_memset (data.data, 0, data.size);
  gnutls_free (data.data);
  _postseal_tls_tickets_put (self->key, bytes, self->chain);
}

void
_postseal_tls_tickets_keep (const char *key, PostsealTlsStream *stream, PostsealTlsChain *chain)
{
  TicketKeeper *keeper = NULL;

  if (key == NULL)
    return;
  keeper = g_new0 (TicketKeeper, 1);
  keeper->key = g_strdup (key);
  keeper->chain = _postseal_tls_chain_ref (chain);
  _postseal_tls_stream_set_ticket_func (stream, on_ticket, keeper, free_ticket_keeper);
}
