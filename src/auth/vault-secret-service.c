/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/vault-private.h"

#include <glib/gi18n-lib.h>
#include <libsecret/secret.h>

#include "base/printable.h"

/* secret-service. The desktop's keyring (org.freedesktop.secrets).

   It is read without asking to unlock anything: a prompt may wait for ever, and nobody may be there
   to answer it. libsecret says neither "locked" nor "no keyring" when a password is not found, so
   the collection is asked. libsecret never gets a cancellable: version 0.20 then does not call back
   at all; vault.c drops an answer that nobody waits for. */
#define POSTSEAL_TYPE_VAULT_SECRET_SERVICE (postseal_vault_secret_service_get_type ())
G_DECLARE_FINAL_TYPE (PostsealVaultSecretService,
                      postseal_vault_secret_service,
                      POSTSEAL,
                      VAULT_SECRET_SERVICE,
                      GObject)

struct _PostsealVaultSecretService
{
  GObject parent_instance;
  PostsealSecretRole role;
};

#define SCHEMA(name)                                                                               \
  {                                                                                                \
    name, SECRET_SCHEMA_NONE, { { "account", SECRET_SCHEMA_ATTRIBUTE_STRING } }, 0, NULL, NULL,    \
        NULL, NULL, NULL, NULL, NULL                                                               \
  }

/* What is found by: no server, no user name, so that an account can be edited without losing it. */
static const SecretSchema schemas[] = {
  [POSTSEAL_SECRET_PASSWORD] = SCHEMA ("org.postseal.Account"),
  [POSTSEAL_SECRET_REFRESH_TOKEN] = SCHEMA ("org.postseal.RefreshToken"),
  [POSTSEAL_SECRET_CLIENT_SECRET] = SCHEMA ("org.postseal.ClientSecret"),
};

typedef enum
{
  ERRAND_LOOKUP,
  ERRAND_STORE,
  ERRAND_CLEAR,
} ErrandKind;

/* One lookup, store or clear: the task's data. */
typedef struct
{
  ErrandKind kind;
  PostsealSecretRole role;
  char *account; /* owned */
  PostsealCredential *secret; /* owned, nullable: to store */
  SecretService *service; /* owned, nullable */
  gboolean has_locked_item;
} Errand;

static void
errand_free (Errand *errand)
{
  g_free (errand->account);
  g_clear_pointer (&errand->secret, postseal_credential_unref);
  g_clear_object (&errand->service);
  g_free (errand);
}

static GHashTable *
make_attributes (const Errand *errand)
{
  return secret_attributes_build (&schemas[errand->role], "account", errand->account, NULL);
}

static void
return_unavailable (GTask *task, GError *error)
{
  const Errand *errand = g_task_get_task_data (task);

  g_autofree char *reason = NULL;
  g_autofree char *text = NULL;

  g_dbus_error_strip_remote_error (error);
  reason = postseal_printable (error->message, -1);
  switch (errand->role)
    {
    case POSTSEAL_SECRET_REFRESH_TOKEN:
      text = g_strdup_printf (_ ("No keyring answers for the refresh token of %s. Start one, or "
                                 "write “refresh-token=file:PATH” into the provider's section of "
                                 "oauth-providers.conf: “%s”"),
                              errand->account, reason);
      break;
    case POSTSEAL_SECRET_CLIENT_SECRET:
      text = g_strdup_printf (_ ("No keyring answers for the tokens of %s. Start one, or write "
                                 "“refresh-token=file:PATH”, and “client-secret=file:PATH” where "
                                 "there is such a secret, into the provider's section of "
                                 "oauth-providers.conf: “%s”"),
                              errand->account, reason);
      break;
    case POSTSEAL_SECRET_PASSWORD:
    default:
      text = g_strdup_printf (_ ("No keyring answers for the password of %s. Start one, or set the "
                                 "key “password” to command:ARGV or file:PATH: “%s”"),
                              errand->account, reason);
      break;
    }
  g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE, "%s",
                           text);
}

static void
return_no_keyring (GTask *task)
{
  const Errand *errand = g_task_get_task_data (task);

  g_task_return_new_error (
      task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE,
      _ ("There is no default keyring yet for the password of %s. Log in to the "
         "desktop once, or create one with “Passwords and Keys”"),
      errand->account);
}

