/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/service.h"

G_BEGIN_DECLS

/* The service that works for the plugin: the daemon where one runs or can be started by the bus,
   else an engine in this process. It follows the daemon: when one appears, the engine comes to its
   end in good order first; when it vanishes, another one is asked for. Lives on the thread-default
   main context of its maker and never blocks. It knows nothing of the host.

   Properties (with notification):
     "service"    PostsealService, NULL while there is none: at the start, and between two
     "accounts"   GListModel of PostsealAccountStatus, the same for as long as the front lives

   Signals, as those of PostsealService, from whichever is the service:
     "mail-arrived" (account s, details a{sv}), "message-tried" (details a{sv}), "queue-changed" ()
 */
#define POSTSEAL_TYPE_CLAWS_FRONT (postseal_claws_front_get_type ())
G_DECLARE_FINAL_TYPE (PostsealClawsFront, postseal_claws_front, POSTSEAL, CLAWS_FRONT, GObject)

/* Looks for a service at once. Returns: (transfer full) */
PostsealClawsFront *postseal_claws_front_new (void);

/* The end: what is asked for is answered with %G_IO_ERROR_CANCELLED, an engine leaves its servers
   in its own time. Nothing is waited for, and nothing happens here any more. */
void postseal_claws_front_stop (PostsealClawsFront *self);

/* Returns: (transfer none) (nullable) */
PostsealService *postseal_claws_front_get_service (PostsealClawsFront *self);
/* Returns: (transfer none): element-type PostsealAccountStatus, in the order of accounts.conf */
GListModel *postseal_claws_front_get_accounts (PostsealClawsFront *self);
/* Returns: (transfer full) (nullable): the status of the account @name */
PostsealAccountStatus *
postseal_claws_front_find_account (PostsealClawsFront *self, const char *name);
/* TRUE while the daemon serves: mail also comes and goes while the host does not run. */
gboolean postseal_claws_front_is_daemon (PostsealClawsFront *self);

/* Who works, and when, in a sentence for people. Returns: (transfer none) */
const char *postseal_claws_front_describe (PostsealClawsFront *self);

/**
 * postseal_claws_front_request_async:
 *
 * As postseal_service_request_async(), but may be called at any time: where there is no service at
 * the moment, the request waits for the next one. When a daemon vanishes with a request, the
 * answer is %POSTSEAL_SERVICE_ERROR 75.
 */
void postseal_claws_front_request_async (PostsealClawsFront *self,
                                         PostsealServiceRequest request,
                                         GVariant *arguments,
                                         GUnixFDList *descriptors,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
/* Returns: (transfer full): a{sv} */
GVariant *postseal_claws_front_request_finish (PostsealClawsFront *self,
                                               GAsyncResult *result,
                                               GError **error);

G_END_DECLS
