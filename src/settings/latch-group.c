/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/latch-group.h"

#include <glib/gi18n.h>

#include "settings/fact-row.h"
#include "settings/forget-dialog.h"
#include "setup/account-latches.h"

struct _PostsealLatchGroup
{
  AdwPreferencesGroup parent;

  GtkListBox *list; /* template children */
  GtkButton *forget_button;
  PostsealAccount *account; /* owned, nullable */
  PostsealService *service; /* owned, nullable */
  GtkStringList *sentences; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealLatchGroup, postseal_latch_group, ADW_TYPE_PREFERENCES_GROUP)

enum
{
  SIGNAL_FORGOTTEN,
  SIGNAL_FAILED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static GtkWidget *
make_row (gpointer item, gpointer user_data)
{
  return postseal_fact_row_new ("security-high-symbolic", NULL,
                                gtk_string_object_get_string (item));
}

/* --- what is known --- */

static void
describe_in_thread (GTask *task, gpointer source, gpointer account, GCancellable *cancellable)
{
  g_task_return_pointer (task, postseal_account_latches_describe (account),
                         (GDestroyNotify)g_strfreev);
}

static void
on_described (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealLatchGroup) self = user_data;
  g_auto (GStrv) sentences = g_task_propagate_pointer (G_TASK (result), NULL);
  gboolean is_empty = sentences == NULL || sentences[0] == NULL;

  gtk_string_list_splice (self->sentences, 0,
                          g_list_model_get_n_items (G_LIST_MODEL (self->sentences)),
                          (const char *const *)sentences);
  gtk_widget_set_visible (GTK_WIDGET (self->list), !is_empty);
  gtk_widget_set_visible (GTK_WIDGET (self->forget_button), !is_empty);
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (self),
      is_empty ? _ ("Nothing yet. Once a server has been connected to, it is never trusted with "
                    "less.")
               : _ ("A server that is suddenly weaker than before is not connected to: somebody "
                    "may sit on the wire."));
}

void
postseal_latch_group_show (PostsealLatchGroup *self,
                           PostsealAccount *account,
                           PostsealService *service)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (POSTSEAL_IS_LATCH_GROUP (self));
  g_return_if_fail (account != NULL);

  postseal_account_ref (account);
  g_clear_pointer (&self->account, postseal_account_unref);
  self->account = account;
  g_set_object (&self->service, service);
  task = g_task_new (NULL, NULL, on_described, g_object_ref (self));
  g_task_set_source_tag (task, postseal_latch_group_show);
  g_task_set_task_data (task, postseal_account_ref (account),
                        (GDestroyNotify)postseal_account_unref);
  g_task_run_in_thread (task, describe_in_thread);
}

/* --- to forget it --- */

static void
on_forgotten (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealLatchGroup) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!postseal_account_latches_forget_finish (result, &error))
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error->message);
  else
    g_signal_emit (self, signals[SIGNAL_FORGOTTEN], 0);
  postseal_latch_group_show (self, self->account, self->service);
}

static void
on_response (PostsealLatchGroup *self, const char *response)
{
  if (g_strcmp0 (response, "forget") != 0 || self->account == NULL)
    return;
  postseal_account_latches_forget_async (self->service, self->account->name, "postseal-settings",
                                         on_forgotten, g_object_ref (self));
}

void
postseal_latch_group_forget (PostsealLatchGroup *self)
{
  GtkWindow *dialog;
  GtkRoot *root;

  g_return_if_fail (POSTSEAL_IS_LATCH_GROUP (self));

  root = gtk_widget_get_root (GTK_WIDGET (self));
  dialog = postseal_forget_dialog_new (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_response), self, G_CONNECT_SWAPPED);
  gtk_window_present (dialog);
}

/* --- GObject --- */

static void
postseal_latch_group_dispose (GObject *object)
{
  PostsealLatchGroup *self = POSTSEAL_LATCH_GROUP (object);

  if (self->list != NULL)
    gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
  g_clear_object (&self->sentences);
  g_clear_object (&self->service);
  g_clear_pointer (&self->account, postseal_account_unref);
  G_OBJECT_CLASS (postseal_latch_group_parent_class)->dispose (object);
}

static void
postseal_latch_group_class_init (PostsealLatchGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = postseal_latch_group_dispose;
  signals[SIGNAL_FORGOTTEN] = g_signal_new ("forgotten", G_TYPE_FROM_CLASS (class),
                                            G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/latch-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealLatchGroup, list);
  gtk_widget_class_bind_template_child (widget_class, PostsealLatchGroup, forget_button);
  gtk_widget_class_bind_template_callback (widget_class, postseal_latch_group_forget);
}

static void
postseal_latch_group_init (PostsealLatchGroup *self)
{
  self->sentences = gtk_string_list_new (NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (self->sentences), make_row, NULL, NULL);
}
