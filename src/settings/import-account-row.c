/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/import-account-row.h"

#include <glib/gi18n.h>

#include "settings/import-note-row.h"

struct _PostsealImportAccountRow
{
  AdwExpanderRow parent;

  GtkImage *done_sign; /* template children */
  AdwActionRow *secret_row;
  GtkSwitch *secret_switch;
  AdwActionRow *take_row;
  GtkButton *take_button;
  PostsealSession *session; /* owned */
  PostsealImport *import; /* owned */
  guint index;
};

G_DEFINE_FINAL_TYPE (PostsealImportAccountRow, postseal_import_account_row, ADW_TYPE_EXPANDER_ROW)

static const PostsealImportAccount *
get_account (PostsealImportAccountRow *self)
{
  return g_ptr_array_index (postseal_import_get_accounts (self->import), self->index);
}

static void
say (PostsealImportAccountRow *self, const char *title, const char *text, gboolean is_error)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->take_row), title);
  adw_action_row_set_subtitle (self->take_row, text);
  if (is_error)
    gtk_widget_add_css_class (GTK_WIDGET (self->take_row), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->take_row), "error");
}

static void
on_applied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealImportAccountRow) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_done = postseal_import_apply_finish (self->import, result, &error);

  gtk_widget_set_sensitive (GTK_WIDGET (self->take_button), !is_done);
  if (!is_done)
    {
      say (self, _ ("The account could not be imported"), error->message, TRUE);
      return;
    }
  gtk_widget_set_visible (GTK_WIDGET (self->done_sign), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->take_button), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->secret_row), FALSE);
  say (self, _ ("Imported"), _ ("You find it among the accounts."), FALSE);
  postseal_session_refresh (self->session);
}

static void
on_take (PostsealImportAccountRow *self)
{
  PostsealImportFlags flags
      = gtk_switch_get_active (self->secret_switch) ? POSTSEAL_IMPORT_STORE_SECRETS : 0;

  gtk_widget_set_sensitive (GTK_WIDGET (self->take_button), FALSE);
  say (self, _ ("Importing"), "", FALSE);
  postseal_import_apply_async (self->import, self->index, flags, NULL, on_applied,
                               g_object_ref (self));
}

static void
show_account (PostsealImportAccountRow *self)
{
  const PostsealImportAccount *account = get_account (self);
  const char *address = postseal_account_form_get (account->form, "address");
  const char *name = postseal_account_form_get_name (account->form);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  if (g_strcmp0 (address, name) != 0)
    adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), address != NULL ? address : "");
  for (guint i = 0; i < account->notes->len; i++)
    adw_expander_row_add_row (ADW_EXPANDER_ROW (self),
                              postseal_import_note_row_new (g_ptr_array_index (account->notes, i)));
  gtk_widget_set_visible (GTK_WIDGET (self->secret_row), account->has_secret);
  gtk_widget_set_sensitive (GTK_WIDGET (self->take_button), !account->exists && account->is_usable);
  if (account->exists)
    say (self, _ ("It is here already"), account->seen_text, FALSE);
  else if (!account->is_usable)
    say (self, _ ("It cannot be imported as it is"), account->seen_text, FALSE);
  else
    say (self, _ ("Take this account over"), account->seen_text, FALSE);
}

GtkWidget *
postseal_import_account_row_new (PostsealSession *session, PostsealImport *import, guint index)
{
  PostsealImportAccountRow *self = g_object_new (POSTSEAL_TYPE_IMPORT_ACCOUNT_ROW, NULL);

  self->session = g_object_ref (session);
  self->import = postseal_import_ref (import);
  self->index = index;
  show_account (self);
  return GTK_WIDGET (self);
}

static void
postseal_import_account_row_finalize (GObject *object)
{
  PostsealImportAccountRow *self = POSTSEAL_IMPORT_ACCOUNT_ROW (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->import, postseal_import_unref);
  G_OBJECT_CLASS (postseal_import_account_row_parent_class)->finalize (object);
}

static void
postseal_import_account_row_class_init (PostsealImportAccountRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = postseal_import_account_row_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/import-account-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealImportAccountRow, done_sign);
  gtk_widget_class_bind_template_child (widget_class, PostsealImportAccountRow, secret_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealImportAccountRow, secret_switch);
  gtk_widget_class_bind_template_child (widget_class, PostsealImportAccountRow, take_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealImportAccountRow, take_button);
  gtk_widget_class_bind_template_callback (widget_class, on_take);
}

static void
postseal_import_account_row_init (PostsealImportAccountRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
