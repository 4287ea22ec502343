/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/status-window.h"

#include "claws/settings-program.h"
#include "claws/status-account.h"

struct _PostsealClawsStatusWindow
{
  GtkWindow parent;

  GtkLabel *service_label; /* template children */
  GtkLabel *note_label;
  GtkLabel *empty_label;
  GtkScrolledWindow *scroller;
  GtkBox *list;
  GtkButton *close_button;
  PostsealClawsFront *front; /* owned */
  PostsealClawsReceiving *receiving; /* borrowed */
  PostsealClawsBindings *bindings; /* owned */
  GCancellable *cancellable; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealClawsStatusWindow, postseal_claws_status_window, GTK_TYPE_WINDOW)

/* --- what is shown --- */

static void
show_note (PostsealClawsStatusWindow *self, const char *text)
{
  gtk_label_set_text (self->note_label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->note_label), text != NULL);
}

static void
show_service (PostsealClawsStatusWindow *self)
{
  GListModel *accounts = postseal_claws_front_get_accounts (self->front);

  gtk_label_set_text (self->service_label, postseal_claws_front_describe (self->front));
  gtk_widget_set_visible (GTK_WIDGET (self->empty_label),
                          postseal_claws_front_get_service (self->front) != NULL
                              && g_list_model_get_n_items (accounts) == 0);
}

static void on_fetch (GtkWidget *view, const char *account, PostsealClawsStatusWindow *self);
static void on_flush (GtkWidget *view, const char *account, PostsealClawsStatusWindow *self);
static void on_set_up (GtkWidget *view, const char *account, PostsealClawsStatusWindow *self);

static void
add_account (PostsealClawsStatusWindow *self, GListModel *accounts, guint position)
{
  g_autoptr (PostsealAccountStatus) status = g_list_model_get_item (accounts, position);
  GtkWidget *view = postseal_claws_status_account_new (status);

  g_signal_connect (view, "fetch", G_CALLBACK (on_fetch), self);
  g_signal_connect (view, "flush", G_CALLBACK (on_flush), self);
  g_signal_connect (view, "set-up", G_CALLBACK (on_set_up), self);
  gtk_container_add (GTK_CONTAINER (self->list), view);
  gtk_box_reorder_child (self->list, view, (int)position);
}

static void
on_items_changed (GListModel *accounts,
                  guint position,
                  guint removed,
                  guint added,
                  PostsealClawsStatusWindow *self)
{
  g_autoptr (GList) views = gtk_container_get_children (GTK_CONTAINER (self->list));

  for (guint i = 0; i < removed; i++)
    gtk_widget_destroy (g_list_nth_data (views, position + i));
  for (guint i = 0; i < added; i++)
    add_account (self, accounts, position + i);
  show_service (self);
}

/* --- what is pressed --- */

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsStatusWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer
      = postseal_claws_front_request_finish (POSTSEAL_CLAWS_FRONT (source), result, &error);

  /* What went wrong with a server is in the status. */
  if (error != NULL && !g_cancellable_is_cancelled (self->cancellable))
    show_note (self, error->message);
}

static void
request (PostsealClawsStatusWindow *self, PostsealServiceRequest what, const char *account)
{
  GVariantDict dict = G_VARIANT_DICT_INIT (NULL);

  show_note (self, NULL);
  g_variant_dict_insert (&dict, "account", "s", account);
  postseal_claws_front_request_async (self->front, what, g_variant_dict_end (&dict), NULL,
                                      self->cancellable, on_answer, g_object_ref (self));
}

/* Mail for the host is told of in its status bar, too. */
static void
on_fetch (GtkWidget *view, const char *account, PostsealClawsStatusWindow *self)
{
  int id = postseal_claws_bindings_find (self->bindings, account, POSTSEAL_CLAWS_RECEIVE);

  if (id != 0)
    postseal_claws_receiving_fetch (self->receiving, id);
  else
    request (self, POSTSEAL_SERVICE_FETCH, account);
}

