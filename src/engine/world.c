/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/world.h"

#include <string.h>

#include "auth/keyring-watch.h"
#include "engine/clock-watch-private.h"
#include "engine/network-watch-private.h"
#include "engine/sleep-watch-private.h"

struct _PostsealWorld
{
  GObject parent_instance;
  PostsealNetworkWatch *network; /* owned, nullable */
  PostsealSleepWatch *sleep; /* owned, nullable */
  PostsealClockWatch *clock; /* owned, nullable */
  PostsealKeyringWatch *keyring; /* owned, nullable */
  gboolean is_online;
  gboolean is_metered;
  gboolean is_asleep;
  guint holds;
};

enum
{
  PROP_ONLINE = 1,
  PROP_METERED,
  PROP_ASLEEP,
  N_PROPS,
};

enum
{
  NETWORK_CHANGED,
  SUSPENDING,
  RESUMED,
  CLOCK_CHANGED,
  SECRETS_CHANGED,
  N_SIGNALS,
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PostsealWorld, postseal_world, G_TYPE_OBJECT)

static void
set_flag (PostsealWorld *self, gboolean *flag, gboolean value, int prop)
{
  if (*flag == value)
    return;
  *flag = value;
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
look_at_clocks (PostsealWorld *self)
{
  PostsealClocks found;

  if (self->clock == NULL)
    return;
  found = _postseal_clock_watch_look (self->clock);
  if ((found & POSTSEAL_CLOCKS_SLEPT) != 0)
    {
      if (self->is_asleep)
        _postseal_sleep_watch_wake (self->sleep); /* tells on_sleep() */
      else
        g_signal_emit (self, signals[RESUMED], 0);
    }
  if ((found & POSTSEAL_CLOCKS_SET) != 0)
    g_signal_emit (self, signals[CLOCK_CHANGED], 0);
}

/* Every watch may be freed by what it tells, and so may the world. */
static void
on_clock (gpointer user_data)
{
  g_autoptr (PostsealWorld) self = g_object_ref (user_data);

  look_at_clocks (self);
}

static void
on_sleep (gboolean is_asleep, gpointer user_data)
{
  g_autoptr (PostsealWorld) self = g_object_ref (user_data);
  PostsealClocks found = POSTSEAL_CLOCKS_AGREE;

  set_flag (self, &self->is_asleep, is_asleep, PROP_ASLEEP);
  if (is_asleep)
    {
      g_signal_emit (self, signals[SUSPENDING], 0);
      return;
    }
  /* What the clocks know of this sleep is told hereby. */
  if (self->clock != NULL)
    found = _postseal_clock_watch_look (self->clock);
  g_signal_emit (self, signals[RESUMED], 0);
  if ((found & POSTSEAL_CLOCKS_SET) != 0)
    g_signal_emit (self, signals[CLOCK_CHANGED], 0);
}

static void
on_network (gboolean is_another, gpointer user_data)
{
  g_autoptr (PostsealWorld) self = g_object_ref (user_data);

  g_object_freeze_notify (G_OBJECT (self));
  set_flag (self, &self->is_online, _postseal_network_watch_is_online (self->network), PROP_ONLINE);
  set_flag (self, &self->is_metered, _postseal_network_watch_is_metered (self->network),
            PROP_METERED);
  g_object_thaw_notify (G_OBJECT (self));
  look_at_clocks (self);
  if (is_another)
    g_signal_emit (self, signals[NETWORK_CHANGED], 0);
}

static void
on_keyring (gpointer user_data)
{
  g_signal_emit (user_data, signals[SECRETS_CHANGED], 0);
}

PostsealWorld *
postseal_world_new (const PostsealWorldSources *sources)
{
  PostsealWorld *self = g_object_new (POSTSEAL_TYPE_WORLD, NULL);

  if (sources == NULL)
    return self;
  self->clock = _postseal_clock_watch_new (on_clock, self);
  if (sources->monitor != NULL)
    {
      self->network = _postseal_network_watch_new (sources->monitor, on_network, self);
      self->is_online = _postseal_network_watch_is_online (self->network);
      self->is_metered = _postseal_network_watch_is_metered (self->network);
    }
  if (sources->system_bus != NULL)
    self->sleep = _postseal_sleep_watch_new (sources->system_bus, on_sleep, self);
  if (sources->session_bus != NULL)
    self->keyring = postseal_keyring_watch_new (sources->session_bus, on_keyring, self);
  return self;
}

/* Buses asked for: the task's data of postseal_world_new_system_async(). */
typedef struct
{
  GDBusConnection *system; /* owned, nullable */
  GDBusConnection *session; /* owned, nullable */
  guint n_pending;
} Buses;

static void
buses_free (Buses *buses)
{
  g_clear_object (&buses->system);
  g_clear_object (&buses->session);
  g_free (buses);
}

/* Returns: (transfer full) (nullable) */
static GDBusConnection *
take_bus (GAsyncResult *result, const char *without)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_bus_get_finish (result, &error);

  if (bus == NULL)
    g_info ("%s: %s", without, error->message);
  else
    g_dbus_connection_set_exit_on_close (bus, FALSE);
  return bus;
}

