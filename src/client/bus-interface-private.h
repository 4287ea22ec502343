/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One interface of an object on the bus that shows the properties of a GObject, its subject, as
   they are: it keeps no copy. Changes are told together, the first at once, later ones after a
   tenth of a second, so that a progress counter does not become a stream of messages. */
#define POSTSEAL_TYPE_BUS_INTERFACE (_postseal_bus_interface_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealBusInterface, _postseal_bus_interface, POSTSEAL, BUS_INTERFACE, GDBusInterfaceSkeleton)

/* Where an interface belongs. */
typedef struct
{
  /* A method; the invocation is to be answered. */
  void (*call) (PostsealBusInterface *interface,
                GDBusMethodInvocation *invocation,
                gpointer user_data);
  /* The value of a property that the subject has not. Returns: floating */
  GVariant *(*read) (PostsealBusInterface *interface, const char *property, gpointer user_data);
} PostsealBusOwner;

/**
 * _postseal_bus_interface_new:
 * @info: (transfer none): lives for ever
 * @subject: whose properties it shows
 * @user_data: for @owner; both outlive the interface, or it has been told
 *   _postseal_bus_interface_disown()
 *
 * Returns: (transfer full)
 */
PostsealBusInterface *_postseal_bus_interface_new (const GDBusInterfaceInfo *info,
                                                   GObject *subject,
                                                   const PostsealBusOwner *owner,
                                                   gpointer user_data);

/* Nothing is asked of the owner any more. */
void _postseal_bus_interface_disown (PostsealBusInterface *self);

/* @property: its name on the bus; it is not one of the subject's. Changes are told as above, or by
   g_dbus_interface_skeleton_flush(). */
void _postseal_bus_interface_changed (PostsealBusInterface *self, const char *property);

/* After the changes that were made before. @parameters: (nullable): a tuple; floating ones are sunk
 */
void
_postseal_bus_interface_emit (PostsealBusInterface *self, const char *signal, GVariant *parameters);

G_END_DECLS
