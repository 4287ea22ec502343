/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/test-page.h"

#include "auth/keyring.h"
#include "settings/test-view.h"

struct _PostsealTestPage
{
  GtkBox parent;

  AdwWindowTitle *title; /* template children */
  PostsealTestView *view;
  GtkButton *again_button;
  PostsealAccount *account; /* owned */
  GCancellable *cancellable; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealTestPage, postseal_test_page, GTK_TYPE_BOX)

static guint remedy_signal;

static void
run (PostsealTestPage *self)
{
  g_autoptr (PostsealLiveTest) test = postseal_live_test_new (self->account, NULL);

  gtk_widget_set_sensitive (GTK_WIDGET (self->again_button), FALSE);
  postseal_test_view_run (self->view, test);
}

static void
on_ended (PostsealTestPage *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->again_button), TRUE);
}

static void
on_unlocked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealTestPage) self = user_data;

  if (postseal_keyring_unlock_finish (result, NULL)
      && !g_cancellable_is_cancelled (self->cancellable))
    run (self);
}

static void
on_remedy (PostsealTestPage *self, int remedy, gboolean sending)
{
  if (remedy == POSTSEAL_REMEDY_RETRY)
    run (self);
  else if (remedy == POSTSEAL_REMEDY_UNLOCK)
    postseal_keyring_unlock_async (self->cancellable, on_unlocked, g_object_ref (self));
  else
    g_signal_emit (self, remedy_signal, 0, remedy, sending);
}

GtkWidget *
postseal_test_page_new (PostsealAccount *account)
{
  PostsealTestPage *self = g_object_new (POSTSEAL_TYPE_TEST_PAGE, NULL);

  postseal_test_page_run (self, account);
  return GTK_WIDGET (self);
}

void
postseal_test_page_run (PostsealTestPage *self, PostsealAccount *account)
{
  g_return_if_fail (POSTSEAL_IS_TEST_PAGE (self));
  g_return_if_fail (account != NULL);

  postseal_account_ref (account);
  g_clear_pointer (&self->account, postseal_account_unref);
  self->account = account;
  adw_window_title_set_subtitle (self->title, account->name);
  run (self);
}

PostsealEndpoint *
postseal_test_page_get_better (PostsealTestPage *self, gboolean sending)
{
  const PostsealTrouble *trouble;
  PostsealLiveTest *test;

  g_return_val_if_fail (POSTSEAL_IS_TEST_PAGE (self), NULL);

  test = postseal_test_view_get_test (self->view);
  trouble = test != NULL ? postseal_live_test_get_trouble (test, sending) : NULL;
  return trouble != NULL ? trouble->better : NULL;
}

static void
postseal_test_page_dispose (GObject *object)
{
  g_clear_pointer (&POSTSEAL_TEST_PAGE (object)->account, postseal_account_unref);
  G_OBJECT_CLASS (postseal_test_page_parent_class)->dispose (object);
}

static void
postseal_test_page_finalize (GObject *object)
{
  g_object_unref (POSTSEAL_TEST_PAGE (object)->cancellable);
  G_OBJECT_CLASS (postseal_test_page_parent_class)->finalize (object);
}

/* The page is left. What is under way holds a reference, so that dispose() would come too late. */
static void
postseal_test_page_unroot (GtkWidget *widget)
{
  g_cancellable_cancel (POSTSEAL_TEST_PAGE (widget)->cancellable);
  GTK_WIDGET_CLASS (postseal_test_page_parent_class)->unroot (widget);
}

static void
postseal_test_page_class_init (PostsealTestPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = postseal_test_page_dispose;
  G_OBJECT_CLASS (class)->finalize = postseal_test_page_finalize;
  widget_class->unroot = postseal_test_page_unroot;
  remedy_signal = g_signal_new ("remedy", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_BOOLEAN);
  g_type_ensure (POSTSEAL_TYPE_TEST_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/postseal/Settings/test-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealTestPage, title);
  gtk_widget_class_bind_template_child (widget_class, PostsealTestPage, view);
  gtk_widget_class_bind_template_child (widget_class, PostsealTestPage, again_button);
  gtk_widget_class_bind_template_callback (widget_class, on_ended);
  gtk_widget_class_bind_template_callback (widget_class, on_remedy);
  gtk_widget_class_bind_template_callback (widget_class, run);
}

static void
postseal_test_page_init (PostsealTestPage *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