static void
return_locked (GTask *task)
{
  const Errand *errand = g_task_get_task_data (task);

  g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_LOCKED,
                           _ ("The keyring with the password of %s is locked. Unlock it and try "
                              "again"),
                           errand->account);
}

static void
return_absent (GTask *task)
{
  const Errand *errand = g_task_get_task_data (task);
  const char *account = errand->account;
  g_autofree char *text = NULL;

  switch (errand->role)
    {
    case POSTSEAL_SECRET_REFRESH_TOKEN:
      text = g_strdup_printf (_ ("The keyring has no refresh token for %s. Get one with “postseal "
                                 "password authorize %s”, or store it with “postseal password set "
                                 "%s”"),
                              account, account, account);
      break;
    case POSTSEAL_SECRET_CLIENT_SECRET:
      text = g_strdup_printf (_ ("The keyring has no client secret for %s. Store it with “postseal "
                                 "password set --client-secret %s”"),
                              account, account);
      break;
    case POSTSEAL_SECRET_PASSWORD:
    default:
      text = g_strdup_printf (
          _ ("The keyring has no password for %s. Store it with “postseal password set %s”"),
          account, account);
      break;
    }
  g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT, "%s", text);
}

/* --- lookup --- */

/* The newest unlocked one: another program may have stored a second. (transfer none) (nullable) */
static SecretItem *
pick_item (GList *items, gboolean *ret_has_locked)
{
  SecretItem *newest = NULL;

  for (GList *link = items; link != NULL; link = link->next)
    {
      SecretItem *item = link->data;
      g_autoptr (SecretValue) value = secret_item_get_secret (item);

      if (secret_item_get_locked (item))
        *ret_has_locked = TRUE;
      else if (value != NULL
               && (newest == NULL
                   || secret_item_get_modified (item) > secret_item_get_modified (newest)))
        newest = item;
    }
  return newest;
}

static void
on_default_for_lookup (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Errand *errand = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretCollection) collection = secret_collection_for_alias_finish (result, &error);

  if (error != NULL)
    return_unavailable (task, error);
  else if (errand->has_locked_item
           || (collection != NULL && secret_collection_get_locked (collection)))
    return_locked (task);
  else if (collection == NULL)
    return_no_keyring (task);
  else
    return_absent (task);
}

static void
return_item (GTask *task, SecretItem *item)
{
  g_autoptr (SecretValue) value = secret_item_get_secret (item);
  gsize length = 0;
  const char *secret = secret_value_get (value, &length);

  if (length == 0)
    return_absent (task);
  else
    g_task_return_pointer (task, postseal_credential_new (secret, (gssize)length),
                           (GDestroyNotify)postseal_credential_unref);
}

static void
on_searched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Errand *errand = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autolist (SecretItem) items
      = secret_service_search_finish (SECRET_SERVICE (source), result, &error);
  SecretItem *item = pick_item (items, &errand->has_locked_item);

  if (error != NULL)
    return_unavailable (task, error);
  else if (item != NULL)
    return_item (task, item);
  else
    secret_collection_for_alias (errand->service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE,
                                 NULL, on_default_for_lookup, g_steal_pointer (&task));
}

/* --- store, clear --- */

static void
return_change (GTask *task, gboolean is_done, GError *error)
{
  if (is_done || error == NULL)
    g_task_return_boolean (task, TRUE);
  else if (g_error_matches (error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED))
    return_locked (task);
  else
    return_unavailable (task, error);
}

static void
on_item_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretItem) item = secret_item_create_finish (result, &error);

  return_change (task, item != NULL, error);
}

static void
on_items_cleared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_done = secret_service_clear_finish (SECRET_SERVICE (source), result, &error);

  return_change (task, is_done, error);
}

