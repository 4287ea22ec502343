/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/account-view.h"

#include <glib/gi18n-lib.h>

#include "claws/settings-program.h"
#include "claws/status-direction.h"

#define NOBODY "" /* the item of the combo box; no account is called so */

typedef struct
{
  gboolean is_made;
  char *account; /* owned, nullable: of Postseal */
  gboolean receives;
  gboolean sends;
} Choice;

struct _PostsealClawsAccountView
{
  GtkBox parent;

  GtkComboBoxText *account_combo; /* template children */
  GtkButton *set_up_button;
  GtkToggleButton *receive_check;
  GtkToggleButton *send_check;
  GtkButton *import_button;
  GtkLabel *note_label;
  GtkWidget *facts;
  PostsealClawsStatusDirection *receiving;
  PostsealClawsStatusDirection *sending;

  PostsealClawsFront *front; /* owned */
  PostsealClawsBindings *bindings; /* owned */
  int id;
  char *address; /* owned, nullable */
  char *chosen; /* owned, nullable: NULL: none */
  gboolean is_decided; /* not by us: bound already, or chosen by the user */
  gboolean is_filling;
  PostsealAccountStatus *status; /* owned, nullable: of the chosen one */
  Choice applied;
  GCancellable *cancellable; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealClawsAccountView, postseal_claws_account_view, GTK_TYPE_BOX)

static guint signal_import;

/* --- the chosen one --- */

static void
say (PostsealClawsAccountView *self, const char *text)
{
  gtk_label_set_text (self->note_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->note_label), *text != '\0');
}

/* A direction that the account has no server for cannot be had, but can be given up. */
static void
show_duty (PostsealClawsAccountView *self, GtkToggleButton *check, const char *property)
{
  gboolean can = self->chosen != NULL;

  if (self->status != NULL)
    g_object_get (self->status, property, &can, NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (check),
                            self->chosen != NULL && (can || gtk_toggle_button_get_active (check)));
}

static void
show_facts (PostsealClawsAccountView *self)
{
  gtk_widget_set_visible (self->facts, self->status != NULL);
  if (self->status != NULL)
    {
      postseal_claws_status_direction_show (self->receiving, self->status, FALSE);
      postseal_claws_status_direction_show (self->sending, self->status, TRUE);
    }
  show_duty (self, self->receive_check, "receives");
  show_duty (self, self->send_check, "sends");
}

static void
follow_status (PostsealClawsAccountView *self)
{
  g_autoptr (PostsealAccountStatus) status
      = self->chosen != NULL ? postseal_claws_front_find_account (self->front, self->chosen) : NULL;

  if (status != self->status && self->status != NULL)
    g_signal_handlers_disconnect_by_data (self->status, self);
  if (status != self->status && status != NULL)
    g_signal_connect_swapped (status, "notify", G_CALLBACK (show_facts), self);
  g_set_object (&self->status, status);
  show_facts (self);
}

/* --- which there are --- */

static gboolean
is_same_address (PostsealAccountStatus *status, const char *address)
{
  g_autofree char *other = NULL;

  g_object_get (status, "address", &other, NULL);
  return other != NULL && address != NULL && *address != '\0'
         && g_ascii_strcasecmp (other, address) == 0;
}

static void
suggest (PostsealClawsAccountView *self, PostsealAccountStatus *status)
{
  if (self->is_decided || self->chosen != NULL || !is_same_address (status, self->address))
    return;
  self->chosen = g_strdup (postseal_account_status_get_name (status));
}

static void
fill (PostsealClawsAccountView *self)
{
  GListModel *accounts = postseal_claws_front_get_accounts (self->front);
  gboolean has_chosen = FALSE;

  self->is_filling = TRUE;
  gtk_combo_box_text_remove_all (self->account_combo);
  gtk_combo_box_text_append (self->account_combo, NOBODY, _ ("None"));
  for (guint i = 0; i < g_list_model_get_n_items (accounts); i++)
    {
      g_autoptr (PostsealAccountStatus) status = g_list_model_get_item (accounts, i);
      const char *name = postseal_account_status_get_name (status);

      suggest (self, status);
      gtk_combo_box_text_append (self->account_combo, name, name);
      has_chosen = has_chosen || g_strcmp0 (name, self->chosen) == 0;
    }
  /* While there is no service nobody knows. */
  if (self->chosen != NULL && !has_chosen)
    gtk_combo_box_text_append (self->account_combo, self->chosen, self->chosen);
  gtk_combo_box_set_active_id (GTK_COMBO_BOX (self->account_combo),
                               self->chosen != NULL ? self->chosen : NOBODY);
  self->is_filling = FALSE;
  follow_status (self);
}

