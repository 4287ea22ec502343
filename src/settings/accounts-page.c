/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/accounts-page.h"

#include <glib/gi18n.h>

#include "settings/account-row.h"

struct _PostsealAccountsPage
{
  GtkBox parent;

  GtkStack *stack; /* template children */
  GtkListBox *list;
  AdwPreferencesGroup *problem_group;
  GtkLabel *problem_label;
  GtkLabel *service_label;
  PostsealSession *session; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealAccountsPage, postseal_accounts_page, GTK_TYPE_BOX)

static void
update (PostsealAccountsPage *self)
{
  g_auto (GStrv) problems = postseal_session_dup_problems (self->session);
  g_autofree char *text = g_strjoinv ("\n", problems);
  guint n_accounts = g_list_model_get_n_items (postseal_session_get_accounts (self->session));
  gboolean has_problems = problems[0] != NULL;

  gtk_label_set_label (self->problem_label, has_problems ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem_group), has_problems);
  gtk_label_set_label (
      self->service_label,
      postseal_session_has_daemon (self->session)
          ? _ ("Mail comes and goes by itself, also while this window is closed.")
          : _ ("The Postseal service is not running: mail is fetched and sent only on request. Log "
               "in again, or start “postseald”."));
  if (!postseal_session_is_ready (self->session))
    gtk_stack_set_visible_child_name (self->stack, "looking");
  else if (n_accounts == 0 && !has_problems)
    gtk_stack_set_visible_child_name (self->stack, "none");
  else
    gtk_stack_set_visible_child_name (self->stack, "list");
}

static void
on_row_activated (PostsealAccountsPage *self, GtkListBoxRow *row)
{
  PostsealAccountStatus *status = g_list_model_get_item (
      postseal_session_get_accounts (self->session), (guint)gtk_list_box_row_get_index (row));

  gtk_widget_activate_action (GTK_WIDGET (self), "win.edit", "s",
                              postseal_account_status_get_name (status));
  g_object_unref (status);
}

static GtkWidget *
make_row (gpointer item, gpointer user_data)
{
  return postseal_account_row_new (item);
}

GtkWidget *
postseal_accounts_page_new (PostsealSession *session)
{
  PostsealAccountsPage *self = g_object_new (POSTSEAL_TYPE_ACCOUNTS_PAGE, NULL);

  self->session = g_object_ref (session);
  gtk_list_box_bind_model (self->list, postseal_session_get_accounts (session), make_row, NULL,
                           NULL);
  g_signal_connect_object (postseal_session_get_accounts (session), "items-changed",
                           G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

static void
postseal_accounts_page_dispose (GObject *object)
{
  PostsealAccountsPage *self = POSTSEAL_ACCOUNTS_PAGE (object);

  if (self->list != NULL)
    gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (postseal_accounts_page_parent_class)->dispose (object);
}

static void
postseal_accounts_page_class_init (PostsealAccountsPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = postseal_accounts_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/accounts-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountsPage, list);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountsPage, problem_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountsPage, problem_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountsPage, service_label);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
}

static void
postseal_accounts_page_init (PostsealAccountsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
