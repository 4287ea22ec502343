/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/client-private.h"

#include "client/bus-names-private.h"

/* --- properties --- */

/* A value of another type than expected comes from another version, and does not matter. */
static void
set_property (GObject *object, const char *name, GVariant *value)
{
  GParamSpec *pspec = _postseal_bus_find_property (G_OBJECT_GET_CLASS (object), name);
  g_auto (GValue) given = G_VALUE_INIT;

  if (pspec == NULL || !(pspec->flags & G_PARAM_WRITABLE))
    return;
  if (G_IS_PARAM_SPEC_VARIANT (pspec)
      && !g_variant_is_of_type (value, ((GParamSpecVariant *)pspec)->type))
    return;
  g_dbus_gvariant_to_gvalue (value, &given);
  if (g_value_type_compatible (G_VALUE_TYPE (&given), pspec->value_type))
    g_object_set_property (object, pspec->name, &given);
}

/* @values: a{sv} */
static void
set_properties (PostsealAccountStatus *status, GVariant *values)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_object_freeze_notify (G_OBJECT (status));
  g_variant_iter_init (&iter, values);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    set_property (G_OBJECT (status), name, value);
  g_object_thaw_notify (G_OBJECT (status));
}

static void
take_boolean (PostsealClient *self, GVariant *values, const char *name, gboolean *place)
{
  gboolean value;

  if (!g_variant_lookup (values, name, "b", &value) || value == *place)
    return;
  *place = value;
  g_object_notify_by_pspec (G_OBJECT (self),
                            _postseal_bus_find_property (G_OBJECT_GET_CLASS (self), name));
}

/* --- accounts --- */

static PostsealAccountStatus *
find_status (PostsealClient *self, const char *name)
{
  g_autofree char *path = _postseal_bus_account_path (name);

  return g_hash_table_lookup (self->statuses, path);
}

/* The list has who the daemon names and shows, in its order; what stays the same at both ends is
   left alone, so that whoever shows the list need not begin anew. */
static void
arrange (PostsealClient *self)
{
  GListModel *model = G_LIST_MODEL (self->accounts);
  g_autoptr (GPtrArray) wanted = g_ptr_array_new ();
  guint n_old = g_list_model_get_n_items (model);
  guint start = 0;
  guint end = 0;

  for (char **name = self->order; *name != NULL; name++)
    if (find_status (self, *name) != NULL)
      g_ptr_array_add (wanted, find_status (self, *name));
  for (; start < MIN (n_old, wanted->len); start++)
    {
      g_autoptr (GObject) old = g_list_model_get_item (model, start);

      if (old != g_ptr_array_index (wanted, start))
        break;
    }
  for (; end < MIN (n_old, wanted->len) - start; end++)
    {
      g_autoptr (GObject) old = g_list_model_get_item (model, n_old - 1 - end);

      if (old != g_ptr_array_index (wanted, wanted->len - 1 - end))
        break;
    }
  if (start + end < n_old || start + end < wanted->len)
    g_list_store_splice (self->accounts, start, n_old - start - end, wanted->pdata + start,
                         wanted->len - start - end);
}

/* --- objects --- */

