/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/keyring-watch.h"

#define SETTLE_MS 200 /* an unlocked collection is told by several signals at once */

#define OWN_US G_USEC_PER_SEC /* what we have changed ourselves is told within that time */

#define SECRETS "org.freedesktop.secrets"
#define SECRETS_SERVICE "org.freedesktop.Secret.Service"
#define SECRETS_COLLECTION "org.freedesktop.Secret.Collection"
#define ONLINE "org.gnome.OnlineAccounts"
#define PROPERTIES "org.freedesktop.DBus.Properties"

typedef struct
{
  const char *sender;
  const char *interface;
  const char *member;
  const char *first; /* nullable: the first argument */
} Wanted;

/* The bus compares the sender: nothing has to run, or is started, for us to listen. */
static const Wanted wanted[] = {
  { "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged", SECRETS },
  { SECRETS, SECRETS_SERVICE, "CollectionCreated", NULL },
  { SECRETS, SECRETS_SERVICE, "CollectionChanged", NULL },
  { SECRETS, SECRETS_COLLECTION, "ItemCreated", NULL },
  { SECRETS, SECRETS_COLLECTION, "ItemChanged", NULL },
  { SECRETS, PROPERTIES, "PropertiesChanged", SECRETS_COLLECTION },
  { ONLINE, PROPERTIES, "PropertiesChanged", ONLINE ".Account" },
  { ONLINE, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", NULL },
};

struct _PostsealKeyringWatch
{
  GDBusConnection *bus; /* owned */
  PostsealKeyringWatchFunc func;
  gpointer user_data; /* borrowed: the maker's */
  guint subscriptions[G_N_ELEMENTS (wanted)];
  GSource *timer; /* owned, nullable: while events settle */
};

static void
clear_timer (PostsealKeyringWatch *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static gboolean
on_settled (gpointer user_data)
{
  PostsealKeyringWatch *self = user_data;

  clear_timer (self);
  /* Last: it may free the watch. */
  self->func (self->user_data);
  return G_SOURCE_REMOVE;
}

/* The name has an owner now. */
static gboolean
tells_arrival (GVariant *parameters)
{
  const char *new_owner = "";

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    g_variant_get_child (parameters, 2, "&s", &new_owner);
  return *new_owner != '\0';
}

/* "Locked" of a collection or "AttentionNeeded" of an online account is FALSE now, or may be. */
static gboolean
tells_relief (GVariant *parameters)
{
  static const char *const names[] = { "Locked", "AttentionNeeded" };
  g_autoptr (GVariant) changed = NULL;
  g_autofree const char **invalidated = NULL;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return FALSE;
  g_variant_get (parameters, "(&s@a{sv}^a&s)", NULL, &changed, &invalidated);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gboolean value = TRUE;

      g_variant_lookup (changed, names[i], "b", &value);
      if (!value || g_strv_contains (invalidated, names[i]))
        return TRUE;
    }
  return FALSE;
}

/* --- what we change ourselves --- */

G_LOCK_DEFINE_STATIC (own);
static guint n_own; /* changes under way */
static gint64 own_until_us; /* monotonic */

void
postseal_keyring_watch_begin_own (void)
{
  G_LOCK (own);
  n_own++;
  G_UNLOCK (own);
}

void
postseal_keyring_watch_end_own (void)
{
  G_LOCK (own);
  n_own--;
  own_until_us = g_get_monotonic_time () + OWN_US;
  G_UNLOCK (own);
}

/* @member: of a signal. An unlocked collection is told by its properties, too. */
static gboolean
is_own (const char *member)
{
  gboolean is_likely;

  if (!g_str_has_prefix (member, "Item") && !g_str_equal (member, "CollectionChanged"))
    return FALSE;
  G_LOCK (own);
  is_likely = n_own > 0 || g_get_monotonic_time () < own_until_us;
  G_UNLOCK (own);
  return is_likely;
}

static void
on_signal (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *member,
           GVariant *parameters,
           gpointer user_data)
{
  PostsealKeyringWatch *self = user_data;

  if (self->timer != NULL || is_own (member))
    return;
  if (g_str_equal (member, "NameOwnerChanged") && !tells_arrival (parameters))
    return;
  if (g_str_equal (member, "PropertiesChanged") && !tells_relief (parameters))
    return;

  self->timer = g_timeout_source_new (SETTLE_MS);
  g_source_set_static_name (self->timer, "[postseal] keyring settles");
  g_source_set_callback (self->timer, on_settled, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

PostsealKeyringWatch *
postseal_keyring_watch_new (GDBusConnection *session_bus,
                            PostsealKeyringWatchFunc func,
                            gpointer user_data)
{
  PostsealKeyringWatch *self;

  g_return_val_if_fail (G_IS_DBUS_CONNECTION (session_bus), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  self = g_new0 (PostsealKeyringWatch, 1);
  self->bus = g_object_ref (session_bus);
  self->func = func;
  self->user_data = user_data;
  for (gsize i = 0; i < G_N_ELEMENTS (wanted); i++)
    self->subscriptions[i] = g_dbus_connection_signal_subscribe (
        session_bus, wanted[i].sender, wanted[i].interface, wanted[i].member, NULL, wanted[i].first,
        G_DBUS_SIGNAL_FLAGS_NONE, on_signal, self, NULL);
  return self;
}

void
postseal_keyring_watch_free (PostsealKeyringWatch *self)
{
  g_return_if_fail (self != NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (wanted); i++)
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscriptions[i]);
  clear_timer (self);
  g_object_unref (self->bus);
  g_free (self);
}
