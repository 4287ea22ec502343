/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/bus-front.h"

#include <gio/gunixfdlist.h>
#include <glib/gi18n-lib.h>

#include "base/limits.h"
#include "client/bus-error-private.h"
#include "client/bus-info.h"
#include "client/bus-interface-private.h"
#include "client/bus-names-private.h"
#include "client/request-form-private.h"

/* sysexits.h */
#define STATUS_LATER 75

struct _PostsealBusFront
{
  grefcount references; /* the maker's, and one for each request that the service works on */
  GDBusObjectManagerServer *manager; /* owned */
  PostsealService *service; /* owned */
  PostsealBusInterface *daemon; /* owned */
  PostsealBusInterface *outbox; /* owned */
  GPtrArray *accounts; /* (element-type Shown), in the order of the service */
  GPtrArray *pending; /* borrowed (element-type Request): not yet answered */
  GHashTable *senders; /* owned: name on the bus -> number of requests pending */
};

/* An account on the bus. */
typedef struct
{
  PostsealBusFront *front; /* borrowed */
  PostsealAccountStatus *status; /* owned */
  char *path; /* owned */
  PostsealBusInterface *interface; /* owned */
} Shown;

typedef struct
{
  PostsealBusFront *front; /* owned: a reference */
  GDBusMethodInvocation *invocation; /* owned; NULL once answered */
  GVariant *result; /* owned, nullable */
  GError *error; /* owned, nullable */
} Request;

static void
unref_front (PostsealBusFront *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  g_clear_object (&self->service);
  g_ptr_array_unref (self->pending);
  g_hash_table_unref (self->senders);
  g_free (self);
}

/* --- requests --- */

static const char *
name_sender (GDBusMethodInvocation *invocation)
{
  const char *sender = g_dbus_method_invocation_get_sender (invocation);

  return sender != NULL ? sender : "";
}

/* FALSE when this caller has asked for too much already. */
static gboolean
admit (PostsealBusFront *self, const char *sender)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->senders, sender));

  if (n >= POSTSEAL_LIMIT_BUS_REQUESTS)
    return FALSE;
  g_hash_table_insert (self->senders, g_strdup (sender), GUINT_TO_POINTER (n + 1));
  return TRUE;
}

static void
dismiss (PostsealBusFront *self, const char *sender)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->senders, sender));

  if (n <= 1)
    g_hash_table_remove (self->senders, sender);
  else
    g_hash_table_insert (self->senders, g_strdup (sender), GUINT_TO_POINTER (n - 1));
}

/* Whoever has the answer finds the properties as they were when it was given. */
static void
flush_properties (PostsealBusFront *self)
{
  if (self->manager == NULL)
    return;
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (self->daemon));
  for (guint i = 0; i < self->accounts->len; i++)
    {
      Shown *shown = g_ptr_array_index (self->accounts, i);

      g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (shown->interface));
    }
}

static void
answer_error (GDBusMethodInvocation *invocation, const GError *error)
{
  g_dbus_method_invocation_take_error (invocation, _postseal_bus_error_encode (error));
}

/* Exactly one of @result and @error. */
static void
answer (Request *request, GVariant *result, const GError *error)
{
  PostsealBusFront *self = request->front;
  GDBusMethodInvocation *invocation = g_steal_pointer (&request->invocation);

  g_ptr_array_remove_fast (self->pending, request);
  dismiss (self, name_sender (invocation));
  flush_properties (self);
  if (result != NULL)
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(@a{sv})", result));
  else
    answer_error (invocation, error);
}

static void
free_request (gpointer data)
{
  Request *request = data;

  g_clear_pointer (&request->result, g_variant_unref);
  g_clear_error (&request->error);
  unref_front (request->front);
  g_free (request);
}

static gboolean
on_settled (gpointer user_data)
{
  Request *request = user_data;

  if (request->invocation != NULL)
    answer (request, request->result, request->error);
  return G_SOURCE_REMOVE;
}