static void
take_daemon (PostsealClient *self, GVariant *values)
{
  char **strings;

  g_object_freeze_notify (G_OBJECT (self));
  take_boolean (self, values, "Online", &self->is_online);
  take_boolean (self, values, "Metered", &self->is_metered);
  take_boolean (self, values, "Unattended", &self->is_unattended);
  if (g_variant_lookup (values, "Problems", "^as", &strings))
    {
      g_strfreev (self->problems);
      self->problems = strings;
      g_object_notify (G_OBJECT (self), "problems");
    }
  if (g_variant_lookup (values, "Accounts", "^as", &strings))
    {
      g_strfreev (self->order);
      self->order = strings;
      arrange (self);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

static void
take_account (PostsealClient *self, const char *path, GVariant *values)
{
  PostsealAccountStatus *status = g_hash_table_lookup (self->statuses, path);
  const char *name;

  if (status == NULL && g_variant_lookup (values, "Name", "&s", &name))
    {
      status = postseal_account_status_new (name);
      g_hash_table_insert (self->statuses, g_strdup (path), status);
      set_properties (status, values);
      arrange (self);
    }
  else if (status != NULL)
    set_properties (status, values);
}

static void
take_interface (PostsealClient *self, const char *path, const char *interface, GVariant *values)
{
  if (g_str_equal (interface, POSTSEAL_BUS_DAEMON))
    take_daemon (self, values);
  else if (g_str_equal (interface, POSTSEAL_BUS_ACCOUNT))
    take_account (self, path, values);
}

static void
take_object (PostsealClient *self, const char *path, GVariant *interfaces)
{
  GVariantIter iter;
  const char *interface;
  GVariant *values;

  g_variant_iter_init (&iter, interfaces);
  while (g_variant_iter_loop (&iter, "{&s@a{sv}}", &interface, &values))
    take_interface (self, path, interface, values);
}

static void
drop_object (PostsealClient *self, const char *path, const char *const *interfaces)
{
  g_autoptr (PostsealAccountStatus) status = NULL;
  g_autofree char *key = NULL;

  if (g_strv_contains (interfaces, POSTSEAL_BUS_ACCOUNT)
      && g_hash_table_steal_extended (self->statuses, path, (gpointer *)&key, (gpointer *)&status))
    arrange (self);
}

void
_postseal_client_load (PostsealClient *self, GVariant *objects)
{
  GVariantIter iter;
  const char *path;
  GVariant *interfaces;

  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_loop (&iter, "{&o@a{sa{sv}}}", &path, &interfaces))
    take_object (self, path, interfaces);
}

/* --- signals --- */

static void
hear_of_account (PostsealClient *self, const char *path, const char *signal, GVariant *parameters)
{
  PostsealAccountStatus *status = g_hash_table_lookup (self->statuses, path);
  g_autoptr (GVariant) details = NULL;

  if (status == NULL || !g_str_equal (signal, "MailArrived"))
    return;
  details = g_variant_get_child_value (parameters, 0);
  postseal_service_emit_mail_arrived (POSTSEAL_SERVICE (self),
                                      postseal_account_status_get_name (status), details);
}

static void
hear_of_outbox (PostsealClient *self, const char *signal, GVariant *parameters)
{
  if (g_str_equal (signal, "Changed"))
    postseal_service_emit_queue_changed (POSTSEAL_SERVICE (self));
  else if (g_str_equal (signal, "MessageTried"))
    {
      g_autoptr (GVariant) details = g_variant_get_child_value (parameters, 0);

      postseal_service_emit_message_tried (POSTSEAL_SERVICE (self), details);
    }
}

static void
hear_of_objects (PostsealClient *self, const char *signal, GVariant *parameters)
{
  const char *path;

  if (g_str_equal (signal, "InterfacesAdded"))
    {
      g_autoptr (GVariant) interfaces = NULL;

      g_variant_get (parameters, "(&o@a{sa{sv}})", &path, &interfaces);
      take_object (self, path, interfaces);
    }
  else if (g_str_equal (signal, "InterfacesRemoved"))
    {
      g_autofree const char **interfaces = NULL;

      g_variant_get (parameters, "(&o^a&s)", &path, &interfaces);
      drop_object (self, path, interfaces);
    }
}

static void
hear_of_properties (PostsealClient *self, const char *path, GVariant *parameters)
{
  const char *interface;
  g_autoptr (GVariant) values = NULL;

  g_variant_get (parameters, "(&s@a{sv}@as)", &interface, &values, NULL);
  /* One that is not known yet is told of as a whole. */
  if (!g_str_equal (interface, POSTSEAL_BUS_ACCOUNT)
      || g_hash_table_contains (self->statuses, path))
    take_interface (self, path, interface, values);
}

void
_postseal_client_hear (PostsealClient *self,
                       const char *path,
                       const char *interface,
                       const char *signal,
                       GVariant *parameters)
{
  static const struct
  {
    const char *interface;
    const char *signal;
    const char *type;
  } known[] = {
    { POSTSEAL_BUS_ACCOUNT, "MailArrived", "(a{sv})" },
    { POSTSEAL_BUS_OUTBOX, "MessageTried", "(a{sv})" },
    { POSTSEAL_BUS_OUTBOX, "Changed", "()" },
    { "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "(oa{sa{sv}})" },
    { "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", "(oas)" },
    { "org.freedesktop.DBus.Properties", "PropertiesChanged", "(sa{sv}as)" },
  };
  guint i = 0;

  while (i < G_N_ELEMENTS (known)
         && !(g_str_equal (known[i].interface, interface) && g_str_equal (known[i].signal, signal)))
    i++;
  if (i == G_N_ELEMENTS (known)
      || !g_variant_is_of_type (parameters, (GVariantType *)known[i].type))
    return;
  if (i == 0)
    hear_of_account (self, path, signal, parameters);
  else if (i <= 2)
    hear_of_outbox (self, signal, parameters);
  else if (i <= 4)
    hear_of_objects (self, signal, parameters);
  else
    hear_of_properties (self, path, parameters);
}
