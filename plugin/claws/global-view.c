/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/global-view.h"

#include "claws/settings-program.h"
#include "words/state-words.h"

struct _PostsealClawsGlobalView
{
  GtkBox parent;

  GtkLabel *service_label; /* template children */
  GtkLabel *empty_label;
  GtkBox *list;
  GtkLabel *note_label;

  PostsealClawsFront *front; /* owned, nullable: until it is destroyed */
  GCancellable *cancellable; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealClawsGlobalView, postseal_claws_global_view, GTK_TYPE_BOX)

/* --- what is shown --- */

static void
on_status (PostsealAccountStatus *status, GParamSpec *spec, GtkLabel *label)
{
  g_autofree char *sentence = NULL;
  g_autofree char *line = NULL;
  gboolean is_working;

  postseal_state_words_sum_up (status, &sentence, &is_working);
  line = g_strdup_printf ("%s: %s", postseal_account_status_get_name (status), sentence);
  gtk_label_set_text (label, line);
}

static void
add_account (PostsealClawsGlobalView *self, PostsealAccountStatus *status)
{
  GtkWidget *label = gtk_label_new (NULL);

  g_object_set (label, "visible", TRUE, "xalign", 0.0, "wrap", TRUE, "wrap-mode",
                PANGO_WRAP_WORD_CHAR, "max-width-chars", 60, "selectable", TRUE, NULL);
  g_signal_connect_object (status, "notify", G_CALLBACK (on_status), label, 0);
  on_status (status, NULL, GTK_LABEL (label));
  gtk_container_add (GTK_CONTAINER (self->list), label);
}

static void
remove_account (GtkWidget *label, gpointer user_data)
{
  gtk_widget_destroy (label);
}

static void
show_all (PostsealClawsGlobalView *self)
{
  GListModel *accounts = postseal_claws_front_get_accounts (self->front);
  guint n = g_list_model_get_n_items (accounts);

  gtk_label_set_text (self->service_label, postseal_claws_front_describe (self->front));
  gtk_widget_set_visible (GTK_WIDGET (self->empty_label),
                          postseal_claws_front_get_service (self->front) != NULL && n == 0);
  gtk_container_foreach (GTK_CONTAINER (self->list), remove_account, NULL);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PostsealAccountStatus) status = g_list_model_get_item (accounts, i);

      add_account (self, status);
    }
}

/* --- what is pressed --- */

static void
on_settings_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsGlobalView) self = user_data;
  g_autoptr (GError) error = NULL;

  if (postseal_claws_settings_program_run_finish (result, &error)
      || g_cancellable_is_cancelled (self->cancellable))
    return;
  gtk_label_set_text (self->note_label, error->message);
  gtk_widget_show (GTK_WIDGET (self->note_label));
}

static void
on_accounts (PostsealClawsGlobalView *self)
{
  gtk_widget_hide (GTK_WIDGET (self->note_label));
  postseal_claws_settings_program_run_async (NULL, self->cancellable, on_settings_ended,
                                             g_object_ref (self));
}

/* --- public --- */

GtkWidget *
postseal_claws_global_view_new (PostsealClawsFront *front)
{
  PostsealClawsGlobalView *self = g_object_new (POSTSEAL_TYPE_CLAWS_GLOBAL_VIEW, NULL);

  self->front = g_object_ref (front);
  g_signal_connect_swapped (front, "notify::service", G_CALLBACK (show_all), self);
  g_signal_connect_swapped (postseal_claws_front_get_accounts (front), "items-changed",
                            G_CALLBACK (show_all), self);
  show_all (self);
  return GTK_WIDGET (self);
}

/* --- GObject --- */

/* What it has begun keeps a reference, until it is over. */
static void
postseal_claws_global_view_destroy (GtkWidget *widget)
{
  PostsealClawsGlobalView *self = POSTSEAL_CLAWS_GLOBAL_VIEW (widget);

  g_cancellable_cancel (self->cancellable);
  if (self->front != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->front, self);
      g_signal_handlers_disconnect_by_data (postseal_claws_front_get_accounts (self->front), self);
    }
  g_clear_object (&self->front);
  GTK_WIDGET_CLASS (postseal_claws_global_view_parent_class)->destroy (widget);
}

static void
postseal_claws_global_view_finalize (GObject *object)
{
  g_object_unref (POSTSEAL_CLAWS_GLOBAL_VIEW (object)->cancellable);
  G_OBJECT_CLASS (postseal_claws_global_view_parent_class)->finalize (object);
}

static void
postseal_claws_global_view_class_init (PostsealClawsGlobalViewClass *klass)
{
  GtkWidgetClass *class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = postseal_claws_global_view_finalize;
  class->destroy = postseal_claws_global_view_destroy;
  gtk_widget_class_set_template_from_resource (class, "/org/postseal/Claws/global-view.ui");
  gtk_widget_class_bind_template_child (class, PostsealClawsGlobalView, service_label);
  gtk_widget_class_bind_template_child (class, PostsealClawsGlobalView, empty_label);
  gtk_widget_class_bind_template_child (class, PostsealClawsGlobalView, list);
  gtk_widget_class_bind_template_child (class, PostsealClawsGlobalView, note_label);
  gtk_widget_class_bind_template_callback (class, on_accounts);
}

static void
postseal_claws_global_view_init (PostsealClawsGlobalView *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