/* A service may answer in the midst of its work: the properties are told when it has done. */
static void
on_request_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Request *request = user_data;
  g_autoptr (GSource) settled = g_idle_source_new ();

  request->result
      = postseal_service_request_finish (POSTSEAL_SERVICE (source), result, &request->error);
  g_source_set_priority (settled, G_PRIORITY_DEFAULT);
  g_source_set_callback (settled, on_settled, request, free_request);
  g_source_attach (settled, g_main_context_get_thread_default ());
}

/* The dictionary of the service for what came with a call. Returns: (transfer full) */
static GVariant *
take_arguments (GDBusMethodInvocation *invocation, const char *account)
{
  GVariant *parameters = g_dbus_method_invocation_get_parameters (invocation);
  g_auto (GVariantDict) arguments = { 0 };

  if (g_variant_n_children (parameters) == 1)
    {
      g_autoptr (GVariant) options = g_variant_get_child_value (parameters, 0);

      if (account == NULL)
        return g_steal_pointer (&options);
      g_variant_dict_init (&arguments, options);
      g_variant_dict_insert (&arguments, "account", "s", account);
    }
  else
    {
      g_autoptr (GVariant) change = g_variant_get_child_value (parameters, 0);
      g_autoptr (GVariant) ids = g_variant_get_child_value (parameters, 1);

      g_variant_dict_init (&arguments, NULL);
      g_variant_dict_insert_value (&arguments, "change", change);
      g_variant_dict_insert_value (&arguments, "ids", ids);
    }
  return g_variant_ref_sink (g_variant_dict_end (&arguments));
}

/* @invocation: (transfer full) */
static void
take_call (PostsealBusFront *self, GDBusMethodInvocation *invocation, const char *account)
{
  GDBusMessage *message = g_dbus_method_invocation_get_message (invocation);
  GUnixFDList *descriptors = g_dbus_message_get_unix_fd_list (message);
  g_autoptr (GVariant) arguments = take_arguments (invocation, account);
  g_autoptr (GError) error = NULL;
  PostsealServiceRequest kind = POSTSEAL_SERVICE_RELOAD;
  Request *request;

  /* GDBus lets nothing through that is not in the description. */
  if (!_postseal_request_form_find (g_dbus_method_invocation_get_interface_name (invocation),
                                    g_dbus_method_invocation_get_method_name (invocation), &kind))
    g_assert_not_reached ();
  if (!_postseal_request_form_check (_postseal_request_form_get (kind), arguments, descriptors,
                                     &error))
    {
      answer_error (invocation, error);
      return;
    }
  if (!admit (self, name_sender (invocation)))
    {
      g_dbus_method_invocation_return_error (
          invocation, POSTSEAL_SERVICE_ERROR, STATUS_LATER,
          _ ("%u requests of this program are still being worked on; ask again later"),
          POSTSEAL_LIMIT_BUS_REQUESTS);
      return;
    }
  request = g_new0 (Request, 1);
  request->front = self;
  g_ref_count_inc (&self->references);
  request->invocation = invocation;
  g_ptr_array_add (self->pending, request);
  postseal_service_request_async (self->service, kind, arguments, descriptors, NULL,
                                  on_request_done, request);
}

/* --- accounts --- */

static void
on_account_call (PostsealBusInterface *interface,
                 GDBusMethodInvocation *invocation,
                 gpointer user_data)
{
  Shown *shown = user_data;

  take_call (shown->front, invocation, postseal_account_status_get_name (shown->status));
}

static const PostsealBusOwner account_owner = { .call = on_account_call };

static void
export_interfaces (GDBusObjectManagerServer *manager,
                   const char *path,
                   PostsealBusInterface *first,
                   PostsealBusInterface *second)
{
  g_autoptr (GDBusObjectSkeleton) object = g_dbus_object_skeleton_new (path);

  g_dbus_object_skeleton_add_interface (object, G_DBUS_INTERFACE_SKELETON (first));
  if (second != NULL)
    g_dbus_object_skeleton_add_interface (object, G_DBUS_INTERFACE_SKELETON (second));
  g_dbus_object_manager_server_export (manager, object);
}

