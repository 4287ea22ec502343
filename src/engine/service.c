/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/service.h"

#include <gio/gunixfdlist.h>

#include "engine/outcome.h"

G_DEFINE_QUARK (postseal - service - error - quark, postseal_service_error)
G_DEFINE_INTERFACE (PostsealService, postseal_service, G_TYPE_OBJECT)

enum
{
  SIGNAL_MAIL_ARRIVED,
  SIGNAL_MESSAGE_TRIED,
  SIGNAL_QUEUE_CHANGED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

GError *
postseal_service_error_from (const GError *error)
{
  g_return_val_if_fail (error != NULL, NULL);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_error_copy (error);
  return g_error_new_literal (POSTSEAL_SERVICE_ERROR, postseal_outcome_exit_status (error),
                              error->message);
}

GListModel *
postseal_service_get_accounts (PostsealService *self)
{
  g_return_val_if_fail (POSTSEAL_IS_SERVICE (self), NULL);

  return POSTSEAL_SERVICE_GET_IFACE (self)->get_accounts (self);
}

PostsealAccountStatus *
postseal_service_find_account (PostsealService *self, const char *name)
{
  GListModel *accounts = postseal_service_get_accounts (self);

  for (guint i = 0; i < g_list_model_get_n_items (accounts); i++)
    {
      g_autoptr (PostsealAccountStatus) status = g_list_model_get_item (accounts, i);

      if (g_strcmp0 (postseal_account_status_get_name (status), name) == 0)
        return status; /* the list holds it */
    }
  return NULL;
}

void
postseal_service_request_async (PostsealService *self,
                                PostsealServiceRequest request,
                                GVariant *arguments,
                                GUnixFDList *descriptors,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GVariant) owned = NULL;

  g_return_if_fail (POSTSEAL_IS_SERVICE (self));

  if (arguments == NULL)
    arguments = g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
  owned = g_variant_ref_sink (arguments);
  g_return_if_fail (g_variant_is_of_type (owned, G_VARIANT_TYPE_VARDICT));
  POSTSEAL_SERVICE_GET_IFACE (self)->request_async (self, request, owned, descriptors, cancellable,
                                                    callback, user_data);
}

GVariant *
postseal_service_request_finish (PostsealService *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (POSTSEAL_IS_SERVICE (self), NULL);

  return POSTSEAL_SERVICE_GET_IFACE (self)->request_finish (self, result, error);
}

void
postseal_service_emit_mail_arrived (PostsealService *self, const char *account, GVariant *details)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (details);

  g_signal_emit (self, signals[SIGNAL_MAIL_ARRIVED], 0, account, owned);
}

void
postseal_service_emit_message_tried (PostsealService *self, GVariant *details)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (details);

  g_signal_emit (self, signals[SIGNAL_MESSAGE_TRIED], 0, owned);
}

void
postseal_service_emit_queue_changed (PostsealService *self)
{
  g_signal_emit (self, signals[SIGNAL_QUEUE_CHANGED], 0);
}

static void
postseal_service_default_init (PostsealServiceInterface *iface)
{
  GType type = G_TYPE_FROM_INTERFACE (iface);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  g_object_interface_install_property (iface,
                                       g_param_spec_boolean ("online", NULL, NULL, TRUE, flags));
  g_object_interface_install_property (iface,
                                       g_param_spec_boolean ("metered", NULL, NULL, FALSE, flags));
  g_object_interface_install_property (
      iface, g_param_spec_boolean ("unattended", NULL, NULL, FALSE, flags));
  g_object_interface_install_property (
      iface, g_param_spec_boxed ("problems", NULL, NULL, G_TYPE_STRV, flags));

  signals[SIGNAL_MAIL_ARRIVED]
      = g_signal_new ("mail-arrived", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                      G_TYPE_STRING, G_TYPE_VARIANT);
  signals[SIGNAL_MESSAGE_TRIED] = g_signal_new ("message-tried", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                                NULL, NULL, G_TYPE_NONE, 1, G_TYPE_VARIANT);
  signals[SIGNAL_QUEUE_CHANGED] = g_signal_new ("queue-changed", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                                NULL, NULL, G_TYPE_NONE, 0);
}
