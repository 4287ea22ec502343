/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/import-page.h"

#include <glib/gi18n.h>

#include "import/import.h"
#include "settings/import-group.h"

struct _PostsealImportPage
{
  GtkBox parent;

  GtkStack *stack; /* template children */
  AdwPreferencesPage *groups;
  PostsealSession *session; /* owned */
  GtkFileChooserNative *chooser; /* owned, nullable */
  PostsealImportProgram chosen; /* for which a file is chosen */
};

G_DEFINE_FINAL_TYPE (PostsealImportPage, postseal_import_page, GTK_TYPE_BOX)

static void
add_group (PostsealImportPage *self, PostsealImportProgram program, const char *path)
{
  GtkWidget *group = postseal_import_group_new (self->session, program, path);

  adw_preferences_page_add (self->groups, ADW_PREFERENCES_GROUP (group));
  gtk_stack_set_visible_child_name (self->stack, "found");
}

/* --- what is in its usual place --- */

static void
find_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GPtrArray *sources = postseal_import_find ();

  g_ptr_array_set_free_func (sources, (GDestroyNotify)postseal_import_source_free);
  g_task_return_pointer (task, sources, (GDestroyNotify)g_ptr_array_unref);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealImportPage) self = user_data;
  g_autoptr (GPtrArray) sources = g_task_propagate_pointer (G_TASK (result), NULL);

  for (guint i = 0; i < sources->len; i++)
    {
      const PostsealImportSource *found = g_ptr_array_index (sources, i);

      add_group (self, found->program, found->path);
    }
  /* A file may have been chosen meanwhile. */
  if (sources->len == 0 && g_str_equal (gtk_stack_get_visible_child_name (self->stack), "looking"))
    gtk_stack_set_visible_child_name (self->stack, "none");
}

/* --- what the user has elsewhere --- */

static void
on_chosen (GtkNativeDialog *dialog, int response, PostsealImportPage *self)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    add_group (self, self->chosen, path);
  g_clear_object (&self->chooser);
}

static void
on_choose (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PostsealImportPage *self = POSTSEAL_IMPORT_PAGE (widget);
  int program = postseal_import_program_parse (g_variant_get_string (parameter, NULL));

  if (program < 0 || self->chooser != NULL)
    return;
  self->chosen = (PostsealImportProgram)program;
  self->chooser = gtk_file_chooser_native_new (
      _ ("Choose the file to import"), GTK_WINDOW (gtk_widget_get_root (widget)),
      GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

GtkWidget *
postseal_import_page_new (PostsealSession *session)
{
  PostsealImportPage *self = g_object_new (POSTSEAL_TYPE_IMPORT_PAGE, NULL);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_found, g_object_ref (self));

  self->session = g_object_ref (session);
  g_task_set_source_tag (task, postseal_import_page_new);
  g_task_run_in_thread (task, find_in_thread);
  return GTK_WIDGET (self);
}

static void
postseal_import_page_dispose (GObject *object)
{
  PostsealImportPage *self = POSTSEAL_IMPORT_PAGE (object);

  g_clear_object (&self->chooser);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (postseal_import_page_parent_class)->dispose (object);
}

static void
postseal_import_page_class_init (PostsealImportPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = postseal_import_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/import-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealImportPage, stack);
  gtk_widget_class_bind_template_child (widget_class, PostsealImportPage, groups);
  gtk_widget_class_install_action (widget_class, "import.choose", "s", on_choose);
}

static void
postseal_import_page_init (PostsealImportPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
