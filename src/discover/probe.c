/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/probe-dial-private.h"

#include <glib/gi18n-lib.h>

#include "base/loop.h"
#include "net/net-error.h"

/* So long a server may be silent before its port is tried in the other way, too. */
#define PATIENCE_MS 700
#define ATTEMPTS_MAX 4

/* A way to the server. */
typedef struct
{
  PostsealEndpoint *endpoint; /* owned */
  PostsealProbe *probe; /* owned; NULL while it is under way */
} Attempt;

typedef struct
{
  GTask *task; /* borrowed: this is its data; NULL once it has returned */
  PostsealTlsPolicy *policy; /* owned */
  char *ca_file; /* owned, nullable: further authorities */
  guint limit_ms;
  Attempt attempts[ATTEMPTS_MAX]; /* the first as asked for, the others the best first */
  guint n_attempts; /* started */
  gboolean has_others; /* all of them are started */
  GCancellable *stop; /* owned */
  GSource *patience; /* owned */
  GSource *cancelled; /* owned */
} Search;

/* For a callback. */
typedef struct
{
  GTask *task; /* owned */
  guint index;
} Step;

static void
free_search (gpointer data)
{
  Search *self = data;

  postseal_tls_policy_unref (self->policy);
  g_free (self->ca_file);
  for (guint i = 0; i < self->n_attempts; i++)
    {
      postseal_endpoint_unref (self->attempts[i].endpoint);
      postseal_probe_free (self->attempts[i].probe);
    }
  g_object_unref (self->stop);
  g_free (self);
}

/* Returns: (transfer full): the task, which is to be returned */
static GTask *
stop (Search *self)
{
  GTask *task = g_object_ref (self->task);

  self->task = NULL;
  postseal_loop_clear (&self->patience);
  postseal_loop_clear (&self->cancelled);
  g_cancellable_cancel (self->stop);
  return task;
}

/* Takes @probe. */
static void
finish (Search *self, PostsealProbe *probe)
{
  g_autoptr (GTask) task = stop (self);

  g_task_return_pointer (task, probe, (GDestroyNotify)postseal_probe_free);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = stop (user_data);

  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

/* Whether it is a matter of ports and of how TLS starts. What a certificate, an injection or an old
   version tells is none: no other way makes such a server better (RFC 3207 section 6). */
static gboolean
is_about_start (const GError *error)
{
  return g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT)
         || g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_WRONG_START)
         || g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_NOT_OFFERED)
         || g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_REFUSED)
         || g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_VESTIBULE)
         || g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_INTERRUPTED);
}

static gboolean
is_sealed (const Attempt *attempt)
{
  return attempt->probe != NULL && attempt->probe->seal != NULL;
}

/* The best of the others that works, once nothing better can come. @ret_is_open: more may come */
static const Attempt *
find_better (const Search *self, gboolean *ret_is_open)
{
  for (guint i = 1; i < self->n_attempts; i++)
    {
      if (self->attempts[i].probe == NULL)
        {
          *ret_is_open = TRUE;
          return NULL;
        }
      if (is_sealed (&self->attempts[i]))
        return &self->attempts[i];
    }
  return NULL;
}

/* The server's own silence would tell the same, only later. */
static PostsealProbe *
explain_silence (const Attempt *attempt)
{
  g_autofree char *server = postseal_endpoint_to_string (attempt->endpoint);
  PostsealProbe *probe = g_new0 (PostsealProbe, 1);

  probe->facts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  probe->error
      = g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_WRONG_START,
                     attempt->endpoint->start == POSTSEAL_TLS_START_UPGRADE
                         ? _ ("%s is silent until TLS begins, from the first byte; STARTTLS is not "
                              "how to begin there")
                         : _ ("%s begins in plain text and then upgrades to TLS; TLS from the "
                              "first byte is not how to begin there"),
                     server);
  return probe;
}

/* Returns the outcome if it is certain. */
static void
consider (Search *self)
{
  Attempt *first = &self->attempts[0];
  gboolean is_open = !self->has_others;
  const Attempt *better = NULL;

  if (first->probe != NULL && (is_sealed (first) || !is_about_start (first->probe->error)))
    {
      finish (self, g_steal_pointer (&first->probe));
      return;
    }
  better = find_better (self, &is_open);
  if (is_open)
    return;
  /* Where the same port answers in the other way, it will not in this one. */
  if (first->probe == NULL && better != NULL && better->endpoint->port == first->endpoint->port)
    first->probe = explain_silence (first);
  if (first->probe == NULL)
    return;
  if (better != NULL)
    {
      first->probe->better = postseal_endpoint_ref (better->endpoint);
      first->probe->ca_file = g_strdup (better->probe->ca_file);
    }
  finish (self, g_steal_pointer (&first->probe));
}

