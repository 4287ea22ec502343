/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/folders-page.h"

#include "auth/keyring.h"
#include "settings/folder-row.h"
#include "settings/trouble-panel.h"
#include "setup/folder-search.h"

struct _PostsealFoldersPage
{
  GtkBox parent;

  AdwWindowTitle *title; /* template children */
  GtkButton *use_button;
  GtkStack *stack;
  PostsealTroublePanel *panel;
  GtkEditable *search_entry;
  GtkWidget *hint_label;
  GtkWidget *list_view;
  GtkFilterListModel *found;
  PostsealAccount *account; /* owned */
  PostsealAccountForm *form; /* owned */
  PostsealFolderChoice *choice; /* owned, nullable: NULL until the server has answered */
  GCancellable *cancellable; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealFoldersPage, postseal_folders_page, GTK_TYPE_BOX)

static guint remedy_signal;

/* --- asking --- */

static void
show_folders (PostsealFoldersPage *self)
{
  gtk_filter_list_model_set_model (self->found, postseal_folder_choice_get_folders (self->choice));
  gtk_widget_set_sensitive (GTK_WIDGET (self->use_button), TRUE);
  gtk_stack_set_visible_child_name (self->stack, "folders");
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

static void
on_searched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealFoldersPage) self = user_data;
  g_autoptr (PostsealTrouble) trouble = NULL;
  g_autoptr (GError) error = NULL;
  PostsealFolderChoice *choice = postseal_folder_search_finish (result, &trouble, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return; /* left meanwhile */
  self->choice = choice;
  if (choice != NULL)
    {
      show_folders (self);
      return;
    }
  postseal_trouble_panel_show (self->panel, trouble);
  gtk_stack_set_visible_child_name (self->stack, "trouble");
}

static void
run (PostsealFoldersPage *self)
{
  gtk_stack_set_visible_child_name (self->stack, "looking");
  postseal_trouble_panel_show (self->panel, NULL);
  postseal_folder_search_async (self->account, NULL, self->cancellable, on_searched,
                                g_object_ref (self));
}

/* --- trouble --- */

static void
on_unlocked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealFoldersPage) self = user_data;

  if (postseal_keyring_unlock_finish (result, NULL)
      && !g_cancellable_is_cancelled (self->cancellable))
    run (self);
}

static void
take_better (PostsealFoldersPage *self)
{
  const PostsealTrouble *trouble = postseal_trouble_panel_get_trouble (self->panel);
  PostsealAccount *account;
  g_autofree char *user = NULL;
  g_autoptr (PostsealEndpoint) old = postseal_account_form_get_endpoint (self->form, FALSE, &user);

  postseal_account_form_set_endpoint (self->form, FALSE, trouble->better, user);
  account = postseal_account_form_make_account (self->form, NULL);
  if (account == NULL)
    return;
  postseal_account_unref (self->account);
  self->account = account;
  run (self);
}

static void
on_remedy (PostsealFoldersPage *self, int remedy)
{
  if (remedy == POSTSEAL_REMEDY_RETRY)
    run (self);
  else if (remedy == POSTSEAL_REMEDY_UNLOCK)
    postseal_keyring_unlock_async (self->cancellable, on_unlocked, g_object_ref (self));
  else if (remedy == POSTSEAL_REMEDY_ENDPOINT)
    take_better (self);
  else
    g_signal_emit (self, remedy_signal, 0, remedy, FALSE);
}

/* --- choosing --- */

static void
on_use (PostsealFoldersPage *self)
{
  g_autofree char *value = postseal_folder_choice_get_value (self->choice);

  gtk_widget_set_visible (self->hint_label, value == NULL);
  if (value == NULL)
    return;
  postseal_account_form_set (self->form, "folders", value);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.back", NULL);
}

/* By typing in the list, whose focused row may not be found. */
static void
on_search_started (PostsealFoldersPage *self)
{
  gtk_text_grab_focus_without_selecting (GTK_TEXT (gtk_editable_get_delegate (self->search_entry)));
}

/* Escape. */
static void
on_stop_search (PostsealFoldersPage *self)
{
  if (*gtk_editable_get_text (self->search_entry) != '\0')
    gtk_editable_set_text (self->search_entry, "");
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.back", NULL);
}

/* --- GObject --- */

GtkWidget *
postseal_folders_page_new (PostsealAccount *account, PostsealAccountForm *form)
{
  PostsealFoldersPage *self;

  g_return_val_if_fail (account != NULL, NULL);
  g_return_val_if_fail (POSTSEAL_IS_ACCOUNT_FORM (form), NULL);

  self = g_object_new (POSTSEAL_TYPE_FOLDERS_PAGE, NULL);
  self->account = postseal_account_ref (account);
  self->form = g_object_ref (form);
  adw_window_title_set_subtitle (self->title, account->name);
  run (self);
  return GTK_WIDGET (self);
}

static void
postseal_folders_page_dispose (GObject *object)
{
  PostsealFoldersPage *self = POSTSEAL_FOLDERS_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->account, postseal_account_unref);
  g_clear_object (&self->form);
  g_clear_object (&self->choice);
  G_OBJECT_CLASS (postseal_folders_page_parent_class)->dispose (object);
}

static void
postseal_folders_page_finalize (GObject *object)
{
  g_object_unref (POSTSEAL_FOLDERS_PAGE (object)->cancellable);
  G_OBJECT_CLASS (postseal_folders_page_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  g_type_ensure (POSTSEAL_TYPE_FOLDER);
  g_type_ensure (POSTSEAL_TYPE_FOLDER_ROW);
  g_type_ensure (POSTSEAL_TYPE_TROUBLE_PANEL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/folders-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealFoldersPage, title);
  gtk_widget_class_bind_template_child (widget_class, PostsealFoldersPage, use_button);
  gtk_widget_class_bind_template_child (widget_class, PostsealFoldersPage, stack);
  gtk_widget_class_bind_template_child (widget_class, PostsealFoldersPage, panel);
  gtk_widget_class_bind_template_child (widget_class, PostsealFoldersPage, search_entry);
  gtk_widget_class_bind_template_child (widget_class, PostsealFoldersPage, hint_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealFoldersPage, list_view);
  gtk_widget_class_bind_template_child (widget_class, PostsealFoldersPage, found);
  gtk_widget_class_bind_template_callback (widget_class, run);
  gtk_widget_class_bind_template_callback (widget_class, on_remedy);
  gtk_widget_class_bind_template_callback (widget_class, on_use);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_search);
  gtk_widget_class_bind_template_callback (widget_class, on_search_started);
}

static void
postseal_folders_page_class_init (PostsealFoldersPageClass *class)
{
  G_OBJECT_CLASS (class)->dispose = postseal_folders_page_dispose;
  G_OBJECT_CLASS (class)->finalize = postseal_folders_page_finalize;
  remedy_signal = g_signal_new ("remedy", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_BOOLEAN);
  bind_template (GTK_WIDGET_CLASS (class));
}

static void
postseal_folders_page_init (PostsealFoldersPage *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  /* Who types in the list searches. */
  gtk_search_entry_set_key_capture_widget (GTK_SEARCH_ENTRY (self->search_entry), self->list_view);
}
