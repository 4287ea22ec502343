/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/front.h"

#include <glib/gi18n-lib.h>

#include "client/client.h"
#include "engine/engine.h"

#define RETRY_MS 500 /* after a daemon that is there did not answer */
#define MAX_FAILURES 4

typedef enum
{
  STATE_LOOKING, /* for a bus, a daemon, or the world that an engine needs */
  STATE_DAEMON,
  STATE_ENGINE,
  STATE_LEAVING, /* the engine comes to its end, since a daemon is there */
  STATE_STOPPED,
} State;

struct _PostsealClawsFront
{
  GObject parent;

  State state;
  GDBusConnection *bus; /* owned, nullable */
  guint watch; /* of the daemon's name */
  gboolean has_daemon; /* as the bus says */
  guint n_failures; /* to reach it, in a row */
  guint retry; /* source */
  PostsealWorld *world; /* owned, nullable */
  PostsealService *service; /* owned, nullable */
  GListStore *accounts; /* owned: what the service has */
  GQueue waiting; /* owned: GTask, requests that wait for a service */
  GCancellable *cancellable; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealClawsFront, postseal_claws_front, G_TYPE_OBJECT)

enum
{
  PROP_SERVICE = 1,
  PROP_ACCOUNTS,
  N_PROPERTIES
};
static GParamSpec *properties[N_PROPERTIES];

static guint signal_mail_arrived;
static guint signal_message_tried;
static guint signal_queue_changed;

static void look_for_service (PostsealClawsFront *self);
static void work_alone (PostsealClawsFront *self);

/* --- requests --- */

typedef struct
{
  PostsealServiceRequest request;
  GVariant *arguments; /* owned, nullable */
  GUnixFDList *descriptors; /* owned, nullable */
} Request;

static void
free_request (Request *self)
{
  g_clear_pointer (&self->arguments, g_variant_unref);
  g_clear_object (&self->descriptors);
  g_free (self);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GVariant *answer = postseal_service_request_finish (POSTSEAL_SERVICE (source), result, &error);

  if (answer == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, answer, (GDestroyNotify)g_variant_unref);
}

/* @task: (transfer full) */
static void
pass_on (PostsealClawsFront *self, GTask *task)
{
  Request *request = g_task_get_task_data (task);

  postseal_service_request_async (self->service, request->request, request->arguments,
                                  request->descriptors, g_task_get_cancellable (task), on_answer,
                                  task);
}

/* --- the service --- */

static void
on_items_changed (
    GListModel *source, guint position, guint removed, guint added, PostsealClawsFront *self)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < added; i++)
    g_ptr_array_add (items, g_list_model_get_item (source, position + i));
  g_list_store_splice (self->accounts, position, removed, items->pdata, added);
}

static void
on_mail_arrived (PostsealService *service,
                 const char *account,
                 GVariant *details,
                 PostsealClawsFront *self)
{
  g_signal_emit (self, signal_mail_arrived, 0, account, details);
}

static void
on_message_tried (PostsealService *service, GVariant *details, PostsealClawsFront *self)
{
  g_signal_emit (self, signal_message_tried, 0, details);
}

static void
on_queue_changed (PostsealService *service, PostsealClawsFront *self)
{
  g_signal_emit (self, signal_queue_changed, 0);
}

/* Does not tell yet that there is none. */
static void
let_go (PostsealClawsFront *self)
{
  if (self->service == NULL)
    return;
  g_signal_handlers_disconnect_by_data (postseal_service_get_accounts (self->service), self);
  g_signal_handlers_disconnect_by_data (self->service, self);
  g_clear_object (&self->service);
  g_list_store_remove_all (self->accounts);
}

static void
on_lost (PostsealClient *client, PostsealClawsFront *self)
{
  if (self->state != STATE_DAEMON)
    return;
  let_go (self);
  self->state = STATE_LOOKING;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SERVICE]);
  if (self->state == STATE_LOOKING && self->service == NULL)
    look_for_service (self);
}

/* @service: (transfer full) */
static void
take_service (PostsealClawsFront *self, State state, PostsealService *service)
{
  GListModel *accounts = postseal_service_get_accounts (service);
  GTask *task;

  self->state = state;
  self->service = service;
  if (state == STATE_DAEMON)
    g_signal_connect (service, "lost", G_CALLBACK (on_lost), self);
  g_signal_connect (service, "mail-arrived", G_CALLBACK (on_mail_arrived), self);
  g_signal_connect (service, "message-tried", G_CALLBACK (on_message_tried), self);
  g_signal_connect (service, "queue-changed", G_CALLBACK (on_queue_changed), self);
  g_signal_connect (accounts, "items-changed", G_CALLBACK (on_items_changed), self);
  on_items_changed (accounts, 0, 0, g_list_model_get_n_items (accounts), self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SERVICE]);
  while (self->service != NULL && (task = g_queue_pop_head (&self->waiting)) != NULL)
    pass_on (self, task);
}

