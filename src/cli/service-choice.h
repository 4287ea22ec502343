/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/options.h"
#include "engine/service.h"

G_BEGIN_DECLS

/* Who does the work of a command: the daemon where one runs that serves the same files, else an
   engine in this process. */

/* TRUE when the daemon that runs, if one does, is the one to ask: it works on this process's state
   directory and file of accounts, and the user has not said --no-daemon. No word goes over a bus.
 */
gboolean postseal_service_choice_has_daemon (const PostsealOptions *options);

/* The daemon. Waits for its answer, which is quick; never starts one. Returns: (transfer full)
   (nullable): NULL when there is none that could be asked */
PostsealService *postseal_service_choice_get_daemon (const PostsealOptions *options);

/* The daemon, or an engine. Returns: (transfer full) */
PostsealService *postseal_service_choice_pick (const PostsealOptions *options);

/* The same, and its accounts are those of the file as it is now. Returns: (transfer
   full) */
PostsealService *postseal_service_choice_make (const PostsealOptions *options);

/* Ends an engine in good order, which may take a moment; a daemon goes on. */
void postseal_service_choice_end (PostsealService *service);

/* One request, and its answer. @arguments: (nullable): floating. Returns: (transfer full)
   (nullable) */
GVariant *postseal_service_choice_ask (PostsealService *service,
                                       PostsealServiceRequest request,
                                       GVariant *arguments,
                                       GError **error);

G_END_DECLS
