/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/engine.h"

#include "base/loop.h"
#include "base/paths.h"
#include "engine/engine-private.h"

static void postseal_engine_service_init (PostsealServiceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealEngine,
                               postseal_engine,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_SERVICE,
                                                      postseal_engine_service_init))

enum
{
  PROPERTY_ONLINE = 1,
  PROPERTY_METERED,
  PROPERTY_UNATTENDED,
  PROPERTY_PROBLEMS,
};

void
_postseal_engine_soon (GSource **source, guint delay_ms, GSourceFunc func, gpointer user_data)
{
  postseal_loop_clear (source);
  if (func != NULL)
    *source = postseal_loop_add_timeout (delay_ms, func, user_data);
}

/* --- on and off --- */

static void
on_world_changed (PostsealWorld *world, GParamSpec *pspec, gpointer user_data)
{
  g_object_notify (user_data, pspec->name);
}

/* Due times are by the wall clock. */
static void
on_clock_changed (PostsealWorld *world, gpointer user_data)
{
  _postseal_engine_survey_soon (user_data);
}

static void
on_first_load (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealEngine *self = POSTSEAL_ENGINE (source);

  _postseal_engine_load_finish (self, result);
  _postseal_engine_watch_config (self);
  _postseal_engine_watch_outbox (self);
}

void
postseal_engine_start (PostsealEngine *self, PostsealWorld *world)
{
  g_return_if_fail (POSTSEAL_IS_ENGINE (self));
  g_return_if_fail (POSTSEAL_IS_WORLD (world));
  g_return_if_fail (self->world == NULL);

  self->is_stopping = FALSE;
  self->world = g_object_ref (world);
  g_signal_connect (world, "notify::online", G_CALLBACK (on_world_changed), self);
  g_signal_connect (world, "notify::metered", G_CALLBACK (on_world_changed), self);
  g_signal_connect (world, "clock-changed", G_CALLBACK (on_clock_changed), self);
  g_object_notify (G_OBJECT (self), "unattended");
  g_object_notify (G_OBJECT (self), "online");
  _postseal_engine_load_async (self, TRUE, on_first_load, NULL);
}

static void
leave_world (PostsealEngine *self)
{
  _postseal_engine_soon (&self->reload, 0, NULL, NULL);
  _postseal_engine_soon (&self->survey, 0, NULL, NULL);
  g_clear_object (&self->config_monitor);
  g_clear_object (&self->queue_monitor);
  if (self->world != NULL)
    g_signal_handlers_disconnect_by_data (self->world, self);
  g_clear_object (&self->world);
}

void
postseal_engine_stop_async (PostsealEngine *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (POSTSEAL_IS_ENGINE (self));
  g_return_if_fail (self->stop == NULL);

  self->stop = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->stop, postseal_engine_stop_async);
  self->is_stopping = TRUE;
  leave_world (self);
  _postseal_engine_stop_members (self);
}

void
postseal_engine_stop_finish (PostsealEngine *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}

/* --- object --- */

PostsealEngine *
postseal_engine_new (const char *config)
{
  PostsealEngine *self = g_object_new (POSTSEAL_TYPE_ENGINE, NULL);

  self->config = config != NULL ? g_strdup (config) : postseal_paths_config_file ();
  return self;
}

static GListModel *
get_accounts (PostsealService *service)
{
  return G_LIST_MODEL (POSTSEAL_ENGINE (service)->accounts);
}

static void
postseal_engine_service_init (PostsealServiceInterface *iface)
{
  iface->get_accounts = get_accounts;
  iface->request_async = _postseal_engine_request;
  iface->request_finish = _postseal_engine_request_end;
}

static void
postseal_engine_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PostsealEngine *self = POSTSEAL_ENGINE (object);

  switch (id)
    {
    case PROPERTY_ONLINE:
      g_value_set_boolean (value, self->world == NULL || postseal_world_is_online (self->world));
      break;
    case PROPERTY_METERED:
      g_value_set_boolean (value, self->world != NULL && postseal_world_is_metered (self->world));
      break;
    case PROPERTY_UNATTENDED:
      g_value_set_boolean (value, self->world != NULL);
      break;
    case PROPERTY_PROBLEMS:
      g_value_set_boxed (value, self->problems);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
    }
}

static void
postseal_engine_dispose (GObject *object)
{
  PostsealEngine *self = POSTSEAL_ENGINE (object);

  leave_world (self);
  g_hash_table_remove_all (self->members);
  G_OBJECT_CLASS (postseal_engine_parent_class)->dispose (object);
}

static void
postseal_engine_finalize (GObject *object)
{
  PostsealEngine *self = POSTSEAL_ENGINE (object);

  g_queue_clear_full (&self->loads, g_object_unref);
  g_clear_pointer (&self->members, g_hash_table_unref);
  g_clear_object (&self->accounts);
  g_clear_pointer (&self->servers, postseal_servers_unref);
  g_strfreev (self->problems);
  g_free (self->config);
  G_OBJECT_CLASS (postseal_engine_parent_class)->finalize (object);
}

static void
postseal_engine_class_init (PostsealEngineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = postseal_engine_get_property;
  object_class->dispose = postseal_engine_dispose;
  object_class->finalize = postseal_engine_finalize;
  g_object_class_override_property (object_class, PROPERTY_ONLINE, "online");
  g_object_class_override_property (object_class, PROPERTY_METERED, "metered");
  g_object_class_override_property (object_class, PROPERTY_UNATTENDED, "unattended");
  g_object_class_override_property (object_class, PROPERTY_PROBLEMS, "problems");
}

static void
postseal_engine_init (PostsealEngine *self)
{
  self->accounts = g_list_store_new (POSTSEAL_TYPE_ACCOUNT_STATUS);
  self->members = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, _postseal_member_free);
  self->servers = postseal_servers_new ();
  self->problems = g_new0 (char *, 1);
  g_queue_init (&self->loads);
}
