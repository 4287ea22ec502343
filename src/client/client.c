/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/client.h"

#include <gio/gunixfdlist.h>

#include "client/bus-error-private.h"
#include "client/bus-names-private.h"
#include "client/client-private.h"
#include "client/request-form-private.h"

enum
{
  PROP_ONLINE = 1,
  PROP_METERED,
  PROP_UNATTENDED,
  PROP_PROBLEMS,
};

static guint signal_lost;

static void postseal_client_service_init (PostsealServiceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealClient,
                               postseal_client,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_SERVICE,
                                                      postseal_client_service_init))

static void
unsubscribe (PostsealClient *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->subscriptions); i++)
    {
      if (self->subscriptions[i] != 0)
        g_dbus_connection_signal_unsubscribe (self->bus, self->subscriptions[i]);
      self->subscriptions[i] = 0;
    }
}

void
_postseal_client_lose (PostsealClient *self)
{
  if (self->is_lost)
    return;
  self->is_lost = TRUE;
  unsubscribe (self);
  g_signal_emit (self, signal_lost, 0);
}

/* --- the service --- */

static GListModel *
postseal_client_get_accounts (PostsealService *service)
{
  return G_LIST_MODEL (POSTSEAL_CLIENT (service)->accounts);
}

typedef struct
{
  PostsealServiceRequest kind;
  const PostsealRequestForm *form; /* borrowed: static */
  GVariant *arguments; /* owned */
  GUnixFDList *descriptors; /* owned, nullable */
  char *account; /* owned: whose object is called; NULL: the daemon's */
  gboolean may_reload;
} Request;

static void
free_request (Request *request)
{
  g_variant_unref (request->arguments);
  g_clear_object (&request->descriptors);
  g_free (request->account);
  g_free (request);
}

/* Returns: floating */
static GVariant *
make_parameters (const Request *request)
{
  g_autoptr (GVariant) change = NULL;
  g_autoptr (GVariant) ids = NULL;

  if (request->kind != POSTSEAL_SERVICE_QUEUE_CHANGE)
    return g_variant_new ("(@a{sv})", request->arguments);
  change = g_variant_lookup_value (request->arguments, "change", NULL);
  ids = g_variant_lookup_value (request->arguments, "ids", NULL);
  return g_variant_new ("(@s@as)", change, ids);
}

/* Without a time limit: it takes as long as a server does, and the bus tells of its end. */
static void
call (GTask *task,
      const char *path,
      const PostsealRequestForm *form,
      GVariant *parameters,
      GUnixFDList *descriptors,
      GAsyncReadyCallback callback)
{
  PostsealClient *self = g_task_get_source_object (task);

  g_dbus_connection_call_with_unix_fd_list (
      self->bus, self->owner, path, form->interface, form->method, parameters,
      G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT, descriptors,
      g_task_get_cancellable (task), callback, g_object_ref (task));
}

static void send_request (GTask *task);

static void
on_reloaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), NULL, result, NULL);

  /* Whatever is wrong: the request itself hears of it. */
  send_request (task);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Request *request = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), NULL, result, &error);

  if (reply != NULL)
    g_task_return_pointer (task, g_variant_get_child_value (reply, 0),
                           (GDestroyNotify)g_variant_unref);
  else if (request->may_reload && _postseal_bus_error_is_unknown (error))
    {
      /* The account may be newer than what the daemon has read. */
      request->may_reload = FALSE;
      call (task, POSTSEAL_BUS_DAEMON_PATH, _postseal_request_form_get (POSTSEAL_SERVICE_RELOAD),
            g_variant_new_parsed ("(@a{sv} {},)"), NULL, on_reloaded);
    }
  else
    g_task_return_error (task, _postseal_bus_error_decode (error, request->account));
}

static void
send_request (GTask *task)
{
  Request *request = g_task_get_task_data (task);
  g_autofree char *path = request->account != NULL ? _postseal_bus_account_path (request->account)
                                                   : g_strdup (POSTSEAL_BUS_DAEMON_PATH);

  call (task, path, request->form, make_parameters (request), request->descriptors, on_answer);
}

static void
postseal_client_request_async (PostsealService *service,
                               PostsealServiceRequest kind,
                               GVariant *arguments,
                               GUnixFDList *descriptors,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  PostsealClient *self = POSTSEAL_CLIENT (service);
  const PostsealRequestForm *form = _postseal_request_form_get (kind);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Request *request;
  GError *error = NULL;

  g_return_if_fail (form != NULL);

  g_task_set_source_tag (task, postseal_client_request_async);
  if (!_postseal_request_form_check (form, arguments, descriptors, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (self->is_lost)
    {
      g_task_return_error (task, _postseal_bus_error_new_lost ());
      return;
    }
  request = g_new0 (Request, 1);
  request->kind = kind;
  request->form = form;
  request->arguments = g_variant_ref (arguments);
  if (form->takes_descriptors)
    g_set_object (&request->descriptors, descriptors);
  if (g_str_equal (form->interface, POSTSEAL_BUS_ACCOUNT))
    g_variant_lookup (arguments, "account", "s", &request->account);
  request->may_reload = request->account != NULL;
  g_task_set_task_data (task, request, (GDestroyNotify)free_request);
  send_request (task);
}

static GVariant *
postseal_client_request_finish (PostsealService *service, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, service), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
postseal_client_service_init (PostsealServiceInterface *iface)
{
  iface->get_accounts = postseal_client_get_accounts;
  iface->request_async = postseal_client_request_async;
  iface->request_finish = postseal_client_request_finish;
}

/* --- object --- */

static void
postseal_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PostsealClient *self = POSTSEAL_CLIENT (object);

  switch (id)
    {
    case PROP_ONLINE:
      g_value_set_boolean (value, self->is_online);
      break;
    case PROP_METERED:
      g_value_set_boolean (value, self->is_metered);
      break;
    case PROP_UNATTENDED:
      g_value_set_boolean (value, self->is_unattended);
      break;
    case PROP_PROBLEMS:
      g_value_set_boxed (value, self->problems);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
postseal_client_dispose (GObject *object)
{
  PostsealClient *self = POSTSEAL_CLIENT (object);

  unsubscribe (self);
  g_clear_object (&self->bus);
  G_OBJECT_CLASS (postseal_client_parent_class)->dispose (object);
}

static void
postseal_client_finalize (GObject *object)
{
  PostsealClient *self = POSTSEAL_CLIENT (object);

  g_clear_object (&self->accounts);
  g_clear_pointer (&self->statuses, g_hash_table_unref);
  g_strfreev (self->order);
  g_strfreev (self->problems);
  g_free (self->owner);
  G_OBJECT_CLASS (postseal_client_parent_class)->finalize (object);
}

static void
postseal_client_class_init (PostsealClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = postseal_client_get_property;
  object_class->dispose = postseal_client_dispose;
  object_class->finalize = postseal_client_finalize;
  g_object_class_override_property (object_class, PROP_ONLINE, "online");
  g_object_class_override_property (object_class, PROP_METERED, "metered");
  g_object_class_override_property (object_class, PROP_UNATTENDED, "unattended");
  g_object_class_override_property (object_class, PROP_PROBLEMS, "problems");
  signal_lost = g_signal_new ("lost", POSTSEAL_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 0);
}

static void
postseal_client_init (PostsealClient *self)
{
  self->accounts = g_list_store_new (POSTSEAL_TYPE_ACCOUNT_STATUS);
  self->statuses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->order = g_new0 (char *, 1);
  self->problems = g_new0 (char *, 1);
}
