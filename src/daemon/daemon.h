/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "daemon/supervisor.h"

G_BEGIN_DECLS

/* The daemon: one engine that works unattended, on the session bus where there is one, until a
   signal ends it. SIGTERM, SIGINT: ends in good order within a second; a second one: at once.
   SIGHUP: reads accounts.conf anew, and tries again what waits for the user. Lives on the default
   main context. */
typedef struct _PostsealDaemon PostsealDaemon;

typedef struct
{
  const char *config; /* accounts.conf; NULL: the usual one */
  const char *const *environment; /* of the user's commands */
  gboolean ends_with_session; /* when the session bus goes */
} PostsealDaemonOptions;

/* @options: not needed after this. @supervisor: (transfer none): must outlive it.
   Returns: (transfer full) */
PostsealDaemon *
postseal_daemon_new (const PostsealDaemonOptions *options, PostsealSupervisor *supervisor);
void postseal_daemon_free (PostsealDaemon *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealDaemon, postseal_daemon_free)

/* Returns: the exit status: 0, 75 when there is another daemon for this state directory or on this
   bus, 73 when there is no place for its state */
int postseal_daemon_run (PostsealDaemon *self);

G_END_DECLS