static void on_probed (GObject *source, GAsyncResult *result, gpointer user_data);

/* Takes @endpoint. Nothing twice. */
static void
start_attempt (Search *self, PostsealEndpoint *endpoint)
{
  Step *step = NULL;

  for (guint i = 0; i < self->n_attempts; i++)
    if (self->attempts[i].endpoint->port == endpoint->port
        && self->attempts[i].endpoint->start == endpoint->start)
      {
        postseal_endpoint_unref (endpoint);
        return;
      }
  g_assert (self->n_attempts < ATTEMPTS_MAX);
  step = g_new0 (Step, 1);
  step->task = g_object_ref (self->task);
  step->index = self->n_attempts++;
  self->attempts[step->index].endpoint = endpoint;
  _postseal_probe_dial_async (endpoint, self->policy, self->ca_file, self->limit_ms, self->stop,
                              on_probed, step);
}

static PostsealEndpoint *
make_other (const PostsealEndpoint *endpoint, PostsealTlsStart start, guint16 port)
{
  return postseal_endpoint_new (endpoint->protocol, start, endpoint->host, port);
}

/* TLS from the first byte before an upgrade (RFC 8314 section 3), the same port before another.
   Always the same host, and no port but this and the two that the registry has for the protocol:
   what listens for SMTP on 25 is for other servers (RFC 6409 section 3). */
static void
start_others (Search *self)
{
  const PostsealEndpoint *asked = self->attempts[0].endpoint;

  if (self->has_others)
    return;
  self->has_others = TRUE;
  start_attempt (self, make_other (asked, POSTSEAL_TLS_START_IMPLICIT, asked->port));
  start_attempt (self, make_other (asked, POSTSEAL_TLS_START_IMPLICIT, 0));
  if (asked->start == POSTSEAL_TLS_START_IMPLICIT)
    start_attempt (self, make_other (asked, POSTSEAL_TLS_START_UPGRADE, asked->port));
  start_attempt (self, make_other (asked, POSTSEAL_TLS_START_UPGRADE, 0));
}

static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Step *step = user_data;
  g_autoptr (GTask) task = step->task;
  Search *self = g_task_get_task_data (task);
  Attempt *attempt = &self->attempts[step->index];
  PostsealProbe *probe = _postseal_probe_dial_finish (result, NULL);

  g_free (step);
  if (self->task == NULL)
    {
      postseal_probe_free (probe);
      return;
    }
  attempt->probe = probe;
  if (attempt == &self->attempts[0] && !is_sealed (attempt)
      && is_about_start (attempt->probe->error))
    start_others (self);
  consider (self);
}

static gboolean
on_patience_over (gpointer user_data)
{
  Search *self = user_data;

  postseal_loop_clear (&self->patience);
  start_others (self);
  return G_SOURCE_REMOVE;
}

void
_postseal_probe_vouched_async (PostsealEndpoint *endpoint,
                               PostsealTlsPolicy *policy,
                               const char *ca_file,
                               guint limit_ms,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Search *self = NULL;

  self = g_new0 (Search, 1);
  g_task_set_source_tag (task, postseal_probe_async);
  g_task_set_task_data (task, self, free_search);
  self->task = task;
  self->policy = policy != NULL ? postseal_tls_policy_ref (policy)
                                : postseal_tls_policy_new (POSTSEAL_TLS_ENFORCED);
  self->ca_file = g_strdup (ca_file);
  self->limit_ms = limit_ms;
  self->stop = g_cancellable_new ();
  self->cancelled = postseal_loop_add_cancellable (cancellable, on_cancelled, self);
  self->patience = postseal_loop_add_timeout (PATIENCE_MS, on_patience_over, self);
  start_attempt (self, postseal_endpoint_ref (endpoint));
}

void
postseal_probe_async (PostsealEndpoint *endpoint,
                      PostsealTlsPolicy *policy,
                      guint limit_ms,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_return_if_fail (endpoint != NULL);

  _postseal_probe_vouched_async (endpoint, policy, NULL, limit_ms, cancellable, callback,
                                 user_data);
}

PostsealProbe *
postseal_probe_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
