/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/session.h"

#include "base/paths.h"
#include "client/client.h"
#include "engine/engine.h"

struct _PostsealSession
{
  GObject parent;

  char *config; /* owned */
  gboolean is_usual; /* the file that the daemon works with */
  guint watch; /* of the daemon's name on the bus, 0: none */
  gboolean is_looking; /* for the daemon */
  gboolean has_appeared; /* it has, since the look began */
  PostsealService *service; /* owned, nullable */
  GListModel *accounts; /* owned: what the service has, and nothing while there is none */
  GListModel *source; /* owned, nullable: the service's */
  GCancellable *cancellable; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealSession, postseal_session, G_TYPE_OBJECT)

enum
{
  PROP_READY = 1,
  PROP_DAEMON,
  PROP_ACCOUNTS,
  PROP_PROBLEMS,
  N_PROPERTIES
};
static GParamSpec *properties[N_PROPERTIES];

/* --- the list, which outlives a daemon --- */

static void
on_items_changed (
    GListModel *source, guint position, guint removed, guint added, PostsealSession *self)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < added; i++)
    g_ptr_array_add (items, g_list_model_get_item (source, position + i));
  g_list_store_splice (G_LIST_STORE (self->accounts), position, removed, items->pdata, added);
}

/* Puts those of @source, or none, in the place of those before, at once: nobody sees the list empty
   that is not. */
static void
follow (PostsealSession *self, GListModel *source)
{
  guint n_before = g_list_model_get_n_items (self->accounts);

  if (self->source != NULL)
    g_signal_handlers_disconnect_by_data (self->source, self);
  g_set_object (&self->source, source);
  on_items_changed (source, 0, n_before, source != NULL ? g_list_model_get_n_items (source) : 0,
                    self);
  if (source != NULL)
    g_signal_connect (source, "items-changed", G_CALLBACK (on_items_changed), self);
}

/* --- the service --- */

static void look_for_daemon (PostsealSession *self, PostsealClientWish wish);

static void
on_problems (GObject *service, GParamSpec *spec, PostsealSession *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEMS]);
}

/* All but the accounts, whose list tells by itself. */
static void
tell_of_service (PostsealSession *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DAEMON]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READY]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEMS]);
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  postseal_engine_stop_finish (POSTSEAL_ENGINE (source), result);
}

static void
drop_service (PostsealSession *self)
{
  if (self->service == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->service, self);
  if (POSTSEAL_IS_ENGINE (self->service))
    postseal_engine_stop_async (POSTSEAL_ENGINE (self->service), on_stopped, NULL);
  g_clear_object (&self->service);
}

/* The daemon has ended, or was exchanged by an update: the bus starts the next one. */
static void
on_lost (PostsealClient *client, PostsealSession *self)
{
  drop_service (self);
  follow (self, NULL);
  tell_of_service (self);
  look_for_daemon (self, POSTSEAL_CLIENT_ACTIVATE);
}

/* In the place of the one before. @service: (transfer full) */
static void
take_service (PostsealSession *self, PostsealService *service)
{
  drop_service (self);
  self->service = service;
  if (POSTSEAL_IS_CLIENT (service))
    g_signal_connect (service, "lost", G_CALLBACK (on_lost), self);
  g_signal_connect (service, "notify::problems", G_CALLBACK (on_problems), self);
  follow (self, postseal_service_get_accounts (service));
  tell_of_service (self);
}

/* Only now is it known whether there are accounts. */
static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSession) self = user_data;
  g_autoptr (GVariant) answer
      = postseal_service_request_finish (POSTSEAL_SERVICE (source), result, NULL);

  /* The daemon may have come meanwhile. Mistakes in the file are in "problems". */
  if (!g_cancellable_is_cancelled (self->cancellable) && self->service == NULL)
    take_service (self, POSTSEAL_SERVICE (g_object_ref (source)));
}

static void
work_alone (PostsealSession *self)
{
  g_autoptr (PostsealEngine) engine = postseal_engine_new (self->config);

  postseal_service_request_async (POSTSEAL_SERVICE (engine), POSTSEAL_SERVICE_RELOAD, NULL, NULL,
                                  self->cancellable, on_read, g_object_ref (self));
}

static void
on_client (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSession) self = user_data;
  PostsealClient *client = postseal_client_new_finish (result, NULL);

  self->is_looking = FALSE;
  if (g_cancellable_is_cancelled (self->cancellable))
    g_clear_object (&client);
  else if (client != NULL)
    take_service (self, POSTSEAL_SERVICE (client));
  else if (self->has_appeared)
    look_for_daemon (self, POSTSEAL_CLIENT_RUNNING);
  else if (self->service == NULL)
    work_alone (self);
}

static void
look_for_daemon (PostsealSession *self, PostsealClientWish wish)
{
  self->is_looking = TRUE;
  self->has_appeared = FALSE;
  postseal_client_new_async (NULL, wish, self->cancellable, on_client, g_object_ref (self));
}

/* Somebody has started it. A client hears of its own daemon's end by itself. */
static void
on_daemon_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  PostsealSession *self = user_data;

  self->has_appeared = TRUE;
  if (!self->is_looking && !POSTSEAL_IS_CLIENT (self->service))
    look_for_daemon (self, POSTSEAL_CLIENT_RUNNING);
}

/* --- requests, whose answers are in the accounts' status --- */

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer
      = postseal_service_request_finish (POSTSEAL_SERVICE (source), result, &error);

  if (answer == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_message ("%s", error->message);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEMS]);
}

