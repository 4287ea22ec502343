/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/bus-interface-private.h"

#include "base/limits.h"
#include "client/bus-names-private.h"

struct _PostsealBusInterface
{
  GDBusInterfaceSkeleton parent;

  const GDBusInterfaceInfo *info; /* borrowed: static */
  GObject *subject; /* owned */
  const PostsealBusOwner *owner; /* borrowed: static; NULL once disowned */
  gpointer user_data; /* borrowed: of the owner */

  GMainContext *context; /* owned: the maker's */
  guint64 changed; /* bit N: property N of info, since the last were told */
  GSource *telling; /* owned, nullable: when to tell them */
  gint64 told_us; /* when the last were told, monotonic */
};

G_DEFINE_FINAL_TYPE (PostsealBusInterface, _postseal_bus_interface, G_TYPE_DBUS_INTERFACE_SKELETON)

/* Returns: (transfer full) */
static GVariant *
read_property (PostsealBusInterface *self, const GDBusPropertyInfo *property)
{
  GParamSpec *pspec
      = _postseal_bus_find_property (G_OBJECT_GET_CLASS (self->subject), property->name);
  g_auto (GValue) value = G_VALUE_INIT;

  if (pspec == NULL)
    return g_variant_ref_sink (self->owner->read (self, property->name, self->user_data));
  g_value_init (&value, pspec->value_type);
  g_object_get_property (self->subject, pspec->name, &value);
  return g_dbus_gvalue_to_gvariant (&value, G_VARIANT_TYPE (property->signature));
}

static void
add_property (PostsealBusInterface *self, GVariantBuilder *values, guint number)
{
  const GDBusPropertyInfo *property = self->info->properties[number];
  g_autoptr (GVariant) value = read_property (self, property);

  g_variant_builder_add (values, "{sv}", property->name, value);
}

static void
tell_changes (PostsealBusInterface *self)
{
  GDBusInterfaceSkeleton *skeleton = G_DBUS_INTERFACE_SKELETON (self);
  g_autolist (GDBusConnection) connections = g_dbus_interface_skeleton_get_connections (skeleton);
  g_auto (GVariantBuilder) values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) parameters = NULL;

  for (guint i = 0; i < 64; i++)
    if (self->changed & (G_GUINT64_CONSTANT (1) << i))
      add_property (self, &values, i);
  self->changed = 0;
  self->told_us = g_get_monotonic_time ();
  parameters = g_variant_ref_sink (
      g_variant_new ("(sa{sv}@as)", self->info->name, &values, g_variant_new_strv (NULL, 0)));
  for (GList *at = connections; at != NULL; at = at->next)
    g_dbus_connection_emit_signal (
        at->data, NULL, g_dbus_interface_skeleton_get_object_path (skeleton),
        "org.freedesktop.DBus.Properties", "PropertiesChanged", parameters, NULL);
}

static void
clear_telling (PostsealBusInterface *self)
{
  if (self->telling == NULL)
    return;
  g_source_destroy (self->telling);
  g_clear_pointer (&self->telling, g_source_unref);
}

static gboolean
on_time_to_tell (gpointer user_data)
{
  g_dbus_interface_skeleton_flush (user_data);
  return G_SOURCE_REMOVE;
}

static void
mark_changed (PostsealBusInterface *self, guint property)
{
  gint64 wait_us;

  self->changed |= G_GUINT64_CONSTANT (1) << property;
  if (self->telling != NULL)
    return;
  wait_us = self->told_us + POSTSEAL_BUS_CHANGES_MS * 1000 - g_get_monotonic_time ();
  self->telling = self->told_us == 0 || wait_us <= 0
                      ? g_idle_source_new ()
                      : g_timeout_source_new ((guint)(wait_us / 1000) + 1);
  g_source_set_priority (self->telling, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->telling, on_time_to_tell, self, NULL);
  g_source_attach (self->telling, self->context);
}

static void
on_notify (PostsealBusInterface *self, GParamSpec *pspec)
{
  for (guint i = 0; self->info->properties != NULL && self->info->properties[i] != NULL; i++)
    if (_postseal_bus_is_property (self->info->properties[i]->name, pspec->name))
      mark_changed (self, i);
}

PostsealBusInterface *
_postseal_bus_interface_new (const GDBusInterfaceInfo *info,
                             GObject *subject,
                             const PostsealBusOwner *owner,
                             gpointer user_data)
{
  PostsealBusInterface *self = g_object_new (POSTSEAL_TYPE_BUS_INTERFACE, NULL);

  self->info = info;
  self->subject = g_object_ref (subject);
  self->owner = owner;
  self->user_data = user_data;
  g_signal_connect_object (subject, "notify", G_CALLBACK (on_notify), self, G_CONNECT_SWAPPED);
  return self;
}

