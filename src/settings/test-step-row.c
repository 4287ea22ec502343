/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/test-step-row.h"

#include <glib/gi18n.h>

struct _PostsealTestStepRow
{
  GtkListBoxRow parent;

  GtkStack *sign_stack; /* template children */
  GtkImage *sign;
  GtkSpinner *spinner;
  GtkLabel *title_label;
  GtkLabel *detail_label;
  GtkLabel *time_label;
  PostsealTestStep *step; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealTestStepRow, postseal_test_step_row, GTK_TYPE_LIST_BOX_ROW)

/* A sign, a word for those who do not see it, and a class. */
static const struct
{
  const char *icon;
  const char *word;
  const char *style;
} looks[] = {
  [POSTSEAL_TEST_WAITING] = { "content-loading-symbolic", N_ ("not begun"), "dim-label" },
  [POSTSEAL_TEST_RUNNING] = { "content-loading-symbolic", N_ ("under way"), "accent" },
  [POSTSEAL_TEST_PASSED] = { "object-select-symbolic", N_ ("passed"), "success" },
  [POSTSEAL_TEST_FAILED] = { "dialog-error-symbolic", N_ ("failed"), "error" },
  [POSTSEAL_TEST_SKIPPED] = { "action-unavailable-symbolic", N_ ("left out"), "dim-label" },
};

static char *
describe_time (PostsealTestStep *step)
{
  double seconds = postseal_test_step_get_seconds (step);

  if (seconds <= 0)
    return g_strdup ("");
  /* TRANSLATORS: seconds, as short as can be. */
  return g_strdup_printf (_ ("%.1f s"), seconds);
}

char *
postseal_test_step_row_describe (PostsealTestStep *step)
{
  g_return_val_if_fail (POSTSEAL_IS_TEST_STEP (step), NULL);

  /* TRANSLATORS: a step of a test and how it went, as read aloud: "Sign in: passed". */
  return g_strdup_printf (_ ("%s: %s"), postseal_test_step_get_title (step),
                          _ (looks[postseal_test_step_get_state (step)].word));
}

const char *
postseal_test_step_row_get_icon (PostsealTestState state)
{
  return looks[state].icon;
}

static void
update (PostsealTestStepRow *self)
{
  PostsealTestState state = postseal_test_step_get_state (self->step);
  const char *title = postseal_test_step_get_title (self->step);
  const char *detail = postseal_test_step_get_detail (self->step);
  gboolean is_running = state == POSTSEAL_TEST_RUNNING;
  g_autofree char *time = describe_time (self->step);
  g_autofree char *spoken = postseal_test_step_row_describe (self->step);

  gtk_label_set_label (self->title_label, title);
  /* What went wrong stands in the panel, in full. */
  gtk_label_set_label (self->detail_label,
                       state == POSTSEAL_TEST_FAILED ? _ (looks[state].word) : detail);
  gtk_label_set_label (self->time_label, time);
  gtk_image_set_from_icon_name (self->sign, looks[state].icon);
  gtk_widget_set_css_classes (GTK_WIDGET (self->sign),
                              (const char *[]){ looks[state].style, NULL });
  gtk_spinner_set_spinning (self->spinner, is_running);
  gtk_stack_set_visible_child (self->sign_stack,
                               is_running ? GTK_WIDGET (self->spinner) : GTK_WIDGET (self->sign));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, detail, -1);
}

GtkWidget *
postseal_test_step_row_new (PostsealTestStep *step)
{
  PostsealTestStepRow *self = g_object_new (POSTSEAL_TYPE_TEST_STEP_ROW, NULL);

  self->step = g_object_ref (step);
  g_signal_connect_object (step, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

PostsealTestStep *
postseal_test_step_row_get_step (PostsealTestStepRow *self)
{
  g_return_val_if_fail (POSTSEAL_IS_TEST_STEP_ROW (self), NULL);

  return self->step;
}

static void
postseal_test_step_row_finalize (GObject *object)
{
  g_clear_object (&POSTSEAL_TEST_STEP_ROW (object)->step);
  G_OBJECT_CLASS (postseal_test_step_row_parent_class)->finalize (object);
}

static void
postseal_test_step_row_class_init (PostsealTestStepRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = postseal_test_step_row_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/test-step-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealTestStepRow, sign_stack);
  gtk_widget_class_bind_template_child (widget_class, PostsealTestStepRow, sign);
  gtk_widget_class_bind_template_child (widget_class, PostsealTestStepRow, spinner);
  gtk_widget_class_bind_template_child (widget_class, PostsealTestStepRow, title_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealTestStepRow, detail_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealTestStepRow, time_label);
}

static void
postseal_test_step_row_init (PostsealTestStepRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
