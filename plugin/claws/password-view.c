/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/password-view.h"

#include <common/log.h>
#include <glib/gi18n-lib.h>

struct _PostsealClawsPasswordView
{
  GtkFrame parent;

  GtkToggleButton *keep_check; /* template children */
  GtkButton *move_button;
  GtkLabel *note_label;

  PostsealClawsPasswords *passwords; /* borrowed */
  PostsealClawsBindings *bindings; /* owned */
  int id;
  gboolean is_applied;
  gboolean keeps; /* as it was applied */
  gboolean has_moved; /* something, while the dialog was open */
  GCancellable *cancellable; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealClawsPasswordView, postseal_claws_password_view, GTK_TYPE_FRAME)

static void
show_stored (PostsealClawsPasswordView *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->move_button),
                            postseal_claws_passwords_count_stored (self->id) > 0);
}

static void
say (PostsealClawsPasswordView *self, const char *text)
{
  gtk_label_set_text (self->note_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->note_label), *text != '\0');
}

/* --- moving --- */

/* What is in the keyring only has to be looked for there, also when the dialog is given up. */
static void
on_moved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsPasswordView) self = user_data;
  g_autoptr (GError) error = NULL;
  guint n_moved = 0;
  gboolean is_done = postseal_claws_passwords_move_finish (result, &n_moved, &error);

  if (n_moved > 0)
    {
      self->has_moved = TRUE;
      postseal_claws_bindings_set (self->bindings, self->id, POSTSEAL_CLAWS_PASSWORDS, TRUE);
    }
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (n_moved > 0)
    gtk_toggle_button_set_active (self->keep_check, TRUE);
  show_stored (self);
  say (self,
       is_done ? _ ("It is in the keyring, and Claws Mail's own copy is gone") : error->message);
}

static void
on_move (PostsealClawsPasswordView *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->move_button), FALSE);
  say (self, "");
  postseal_claws_passwords_move_async (self->passwords, self->id, self->cancellable, on_moved,
                                       g_object_ref (self));
}

/* --- public --- */

GtkWidget *
postseal_claws_password_view_new (PostsealClawsPasswords *passwords,
                                  PostsealClawsBindings *bindings,
                                  int id)
{
  PostsealClawsPasswordView *self = g_object_new (POSTSEAL_TYPE_CLAWS_PASSWORD_VIEW, NULL);

  self->passwords = passwords;
  self->bindings = g_object_ref (bindings);
  self->id = id;
  gtk_toggle_button_set_active (
      self->keep_check, postseal_claws_bindings_does (bindings, id, POSTSEAL_CLAWS_PASSWORDS));
  show_stored (self);
  return GTK_WIDGET (self);
}

void
postseal_claws_password_view_apply (PostsealClawsPasswordView *self)
{
  g_return_if_fail (POSTSEAL_IS_CLAWS_PASSWORD_VIEW (self));

  self->is_applied = TRUE;
  self->keeps = gtk_toggle_button_get_active (self->keep_check);
}

static void
on_moved_again (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!postseal_claws_passwords_move_finish (result, NULL, &error))
    log_error (LOG_PROTOCOL, "Postseal: %s\n", error->message);
}

static void
on_taken_back (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!postseal_claws_passwords_take_back_finish (result, NULL, &error))
    log_error (LOG_PROTOCOL, "Postseal: %s\n", error->message);
}

void
postseal_claws_password_view_save (PostsealClawsPasswordView *self)
{
  gboolean did;

  g_return_if_fail (POSTSEAL_IS_CLAWS_PASSWORD_VIEW (self));

  if (!self->is_applied)
    return;
  did = postseal_claws_bindings_does (self->bindings, self->id, POSTSEAL_CLAWS_PASSWORDS);
  postseal_claws_bindings_set (self->bindings, self->id, POSTSEAL_CLAWS_PASSWORDS, self->keeps);
  /* The host's dialog had it in a field, and has stored that. */
  if (self->keeps && self->has_moved)
    postseal_claws_passwords_move_async (self->passwords, self->id, NULL, on_moved_again, NULL);
  else if (did && !self->keeps)
    postseal_claws_passwords_take_back_async (self->passwords, self->id, NULL, on_taken_back, NULL);
}

/* --- GObject --- */

/* What it has begun keeps a reference, until it is over. */
static void
postseal_claws_password_view_destroy (GtkWidget *widget)
{
  g_cancellable_cancel (POSTSEAL_CLAWS_PASSWORD_VIEW (widget)->cancellable);
  GTK_WIDGET_CLASS (postseal_claws_password_view_parent_class)->destroy (widget);
}

static void
postseal_claws_password_view_finalize (GObject *object)
{
  PostsealClawsPasswordView *self = POSTSEAL_CLAWS_PASSWORD_VIEW (object);

  g_clear_object (&self->bindings);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (postseal_claws_password_view_parent_class)->finalize (object);
}

static void
postseal_claws_password_view_class_init (PostsealClawsPasswordViewClass *klass)
{
  GtkWidgetClass *class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = postseal_claws_password_view_finalize;
  class->destroy = postseal_claws_password_view_destroy;
  gtk_widget_class_set_template_from_resource (class, "/org/postseal/Claws/password-view.ui");
  gtk_widget_class_bind_template_child (class, PostsealClawsPasswordView, keep_check);
  gtk_widget_class_bind_template_child (class, PostsealClawsPasswordView, move_button);
  gtk_widget_class_bind_template_child (class, PostsealClawsPasswordView, note_label);
  gtk_widget_class_bind_template_callback (class, on_move);
}

static void
postseal_claws_password_view_init (PostsealClawsPasswordView *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