void
_postseal_bus_interface_disown (PostsealBusInterface *self)
{
  self->owner = NULL;
  self->changed = 0;
  clear_telling (self);
  g_signal_handlers_disconnect_by_data (self->subject, self);
}

void
_postseal_bus_interface_changed (PostsealBusInterface *self, const char *property)
{
  for (guint i = 0; self->info->properties[i] != NULL; i++)
    if (g_str_equal (self->info->properties[i]->name, property))
      mark_changed (self, i);
}

void
_postseal_bus_interface_emit (PostsealBusInterface *self, const char *signal, GVariant *parameters)
{
  GDBusInterfaceSkeleton *skeleton = G_DBUS_INTERFACE_SKELETON (self);
  g_autolist (GDBusConnection) connections = g_dbus_interface_skeleton_get_connections (skeleton);
  g_autoptr (GVariant) owned = parameters != NULL ? g_variant_ref_sink (parameters) : NULL;

  g_dbus_interface_skeleton_flush (skeleton);
  for (GList *at = connections; at != NULL; at = at->next)
    g_dbus_connection_emit_signal (at->data, NULL,
                                   g_dbus_interface_skeleton_get_object_path (skeleton),
                                   self->info->name, signal, owned, NULL);
}

/* --- object --- */

static void
on_method_call (GDBusConnection *connection,
                const char *sender,
                const char *path,
                const char *interface,
                const char *method,
                GVariant *parameters,
                GDBusMethodInvocation *invocation,
                gpointer user_data)
{
  PostsealBusInterface *self = user_data;

  if (self->owner == NULL)
    g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR,
                                                   G_DBUS_ERROR_UNKNOWN_OBJECT, "It is gone");
  else
    self->owner->call (self, invocation, self->user_data);
}

static GVariant *
on_get_property (GDBusConnection *connection,
                 const char *sender,
                 const char *path,
                 const char *interface,
                 const char *property,
                 GError **error,
                 gpointer user_data)
{
  PostsealBusInterface *self = user_data;
  GDBusPropertyInfo *info
      = g_dbus_interface_info_lookup_property ((GDBusInterfaceInfo *)self->info, property);

  if (info != NULL && self->owner != NULL)
    return read_property (self, info);
  g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT, "It is gone");
  return NULL;
}

static GDBusInterfaceInfo *
_postseal_bus_interface_get_info (GDBusInterfaceSkeleton *skeleton)
{
  return (GDBusInterfaceInfo *)POSTSEAL_BUS_INTERFACE (skeleton)->info;
}

static GDBusInterfaceVTable *
_postseal_bus_interface_get_vtable (GDBusInterfaceSkeleton *skeleton)
{
  static GDBusInterfaceVTable vtable
      = { .method_call = on_method_call, .get_property = on_get_property };

  return &vtable;
}

static GVariant *
_postseal_bus_interface_get_properties (GDBusInterfaceSkeleton *skeleton)
{
  PostsealBusInterface *self = POSTSEAL_BUS_INTERFACE (skeleton);
  GVariantBuilder values;

  g_variant_builder_init (&values, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; self->info->properties != NULL && self->info->properties[i] != NULL; i++)
    if (self->owner != NULL)
      add_property (self, &values, i);
  return g_variant_builder_end (&values);
}

static void
_postseal_bus_interface_flush (GDBusInterfaceSkeleton *skeleton)
{
  PostsealBusInterface *self = POSTSEAL_BUS_INTERFACE (skeleton);

  clear_telling (self);
  if (self->changed != 0 && self->owner != NULL)
    tell_changes (self);
}

static void
_postseal_bus_interface_dispose (GObject *object)
{
  PostsealBusInterface *self = POSTSEAL_BUS_INTERFACE (object);

  clear_telling (self);
  g_clear_object (&self->subject);
  g_clear_pointer (&self->context, g_main_context_unref);
  G_OBJECT_CLASS (_postseal_bus_interface_parent_class)->dispose (object);
}

static void
_postseal_bus_interface_class_init (PostsealBusInterfaceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GDBusInterfaceSkeletonClass *skeleton_class = G_DBUS_INTERFACE_SKELETON_CLASS (klass);

  object_class->dispose = _postseal_bus_interface_dispose;
  skeleton_class->get_info = _postseal_bus_interface_get_info;
  skeleton_class->get_vtable = _postseal_bus_interface_get_vtable;
  skeleton_class->get_properties = _postseal_bus_interface_get_properties;
  skeleton_class->flush = _postseal_bus_interface_flush;
}

static void
_postseal_bus_interface_init (PostsealBusInterface *self)
{
  self->context = g_main_context_ref_thread_default ();
}
