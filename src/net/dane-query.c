/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/dane-private.h"

#include <string.h>

#include "base/limits.h"
#include "base/loop.h"
#include "net/lookup.h"

/* Who is asked, for all that runs in one main context. */
typedef struct
{
  GMainContext *context; /* borrowed: its end is the end of @rest */
  PostsealLookup *lookup; /* owned */
  char *stamp; /* owned: of the settings that it has been told */
  gboolean has_server; /* discovery.conf names a DNS server */
  guint n_users;
  GSource *rest; /* owned: runs out a while after the last user */
} Keeper;

static GMutex keepers_mutex;
static gint64 silent_until_us; /* monotonic; with the mutex held */
static GHashTable *keepers; /* borrowed GMainContext * -> owned Keeper; with the mutex held */

typedef struct
{
  Keeper *keeper; /* borrowed: a user of it; NULL before there is one */
  char *host; /* owned */
  char *service; /* owned */
} Query;

/* What discovery.conf says. */
typedef struct
{
  char *known_stamp; /* owned, nullable: of what need not be read once more */
  char *stamp; /* owned */
  PostsealDiscoverySettings *settings; /* owned; NULL: as known */
} Reading;

static void
free_query (gpointer data)
{
  Query *self = data;

  g_free (self->host);
  g_free (self->service);
  g_free (self);
}

static void
free_reading (gpointer data)
{
  Reading *self = data;

  g_free (self->known_stamp);
  g_free (self->stamp);
  g_clear_pointer (&self->settings, postseal_discovery_settings_free);
  g_free (self);
}

static void
free_answer (gpointer answer)
{
  _postseal_dane_answer_free (answer);
}

/* --- silence --- */

static void
set_silence (gint64 until_us)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&keepers_mutex);

  silent_until_us = until_us;
}

void
_postseal_dane_note_silence (void)
{
  set_silence (g_get_monotonic_time ()
               + G_GINT64_CONSTANT (1) * POSTSEAL_LIMIT_DANE_SILENCE_S * G_USEC_PER_SEC);
}

gboolean
_postseal_dane_is_silent (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&keepers_mutex);

  return g_get_monotonic_time () < silent_until_us;
}

/* --- who is asked --- */

static GMainContext *
get_context (void)
{
  GMainContext *context = g_main_context_get_thread_default ();

  return context != NULL ? context : g_main_context_default ();
}

static Keeper *
find_keeper (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&keepers_mutex);

  return keepers != NULL ? g_hash_table_lookup (keepers, get_context ()) : NULL;
}

static void
register_keeper (Keeper *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&keepers_mutex);

  if (keepers == NULL)
    keepers = g_hash_table_new (NULL, NULL);
  g_hash_table_insert (keepers, self->context, self);
}

static void
unregister_keeper (Keeper *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&keepers_mutex);

  if (g_hash_table_lookup (keepers, self->context) == self)
    g_hash_table_remove (keepers, self->context);
}

static void
free_keeper (Keeper *self)
{
  unregister_keeper (self);
  postseal_lookup_unref (self->lookup);
  g_free (self->stamp);
  g_free (self);
}