/* --- the engine, where there is no daemon --- */

static void
start_engine (PostsealClawsFront *self)
{
  PostsealEngine *engine = postseal_engine_new (NULL);

  postseal_engine_start (engine, self->world);
  take_service (self, STATE_ENGINE, POSTSEAL_SERVICE (engine));
}

static void
on_world (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsFront) self = user_data;
  g_autoptr (PostsealWorld) world = postseal_world_new_system_finish (result);

  if (self->state != STATE_LOOKING)
    return;
  g_set_object (&self->world, world);
  work_alone (self);
}

static gboolean
on_retry (gpointer user_data)
{
  PostsealClawsFront *self = user_data;

  self->retry = 0;
  look_for_service (self);
  return G_SOURCE_REMOVE;
}

/* It may just have come, or be about to leave. */
static void
work_alone (PostsealClawsFront *self)
{
  if (self->has_daemon && self->n_failures++ < MAX_FAILURES)
    self->retry = g_timeout_add (RETRY_MS, on_retry, self);
  else if (self->world != NULL)
    start_engine (self);
  else
    postseal_world_new_system_async (on_world, g_object_ref (self));
}

static void
on_engine_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsFront) self = user_data;

  postseal_engine_stop_finish (POSTSEAL_ENGINE (source), result);
  if (self->state != STATE_LEAVING)
    return;
  self->state = STATE_LOOKING;
  look_for_service (self);
}

/* What is under way becomes durable or is forgotten; the locks of the accounts are free then. */
static void
leave_engine (PostsealClawsFront *self, State state)
{
  g_autoptr (PostsealEngine) engine = POSTSEAL_ENGINE (g_object_ref (self->service));

  let_go (self);
  self->state = state;
  postseal_engine_stop_async (engine, on_engine_stopped, g_object_ref (self));
}

/* --- the daemon --- */

static void
on_client (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsFront) self = user_data;
  g_autoptr (PostsealClient) client = postseal_client_new_finish (result, NULL);

  if (self->state != STATE_LOOKING)
    return;
  if (client != NULL)
    self->n_failures = 0;
  if (client != NULL)
    take_service (self, STATE_DAEMON, POSTSEAL_SERVICE (g_steal_pointer (&client)));
  else
    work_alone (self);
}

static void
look_for_service (PostsealClawsFront *self)
{
  if (self->bus != NULL && !g_dbus_connection_is_closed (self->bus))
    postseal_client_new_async (self->bus, POSTSEAL_CLIENT_ACTIVATE, self->cancellable, on_client,
                               g_object_ref (self));
  else
    work_alone (self);
}

static void
on_daemon_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  PostsealClawsFront *self = user_data;

  self->has_daemon = TRUE;
  self->n_failures = 0;
  if (self->state != STATE_ENGINE)
    return;
  leave_engine (self, STATE_LEAVING);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SERVICE]);
}

static void
on_daemon_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  PostsealClawsFront *self = user_data;

  self->has_daemon = FALSE;
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsFront) self = user_data;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, NULL);

  if (bus != NULL)
    g_dbus_connection_set_exit_on_close (bus, FALSE);
  if (self->state == STATE_STOPPED)
    return;
  if (bus != NULL)
    {
      self->bus = g_steal_pointer (&bus);
      self->watch = g_bus_watch_name_on_connection (
          self->bus, POSTSEAL_CLIENT_BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, on_daemon_appeared,
          on_daemon_vanished, self, NULL);
    }
  look_for_service (self);
}

/* --- public --- */

PostsealClawsFront *
postseal_claws_front_new (void)
{
  PostsealClawsFront *self = g_object_new (POSTSEAL_TYPE_CLAWS_FRONT, NULL);

  g_bus_get (G_BUS_TYPE_SESSION, self->cancellable, on_bus, g_object_ref (self));
  return self;
}

static void
return_cancelled (GTask *task)
{
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the plugin is at its end");
  g_object_unref (task);
}

