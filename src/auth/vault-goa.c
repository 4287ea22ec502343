/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/vault-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "auth/sasl.h"
#include "auth/token-cache-private.h"
#include "base/printable.h"

/* goa, goa:ID. Access tokens of GNOME Online Accounts, over D-Bus. The account is found by its ID
   or by who signs in. Servers and TLS settings that it has are not looked at: accounts.conf says
   them.
 */
#define POSTSEAL_TYPE_VAULT_GOA (postseal_vault_goa_get_type ())
G_DECLARE_FINAL_TYPE (PostsealVaultGoa, postseal_vault_goa, POSTSEAL, VAULT_GOA, GObject)

#define BUS_NAME "org.gnome.OnlineAccounts"
#define ROOT_PATH "/org/gnome/OnlineAccounts"
#define ACCOUNT_INTERFACE "org.gnome.OnlineAccounts.Account"
#define MAIL_INTERFACE "org.gnome.OnlineAccounts.Mail"
#define OAUTH2_INTERFACE "org.gnome.OnlineAccounts.OAuth2Based"
#define NOT_AUTHORIZED "org.gnome.OnlineAccounts.Error.NotAuthorized"
#define CALL_LIMIT_MS 20000 /* the service asks the provider meanwhile */

struct _PostsealVaultGoa
{
  GObject parent_instance;
  char *id; /* owned: "" for any */
  char *user; /* owned, nullable */
};

/* One fetch. */
typedef struct
{
  GTask *task; /* owned: to be returned */
  char *account; /* owned: Postseal's */
  char *id; /* owned: "" for any */
  char *user; /* owned, nullable */
  gboolean is_renewal;
  GDBusConnection *bus; /* owned */
  char *path; /* owned: of the account that was found */
  char *title; /* owned: "Google (jane@example.org)" */
  gboolean needs_attention;
} Fetch;

static void
free_fetch (Fetch *self)
{
  g_clear_object (&self->task);
  g_clear_object (&self->bus);
  g_free (self->account);
  g_free (self->id);
  g_free (self->user);
  g_free (self->path);
  g_free (self->title);
  g_free (self);
}

static void
    G_GNUC_PRINTF (4, 5) fail_fetch (Fetch *self, GQuark domain, int code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_task_return_error (self->task, g_error_new_valist (domain, code, format, arguments));
  va_end (arguments);
  free_fetch (self);
}

static void
fail_for_consent (Fetch *self)
{
  fail_fetch (self, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE,
              _ ("The online account %s, which the account %s signs in with, needs attention. Open "
                 "Settings, Online Accounts, and sign in there again"),
              self->title, self->account);
}

/* What the service says about a call to the account: not about the consent. */
static void
fail_for_now (Fetch *self, GError *error)
{
  g_autofree char *reason = NULL;

  g_dbus_error_strip_remote_error (error);
  reason = postseal_printable (error->message, -1);
  fail_fetch (self, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_TEMPORARY,
              _ ("GNOME Online Accounts gives out no access token of %s for the account %s now; it "
                 "is asked again later: “%s”"),
              self->title, self->account, reason);
}

static gboolean
is_not_authorized (const GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  return g_strcmp0 (name, NOT_AUTHORIZED) == 0;
}

static void
call (Fetch *self,
      const char *interface,
      const char *method,
      const char *reply_type,
      GAsyncReadyCallback callback)
{
  g_dbus_connection_call (self->bus, BUS_NAME, self->path, interface, method, NULL,
                          G_VARIANT_TYPE (reply_type), G_DBUS_CALL_FLAGS_NONE, CALL_LIMIT_MS, NULL,
                          callback, self);
}

/* --- the token --- */

static void
on_token (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fetch *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (self->bus, result, &error);
  g_autoptr (PostsealCredential) token = NULL;
  const char *text = NULL;
  int lifetime = 0;

  if (reply == NULL && is_not_authorized (error))
    {
      fail_for_consent (self);
      return;
    }
  if (reply == NULL)
    {
      fail_for_now (self, error);
      return;
    }
  g_variant_get (reply, "(&si)", &text, &lifetime);
  if (*text == '\0')
    {
      fail_for_consent (self);
      return;
    }
  token = postseal_credential_new (text, -1);
  g_task_return_pointer (self->task, _postseal_fresh_token_new (token, MAX (lifetime, 0)),
                         (GDestroyNotify)_postseal_fresh_token_free);
  free_fetch (self);
}

static void
on_ensured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fetch *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (self->bus, result, &error);

  if (reply != NULL)
    call (self, OAUTH2_INTERFACE, "GetAccessToken", "(si)", on_token);
  else if (is_not_authorized (error))
    fail_for_consent (self);
  else
    fail_for_now (self, error);
}

/* EnsureCredentials makes the service check with the provider: after a refusal, and where an old
   trouble may be over. */