/* An account is received for one of the host's at most. */
static void
on_receive_toggled (PostsealClawsAccountView *self)
{
  int other = self->chosen != NULL ? postseal_claws_bindings_find (self->bindings, self->chosen,
                                                                   POSTSEAL_CLAWS_RECEIVE)
                                   : 0;

  if (gtk_toggle_button_get_active (self->receive_check) && other != 0 && other != self->id)
    say (self, _ ("Another account of Claws Mail receives with it now, and will not any more"));
  else
    say (self, "");
}

static void
on_chosen (PostsealClawsAccountView *self)
{
  const char *name = gtk_combo_box_get_active_id (GTK_COMBO_BOX (self->account_combo));

  if (self->is_filling || name == NULL)
    return;
  postseal_claws_account_view_choose (self, name);
  on_receive_toggled (self);
}

void
postseal_claws_account_view_choose (PostsealClawsAccountView *self, const char *name)
{
  g_return_if_fail (POSTSEAL_IS_CLAWS_ACCOUNT_VIEW (self));
  g_return_if_fail (name != NULL);

  self->is_decided = TRUE;
  g_free (self->chosen);
  self->chosen = *name != '\0' ? g_strdup (name) : NULL;
  fill (self);
}

/* --- buttons --- */

/* The list of accounts follows by itself. */
static void
on_reloaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer
      = postseal_claws_front_request_finish (POSTSEAL_CLAWS_FRONT (source), result, &error);

  if (answer == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_message ("%s", error->message);
}

static void
on_set_up_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsAccountView) self = user_data;
  g_autoptr (GError) error = NULL;

  if (postseal_claws_settings_program_run_finish (result, &error))
    postseal_claws_front_request_async (self->front, POSTSEAL_SERVICE_RELOAD, NULL, NULL,
                                        self->cancellable, on_reloaded, NULL);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    say (self, error->message);
}

static void
on_set_up (PostsealClawsAccountView *self)
{
  say (self, "");
  postseal_claws_settings_program_run_async (self->chosen, self->cancellable, on_set_up_ended,
                                             g_object_ref (self));
}

static void
on_import (PostsealClawsAccountView *self)
{
  say (self, "");
  g_signal_emit (self, signal_import, 0);
}

/* --- public --- */

GtkWidget *
postseal_claws_account_view_new (PostsealClawsFront *front,
                                 PostsealClawsBindings *bindings,
                                 int id,
                                 const char *address)
{
  PostsealClawsAccountView *self = g_object_new (POSTSEAL_TYPE_CLAWS_ACCOUNT_VIEW, NULL);

  self->front = g_object_ref (front);
  self->bindings = g_object_ref (bindings);
  self->id = id;
  self->address = g_strdup (address);
  self->chosen = g_strdup (postseal_claws_bindings_get_account (bindings, id));
  self->is_decided = self->chosen != NULL;
  gtk_toggle_button_set_active (
      self->receive_check, postseal_claws_bindings_does (bindings, id, POSTSEAL_CLAWS_RECEIVE));
  gtk_toggle_button_set_active (self->send_check,
                                postseal_claws_bindings_does (bindings, id, POSTSEAL_CLAWS_SEND));
  g_signal_connect_swapped (postseal_claws_front_get_accounts (front), "items-changed",
                            G_CALLBACK (fill), self);
  fill (self);
  return GTK_WIDGET (self);
}

void
postseal_claws_account_view_apply (PostsealClawsAccountView *self)
{
  Choice *choice;

  g_return_if_fail (POSTSEAL_IS_CLAWS_ACCOUNT_VIEW (self));

  choice = &self->applied;
  choice->is_made = TRUE;
  choice->receives = self->chosen != NULL && gtk_toggle_button_get_active (self->receive_check);
  choice->sends = self->chosen != NULL && gtk_toggle_button_get_active (self->send_check);
  g_free (choice->account);
  /* What was only suggested binds nothing. */
  choice->account
      = self->is_decided || choice->receives || choice->sends ? g_strdup (self->chosen) : NULL;
}

