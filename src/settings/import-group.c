/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/import-group.h"

#include "settings/import-account-row.h"

struct _PostsealImportGroup
{
  AdwPreferencesGroup parent;

  GtkSpinner *spinner; /* template children */
  GtkLabel *error_label;
  GtkListBox *list;
  PostsealSession *session; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealImportGroup, postseal_import_group, ADW_TYPE_PREFERENCES_GROUP)

static void
show_accounts (PostsealImportGroup *self, PostsealImport *import)
{
  const GPtrArray *accounts = postseal_import_get_accounts (import);

  for (guint i = 0; i < accounts->len; i++)
    gtk_list_box_append (self->list, postseal_import_account_row_new (self->session, import, i));
  gtk_widget_set_visible (GTK_WIDGET (self->list), TRUE);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealImportGroup) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealImport) import = postseal_import_read_finish (result, &error);

  gtk_widget_set_visible (GTK_WIDGET (self->spinner), FALSE);
  if (import != NULL)
    {
      show_accounts (self, import);
      return;
    }
  gtk_label_set_label (self->error_label, error->message);
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), TRUE);
}

GtkWidget *
postseal_import_group_new (PostsealSession *session,
                           PostsealImportProgram program,
                           const char *path)
{
  PostsealImportGroup *self = g_object_new (POSTSEAL_TYPE_IMPORT_GROUP, NULL);
  g_autofree char *description = g_markup_escape_text (path, -1);

  self->session = g_object_ref (session);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self),
                                   postseal_import_program_name (program));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self), description);
  postseal_import_read_async (program, path, postseal_session_get_config (session), NULL, on_read,
                              g_object_ref (self));
  return GTK_WIDGET (self);
}

static void
postseal_import_group_dispose (GObject *object)
{
  g_clear_object (&POSTSEAL_IMPORT_GROUP (object)->session);
  G_OBJECT_CLASS (postseal_import_group_parent_class)->dispose (object);
}

static void
postseal_import_group_class_init (PostsealImportGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = postseal_import_group_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/import-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealImportGroup, spinner);
  gtk_widget_class_bind_template_child (widget_class, PostsealImportGroup, error_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealImportGroup, list);
}

static void
postseal_import_group_init (PostsealImportGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