static void
ask_for_token (Fetch *self)
{
  if (self->is_renewal || self->needs_attention)
    call (self, ACCOUNT_INTERFACE, "EnsureCredentials", "(i)", on_ensured);
  else
    call (self, OAUTH2_INTERFACE, "GetAccessToken", "(si)", on_token);
}

/* --- the account --- */

/* Returns: (transfer full) (nullable) */
static char *
get_text (GVariant *properties, const char *name)
{
  const char *text = NULL;

  return g_variant_lookup (properties, name, "&s", &text) && *text != '\0' ? g_strdup (text) : NULL;
}

static gboolean
is_text (GVariant *properties, const char *name, const char *wanted)
{
  g_autofree char *text = properties != NULL ? get_text (properties, name) : NULL;

  return text != NULL && wanted != NULL && g_ascii_strcasecmp (text, wanted) == 0;
}

static gboolean
is_wanted (Fetch *self, GVariant *account, GVariant *mail)
{
  if (*self->id != '\0')
    return is_text (account, "Id", self->id);
  return is_text (mail, "EmailAddress", self->user) || is_text (mail, "ImapUserName", self->user)
         || is_text (mail, "SmtpUserName", self->user) || is_text (account, "Identity", self->user)
         || is_text (account, "PresentationIdentity", self->user);
}

static char *
describe_account (GVariant *account)
{
  g_autofree char *provider = get_text (account, "ProviderName");
  g_autofree char *identity = get_text (account, "PresentationIdentity");
  g_autofree char *text = g_strdup_printf ("%s (%s)", provider != NULL ? provider : "?",
                                           identity != NULL ? identity : "?");

  return postseal_printable (text, -1);
}

static void
use_account (Fetch *self, const char *path, GVariant *interfaces, GVariant *account)
{
  g_autoptr (GVariant) oauth2
      = g_variant_lookup_value (interfaces, OAUTH2_INTERFACE, G_VARIANT_TYPE_VARDICT);
  gboolean is_mail_disabled = FALSE;

  self->path = g_strdup (path);
  self->title = describe_account (account);
  (void)g_variant_lookup (account, "MailDisabled", "b", &is_mail_disabled);
  (void)g_variant_lookup (account, "AttentionNeeded", "b", &self->needs_attention);
  if (is_mail_disabled)
    fail_fetch (self, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                _ ("The online account %s, which the account %s signs in with, is not for mail. "
                   "Switch mail on in Settings, Online Accounts"),
                self->title, self->account);
  else if (oauth2 == NULL)
    fail_fetch (self, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_DENIED,
                _ ("The online account %s gives out no access tokens. Set the key “password” of "
                   "the account %s to secret-service, and store its password there"),
                self->title, self->account);
  else
    ask_for_token (self);
}

/* @known: what there is, for the message */
static void
fail_for_missing (Fetch *self, GPtrArray *known)
{
  g_autofree char *wanted = postseal_printable (*self->id != '\0'    ? self->id
                                                : self->user != NULL ? self->user
                                                                     : "",
                                                -1);
  g_autofree char *list = NULL;

  g_ptr_array_add (known, NULL);
  list = g_strjoinv (", ", (char **)known->pdata);
  fail_fetch (
      self, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT,
      _ ("GNOME Online Accounts knows no “%s” for the account %s. Add it in Settings, Online "
         "Accounts, or write “password=goa:ID”; it has: %s"),
      wanted, self->account, *list != '\0' ? list : _ ("nothing"));
}

/* Two for one address: the one that has tokens. */
static void
choose_account (Fetch *self, GVariant *objects)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GVariant) best_interfaces = NULL;
  g_autoptr (GVariant) best_account = NULL;
  g_autofree char *best_path = NULL;
  GVariant *interfaces = NULL;
  const char *path = NULL;
  GVariantIter iter;

  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_loop (&iter, "{&o@a{sa{sv}}}", &path, &interfaces))
    {
      g_autoptr (GVariant) account
          = g_variant_lookup_value (interfaces, ACCOUNT_INTERFACE, G_VARIANT_TYPE_VARDICT);
      g_autoptr (GVariant) mail
          = g_variant_lookup_value (interfaces, MAIL_INTERFACE, G_VARIANT_TYPE_VARDICT);
      g_autoptr (GVariant) oauth2
          = g_variant_lookup_value (interfaces, OAUTH2_INTERFACE, G_VARIANT_TYPE_VARDICT);
      g_autofree char *id = account != NULL ? get_text (account, "Id") : NULL;

      if (account == NULL)
        continue;
      if (id != NULL)
        {
          g_autofree char *title = describe_account (account);
          g_autofree char *shown = postseal_printable (id, -1);

          g_ptr_array_add (known, g_strdup_printf ("%s %s", shown, title));
        }
      if (!is_wanted (self, account, mail) || (best_path != NULL && oauth2 == NULL))
        continue;
      g_clear_pointer (&best_interfaces, g_variant_unref);
      g_clear_pointer (&best_account, g_variant_unref);
      g_free (best_path);
      best_interfaces = g_variant_ref (interfaces);
      best_account = g_variant_ref (account);
      best_path = g_strdup (path);
    }
  if (best_path == NULL)
    fail_for_missing (self, known);
  else
    use_account (self, best_path, best_interfaces, best_account);
}

