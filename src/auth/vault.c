/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/vault.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "auth/vault-private.h"
#include "base/limits.h"
#include "base/loop.h"
#include "base/suggest.h"

G_DEFINE_QUARK (postseal - vault - error - quark, postseal_vault_error)

G_DEFINE_INTERFACE (PostsealVault, postseal_vault, G_TYPE_OBJECT)

#define OAUTH_WORD "oauth:"

static guint limit_ms = POSTSEAL_LIMIT_SECRET_MS;

/* One call of the backend, and the two things that may end it first: the limit, the cancellable.
   What the backend says after that is dropped. */
typedef struct
{
  GTask *task; /* owned; NULL once returned */
  GCancellable *backend; /* owned: told to stop when nobody waits any more */
  GSource *timer; /* owned, nullable */
  GSource *cancelled; /* owned, nullable */
} Call;

void
_postseal_vault_set_limit_ms (guint limit)
{
  limit_ms = limit == 0 ? POSTSEAL_LIMIT_SECRET_MS : limit;
}

/* --- what a backend need not bring --- */

static void
refuse_change (PostsealVault *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autofree char *message = POSTSEAL_VAULT_GET_IFACE (self)->explain_read_only (self);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, refuse_change);
  g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_READ_ONLY, "%s",
                           message);
}

static void
refuse_store (PostsealVault *self,
              const char *account,
              PostsealCredential *secret,
              GCancellable *cancellable,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  refuse_change (self, callback, user_data);
}

static void
refuse_clear (PostsealVault *self,
              const char *account,
              GCancellable *cancellable,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  refuse_change (self, callback, user_data);
}

static PostsealCredential *
finish_lookup (PostsealVault *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
finish_change (PostsealVault *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
postseal_vault_default_init (PostsealVaultInterface *iface)
{
  iface->lookup_finish = finish_lookup;
  iface->store_async = refuse_store;
  iface->store_finish = finish_change;
  iface->clear_async = refuse_clear;
  iface->clear_finish = finish_change;
}

/* --- its calls --- */

/* (transfer full) (nullable): the task if nobody has returned it yet */
static GTask *
end_call (Call *call)
{
  postseal_loop_clear (&call->timer);
  postseal_loop_clear (&call->cancelled);
  return g_steal_pointer (&call->task);
}

static void
call_free (Call *call)
{
  postseal_loop_clear (&call->timer);
  postseal_loop_clear (&call->cancelled);
  g_clear_object (&call->task);
  g_object_unref (call->backend);
  g_free (call);
}

static gboolean
on_limit (gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GTask) task = end_call (call);
  const char *account = g_task_get_task_data (task);
  guint limit_s = (limit_ms + 999) / 1000;

  if (postseal_vault_get_kind (g_task_get_source_object (task)) == POSTSEAL_VAULT_TOKEN)
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_TEMPORARY,
                             _ ("There is no access token for %s after %u seconds; it is asked for "
                                "again later"),
                             account, limit_s);
  else
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE,
                             _ ("The store of the password of %s has not answered for %u seconds"),
                             account, limit_s);
  g_cancellable_cancel (call->backend);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GTask) task = end_call (call);

  g_task_return_error_if_cancelled (task);
  g_cancellable_cancel (call->backend);
  return G_SOURCE_REMOVE;
}