static void
on_flush (GtkWidget *view, const char *account, PostsealClawsStatusWindow *self)
{
  request (self, POSTSEAL_SERVICE_QUEUE_FLUSH, account);
}

static void
on_settings_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsStatusWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!postseal_claws_settings_program_run_finish (result, &error)
      && !g_cancellable_is_cancelled (self->cancellable))
    show_note (self, error->message);
}

/* @account: (nullable) */
static void
on_set_up (GtkWidget *view, const char *account, PostsealClawsStatusWindow *self)
{
  show_note (self, NULL);
  postseal_claws_settings_program_run_async (account, self->cancellable, on_settings_ended,
                                             g_object_ref (self));
}

static void
on_accounts (PostsealClawsStatusWindow *self)
{
  on_set_up (NULL, NULL, self);
}

static void
on_close (PostsealClawsStatusWindow *self)
{
  gtk_widget_destroy (GTK_WIDGET (self));
}

static gboolean
postseal_claws_status_window_key_press (GtkWidget *widget, GdkEventKey *event)
{
  GtkWidgetClass *parent = GTK_WIDGET_CLASS (postseal_claws_status_window_parent_class);

  if (parent->key_press_event (widget, event))
    return TRUE;
  if (event->keyval != GDK_KEY_Escape)
    return FALSE;
  gtk_widget_destroy (widget);
  return TRUE;
}

/* --- public --- */

GtkWidget *
postseal_claws_status_window_new (PostsealClawsFront *front,
                                  PostsealClawsReceiving *receiving,
                                  PostsealClawsBindings *bindings)
{
  PostsealClawsStatusWindow *self = g_object_new (POSTSEAL_TYPE_CLAWS_STATUS_WINDOW, NULL);
  GListModel *accounts = postseal_claws_front_get_accounts (front);

  self->front = g_object_ref (front);
  self->receiving = receiving;
  self->bindings = g_object_ref (bindings);
  g_signal_connect_object (front, "notify::service", G_CALLBACK (show_service), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (accounts, "items-changed", G_CALLBACK (on_items_changed), self, 0);
  on_items_changed (accounts, 0, 0, g_list_model_get_n_items (accounts), self);
  gtk_widget_grab_focus (GTK_WIDGET (self->close_button));
  return GTK_WIDGET (self);
}

static void
postseal_claws_status_window_dispose (GObject *object)
{
  PostsealClawsStatusWindow *self = POSTSEAL_CLAWS_STATUS_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  if (self->front != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->front, self);
      g_signal_handlers_disconnect_by_data (postseal_claws_front_get_accounts (self->front), self);
    }
  g_clear_object (&self->front);
  g_clear_object (&self->bindings);
  G_OBJECT_CLASS (postseal_claws_status_window_parent_class)->dispose (object);
}

static void
postseal_claws_status_window_finalize (GObject *object)
{
  g_object_unref (POSTSEAL_CLAWS_STATUS_WINDOW (object)->cancellable);
  G_OBJECT_CLASS (postseal_claws_status_window_parent_class)->finalize (object);
}

static void
postseal_claws_status_window_class_init (PostsealClawsStatusWindowClass *klass)
{
  GtkWidgetClass *class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = postseal_claws_status_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = postseal_claws_status_window_finalize;
  class->key_press_event = postseal_claws_status_window_key_press;
  gtk_widget_class_set_template_from_resource (class, "/org/postseal/Claws/status-window.ui");
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusWindow, service_label);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusWindow, note_label);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusWindow, empty_label);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusWindow, scroller);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusWindow, list);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusWindow, close_button);
  gtk_widget_class_bind_template_callback (class, on_accounts);
  gtk_widget_class_bind_template_callback (class, on_close);
}

static void
postseal_claws_status_window_init (PostsealClawsStatusWindow *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  /* A button that gets the focus comes into sight. */
  gtk_container_set_focus_vadjustment (GTK_CONTAINER (self->list),
                                       gtk_scrolled_window_get_vadjustment (self->scroller));
}
