/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/service.h"

G_BEGIN_DECLS

/* What all pages share: the file of accounts, and the service that works with it. That is the
   daemon, which the bus starts when it can, else an engine in this process that only does what it
   is told, until there is a daemon. */
#define POSTSEAL_TYPE_SESSION (postseal_session_get_type ())
G_DECLARE_FINAL_TYPE (PostsealSession, postseal_session, POSTSEAL, SESSION, GObject)

/* Properties, with notification:
     "ready"     b     there is a service; until then no accounts
     "daemon"    b     it is the daemon: mail comes and goes by itself
     "accounts"  GListModel of PostsealAccountStatus; the same object all the time
     "problems"  as    mistakes in accounts.conf, one line each */

/**
 * postseal_session_new:
 * @config: (nullable): NULL: the usual file. Another one is never the daemon's affair
 *
 * Looks for the service at once. Returns: (transfer full)
 */
PostsealSession *postseal_session_new (const char *config);

/* The path of accounts.conf. */
const char *postseal_session_get_config (PostsealSession *self);
/* The properties of these names. */
gboolean postseal_session_is_ready (PostsealSession *self);
/* The property "daemon". */
gboolean postseal_session_has_daemon (PostsealSession *self);
/* Returns: (transfer none) (nullable): NULL until ready */
PostsealService *postseal_session_get_service (PostsealSession *self);
/* Returns: (transfer none): (element-type PostsealAccountStatus) */
GListModel *postseal_session_get_accounts (PostsealSession *self);
/* Returns: (transfer none) (nullable): NULL while the service knows no account of this name */
PostsealAccountStatus *postseal_session_find_account (PostsealSession *self, const char *name);
/* Returns: (transfer full) (array zero-terminated=1) */
char **postseal_session_dup_problems (PostsealSession *self);

/* The file was changed by us, or a secret was: the service reads it anew, and what waits for the
   user tries again. */
void postseal_session_refresh (PostsealSession *self);

/* Has the mail of one account fetched now; its status tells how it goes. */
void postseal_session_fetch (PostsealSession *self, const char *account);

G_END_DECLS
