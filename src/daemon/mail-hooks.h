/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "daemon/mail-news.h"

G_BEGIN_DECLS

/* Runs the user's commands on new mail (the account key "on-mail"): without a shell, in the home
   directory, as the leader of a process group of its own. Standard input is one JSON object with
   the members "event" ("mail-arrived"), "account", "mailbox", "count" and "files"; what it prints
   goes to the log. One at a time for each account; what arrives meanwhile is one more run, for each
   mailbox. A command that takes too long gets SIGTERM, then SIGKILL, with all that it has started.
   Lives on the thread-default main context of its maker. */
typedef struct _PostsealMailHooks PostsealMailHooks;

/* @environment: (transfer none) (array zero-terminated=1): of the commands; what belongs to our own
   service (credentials, sockets) is taken out of it. Returns: (transfer full) */
PostsealMailHooks *postseal_mail_hooks_new (const char *const *environment);
/* Commands that run get SIGTERM, and are not waited for. */
void postseal_mail_hooks_free (PostsealMailHooks *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealMailHooks, postseal_mail_hooks_free)

/* How long a command may take, and how long it has after SIGTERM. */
void postseal_mail_hooks_set_limits (PostsealMailHooks *self, guint run_ms, guint grace_ms);

/* @argv: (array zero-terminated=1): "~/" before the program is the home directory */
void postseal_mail_hooks_run (PostsealMailHooks *self,
                              const char *account,
                              const char *const *argv,
                              const PostsealMailNews *news);

/* Commands that run now. */
guint postseal_mail_hooks_get_running (PostsealMailHooks *self);

G_END_DECLS
