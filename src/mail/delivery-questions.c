/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/delivery-private.h"

void
postseal_delivery_mailbox_free (PostsealDeliveryMailbox *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->known, g_array_unref);
  g_clear_pointer (&self->retries, g_array_unref);
  g_clear_pointer (&self->due, g_array_unref);
  g_free (self);
}

void
postseal_delivery_open_mailbox_async (PostsealDelivery *self,
                                      const char *name,
                                      const char *title,
                                      char delimiter,
                                      guint32 uid_validity,
                                      gint64 due_before,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  GTask *task;
  DeliveryOp *op;

  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));
  g_return_if_fail (name != NULL && title != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_delivery_open_mailbox_async);
  op = _postseal_delivery_make_call (_postseal_delivery_do_open_mailbox, 0);
  op->text = g_strdup (name);
  op->title = g_strdup (title);
  op->delimiter = delimiter;
  op->number = uid_validity;
  op->due_before = due_before;
  _postseal_delivery_ask (self, task, op);
}

PostsealDeliveryMailbox *
postseal_delivery_open_mailbox_finish (PostsealDelivery *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
postseal_delivery_peek_mailbox_async (PostsealDelivery *self,
                                      const char *name,
                                      gint64 due_before,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  GTask *task;
  DeliveryOp *op;

  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));
  g_return_if_fail (name != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_delivery_peek_mailbox_async);
  op = _postseal_delivery_make_call (_postseal_delivery_do_peek_mailbox, 0);
  op->text = g_strdup (name);
  op->due_before = due_before;
  _postseal_delivery_ask (self, task, op);
}

gboolean
postseal_delivery_peek_mailbox_finish (PostsealDelivery *self,
                                       GAsyncResult *result,
                                       guint32 *ret_uid_validity,
                                       guint32 *ret_next_uid,
                                       gboolean *ret_has_work,
                                       GError **error)
{
  g_autofree DeliveryPeek *peek = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  peek = g_task_propagate_pointer (G_TASK (result), error);
  if (peek == NULL)
    return FALSE;
  *ret_uid_validity = peek->uid_validity;
  *ret_next_uid = peek->next_uid;
  *ret_has_work = peek->has_work;
  return TRUE;
}

void
postseal_delivery_list_delivered_async (PostsealDelivery *self,
                                        gint64 mailbox,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  GTask *task;

  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_delivery_list_delivered_async);
  _postseal_delivery_ask (
      self, task, _postseal_delivery_make_call (_postseal_delivery_do_list_delivered, mailbox));
}

GArray *
postseal_delivery_list_delivered_finish (PostsealDelivery *self,
                                         GAsyncResult *result,
                                         GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
postseal_delivery_compare_async (PostsealDelivery *self,
                                 gint64 mailbox,
                                 const PostsealDeliveryListed *listed,
                                 gsize n_listed,
                                 gint64 due_before,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task;
  DeliveryOp *op;

  g_return_if_fail (POSTSEAL_IS_DELIVERY (self));
  g_return_if_fail (listed != NULL || n_listed == 0);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_delivery_compare_async);
  op = _postseal_delivery_make_call (_postseal_delivery_do_compare, mailbox);
  op->listed = listed;
  op->n_listed = n_listed;
  op->due_before = due_before;
  _postseal_delivery_ask (self, task, op);
}

gboolean
postseal_delivery_compare_finish (PostsealDelivery *self,
                                  GAsyncResult *result,
                                  GArray **ret_new,
                                  GArray **ret_due,
                                  GError **error)
{
  DeliveryComparison *comparison;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  comparison = g_task_propagate_pointer (G_TASK (result), error);
  if (comparison == NULL)
    return FALSE;
  *ret_new = g_steal_pointer (&comparison->fresh);
  *ret_due = g_steal_pointer (&comparison->due);
  _postseal_delivery_comparison_free (comparison);
  return TRUE;
}
