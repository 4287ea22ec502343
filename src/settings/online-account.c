/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/online-account.h"

#include "base/printable.h"

#define BUS_NAME "org.gnome.OnlineAccounts"
#define ROOT_PATH "/org/gnome/OnlineAccounts"
#define ACCOUNT_INTERFACE "org.gnome.OnlineAccounts.Account"
#define MAIL_INTERFACE "org.gnome.OnlineAccounts.Mail"
#define OAUTH2_INTERFACE "org.gnome.OnlineAccounts.OAuth2Based"
#define CALL_LIMIT_MS 5000

/* What is asked for. */
typedef struct
{
  char *address; /* owned */
  char *receive_host; /* owned, nullable */
  char *send_host; /* owned, nullable */
} Wish;

static void
wish_free (Wish *self)
{
  g_free (self->address);
  g_free (self->receive_host);
  g_free (self->send_host);
  g_free (self);
}

void
postseal_online_account_free (PostsealOnlineAccount *self)
{
  g_free (self->id);
  g_free (self->title);
  g_free (self);
}

static const char *
get_text (GVariant *properties, const char *name)
{
  const char *text = NULL;

  return properties != NULL && g_variant_lookup (properties, name, "&s", &text) ? text : "";
}

static gboolean
is_for_address (GVariant *account, GVariant *mail, const char *address)
{
  gboolean is_disabled = FALSE;

  (void)g_variant_lookup (account, "MailDisabled", "b", &is_disabled);
  return !is_disabled
         && (g_ascii_strcasecmp (get_text (mail, "EmailAddress"), address) == 0
             || g_ascii_strcasecmp (get_text (account, "PresentationIdentity"), address) == 0);
}

/* @told: by Online Accounts: "imap.example.org", perhaps with a port behind it. */
static gboolean
is_host (const char *host, const char *told)
{
  g_autoptr (GSocketConnectable) where
      = *told != '\0' ? g_network_address_parse (told, 1, NULL) : NULL;

  return where != NULL
         && g_ascii_strcasecmp (g_network_address_get_hostname (G_NETWORK_ADDRESS (where)), host)
                == 0;
}

/* Its token is for the servers that it names itself, and for no others. */
static gboolean
is_for_hosts (GVariant *mail, const Wish *wish)
{
  return (wish->receive_host != NULL || wish->send_host != NULL)
         && (wish->receive_host == NULL
             || is_host (wish->receive_host, get_text (mail, "ImapHost")))
         && (wish->send_host == NULL || is_host (wish->send_host, get_text (mail, "SmtpHost")));
}

/* An ID as the key "password" takes it. */
static gboolean
is_id (const char *text)
{
  const char *c = text;

  while (g_ascii_isalnum (*c) || *c == '_')
    c++;
  return c > text && *c == '\0';
}

static PostsealOnlineAccount *
read_account (GVariant *interfaces, const Wish *wish)
{
  g_autoptr (GVariant) account
      = g_variant_lookup_value (interfaces, ACCOUNT_INTERFACE, G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) mail
      = g_variant_lookup_value (interfaces, MAIL_INTERFACE, G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) oauth2
      = g_variant_lookup_value (interfaces, OAUTH2_INTERFACE, G_VARIANT_TYPE_VARDICT);
  g_autofree char *title = NULL;
  PostsealOnlineAccount *self;

  if (account == NULL || oauth2 == NULL || !is_for_address (account, mail, wish->address)
      || !is_for_hosts (mail, wish) || !is_id (get_text (account, "Id")))
    return NULL;
  title = g_strdup_printf ("%s (%s)", get_text (account, "ProviderName"),
                           get_text (account, "PresentationIdentity"));
  self = g_new0 (PostsealOnlineAccount, 1);
  self->id = g_strdup (get_text (account, "Id"));
  self->title = postseal_printable (title, -1);
  return self;
}

static void
on_objects (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autoptr (GVariant) objects = NULL;
  PostsealOnlineAccount *found = NULL;
  GVariant *interfaces = NULL;
  GVariantIter iter;

  if (reply != NULL)
    {
      objects = g_variant_get_child_value (reply, 0);
      g_variant_iter_init (&iter, objects);
      while (found == NULL && g_variant_iter_next (&iter, "{&o@a{sa{sv}}}", NULL, &interfaces))
        {
          found = read_account (interfaces, g_task_get_task_data (task));
          g_variant_unref (interfaces);
        }
    }
  g_task_return_pointer (task, found, (GDestroyNotify)postseal_online_account_free);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, NULL);

  if (bus == NULL)
    g_task_return_pointer (task, NULL, NULL);
  else
    g_dbus_connection_call (bus, BUS_NAME, ROOT_PATH, "org.freedesktop.DBus.ObjectManager",
                            "GetManagedObjects", NULL, G_VARIANT_TYPE ("(a{oa{sa{sv}}})"),
                            G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_LIMIT_MS,
                            g_task_get_cancellable (task), on_objects, g_object_ref (task));
}

void
postseal_online_account_find_async (const char *address,
                                    const char *receive_host,
                                    const char *send_host,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  GTask *task;
  Wish *wish;

  g_return_if_fail (address != NULL);

  wish = g_new0 (Wish, 1);
  wish->address = g_strdup (address);
  wish->receive_host = g_strdup (receive_host);
  wish->send_host = g_strdup (send_host);
  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_online_account_find_async);
  g_task_set_task_data (task, wish, (GDestroyNotify)wish_free);
  g_bus_get (G_BUS_TYPE_SESSION, cancellable, on_bus, task);
}

PostsealOnlineAccount *
postseal_online_account_find_finish (GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), NULL);
}