static Shown *
show_account (PostsealBusFront *self, PostsealAccountStatus *status)
{
  Shown *shown = g_new0 (Shown, 1);

  shown->front = self;
  shown->status = g_object_ref (status);
  shown->path = _postseal_bus_account_path (postseal_account_status_get_name (status));
  shown->interface = _postseal_bus_interface_new (&postseal_bus_account1_interface,
                                                  G_OBJECT (status), &account_owner, shown);
  export_interfaces (self->manager, shown->path, shown->interface, NULL);
  return shown;
}

static void
hide_account (gpointer data)
{
  Shown *shown = data;
  g_autoptr (GDBusInterface) interface = g_dbus_object_manager_get_interface (
      G_DBUS_OBJECT_MANAGER (shown->front->manager), shown->path, POSTSEAL_BUS_ACCOUNT);

  _postseal_bus_interface_disown (shown->interface);
  /* Another one of the same name may have come first. */
  if (interface == G_DBUS_INTERFACE (shown->interface))
    g_dbus_object_manager_server_unexport (shown->front->manager, shown->path);
  g_object_unref (shown->interface);
  g_object_unref (shown->status);
  g_free (shown->path);
  g_free (shown);
}

/* Returns: (transfer full) (nullable): taken out of @accounts */
static Shown *
steal_shown (GPtrArray *accounts, PostsealAccountStatus *status)
{
  for (guint i = 0; i < accounts->len; i++)
    if (((Shown *)g_ptr_array_index (accounts, i))->status == status)
      return g_ptr_array_steal_index (accounts, i);
  return NULL;
}

/* Those that stay keep their objects; those that go have gone before new ones of the same name
   come. */
static void
follow_accounts (PostsealBusFront *self)
{
  GListModel *model = postseal_service_get_accounts (self->service);
  guint n = g_list_model_get_n_items (model);
  g_autoptr (GPtrArray) staying = g_ptr_array_new_with_free_func (hide_account);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PostsealAccountStatus) status = g_list_model_get_item (model, i);

      /* A place that a new one takes below. */
      g_ptr_array_add (staying, steal_shown (self->accounts, status));
    }
  g_ptr_array_unref (self->accounts);
  self->accounts = g_steal_pointer (&staying);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PostsealAccountStatus) status = g_list_model_get_item (model, i);

      if (g_ptr_array_index (self->accounts, i) == NULL)
        g_ptr_array_index (self->accounts, i) = show_account (self, status);
    }
  _postseal_bus_interface_changed (self->daemon, "Accounts");
}

/* --- daemon and outbox --- */

static void
on_call (PostsealBusInterface *interface, GDBusMethodInvocation *invocation, gpointer user_data)
{
  take_call (user_data, invocation, NULL);
}

static GVariant *
on_read (PostsealBusInterface *interface, const char *property, gpointer user_data)
{
  PostsealBusFront *self = user_data;
  GVariantBuilder names;

  if (g_str_equal (property, "Version"))
    return g_variant_new_string (POSTSEAL_VERSION);
  g_variant_builder_init (&names, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; i < self->accounts->len; i++)
    {
      Shown *shown = g_ptr_array_index (self->accounts, i);

      g_variant_builder_add (&names, "s", postseal_account_status_get_name (shown->status));
    }
  return g_variant_builder_end (&names);
}

static const PostsealBusOwner owner = { .call = on_call, .read = on_read };

static void
on_mail_arrived (PostsealBusFront *self, const char *account, GVariant *details)
{
  for (guint i = 0; i < self->accounts->len; i++)
    {
      Shown *shown = g_ptr_array_index (self->accounts, i);

      if (g_strcmp0 (postseal_account_status_get_name (shown->status), account) == 0)
        _postseal_bus_interface_emit (shown->interface, "MailArrived",
                                      g_variant_new ("(@a{sv})", details));
    }
}

