/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/window.h"

#include "settings/accessible-button.h"
#include "settings/account-page.h"
#include "settings/accounts-page.h"
#include "settings/add-page.h"
#include "settings/import-page.h"

struct _PostsealWindow
{
  AdwApplicationWindow parent;

  GtkStack *pages; /* template child */
  PostsealSession *session; /* owned */
  GPtrArray *opened; /* owned (element-type GtkWidget): borrowed from the stack, the lowest first */
};

G_DEFINE_FINAL_TYPE (PostsealWindow, postseal_window, ADW_TYPE_APPLICATION_WINDOW)

/* --- pages --- */

GtkWidget *
postseal_window_get_page (PostsealWindow *self)
{
  g_return_val_if_fail (POSTSEAL_IS_WINDOW (self), NULL);

  return g_ptr_array_index (self->opened, self->opened->len - 1);
}

void
postseal_window_open (PostsealWindow *self, GtkWidget *page)
{
  g_return_if_fail (POSTSEAL_IS_WINDOW (self));
  g_return_if_fail (GTK_IS_WIDGET (page));

  gtk_stack_add_child (self->pages, page);
  postseal_accessible_button_name (page);
  g_ptr_array_add (self->opened, page);
  gtk_stack_set_visible_child (self->pages, page);
  /* The stack has done so where the focus was in the page before. */
  if (gtk_widget_get_focus_child (page) == NULL)
    gtk_widget_child_focus (page, GTK_DIR_TAB_FORWARD);
}

void
postseal_window_close_page (PostsealWindow *self, GtkWidget *page)
{
  guint index = 0;

  g_return_if_fail (POSTSEAL_IS_WINDOW (self));

  /* The lowest page is never left. */
  if (!g_ptr_array_find (self->opened, page, &index) || index == 0)
    return;
  gtk_stack_set_visible_child (self->pages, g_ptr_array_index (self->opened, index - 1));
  for (guint i = self->opened->len; i > index; i--)
    {
      gtk_stack_remove (self->pages, g_ptr_array_index (self->opened, i - 1));
      g_ptr_array_remove_index (self->opened, i - 1);
    }
}

/* @name: (nullable): of the account that the page is about */
static gboolean
is_open (PostsealWindow *self, GType type, const char *name)
{
  for (guint i = 0; i < self->opened->len; i++)
    {
      gpointer page = g_ptr_array_index (self->opened, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (page, type)
          && (name == NULL || g_str_equal (postseal_account_page_get_name (page), name)))
        return TRUE;
    }
  return FALSE;
}

/* --- actions --- */

static void
on_add (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PostsealWindow *self = POSTSEAL_WINDOW (widget);

  if (!is_open (self, POSTSEAL_TYPE_ADD_PAGE, NULL))
    postseal_window_open (self, postseal_add_page_new (self->session));
}

static void
on_import (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PostsealWindow *self = POSTSEAL_WINDOW (widget);

  if (!is_open (self, POSTSEAL_TYPE_IMPORT_PAGE, NULL))
    postseal_window_open (self, postseal_import_page_new (self->session));
}

static void
on_edit (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PostsealWindow *self = POSTSEAL_WINDOW (widget);
  const char *name = g_variant_get_string (parameter, NULL);

  if (!is_open (self, POSTSEAL_TYPE_ACCOUNT_PAGE, name))
    postseal_window_open (self, postseal_account_page_new (self->session, name));
}

static void
on_back (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PostsealWindow *self = POSTSEAL_WINDOW (widget);

  postseal_window_close_page (self, postseal_window_get_page (self));
}

/* --- public --- */

PostsealWindow *
postseal_window_new (GtkApplication *application, PostsealSession *session)
{
  PostsealWindow *self = g_object_new (POSTSEAL_TYPE_WINDOW, "application", application, NULL);

  self->session = g_object_ref (session);
  postseal_window_open (self, postseal_accounts_page_new (session));
  return self;
}

PostsealSession *
postseal_window_get_session (PostsealWindow *self)
{
  g_return_val_if_fail (POSTSEAL_IS_WINDOW (self), NULL);

  return self->session;
}

/* --- GObject --- */

static void
postseal_window_finalize (GObject *object)
{
  PostsealWindow *self = POSTSEAL_WINDOW (object);

  g_ptr_array_unref (self->opened);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (postseal_window_parent_class)->finalize (object);
}

static void
postseal_window_class_init (PostsealWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = postseal_window_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/postseal/Settings/window.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealWindow, pages);
  gtk_widget_class_install_action (widget_class, "win.add", NULL, on_add);
  gtk_widget_class_install_action (widget_class, "win.import", NULL, on_import);
  gtk_widget_class_install_action (widget_class, "win.edit", "s", on_edit);
  gtk_widget_class_install_action (widget_class, "win.back", NULL, on_back);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "win.back", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "win.back", NULL);
}

static void
postseal_window_init (PostsealWindow *self)
{
  self->opened = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
