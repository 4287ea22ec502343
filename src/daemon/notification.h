/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Notifications on the desktop (Desktop Notifications Specification 1.2), spoken over the session
   bus by ourselves: GNotification needs a GApplication, which owns a name and a lifetime of its
   own, and cannot be replaced while it is shown; libnotify is one more library for three calls.
   Lives on the thread-default main context of its maker. */

/* Who shows them. Nothing is asked before there is something to show; the bus may start the server
   then. One that is not there is left alone until it comes by itself. */
typedef struct _PostsealNotificationServer PostsealNotificationServer;

/* Returns: (transfer full) */
PostsealNotificationServer *postseal_notification_server_new (GDBusConnection *session_bus);
/* After all of its notifications. */
void postseal_notification_server_free (PostsealNotificationServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealNotificationServer, postseal_notification_server_free)

/* One notification: shown, replaced by what is shown later as long as it is still there, taken
   away. */
typedef struct _PostsealNotification PostsealNotification;

/* @server: (transfer none): must outlive it. Returns: (transfer full) */
PostsealNotification *postseal_notification_new (PostsealNotificationServer *server);
/* What is on the screen stays there. */
void postseal_notification_free (PostsealNotification *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealNotification, postseal_notification_free)

/**
 * postseal_notification_show:
 * @category: of the specification: "email.arrived"
 * @icon: of the Icon Naming Specification
 * @summary: plain text
 * @body: plain text, one line or more
 *
 * Never fails: where there is no notification server, nobody is told.
 */
void postseal_notification_show (PostsealNotification *self,
                                 const char *category,
                                 const char *icon,
                                 const char *summary,
                                 const char *body);

/* TRUE from show() until the person, or its time, has taken it away. */
gboolean postseal_notification_is_shown (PostsealNotification *self);
/* Takes it away. */
void postseal_notification_close (PostsealNotification *self);

G_END_DECLS