static void
ask (PostsealSession *self, PostsealServiceRequest request, GVariant *arguments)
{
  g_autoptr (GVariant) owned = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;

  if (self->service != NULL)
    postseal_service_request_async (self->service, request, owned, NULL, self->cancellable,
                                    on_answer, g_object_ref (self));
}

static GVariant *
name_account (const char *account)
{
  GVariantDict dict = G_VARIANT_DICT_INIT (NULL);

  g_variant_dict_insert (&dict, "account", "s", account);
  return g_variant_dict_end (&dict);
}

/* --- public --- */

PostsealSession *
postseal_session_new (const char *config)
{
  PostsealSession *self = g_object_new (POSTSEAL_TYPE_SESSION, NULL);
  g_autofree char *usual = postseal_paths_config_file ();

  self->config = g_strdup (config != NULL ? config : usual);
  self->is_usual = g_str_equal (self->config, usual);
  if (!self->is_usual)
    {
      work_alone (self);
      return self;
    }
  self->watch
      = g_bus_watch_name (G_BUS_TYPE_SESSION, POSTSEAL_CLIENT_BUS_NAME,
                          G_BUS_NAME_WATCHER_FLAGS_NONE, on_daemon_appeared, NULL, self, NULL);
  look_for_daemon (self, POSTSEAL_CLIENT_ACTIVATE);
  return self;
}

const char *
postseal_session_get_config (PostsealSession *self)
{
  g_return_val_if_fail (POSTSEAL_IS_SESSION (self), NULL);

  return self->config;
}

gboolean
postseal_session_is_ready (PostsealSession *self)
{
  g_return_val_if_fail (POSTSEAL_IS_SESSION (self), FALSE);

  return self->service != NULL;
}

gboolean
postseal_session_has_daemon (PostsealSession *self)
{
  g_return_val_if_fail (POSTSEAL_IS_SESSION (self), FALSE);

  return POSTSEAL_IS_CLIENT (self->service);
}

PostsealService *
postseal_session_get_service (PostsealSession *self)
{
  g_return_val_if_fail (POSTSEAL_IS_SESSION (self), NULL);

  return self->service;
}

GListModel *
postseal_session_get_accounts (PostsealSession *self)
{
  g_return_val_if_fail (POSTSEAL_IS_SESSION (self), NULL);

  return self->accounts;
}

PostsealAccountStatus *
postseal_session_find_account (PostsealSession *self, const char *name)
{
  g_return_val_if_fail (POSTSEAL_IS_SESSION (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  for (guint i = 0; i < g_list_model_get_n_items (self->accounts); i++)
    {
      g_autoptr (PostsealAccountStatus) status = g_list_model_get_item (self->accounts, i);

      if (g_str_equal (postseal_account_status_get_name (status), name))
        return status; /* the list has it */
    }
  return NULL;
}

char **
postseal_session_dup_problems (PostsealSession *self)
{
  char **problems = NULL;

  g_return_val_if_fail (POSTSEAL_IS_SESSION (self), NULL);

  if (self->service != NULL)
    g_object_get (self->service, "problems", &problems, NULL);
  return problems != NULL ? problems : g_new0 (char *, 1);
}

void
postseal_session_refresh (PostsealSession *self)
{
  g_return_if_fail (POSTSEAL_IS_SESSION (self));

  ask (self, POSTSEAL_SERVICE_RELOAD, NULL);
  ask (self, POSTSEAL_SERVICE_RETRY, NULL);
}

void
postseal_session_fetch (PostsealSession *self, const char *account)
{
  g_return_if_fail (POSTSEAL_IS_SESSION (self));
  g_return_if_fail (account != NULL);

  ask (self, POSTSEAL_SERVICE_FETCH, name_account (account));
}

/* --- GObject --- */

static void
postseal_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  PostsealSession *self = POSTSEAL_SESSION (object);

  switch (id)
    {
    case PROP_READY:
      g_value_set_boolean (value, self->service != NULL);
      break;
    case PROP_DAEMON:
      g_value_set_boolean (value, POSTSEAL_IS_CLIENT (self->service));
      break;
    case PROP_ACCOUNTS:
      g_value_set_object (value, self->accounts);
      break;
    case PROP_PROBLEMS:
      g_value_take_boxed (value, postseal_session_dup_problems (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
postseal_session_dispose (GObject *object)
{
  PostsealSession *self = POSTSEAL_SESSION (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  if (self->source != NULL)
    g_signal_handlers_disconnect_by_data (self->source, self);
  g_clear_object (&self->source);
  drop_service (self);
  G_OBJECT_CLASS (postseal_session_parent_class)->dispose (object);
}

static void
postseal_session_finalize (GObject *object)
{
  PostsealSession *self = POSTSEAL_SESSION (object);

  g_free (self->config);
  g_object_unref (self->accounts);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (postseal_session_parent_class)->finalize (object);
}

static void
postseal_session_class_init (PostsealSessionClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = postseal_session_get_property;
  object_class->dispose = postseal_session_dispose;
  object_class->finalize = postseal_session_finalize;
  properties[PROP_READY] = g_param_spec_boolean ("ready", NULL, NULL, FALSE, flags);
  properties[PROP_DAEMON] = g_param_spec_boolean ("daemon", NULL, NULL, FALSE, flags);
  properties[PROP_ACCOUNTS]
      = g_param_spec_object ("accounts", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  properties[PROP_PROBLEMS] = g_param_spec_boxed ("problems", NULL, NULL, G_TYPE_STRV, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
postseal_session_init (PostsealSession *self)
{
  self->accounts = G_LIST_MODEL (g_list_store_new (POSTSEAL_TYPE_ACCOUNT_STATUS));
  self->cancellable = g_cancellable_new ();
}
