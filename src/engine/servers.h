/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "net/endpoint.h"

G_BEGIN_DECLS

/* What the accounts of one engine know together about the servers they use: how many connections
   a login may have there, and when a server wants to be left in peace. One thread. */
typedef struct _PostsealServers PostsealServers;

PostsealServers *postseal_servers_new (void);
PostsealServers *postseal_servers_ref (PostsealServers *self);
void postseal_servers_unref (PostsealServers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealServers, postseal_servers_unref)

/* Takes one connection of @user at the host of @endpoint, whatever its port, when fewer than @most
   (the account's own limit), and fewer than what the server was found to bear, are taken. */
gboolean postseal_servers_take (PostsealServers *self,
                                const PostsealEndpoint *endpoint,
                                const char *user,
                                guint most);
void postseal_servers_give_back (PostsealServers *self,
                                 const PostsealEndpoint *endpoint,
                                 const char *user);
/* The server refused one more ("[LIMIT]", too many connections): from now on, for a day, it bears
   one fewer than are taken now, but one. The one refused is still taken: it is given back after. */
void postseal_servers_report_limit (PostsealServers *self,
                                    const PostsealEndpoint *endpoint,
                                    const char *user);

/* The server as such is in trouble (no connection, [UNAVAILABLE], 421): all of its accounts wait,
   longer each time, with jitter; what is told during the wait is the same trouble. Ports apart: a
   host may submit though its IMAP is down. @now: monotonic microseconds.
   Returns: when it may be tried again */
gint64 postseal_servers_report_trouble (PostsealServers *self,
                                        const PostsealEndpoint *endpoint,
                                        gint64 now);
/* A connection was sealed: no trouble any more. */
void postseal_servers_report_well (PostsealServers *self, const PostsealEndpoint *endpoint);
/* Another network: what was learned about reachability is void. */
void postseal_servers_forget_trouble (PostsealServers *self);
/* Monotonic microseconds before which it is not tried, 0: at once. */
gint64 postseal_servers_get_not_before (PostsealServers *self, const PostsealEndpoint *endpoint);

G_END_DECLS
