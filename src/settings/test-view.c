/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/test-view.h"

#include <glib/gi18n.h>

#include "settings/steps-row.h"
#include "settings/trouble-panel.h"

struct _PostsealTestView
{
  GtkBox parent;

  GtkLabel *status_label; /* template children */
  PostsealTroublePanel *receive_panel;
  PostsealTroublePanel *send_panel;
  GtkWidget *sides;
  PostsealStepsRow *receive_side;
  PostsealStepsRow *send_side;
  GtkButton *report_button;
  PostsealLiveTest *test; /* owned, nullable */
  GCancellable *cancellable; /* owned, nullable: NULL while nothing runs */
};

G_DEFINE_FINAL_TYPE (PostsealTestView, postseal_test_view, GTK_TYPE_BOX)

enum
{
  SIGNAL_ENDED,
  SIGNAL_REMEDY,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- the line above the steps --- */

static void
tell (PostsealTestView *self, const char *text)
{
  gtk_label_set_label (self->status_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->status_label), *text != '\0');
}

static void
on_step (PostsealTestView *self, GParamSpec *spec, PostsealTestStep *step)
{
  g_autofree char *text = NULL;

  if (self->cancellable == NULL || postseal_test_step_get_state (step) != POSTSEAL_TEST_RUNNING)
    return;
  /* TRANSLATORS: after the colon a step: "Sign in as jane". */
  text = g_strdup_printf (postseal_test_step_is_sending (step) ? _ ("Testing sending: %s")
                                                               : _ ("Testing receiving: %s"),
                          postseal_test_step_get_title (step));
  tell (self, text);
}

static void
follow_steps (PostsealTestView *self, GListModel *steps)
{
  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (PostsealTestStep) step = g_list_model_get_item (steps, i);

      g_signal_connect_object (step, "notify::state", G_CALLBACK (on_step), self,
                               G_CONNECT_SWAPPED);
    }
}

/* --- the end --- */

static void
show_end (PostsealTestView *self, gboolean passed)
{
  postseal_trouble_panel_show (self->receive_panel,
                               postseal_live_test_get_trouble (self->test, FALSE));
  postseal_trouble_panel_show (self->send_panel, postseal_live_test_get_trouble (self->test, TRUE));
  postseal_steps_row_end (self->receive_side, passed);
  postseal_steps_row_end (self->send_side, passed);
  /* What went wrong stands in the panels. */
  tell (self, passed ? _ ("Everything works.") : "");
  gtk_widget_set_visible (GTK_WIDGET (self->report_button), TRUE);
}

static void
on_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealTestView) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean passed = postseal_live_test_run_finish (POSTSEAL_LIVE_TEST (source), result, &error);

  if (POSTSEAL_LIVE_TEST (source) != self->test || self->cancellable == NULL)
    return; /* another one runs, or nobody wants to know any more */
  g_clear_object (&self->cancellable);
  show_end (self, passed);
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, passed);
}

static void
on_copy_report (PostsealTestView *self)
{
  g_autofree char *report = postseal_live_test_get_report (self->test);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), report);
  tell (self, _ ("The report is in the clipboard. It holds no password."));
}

static void
on_receive_remedy (PostsealTestView *self, int remedy)
{
  g_signal_emit (self, signals[SIGNAL_REMEDY], 0, remedy, FALSE);
}

static void
on_send_remedy (PostsealTestView *self, int remedy)
{
  g_signal_emit (self, signals[SIGNAL_REMEDY], 0, remedy, TRUE);
}

/* --- public --- */

void
postseal_test_view_run (PostsealTestView *self, PostsealLiveTest *test)
{
  GListModel *steps;

  g_return_if_fail (POSTSEAL_IS_TEST_VIEW (self));
  g_return_if_fail (POSTSEAL_IS_LIVE_TEST (test));

  postseal_test_view_cancel (self);
  g_set_object (&self->test, test);
  self->cancellable = g_cancellable_new ();
  postseal_trouble_panel_show (self->receive_panel, NULL);
  postseal_trouble_panel_show (self->send_panel, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->report_button), FALSE);
  tell (self, _ ("Testing"));
  steps = postseal_live_test_get_steps (test);
  postseal_steps_row_follow (self->receive_side, steps, FALSE);
  postseal_steps_row_follow (self->send_side, steps, TRUE);
  gtk_widget_set_visible (self->sides, TRUE);
  follow_steps (self, steps);
  postseal_live_test_run_async (test, self->cancellable, on_run, g_object_ref (self));
}

void
postseal_test_view_cancel (PostsealTestView *self)
{
  g_return_if_fail (POSTSEAL_IS_TEST_VIEW (self));

  if (self->cancellable == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  tell (self, _ ("The test was stopped."));
}

PostsealLiveTest *
postseal_test_view_get_test (PostsealTestView *self)
{
  g_return_val_if_fail (POSTSEAL_IS_TEST_VIEW (self), NULL);

  return self->test;
}

/* --- GObject --- */

static void
postseal_test_view_dispose (GObject *object)
{
  PostsealTestView *self = POSTSEAL_TEST_VIEW (object);

  g_clear_object (&self->test);
  G_OBJECT_CLASS (postseal_test_view_parent_class)->dispose (object);
}

/* The page is left. What is under way holds a reference, so that dispose() would come too late. */
static void
postseal_test_view_unroot (GtkWidget *widget)
{
  postseal_test_view_cancel (POSTSEAL_TEST_VIEW (widget));
  GTK_WIDGET_CLASS (postseal_test_view_parent_class)->unroot (widget);
}

static void
postseal_test_view_class_init (PostsealTestViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = postseal_test_view_dispose;
  widget_class->unroot = postseal_test_view_unroot;
  signals[SIGNAL_ENDED] = g_signal_new ("ended", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  signals[SIGNAL_REMEDY]
      = g_signal_new ("remedy", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_BOOLEAN);
  g_type_ensure (POSTSEAL_TYPE_STEPS_ROW);
  g_type_ensure (POSTSEAL_TYPE_TROUBLE_PANEL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/postseal/Settings/test-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealTestView, status_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealTestView, receive_panel);
  gtk_widget_class_bind_template_child (widget_class, PostsealTestView, send_panel);
  gtk_widget_class_bind_template_child (widget_class, PostsealTestView, sides);
  gtk_widget_class_bind_template_child (widget_class, PostsealTestView, receive_side);
  gtk_widget_class_bind_template_child (widget_class, PostsealTestView, send_side);
  gtk_widget_class_bind_template_child (widget_class, PostsealTestView, report_button);
  gtk_widget_class_bind_template_callback (widget_class, on_receive_remedy);
  gtk_widget_class_bind_template_callback (widget_class, on_send_remedy);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_report);
}

static void
postseal_test_view_init (PostsealTestView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