void
postseal_claws_account_view_save (PostsealClawsAccountView *self)
{
  const Choice *choice = &self->applied;

  g_return_if_fail (POSTSEAL_IS_CLAWS_ACCOUNT_VIEW (self));

  if (!choice->is_made)
    return;
  /* What ends first, so that no other account gets a duty on the way. */
  if (!choice->receives)
    postseal_claws_bindings_set (self->bindings, self->id, POSTSEAL_CLAWS_RECEIVE, FALSE);
  if (!choice->sends)
    postseal_claws_bindings_set (self->bindings, self->id, POSTSEAL_CLAWS_SEND, FALSE);
  postseal_claws_bindings_set_account (self->bindings, self->id, choice->account);
  postseal_claws_bindings_set (self->bindings, self->id, POSTSEAL_CLAWS_RECEIVE, choice->receives);
  postseal_claws_bindings_set (self->bindings, self->id, POSTSEAL_CLAWS_SEND, choice->sends);
}

void
postseal_claws_account_view_set_import (PostsealClawsAccountView *self, const char *why_not)
{
  g_return_if_fail (POSTSEAL_IS_CLAWS_ACCOUNT_VIEW (self));

  gtk_widget_set_sensitive (GTK_WIDGET (self->import_button), why_not == NULL);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->import_button), why_not);
}

/* --- GObject --- */

/* What it has begun keeps a reference, until it is over. */
static void
postseal_claws_account_view_destroy (GtkWidget *widget)
{
  PostsealClawsAccountView *self = POSTSEAL_CLAWS_ACCOUNT_VIEW (widget);

  g_cancellable_cancel (self->cancellable);
  if (self->status != NULL)
    g_signal_handlers_disconnect_by_data (self->status, self);
  g_clear_object (&self->status);
  if (self->front != NULL)
    g_signal_handlers_disconnect_by_data (postseal_claws_front_get_accounts (self->front), self);
  g_clear_object (&self->front);
  GTK_WIDGET_CLASS (postseal_claws_account_view_parent_class)->destroy (widget);
}

static void
postseal_claws_account_view_finalize (GObject *object)
{
  PostsealClawsAccountView *self = POSTSEAL_CLAWS_ACCOUNT_VIEW (object);

  g_clear_object (&self->bindings);
  g_object_unref (self->cancellable);
  g_free (self->address);
  g_free (self->chosen);
  g_free (self->applied.account);
  G_OBJECT_CLASS (postseal_claws_account_view_parent_class)->finalize (object);
}

static void
postseal_claws_account_view_class_init (PostsealClawsAccountViewClass *klass)
{
  GtkWidgetClass *class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = postseal_claws_account_view_finalize;
  class->destroy = postseal_claws_account_view_destroy;
  signal_import = g_signal_new ("import", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (POSTSEAL_TYPE_CLAWS_STATUS_DIRECTION);
  gtk_widget_class_set_template_from_resource (class, "/org/postseal/Claws/account-view.ui");
  gtk_widget_class_bind_template_child (class, PostsealClawsAccountView, account_combo);
  gtk_widget_class_bind_template_child (class, PostsealClawsAccountView, set_up_button);
  gtk_widget_class_bind_template_child (class, PostsealClawsAccountView, receive_check);
  gtk_widget_class_bind_template_child (class, PostsealClawsAccountView, send_check);
  gtk_widget_class_bind_template_child (class, PostsealClawsAccountView, import_button);
  gtk_widget_class_bind_template_child (class, PostsealClawsAccountView, note_label);
  gtk_widget_class_bind_template_child (class, PostsealClawsAccountView, facts);
  gtk_widget_class_bind_template_child (class, PostsealClawsAccountView, receiving);
  gtk_widget_class_bind_template_child (class, PostsealClawsAccountView, sending);
  gtk_widget_class_bind_template_callback (class, on_chosen);
  gtk_widget_class_bind_template_callback (class, on_receive_toggled);
  gtk_widget_class_bind_template_callback (class, on_set_up);
  gtk_widget_class_bind_template_callback (class, on_import);
}

static void
postseal_claws_account_view_init (PostsealClawsAccountView *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