void
postseal_claws_front_stop (PostsealClawsFront *self)
{
  g_return_if_fail (POSTSEAL_IS_CLAWS_FRONT (self));

  if (self->state == STATE_STOPPED)
    return;
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  g_clear_handle_id (&self->retry, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  if (self->state == STATE_ENGINE)
    leave_engine (self, STATE_STOPPED);
  let_go (self);
  self->state = STATE_STOPPED;
  g_queue_clear_full (&self->waiting, (GDestroyNotify)return_cancelled);
}

PostsealService *
postseal_claws_front_get_service (PostsealClawsFront *self)
{
  g_return_val_if_fail (POSTSEAL_IS_CLAWS_FRONT (self), NULL);

  return self->service;
}

GListModel *
postseal_claws_front_get_accounts (PostsealClawsFront *self)
{
  g_return_val_if_fail (POSTSEAL_IS_CLAWS_FRONT (self), NULL);

  return G_LIST_MODEL (self->accounts);
}

PostsealAccountStatus *
postseal_claws_front_find_account (PostsealClawsFront *self, const char *name)
{
  PostsealAccountStatus *status;

  g_return_val_if_fail (POSTSEAL_IS_CLAWS_FRONT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  if (self->service == NULL)
    return NULL;
  status = postseal_service_find_account (self->service, name);
  return status != NULL ? g_object_ref (status) : NULL;
}

gboolean
postseal_claws_front_is_daemon (PostsealClawsFront *self)
{
  g_return_val_if_fail (POSTSEAL_IS_CLAWS_FRONT (self), FALSE);

  return self->state == STATE_DAEMON;
}

const char *
postseal_claws_front_describe (PostsealClawsFront *self)
{
  g_return_val_if_fail (POSTSEAL_IS_CLAWS_FRONT (self), "");

  switch (self->state)
    {
    case STATE_DAEMON:
      return _ ("Postseal's daemon works for these accounts, also while Claws Mail is closed.");
    case STATE_ENGINE:
      return _ ("There is no daemon: Postseal works inside Claws Mail, for as long as that runs.");
    case STATE_LOOKING:
    case STATE_LEAVING:
    case STATE_STOPPED:
    default:
      return _ ("Postseal is starting…");
    }
}

void
postseal_claws_front_request_async (PostsealClawsFront *self,
                                    PostsealServiceRequest request,
                                    GVariant *arguments,
                                    GUnixFDList *descriptors,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Request *data = g_new0 (Request, 1);

  g_return_if_fail (POSTSEAL_IS_CLAWS_FRONT (self));

  g_task_set_source_tag (task, postseal_claws_front_request_async);
  data->request = request;
  data->arguments = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  data->descriptors = descriptors != NULL ? g_object_ref (descriptors) : NULL;
  g_task_set_task_data (task, data, (GDestroyNotify)free_request);
  if (self->state == STATE_STOPPED)
    return_cancelled (g_steal_pointer (&task));
  else if (self->service != NULL)
    pass_on (self, g_steal_pointer (&task));
  else
    g_queue_push_tail (&self->waiting, g_steal_pointer (&task));
}

GVariant *
postseal_claws_front_request_finish (PostsealClawsFront *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- GObject --- */

static void
postseal_claws_front_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  PostsealClawsFront *self = POSTSEAL_CLAWS_FRONT (object);

  switch (id)
    {
    case PROP_SERVICE:
      g_value_set_object (value, self->service);
      break;
    case PROP_ACCOUNTS:
      g_value_set_object (value, self->accounts);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
postseal_claws_front_dispose (GObject *object)
{
  postseal_claws_front_stop (POSTSEAL_CLAWS_FRONT (object));
  G_OBJECT_CLASS (postseal_claws_front_parent_class)->dispose (object);
}

static void
postseal_claws_front_finalize (GObject *object)
{
  PostsealClawsFront *self = POSTSEAL_CLAWS_FRONT (object);

  g_clear_object (&self->bus);
  g_clear_object (&self->world);
  g_object_unref (self->accounts);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (postseal_claws_front_parent_class)->finalize (object);
}

static void
postseal_claws_front_class_init (PostsealClawsFrontClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = postseal_claws_front_get_property;
  object_class->dispose = postseal_claws_front_dispose;
  object_class->finalize = postseal_claws_front_finalize;
  properties[PROP_SERVICE]
      = g_param_spec_object ("service", NULL, NULL, POSTSEAL_TYPE_SERVICE, flags);
  properties[PROP_ACCOUNTS]
      = g_param_spec_object ("accounts", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  signal_mail_arrived = g_signal_new ("mail-arrived", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_VARIANT);
  signal_message_tried = g_signal_new ("message-tried", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 1, G_TYPE_VARIANT);
  signal_queue_changed = g_signal_new ("queue-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 0);
}

static void
postseal_claws_front_init (PostsealClawsFront *self)
{
  self->accounts = g_list_store_new (POSTSEAL_TYPE_ACCOUNT_STATUS);
  self->cancellable = g_cancellable_new ();
  g_queue_init (&self->waiting);
}
