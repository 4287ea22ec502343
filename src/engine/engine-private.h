/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gunixfdlist.h>

#include "engine/account-store.h"
#include "engine/engine.h"
#include "engine/receiver.h"
#include "engine/sender.h"

G_BEGIN_DECLS

/* What the engine's files share: engine.c is the object and its start and stop, engine-accounts.c
   keeps it in step with accounts.conf, engine-outbox.c with the outbox, engine-request.c answers
   requests. */
struct _PostsealEngine
{
  GObject parent;

  char *config; /* owned */
  GListStore *accounts; /* owned (element-type PostsealAccountStatus), in the file's order */
  GHashTable *members; /* owned: name → PostsealMember */
  PostsealServers *servers; /* owned */
  PostsealWorld *world; /* owned, nullable: only when started */
  char **problems; /* owned */
  gboolean is_loaded;
  GQueue loads; /* owned (element-type GTask): who waits for accounts.conf to be read */
  gboolean is_loading;
  gboolean is_load_stale; /* read it once more */
  gboolean is_stopping;
  GTask *stop; /* owned, nullable */

  GFileMonitor *config_monitor; /* owned, nullable */
  GFileMonitor *queue_monitor; /* owned, nullable */
  GSource *reload; /* owned, nullable: soon */
  GSource *survey; /* owned, nullable: soon */
  gboolean is_surveying;
  gint64 surveyed_us; /* monotonic: the last time */
};

/* One account, as long as it is in accounts.conf. */
typedef struct
{
  PostsealEngine *engine; /* borrowed */
  char *name; /* owned */
  PostsealAccount *account; /* owned, nullable: broken, or gone */
  PostsealAccountStatus *status; /* owned */
  PostsealReceiver *receiver; /* owned, nullable */
  gboolean has_begun; /* at least once */
  PostsealSender *sender; /* owned, nullable */
  guint n_stopping; /* of the two, and of what is done at rest */
  GTask *forget; /* owned, nullable: to be done at rest */
  GVariant *forget_arguments; /* owned, nullable */
} PostsealMember;

/* engine-accounts.c */

/* Reads accounts.conf, unless it has been read, is not being read, and @anew is FALSE. @callback's
   source is the engine. */
void _postseal_engine_load_async (PostsealEngine *self,
                                  gboolean anew,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
void _postseal_engine_load_finish (PostsealEngine *self, GAsyncResult *result);
/* Reads it again whenever it changes. */
void _postseal_engine_watch_config (PostsealEngine *self);
void _postseal_engine_stop_members (PostsealEngine *self);
void _postseal_member_free (gpointer data);
/* Comes to rest, forgets what the servers are held to, and begins anew. @task: (transfer full):
   returns the answer */
void _postseal_member_forget (PostsealMember *member, GVariant *arguments, GTask *task);

/* engine-outbox.c */

/* Looks what there is to send, soon, and tells senders. An engine that was not started
   only says that it has changed. */
void _postseal_engine_survey_soon (PostsealEngine *self);
/* Notices whatever is put into the outbox. */
void _postseal_engine_watch_outbox (PostsealEngine *self);
/* @task: (transfer full): returns the answer */
void _postseal_engine_flush (PostsealEngine *self,
                             GVariant *arguments,
                             PostsealTranscript *transcript,
                             GTask *task);
/* One message was tried. */
void _postseal_engine_message_tried (PostsealEngine *self,
                                     PostsealMember *member,
                                     const PostsealSendReport *report);

/* engine-request.c */
void _postseal_engine_request (PostsealService *service,
                               PostsealServiceRequest request,
                               GVariant *arguments,
                               GUnixFDList *descriptors,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
GVariant *
_postseal_engine_request_end (PostsealService *service, GAsyncResult *result, GError **error);

/* Replaces @source by one that calls @func once, after @delay_ms. */
void _postseal_engine_soon (GSource **source, guint delay_ms, GSourceFunc func, gpointer user_data);

G_END_DECLS