static void
note_bus (GTask *task)
{
  Buses *buses = g_task_get_task_data (task);
  PostsealWorldSources sources = { 0 };

  if (--buses->n_pending > 0)
    return;
  sources.monitor = g_network_monitor_get_default ();
  sources.system_bus = buses->system;
  sources.session_bus = buses->session;
  g_task_return_pointer (task, postseal_world_new (&sources), g_object_unref);
}

static void
on_system_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Buses *buses = g_task_get_task_data (task);

  buses->system = take_bus (result, "No system bus, so that sleep is not noticed in advance");
  note_bus (task);
}

static void
on_session_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Buses *buses = g_task_get_task_data (task);

  buses->session = take_bus (result, "No session bus, so that no keyring is heard");
  note_bus (task);
}

void
postseal_world_new_system_async (GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Buses *buses = g_new0 (Buses, 1);

  g_task_set_source_tag (task, postseal_world_new_system_async);
  g_task_set_task_data (task, buses, (GDestroyNotify)buses_free);
  buses->n_pending = 2;
  g_bus_get (G_BUS_TYPE_SYSTEM, NULL, on_system_bus, g_object_ref (task));
  g_bus_get (G_BUS_TYPE_SESSION, NULL, on_session_bus, g_object_ref (task));
}

PostsealWorld *
postseal_world_new_system_finish (GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), NULL);
}

gboolean
postseal_world_is_online (PostsealWorld *self)
{
  g_return_val_if_fail (POSTSEAL_IS_WORLD (self), TRUE);

  return self->is_online;
}

gboolean
postseal_world_is_metered (PostsealWorld *self)
{
  g_return_val_if_fail (POSTSEAL_IS_WORLD (self), FALSE);

  return self->is_metered;
}

gboolean
postseal_world_is_asleep (PostsealWorld *self)
{
  g_return_val_if_fail (POSTSEAL_IS_WORLD (self), FALSE);

  return self->is_asleep;
}

/* RFC 6761 section 6.3: names under "localhost" are loopback addresses, too. */
static gboolean
is_this_machine (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);
  g_autofree char *name = NULL;

  if (address != NULL)
    return g_inet_address_get_is_loopback (address);
  name = g_ascii_strdown (host, -1);
  if (g_str_has_suffix (name, "."))
    name[strlen (name) - 1] = '\0';
  return g_str_equal (name, "localhost") || g_str_has_suffix (name, ".localhost");
}

gboolean
postseal_world_may_reach (PostsealWorld *self, const char *host)
{
  g_return_val_if_fail (POSTSEAL_IS_WORLD (self), TRUE);
  g_return_val_if_fail (host != NULL, TRUE);

  return !self->is_asleep && (self->is_online || is_this_machine (host));
}

void
postseal_world_hold_sleep (PostsealWorld *self)
{
  g_return_if_fail (POSTSEAL_IS_WORLD (self));

  if (self->holds++ == 0 && self->sleep != NULL)
    _postseal_sleep_watch_set_held (self->sleep, TRUE);
}

void
postseal_world_release_sleep (PostsealWorld *self)
{
  g_return_if_fail (POSTSEAL_IS_WORLD (self));
  g_return_if_fail (self->holds > 0);

  if (--self->holds == 0 && self->sleep != NULL)
    _postseal_sleep_watch_set_held (self->sleep, FALSE);
}

static void
postseal_world_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  PostsealWorld *self = POSTSEAL_WORLD (object);

  switch (prop_id)
    {
    case PROP_ONLINE:
      g_value_set_boolean (value, self->is_online);
      break;
    case PROP_METERED:
      g_value_set_boolean (value, self->is_metered);
      break;
    case PROP_ASLEEP:
      g_value_set_boolean (value, self->is_asleep);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
postseal_world_finalize (GObject *object)
{
  PostsealWorld *self = POSTSEAL_WORLD (object);

  g_clear_pointer (&self->network, _postseal_network_watch_free);
  g_clear_pointer (&self->sleep, _postseal_sleep_watch_free);
  g_clear_pointer (&self->clock, _postseal_clock_watch_free);
  g_clear_pointer (&self->keyring, postseal_keyring_watch_free);
  G_OBJECT_CLASS (postseal_world_parent_class)->finalize (object);
}

static void
postseal_world_class_init (PostsealWorldClass *klass)
{
  static const char *const signal_names[N_SIGNALS]
      = { "network-changed", "suspending", "resumed", "clock-changed", "secrets-changed" };
  static const char *const prop_names[N_PROPS] = { NULL, "online", "metered", "asleep" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = postseal_world_get_property;
  object_class->finalize = postseal_world_finalize;
  for (int i = PROP_ONLINE; i < N_PROPS; i++)
    props[i] = g_param_spec_boolean (prop_names[i], NULL, NULL, i == PROP_ONLINE,
                                     G_PARAM_READABLE | G_PARAM_STATIC_STRINGS
                                         | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (signal_names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                               NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
postseal_world_init (PostsealWorld *self)
{
  self->is_online = TRUE;
}