/* (nullable): NULL when cancelled beforehand; the backend need not start then */
static Call *
begin_call (PostsealVault *self,
            const char *account,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data,
            gpointer tag)
{
  GMainContext *context = g_main_context_get_thread_default ();
  Call *call = g_new0 (Call, 1);

  call->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_check_cancellable (call->task,
                                FALSE); /* on_cancelled() does, until the backend is done */
  g_task_set_source_tag (call->task, tag);
  g_task_set_task_data (call->task, g_strdup (account), g_free);
  call->backend = g_cancellable_new ();
  if (g_task_return_error_if_cancelled (call->task))
    {
      call_free (call);
      return NULL;
    }

  call->timer = g_timeout_source_new (limit_ms);
  g_source_set_callback (call->timer, on_limit, call, NULL);
  g_source_attach (call->timer, context);
  if (cancellable != NULL)
    {
      call->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (call->cancelled, G_SOURCE_FUNC (on_cancelled), call, NULL);
      g_source_attach (call->cancelled, context);
    }
  return call;
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealVault *self = POSTSEAL_VAULT (source);
  Call *call = user_data;
  g_autoptr (GTask) task = end_call (call);
  g_autoptr (GError) error = NULL;
  PostsealCredential *secret
      = POSTSEAL_VAULT_GET_IFACE (self)->lookup_finish (self, result, &error);

  if (task == NULL)
    g_clear_pointer (&secret, postseal_credential_unref);
  else if (secret != NULL)
    g_task_return_pointer (task, secret, (GDestroyNotify)postseal_credential_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
  call_free (call);
}

static void
end_change (Call *call, gboolean is_done, GError *error)
{
  g_autoptr (GTask) task = end_call (call);

  if (task == NULL)
    g_clear_error (&error);
  else if (is_done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  call_free (call);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealVault *self = POSTSEAL_VAULT (source);
  GError *error = NULL;
  gboolean is_done = POSTSEAL_VAULT_GET_IFACE (self)->store_finish (self, result, &error);

  end_change (user_data, is_done, error);
}

static void
on_cleared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealVault *self = POSTSEAL_VAULT (source);
  GError *error = NULL;
  gboolean is_done = POSTSEAL_VAULT_GET_IFACE (self)->clear_finish (self, result, &error);

  end_change (user_data, is_done, error);
}

void
postseal_vault_lookup_async (PostsealVault *self,
                             const char *account,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (POSTSEAL_IS_VAULT (self));
  g_return_if_fail (account != NULL);

  Call *call
      = begin_call (self, account, cancellable, callback, user_data, postseal_vault_lookup_async);
  if (call != NULL)
    POSTSEAL_VAULT_GET_IFACE (self)->lookup_async (self, account, call->backend, on_looked_up,
                                                   call);
}

PostsealCredential *
postseal_vault_lookup_finish (PostsealVault *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
postseal_vault_store_async (PostsealVault *self,
                            const char *account,
                            PostsealCredential *secret,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (POSTSEAL_IS_VAULT (self));
  g_return_if_fail (account != NULL);
  g_return_if_fail (secret != NULL);

  Call *call
      = begin_call (self, account, cancellable, callback, user_data, postseal_vault_store_async);
  if (call != NULL)
    POSTSEAL_VAULT_GET_IFACE (self)->store_async (self, account, secret, call->backend, on_stored,
                                                  call);
}

gboolean
postseal_vault_store_finish (PostsealVault *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
postseal_vault_clear_async (PostsealVault *self,
                            const char *account,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (POSTSEAL_IS_VAULT (self));
  g_return_if_fail (account != NULL);

  Call *call
      = begin_call (self, account, cancellable, callback, user_data, postseal_vault_clear_async);
  if (call != NULL)
    POSTSEAL_VAULT_GET_IFACE (self)->clear_async (self, account, call->backend, on_cleared, call);
}

gboolean
postseal_vault_clear_finish (PostsealVault *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

PostsealVaultKind
postseal_vault_get_kind (PostsealVault *self)
{
  g_return_val_if_fail (POSTSEAL_IS_VAULT (self), POSTSEAL_VAULT_PASSWORD);

  return POSTSEAL_VAULT_GET_IFACE (self)->kind;
}

void
postseal_vault_set_user (PostsealVault *self, const char *user)
{
  g_return_if_fail (POSTSEAL_IS_VAULT (self));
  g_return_if_fail (user != NULL);

  if (POSTSEAL_VAULT_GET_IFACE (self)->set_user != NULL)
    POSTSEAL_VAULT_GET_IFACE (self)->set_user (self, user);
}

void
postseal_vault_invalidate (PostsealVault *self, const char *account, PostsealCredential *token)
{
  g_return_if_fail (POSTSEAL_IS_VAULT (self));
  g_return_if_fail (account != NULL);
  g_return_if_fail (token != NULL);

  if (POSTSEAL_VAULT_GET_IFACE (self)->invalidate != NULL)
    POSTSEAL_VAULT_GET_IFACE (self)->invalidate (self, account, token);
}

static PostsealVault *
new_secret_service (const char *argument)
{
#ifdef HAVE_LIBSECRET
  return _postseal_vault_secret_service_new (POSTSEAL_SECRET_PASSWORD);
#else
  return NULL;
#endif
}

static char *
check_secret_service (const char *argument)
{
#ifdef HAVE_LIBSECRET
  return NULL;
#else
  return g_strdup (_ ("this build has no secret service; use command:ARGV, credential:NAME or "
                      "file:PATH"));
#endif
}

/* The words of the key "password". A colon after the word takes an argument. */
static const struct
{
  const char *word;
  PostsealVaultKind kind;
  PostsealVault *(*create) (const char *argument);
  char *(*check) (const char *argument);
} backends[] = {
  { "secret-service", POSTSEAL_VAULT_PASSWORD, new_secret_service, check_secret_service },
  { "command:", POSTSEAL_VAULT_PASSWORD, _postseal_vault_command_new,
    _postseal_vault_command_check },
  { "credential:", POSTSEAL_VAULT_PASSWORD, _postseal_vault_credential_new,
    _postseal_vault_credential_check },
  { "file:", POSTSEAL_VAULT_PASSWORD, _postseal_vault_file_new, _postseal_vault_file_check },
  { "goa", POSTSEAL_VAULT_TOKEN, _postseal_vault_goa_new, NULL },
  { "goa:", POSTSEAL_VAULT_TOKEN, _postseal_vault_goa_new, _postseal_vault_goa_check },
  { OAUTH_WORD, POSTSEAL_VAULT_TOKEN, _postseal_vault_oauth_new, _postseal_vault_oauth_check },
};

/* The index of the backend, or -1. @ret_argument: what follows the colon */
static int
find_backend (const char *spec, const char **ret_argument)
{
  for (gsize i = 0; i < G_N_ELEMENTS (backends); i++)
    {
      const char *word = backends[i].word;
      gboolean takes_argument = g_str_has_suffix (word, ":");

      if (takes_argument ? !g_str_has_prefix (spec, word) : strcmp (spec, word) != 0)
        continue;
      *ret_argument = spec + strlen (word);
      return (int)i;
    }
  return -1;
}

/* The value itself is not repeated: it may be a password written into the wrong place. */
static char *
describe_unknown (const char *spec)
{
  static const char *const words[]
      = { "secret-service", "command", "credential", "file", "goa", "oauth", NULL };
  const char *colon = strchr (spec, ':');
  g_autofree char *word = colon != NULL ? g_strndup (spec, (gsize)(colon - spec)) : g_strdup (spec);
  const char *near = postseal_suggest (word, words);

  if (near != NULL)
    return g_strdup_printf (
        _ ("no such place for a password; did you mean “%s%s”?"), near,
        strcmp (near, "secret-service") == 0 || strcmp (near, "goa") == 0 ? "" : ":…");
  return g_strdup (_ ("no such place for a password, which is never written here itself; use "
                      "secret-service, command:ARGV, credential:NAME, file:PATH, goa or "
                      "oauth:PROVIDER:CLIENT-ID"));
}

char *
postseal_vault_check_spec (const char *spec)
{
  g_return_val_if_fail (spec != NULL, NULL);

  const char *argument = NULL;
  int index = find_backend (spec, &argument);

  if (index < 0)
    return describe_unknown (spec);
  return backends[index].check != NULL ? backends[index].check (argument) : NULL;
}

PostsealVaultKind
postseal_vault_get_spec_kind (const char *spec)
{
  g_return_val_if_fail (spec != NULL, POSTSEAL_VAULT_PASSWORD);

  const char *argument = NULL;
  int index = find_backend (spec, &argument);

  return index < 0 ? POSTSEAL_VAULT_PASSWORD : backends[index].kind;
}

PostsealVault *
postseal_vault_new (const char *spec, GError **error)
{
  g_return_val_if_fail (spec != NULL, NULL);

  g_autofree char *problem = postseal_vault_check_spec (spec);
  const char *argument = NULL;
  int index = find_backend (spec, &argument);

  if (problem != NULL || index < 0)
    {
      g_set_error (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE,
                   _ ("The account key “password” is wrong: %s"), problem);
      return NULL;
    }
  return backends[index].create (argument);
}

PostsealVault *
postseal_vault_new_client_secret (const char *spec, GError **error)
{
  g_return_val_if_fail (spec != NULL, NULL);

  g_autofree char *problem = postseal_vault_check_spec (spec);
  const char *argument = NULL;
  int index = find_backend (spec, &argument);

  if (index >= 0 && backends[index].create == _postseal_vault_oauth_new && problem == NULL)
    return _postseal_vault_oauth_new_role (argument, POSTSEAL_SECRET_CLIENT_SECRET);
  g_set_error (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE,
               _ ("Only an account with “password=oauth:PROVIDER:CLIENT-ID” has a client secret"));
  return NULL;
}