static void
create_item (GTask *task, SecretCollection *collection)
{
  const Errand *errand = g_task_get_task_data (task);
  g_autoptr (GHashTable) attributes = make_attributes (errand);
  g_autofree char *label = g_strdup_printf (
      errand->role == POSTSEAL_SECRET_PASSWORD        ? "Postseal: %s"
      : errand->role == POSTSEAL_SECRET_REFRESH_TOKEN ? "Postseal: %s (OAuth refresh token)"
                                                      : "Postseal: %s (OAuth client secret)",
      errand->account);
  g_autoptr (SecretValue) value
      = secret_value_new (postseal_credential_get (errand->secret),
                          (gssize)postseal_credential_get_length (errand->secret), "text/plain");

  secret_item_create (collection, &schemas[errand->role], attributes, label, value,
                      SECRET_ITEM_CREATE_REPLACE, NULL, on_item_created, g_object_ref (task));
}

static void
on_default_for_change (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const Errand *errand = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretCollection) collection = secret_collection_for_alias_finish (result, &error);

  if (error != NULL)
    return_unavailable (task, error);
  else if (collection != NULL && secret_collection_get_locked (collection))
    return_locked (task);
  else if (errand->kind == ERRAND_STORE && collection == NULL)
    return_no_keyring (task);
  else if (errand->kind == ERRAND_STORE)
    create_item (task, collection);
  else
    {
      g_autoptr (GHashTable) attributes = make_attributes (errand);

      secret_service_clear (errand->service, &schemas[errand->role], attributes, NULL,
                            on_items_cleared, g_steal_pointer (&task));
    }
}

/* --- all three --- */

static void
on_service (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Errand *errand = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  errand->service = secret_service_get_finish (result, &error);
  if (errand->service == NULL)
    {
      return_unavailable (task, error);
      return;
    }
  if (errand->kind == ERRAND_LOOKUP)
    {
      g_autoptr (GHashTable) attributes = make_attributes (errand);

      secret_service_search (errand->service, &schemas[errand->role], attributes,
                             SECRET_SEARCH_ALL | SECRET_SEARCH_LOAD_SECRETS, NULL, on_searched,
                             g_steal_pointer (&task));
    }
  else
    secret_collection_for_alias (errand->service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE,
                                 NULL, on_default_for_change, g_steal_pointer (&task));
}

static void
start_errand (PostsealVault *vault,
              ErrandKind kind,
              const char *account,
              PostsealCredential *secret,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  GTask *task = g_task_new (vault, NULL, callback, user_data);
  Errand *errand = g_new0 (Errand, 1);

  errand->kind = kind;
  errand->role = POSTSEAL_VAULT_SECRET_SERVICE (vault)->role;
  errand->account = g_strdup (account);
  errand->secret = secret != NULL ? postseal_credential_ref (secret) : NULL;
  g_task_set_source_tag (task, start_errand);
  g_task_set_task_data (task, errand, (GDestroyNotify)errand_free);
  secret_service_get (SECRET_SERVICE_OPEN_SESSION, NULL, on_service, task);
}

static void
look_up (PostsealVault *vault,
         const char *account,
         GCancellable *cancellable,
         GAsyncReadyCallback callback,
         gpointer user_data)
{
  start_errand (vault, ERRAND_LOOKUP, account, NULL, callback, user_data);
}

static void
store (PostsealVault *vault,
       const char *account,
       PostsealCredential *secret,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  start_errand (vault, ERRAND_STORE, account, secret, callback, user_data);
}

static void
clear (PostsealVault *vault,
       const char *account,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  start_errand (vault, ERRAND_CLEAR, account, NULL, callback, user_data);
}

static void
postseal_vault_secret_service_iface_init (PostsealVaultInterface *iface)
{
  iface->lookup_async = look_up;
  iface->store_async = store;
  iface->clear_async = clear;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealVaultSecretService,
                               postseal_vault_secret_service,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_VAULT,
                                                      postseal_vault_secret_service_iface_init))

static void
postseal_vault_secret_service_class_init (PostsealVaultSecretServiceClass *klass)
{
}

static void
postseal_vault_secret_service_init (PostsealVaultSecretService *self)
{
}

PostsealVault *
_postseal_vault_secret_service_new (PostsealSecretRole role)
{
  PostsealVaultSecretService *self = g_object_new (POSTSEAL_TYPE_VAULT_SECRET_SERVICE, NULL);

  self->role = role;
  return POSTSEAL_VAULT (self);
}