static gboolean
on_rested (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

/* With its time, or its main context. */
static void
on_rest_over (gpointer user_data)
{
  Keeper *self = user_data;

  if (self->n_users > 0)
    return;
  g_clear_pointer (&self->rest, g_source_unref);
  free_keeper (self);
}

static void
take_keeper (Query *query, Keeper *keeper)
{
  query->keeper = keeper;
  keeper->n_users++;
  postseal_loop_clear (&keeper->rest);
}

/* One that has failed is of no use to the next. */
static void
release_keeper (Query *query, gboolean is_broken)
{
  Keeper *keeper = g_steal_pointer (&query->keeper);

  if (is_broken)
    unregister_keeper (keeper);
  if (--keeper->n_users > 0)
    return;
  if (is_broken || find_keeper () != keeper)
    {
      free_keeper (keeper);
      return;
    }
  keeper->rest = g_timeout_source_new (POSTSEAL_LIMIT_DANE_REST_MS);
  g_source_set_callback (keeper->rest, on_rested, keeper, on_rest_over);
  g_source_attach (keeper->rest, keeper->context);
}

void
_postseal_dane_forget (void)
{
  Keeper *keeper = find_keeper ();

  set_silence (0);
  if (keeper == NULL)
    return;
  unregister_keeper (keeper);
  if (keeper->rest != NULL)
    g_source_destroy (keeper->rest); /* which frees it */
}

/* In the place of one that knew other settings. */
static Keeper *
make_keeper (const PostsealDiscoverySettings *settings, const char *stamp)
{
  Keeper *self = g_new0 (Keeper, 1);

  _postseal_dane_forget ();
  self->context = get_context ();
  self->lookup = postseal_lookup_new (POSTSEAL_LIMIT_DANE_MS);
  postseal_lookup_set_settings (self->lookup, settings);
  self->stamp = g_strdup (stamp);
  self->has_server = settings->dns_server != NULL;
  register_keeper (self);
  return self;
}

/* --- questions --- */

/* Names of this machine and its network are nobody else's business (RFC 6761, RFC 6762). */
static gboolean
is_local (const char *host)
{
  return g_str_has_suffix (host, ".localhost") || g_str_has_suffix (host, ".local");
}

static gboolean
is_name (const char *host)
{
  return *host != '.' && strchr (host, '.') != NULL && !g_hostname_is_ip_address (host);
}

/* Takes over @error. */
static void
return_error (GTask *task, GError *error)
{
  PostsealDaneState state = POSTSEAL_DANE_UNREACHABLE;

  if (error->domain != POSTSEAL_LOOKUP_ERROR)
    {
      g_task_return_error (task, error);
      return;
    }
  if (error->code == POSTSEAL_LOOKUP_ERROR_BOGUS)
    state = POSTSEAL_DANE_BOGUS;
  else if (error->code == POSTSEAL_LOOKUP_ERROR_NOTHING
           || error->code == POSTSEAL_LOOKUP_ERROR_PROGRAM)
    state = POSTSEAL_DANE_NOT_ASKED;
  g_task_return_pointer (task, _postseal_dane_answer_new (state, error->message), free_answer);
  g_error_free (error);
}

static void
on_tlsa (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Query *self = g_task_get_task_data (task);
  GError *error = NULL;
  PostsealTlsaAnswer *tlsa = postseal_lookup_tlsa_finish (self->keeper->lookup, result, &error);

  release_keeper (self,
                  g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_PROGRAM));
  if (tlsa != NULL || g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_BOGUS))
    set_silence (0);
  if (tlsa != NULL)
    g_task_return_pointer (task, _postseal_dane_answer_new_from_tlsa (tlsa), free_answer);
  else
    return_error (task, error);
}

static void
return_not_asked (GTask *task)
{
  g_task_return_pointer (task, _postseal_dane_answer_new (POSTSEAL_DANE_NOT_ASKED, NULL),
                         free_answer);
}

static void
ask (GTask *task, Keeper *keeper)
{
  Query *self = g_task_get_task_data (task);

  take_keeper (self, keeper);
  if (is_local (self->host) && !keeper->has_server)
    {
      release_keeper (self, FALSE);
      return_not_asked (task);
      return;
    }
  postseal_lookup_tlsa_async (keeper->lookup, self->service, g_task_get_cancellable (task), on_tlsa,
                              g_object_ref (task));
}

static void read_settings (GTask *task);

/* Others may have asked meanwhile, and it may have changed once more, or back. */
static void
on_settings_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Reading *reading = g_task_get_task_data (G_TASK (result));
  Keeper *keeper = find_keeper ();

  if (keeper != NULL && g_str_equal (keeper->stamp, reading->stamp))
    ask (task, keeper);
  else if (reading->settings != NULL)
    ask (task, make_keeper (reading->settings, reading->stamp));
  else
    read_settings (task);
}

static void
run_reading (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *self = data;

  self->stamp = postseal_discovery_settings_stamp ();
  if (g_strcmp0 (self->stamp, self->known_stamp) != 0)
    self->settings = postseal_discovery_settings_load ();
  g_task_return_boolean (task, TRUE);
}

/* Each time, since it may name another server by now; in a thread, since a file may block. */
static void
read_settings (GTask *task)
{
  g_autoptr (GTask) thread = g_task_new (NULL, NULL, on_settings_read, g_object_ref (task));
  Reading *self = g_new0 (Reading, 1);
  const Keeper *keeper = find_keeper ();

  self->known_stamp = keeper != NULL ? g_strdup (keeper->stamp) : NULL;
  g_task_set_source_tag (thread, read_settings);
  g_task_set_task_data (thread, self, free_reading);
  g_task_run_in_thread (thread, run_reading);
}

void
_postseal_dane_ask_async (const PostsealEndpoint *endpoint,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Query *self = g_new0 (Query, 1);

  g_task_set_source_tag (task, _postseal_dane_ask_async);
  g_task_set_task_data (task, self, free_query);
  self->host = g_strdup (endpoint->host);
  self->service = g_strdup_printf ("_%u._tcp.%s", endpoint->port, endpoint->host);
  if (is_name (self->host))
    read_settings (task);
  else
    return_not_asked (task);
}

PostsealDaneAnswer *
_postseal_dane_ask_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
