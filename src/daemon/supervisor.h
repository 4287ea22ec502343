/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Tells the service manager that started us how we fare (the protocol of sd_notify(3): datagrams to
   the socket that $NOTIFY_SOCKET names), and that the main loop still turns ($WATCHDOG_USEC). Where
   there is none, nothing happens. Lives on the thread-default main context of its maker. */
typedef struct _PostsealSupervisor PostsealSupervisor;

/* Takes the variables out of the environment, so that no program we start speaks for us: to be
   called before there are threads. Returns: (transfer full) */
PostsealSupervisor *postseal_supervisor_new (void);
void postseal_supervisor_free (PostsealSupervisor *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealSupervisor, postseal_supervisor_free)

/* Started; also: reloaded. The watchdog begins. */
void postseal_supervisor_ready (PostsealSupervisor *self);
/* Accounts are being read anew, until postseal_supervisor_ready(). */
void postseal_supervisor_reloading (PostsealSupervisor *self);
/* About to end. */
void postseal_supervisor_stopping (PostsealSupervisor *self);

/* What "systemctl status" shows: one line for people. Told at once, but once in five seconds at
   most, the last one then; never again while it stays the same. */
void postseal_supervisor_set_status (PostsealSupervisor *self, const char *status);

G_END_DECLS