static void
on_message_tried (PostsealBusFront *self, GVariant *details)
{
  _postseal_bus_interface_emit (self->outbox, "MessageTried", g_variant_new ("(@a{sv})", details));
}

static void
on_queue_changed (PostsealBusFront *self)
{
  _postseal_bus_interface_emit (self->outbox, "Changed", NULL);
}

/* --- making and ending --- */

/* The manager itself would only complain to standard error. */
static gboolean
is_free (GDBusConnection *bus, GError **error)
{
  g_autoptr (GDBusNodeInfo) node
      = g_dbus_node_info_new_for_xml ("<node><interface name='org.freedesktop.DBus.ObjectManager'/>"
                                      "</node>",
                                      NULL);
  const GDBusInterfaceVTable vtable = { NULL, NULL, NULL, { NULL } };
  guint id = g_dbus_connection_register_object (bus, POSTSEAL_BUS_ROOT, node->interfaces[0],
                                                &vtable, NULL, NULL, error);

  return id != 0 && g_dbus_connection_unregister_object (bus, id);
}

PostsealBusFront *
postseal_bus_front_new (GDBusConnection *bus, PostsealService *service, GError **error)
{
  PostsealBusFront *self;

  g_return_val_if_fail (G_IS_DBUS_CONNECTION (bus), NULL);
  g_return_val_if_fail (POSTSEAL_IS_SERVICE (service), NULL);

  if (!is_free (bus, error))
    return NULL;
  _postseal_bus_error_register ();
  self = g_new0 (PostsealBusFront, 1);
  g_ref_count_init (&self->references);
  self->service = g_object_ref (service);
  self->manager = g_dbus_object_manager_server_new (POSTSEAL_BUS_ROOT);
  self->accounts = g_ptr_array_new_with_free_func (hide_account);
  self->pending = g_ptr_array_new ();
  self->senders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->daemon = _postseal_bus_interface_new (&postseal_bus_daemon1_interface, G_OBJECT (service),
                                              &owner, self);
  self->outbox = _postseal_bus_interface_new (&postseal_bus_outbox1_interface, G_OBJECT (service),
                                              &owner, self);
  export_interfaces (self->manager, POSTSEAL_BUS_DAEMON_PATH, self->daemon, self->outbox);
  follow_accounts (self);
  g_signal_connect_swapped (postseal_service_get_accounts (service), "items-changed",
                            G_CALLBACK (follow_accounts), self);
  g_signal_connect_swapped (service, "mail-arrived", G_CALLBACK (on_mail_arrived), self);
  g_signal_connect_swapped (service, "message-tried", G_CALLBACK (on_message_tried), self);
  g_signal_connect_swapped (service, "queue-changed", G_CALLBACK (on_queue_changed), self);
  g_dbus_object_manager_server_set_connection (self->manager, bus);
  return self;
}

void
postseal_bus_front_free (PostsealBusFront *self)
{
  g_autoptr (GError) end = NULL;

  if (self == NULL)
    return;
  g_signal_handlers_disconnect_by_data (postseal_service_get_accounts (self->service), self);
  g_signal_handlers_disconnect_by_data (self->service, self);
  end = _postseal_bus_error_new_lost ();
  while (self->pending->len > 0)
    {
      Request *request = g_ptr_array_index (self->pending, self->pending->len - 1);

      answer (request, request->result, request->error != NULL ? request->error : end);
    }
  _postseal_bus_interface_disown (self->daemon);
  _postseal_bus_interface_disown (self->outbox);
  g_clear_pointer (&self->accounts, g_ptr_array_unref);
  g_clear_object (&self->daemon);
  g_clear_object (&self->outbox);
  g_dbus_object_manager_server_set_connection (self->manager, NULL);
  g_clear_object (&self->manager);
  unref_front (self);
}

guint
postseal_bus_front_get_pending (PostsealBusFront *self)
{
  return self->pending->len;
}