static void
fail_for_absence (Fetch *self, GError *error)
{
  g_autofree char *reason = NULL;

  g_dbus_error_strip_remote_error (error);
  reason = postseal_printable (error->message, -1);
  fail_fetch (self, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE,
              _ ("GNOME Online Accounts does not answer for the account %s: “%s”"), self->account,
              reason);
}

static void
on_objects (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fetch *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (self->bus, result, &error);
  g_autoptr (GVariant) objects = NULL;

  if (reply == NULL)
    {
      fail_for_absence (self, error);
      return;
    }
  objects = g_variant_get_child_value (reply, 0);
  choose_account (self, objects);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fetch *self = user_data;
  g_autoptr (GError) error = NULL;

  self->bus = g_bus_get_finish (result, &error);
  if (self->bus == NULL)
    {
      fail_for_absence (self, error);
      return;
    }
  g_dbus_connection_call (self->bus, BUS_NAME, ROOT_PATH, "org.freedesktop.DBus.ObjectManager",
                          "GetManagedObjects", NULL, G_VARIANT_TYPE ("(a{oa{sa{sv}}})"),
                          G_DBUS_CALL_FLAGS_NONE, CALL_LIMIT_MS, NULL, on_objects, self);
}

static void
fetch_token (PostsealVault *vault, const char *account, gboolean is_renewal, GTask *task)
{
  const PostsealVaultGoa *vault_self = POSTSEAL_VAULT_GOA (vault);
  Fetch *self = g_new0 (Fetch, 1);

  self->task = task;
  self->account = g_strdup (account);
  self->id = g_strdup (vault_self->id);
  self->user = g_strdup (vault_self->user);
  self->is_renewal = is_renewal;
  g_bus_get (G_BUS_TYPE_SESSION, NULL, on_bus, self);
}

/* --- the vault --- */

static char *
make_place (PostsealVaultGoa *self)
{
  return g_strdup_printf ("goa:%s\n%s", self->id, self->user != NULL ? self->user : "");
}

static void
look_up (PostsealVault *vault,
         const char *account,
         GCancellable *cancellable,
         GAsyncReadyCallback callback,
         gpointer user_data)
{
  g_autofree char *place = make_place (POSTSEAL_VAULT_GOA (vault));

  _postseal_token_cache_lookup (vault, place, account, fetch_token, callback, user_data);
}

static void
invalidate (PostsealVault *vault, const char *account, PostsealCredential *token)
{
  g_autofree char *place = make_place (POSTSEAL_VAULT_GOA (vault));

  _postseal_token_cache_invalidate (place, account, token);
}

static void
set_user (PostsealVault *vault, const char *user)
{
  PostsealVaultGoa *self = POSTSEAL_VAULT_GOA (vault);

  g_free (self->user);
  self->user = g_strdup (user);
}

static char *
explain_read_only (PostsealVault *vault)
{
  return g_strdup (
      _ ("The access tokens come from GNOME Online Accounts, which Postseal only reads. Sign in or "
         "out in Settings, Online Accounts"));
}

char *
_postseal_vault_goa_check (const char *argument)
{
  gboolean is_good = *argument != '\0';

  for (const char *c = argument; *c != '\0' && is_good; c++)
    is_good = g_ascii_isalnum (*c) || *c == '_';
  if (is_good)
    return NULL;
  return g_strdup (_ ("after “goa:” comes the ID of an online account, e.g. account_1234567890_0; "
                      "“goa” alone finds it by the user name"));
}

static void
postseal_vault_goa_iface_init (PostsealVaultInterface *iface)
{
  iface->kind = POSTSEAL_VAULT_TOKEN;
  iface->lookup_async = look_up;
  iface->explain_read_only = explain_read_only;
  iface->set_user = set_user;
  iface->invalidate = invalidate;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealVaultGoa,
                               postseal_vault_goa,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_VAULT,
                                                      postseal_vault_goa_iface_init))

static void
postseal_vault_goa_finalize (GObject *object)
{
  PostsealVaultGoa *self = POSTSEAL_VAULT_GOA (object);

  g_free (self->id);
  g_free (self->user);
  G_OBJECT_CLASS (postseal_vault_goa_parent_class)->finalize (object);
}

static void
postseal_vault_goa_class_init (PostsealVaultGoaClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = postseal_vault_goa_finalize;
}

static void
postseal_vault_goa_init (PostsealVaultGoa *self)
{
}

PostsealVault *
_postseal_vault_goa_new (const char *id)
{
  PostsealVaultGoa *self = g_object_new (POSTSEAL_TYPE_VAULT_GOA, NULL);

  self->id = g_strdup (id);
  return POSTSEAL_VAULT (self);
}
