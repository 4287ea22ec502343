/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/account-watch.h"

struct _PostsealAccountWatch
{
  GListModel *accounts; /* owned */
  GPtrArray *watched; /* owned (element-type PostsealAccountStatus), as in accounts */
  GPtrArray *changed; /* owned (element-type PostsealAccountStatus): not told yet */
  GSource *telling; /* owned, nullable */
  PostsealAccountWatchFunc func;
  gpointer user_data;
};

static gboolean
on_turn (gpointer user_data)
{
  PostsealAccountWatch *self = user_data;
  g_autoptr (GPtrArray) changed = self->changed;

  self->changed = g_ptr_array_new_with_free_func (g_object_unref);
  g_clear_pointer (&self->telling, g_source_unref);
  for (guint i = 0; i < changed->len; i++)
    self->func (changed->pdata[i], self->user_data);
  self->func (NULL, self->user_data);
  return G_SOURCE_REMOVE;
}

/* Not at low priority: what a person should know is not for when there is nothing else to do. */
static void
tell_soon (PostsealAccountWatch *self)
{
  if (self->telling != NULL)
    return;
  self->telling = g_idle_source_new ();
  g_source_set_priority (self->telling, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->telling, on_turn, self, NULL);
  g_source_attach (self->telling, g_main_context_get_thread_default ());
}

static void
note (PostsealAccountWatch *self, PostsealAccountStatus *status)
{
  if (!g_ptr_array_find (self->changed, status, NULL))
    g_ptr_array_add (self->changed, g_object_ref (status));
  tell_soon (self);
}

static void
on_notify (GObject *status, GParamSpec *property, gpointer user_data)
{
  note (user_data, POSTSEAL_ACCOUNT_STATUS (status));
}

static void
watch (PostsealAccountWatch *self, PostsealAccountStatus *status)
{
  static const char *const signals[] = {
    "notify::receive-state", "notify::receive-error", "notify::receive-changes",
    "notify::send-state",    "notify::send-error",    "notify::send-changes",
    "notify::waiting",       "notify::failed",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect (status, signals[i], G_CALLBACK (on_notify), self);
  note (self, status);
}

static void
unwatch (PostsealAccountWatch *self, PostsealAccountStatus *status)
{
  g_signal_handlers_disconnect_by_data (status, self);
  g_ptr_array_remove (self->changed, status);
  tell_soon (self);
}

static void
on_items_changed (
    GListModel *accounts, guint position, guint removed, guint added, gpointer user_data)
{
  PostsealAccountWatch *self = user_data;

  for (guint i = 0; i < removed; i++)
    {
      unwatch (self, self->watched->pdata[position]);
      g_ptr_array_remove_index (self->watched, position);
    }
  for (guint i = 0; i < added; i++)
    {
      PostsealAccountStatus *status = g_list_model_get_item (accounts, position + i);

      g_ptr_array_insert (self->watched, (int)(position + i), status);
      watch (self, status);
    }
}

PostsealAccountWatch *
postseal_account_watch_new (PostsealService *service,
                            PostsealAccountWatchFunc func,
                            gpointer user_data)
{
  PostsealAccountWatch *self;

  g_return_val_if_fail (POSTSEAL_IS_SERVICE (service), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  self = g_new0 (PostsealAccountWatch, 1);
  self->accounts = g_object_ref (postseal_service_get_accounts (service));
  self->watched = g_ptr_array_new_with_free_func (g_object_unref);
  self->changed = g_ptr_array_new_with_free_func (g_object_unref);
  self->func = func;
  self->user_data = user_data;
  g_signal_connect (self->accounts, "items-changed", G_CALLBACK (on_items_changed), self);
  on_items_changed (self->accounts, 0, 0, g_list_model_get_n_items (self->accounts), self);
  return self;
}

void
postseal_account_watch_free (PostsealAccountWatch *self)
{
  if (self == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->accounts, self);
  for (guint i = 0; i < self->watched->len; i++)
    g_signal_handlers_disconnect_by_data (self->watched->pdata[i], self);
  if (self->telling != NULL)
    g_source_destroy (self->telling);
  g_clear_pointer (&self->telling, g_source_unref);
  g_ptr_array_unref (self->watched);
  g_ptr_array_unref (self->changed);
  g_object_unref (self->accounts);
  g_free (self);
}
