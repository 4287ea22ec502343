/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/device-authorization-private.h"

#include <glib/gi18n-lib.h>

#include "auth/client-secret-private.h"
#include "auth/sasl.h"
#include "auth/token-provider-private.h"
#include "auth/token-request-private.h"
#include "auth/vault.h"
#include "base/loop.h"

#define GRANT_TYPE "urn:ietf:params:oauth:grant-type:device_code"
#define SLOWER_S 5 /* RFC 8628 section 3.5: at each "slow_down" */
#define LONGEST_INTERVAL_S 60
#define LONGEST_LIFETIME_S 3600
#define SHORTEST_LIFETIME_S 60

static guint second_ms = 1000;

struct _PostsealDeviceAuthorization
{
  char *spec; /* owned */
  char *account; /* owned */
  PostsealTokenProvider *provider; /* owned */
  PostsealCredential *client_secret; /* owned, nullable */
  PostsealVault *vault; /* owned, nullable: where what comes is kept */
  PostsealTokenDevice *device; /* owned */
  gint64 interval_s;
  gint64 end_us; /* monotonic */
};

void
_postseal_device_authorization_set_second_ms (guint new_second_ms)
{
  second_ms = new_second_ms != 0 ? new_second_ms : 1000;
}

void
postseal_device_authorization_free (PostsealDeviceAuthorization *self)
{
  g_free (self->spec);
  g_free (self->account);
  g_clear_pointer (&self->provider, _postseal_token_provider_free);
  g_clear_pointer (&self->client_secret, postseal_credential_unref);
  g_clear_object (&self->vault);
  g_clear_pointer (&self->device, _postseal_token_device_free);
  g_free (self);
}

/* --- the code --- */

static PostsealTokenProvider *
load_provider (const char *spec, const char *account, GError **error)
{
  g_autoptr (PostsealTokenProvider) provider
      = _postseal_token_provider_load_for (spec, account, error);

  if (provider == NULL || provider->device_endpoint != NULL)
    return g_steal_pointer (&provider);
  g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
               _ ("The OAuth provider %s has no “device-endpoint”. Write it into its section of "
                  "oauth-providers.conf, or sign in in a browser on this computer"),
               provider->name);
  return NULL;
}

gboolean
postseal_device_authorization_is_possible (const char *spec)
{
  g_autoptr (PostsealTokenProvider) provider = NULL;

  g_return_val_if_fail (spec != NULL, FALSE);

  provider = load_provider (spec, "", NULL);
  return provider != NULL;
}

static void
on_device_code (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (PostsealDeviceAuthorization) self = g_task_get_task_data (task);
  GError *error = NULL;
  gint64 lifetime_s;

  g_task_set_task_data (task, NULL, NULL);
  self->device = _postseal_token_request_device_finish (result, &error);
  if (self->device == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  lifetime_s = CLAMP (self->device->lifetime_s, SHORTEST_LIFETIME_S, LONGEST_LIFETIME_S);
  self->interval_s = MIN (self->device->interval_s, LONGEST_INTERVAL_S);
  self->end_us = g_get_monotonic_time () + lifetime_s * second_ms * 1000;
  g_task_return_pointer (task, g_steal_pointer (&self),
                         (GDestroyNotify)postseal_device_authorization_free);
}

static void
on_client_secret (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PostsealDeviceAuthorization *self = g_task_get_task_data (task);
  const PostsealTokenField fields[] = {
    { "client_id", self->provider->client_id },
    { "scope", self->provider->scope },
  };
  GError *error = NULL;

  if (_postseal_client_secret_finish (result, &self->client_secret, &error))
    _postseal_token_request_async (POSTSEAL_TOKEN_DEVICE, self->provider, self->account, fields,
                                   G_N_ELEMENTS (fields), on_device_code, g_steal_pointer (&task));
  else
    {
      g_task_set_task_data (task, NULL, NULL);
      postseal_device_authorization_free (self);
      g_task_return_error (task, error);
    }
}

static void
on_provider (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PostsealDeviceAuthorization *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->provider = g_task_propagate_pointer (G_TASK (result), &error);
  if (self->provider != NULL)
    self->vault = postseal_vault_new (self->spec, &error);
  if (self->vault != NULL)
    {
      _postseal_client_secret_async (self->provider, self->spec, self->account, on_client_secret,
                                     g_steal_pointer (&task));
      return;
    }
  g_task_set_task_data (task, NULL, NULL);
  postseal_device_authorization_free (self);
  g_task_return_error (task, error);
}

static void
load_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  char **words = task_data;
  GError *error = NULL;
  PostsealTokenProvider *provider = load_provider (words[0], words[1], &error);

  if (provider != NULL)
    g_task_return_pointer (task, provider, (GDestroyNotify)_postseal_token_provider_free);
  else
    g_task_return_error (task, error);
}

void
postseal_device_authorization_begin_async (const char *spec,
                                           const char *account,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data)
{
  const char *words[] = { spec, account, NULL };
  GTask *task;
  g_autoptr (GTask) loading = NULL;
  PostsealDeviceAuthorization *self;

  g_return_if_fail (spec != NULL && account != NULL);

  task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (task, postseal_device_authorization_begin_async);
  self = g_new0 (PostsealDeviceAuthorization, 1);
  self->spec = g_strdup (spec);
  self->account = g_strdup (account);
  g_task_set_task_data (task, self, NULL); /* handed over, or freed, at the end */
  loading = g_task_new (NULL, NULL, on_provider, task);
  g_task_set_source_tag (loading, postseal_device_authorization_begin_async);
  g_task_set_task_data (loading, g_strdupv ((char **)words), (GDestroyNotify)g_strfreev);
  g_task_run_in_thread (loading, load_in_thread);
}

PostsealDeviceAuthorization *
postseal_device_authorization_begin_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

const char *
postseal_device_authorization_get_uri (PostsealDeviceAuthorization *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->device->verification_uri;
}

const char *
postseal_device_authorization_get_code (PostsealDeviceAuthorization *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->device->user_code;
}

/* --- waiting for the user --- */

/* Between two questions: the task's data. */
typedef struct
{
  PostsealDeviceAuthorization *device; /* borrowed: lives until the end */
  GSource *timer; /* owned, nullable */
  GSource *cancel_source; /* owned, nullable */
} Waiting;

static void
wait_no_more (Waiting *self)
{
  postseal_loop_clear (&self->timer);
  postseal_loop_clear (&self->cancel_source);
}

static void
free_waiting (gpointer data)
{
  wait_no_more (data);
  g_free (data);
}

static void wait_and_ask (GTask *task);

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (postseal_vault_store_finish (POSTSEAL_VAULT (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* From here on it is no more a question of whether. */
static void
store (GTask *task, PostsealTokenAnswer *answer)
{
  PostsealDeviceAuthorization *self = ((Waiting *)g_task_get_task_data (task))->device;

  g_task_set_check_cancellable (task, FALSE);
  if (answer->refresh_token != NULL)
    postseal_vault_store_async (self->vault, self->account, answer->refresh_token, NULL, on_stored,
                                g_object_ref (task));
  else
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                             _ ("%s has given a token for the account %s that cannot be renewed. "
                                "Take Postseal off the programs that it lets in, and try again"),
                             self->provider->title, self->account);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PostsealDeviceAuthorization *self = ((Waiting *)g_task_get_task_data (task))->device;
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealTokenAnswer) answer = _postseal_token_request_finish (result, &error);

  if (g_task_return_error_if_cancelled (task))
    return;
  if (answer != NULL && answer->state == POSTSEAL_TOKEN_GIVEN)
    store (task, answer);
  else if (answer != NULL)
    {
      if (answer->state == POSTSEAL_TOKEN_SLOW_DOWN)
        self->interval_s += SLOWER_S;
      wait_and_ask (g_steal_pointer (&task));
    }
  else if (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_TEMPORARY))
    {
      /* RFC 8628 section 3.5: a connection that fails is tried ever less often. */
      self->interval_s = MIN (2 * self->interval_s, LONGEST_INTERVAL_S);
      wait_and_ask (g_steal_pointer (&task));
    }
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static gboolean
on_time (gpointer user_data)
{
  GTask *task = user_data;
  Waiting *waiting = g_task_get_task_data (task);
  PostsealDeviceAuthorization *self = waiting->device;
  const PostsealTokenField fields[] = {
    { "grant_type", GRANT_TYPE },
    { "client_id", self->provider->client_id },
    { "client_secret",
      self->client_secret != NULL ? postseal_credential_get (self->client_secret) : NULL },
    { "device_code", postseal_credential_get (self->device->device_code) },
  };

  wait_no_more (waiting);
  _postseal_token_request_async (POSTSEAL_TOKEN_POLL, self->provider, self->account, fields,
                                 G_N_ELEMENTS (fields), on_answer, task);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  wait_no_more (g_task_get_task_data (task));
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

/* Takes the reference that @task is kept by; whichever source comes first has it then. */
static void
wait_and_ask (GTask *task)
{
  Waiting *waiting = g_task_get_task_data (task);
  PostsealDeviceAuthorization *self = waiting->device;
  GCancellable *cancellable = g_task_get_cancellable (task);
  gint64 interval_us = self->interval_s * second_ms * 1000;

  if (g_get_monotonic_time () + interval_us > self->end_us)
    {
      g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE,
                               _ ("The code for the account %s was not used in time. Begin again"),
                               self->account);
      g_object_unref (task);
      return;
    }
  waiting->timer = postseal_loop_add_timeout ((guint)(interval_us / 1000), on_time, task);
  waiting->cancel_source = postseal_loop_add_cancellable (cancellable, on_cancelled, task);
}

void
postseal_device_authorization_complete_async (PostsealDeviceAuthorization *self,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback,
                                              gpointer user_data)
{
  GTask *task;
  Waiting *waiting;

  g_return_if_fail (self != NULL);

  task = g_task_new (NULL, cancellable, callback, user_data);
  waiting = g_new0 (Waiting, 1);
  waiting->device = self;
  g_task_set_source_tag (task, postseal_device_authorization_complete_async);
  g_task_set_task_data (task, waiting, free_waiting);
  wait_and_ask (task);
}

gboolean
postseal_device_authorization_complete_finish (PostsealDeviceAuthorization *self,
                                               GAsyncResult *result,
                                               GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
