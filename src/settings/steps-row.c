/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/steps-row.h"

#include "settings/test-step-row.h"

struct _PostsealStepsRow
{
  AdwExpanderRow parent;

  GtkImage *sign; /* template child */
  GPtrArray *rows; /* owned (element-type PostsealTestStepRow): borrowed from the row itself */
};

G_DEFINE_FINAL_TYPE (PostsealStepsRow, postseal_steps_row, ADW_TYPE_EXPANDER_ROW)

static void
forget_rows (PostsealStepsRow *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    adw_expander_row_remove (ADW_EXPANDER_ROW (self), g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, 0);
}

/* A sign, or none while @state is not known. */
static void
set_sign (PostsealStepsRow *self, PostsealTestState state)
{
  static const char *const styles[] = { [POSTSEAL_TEST_PASSED] = "success",
                                        [POSTSEAL_TEST_FAILED] = "error",
                                        [POSTSEAL_TEST_SKIPPED] = "dim-label" };

  for (guint i = 0; i < G_N_ELEMENTS (styles); i++)
    if (styles[i] != NULL)
      gtk_widget_remove_css_class (GTK_WIDGET (self->sign), styles[i]);
  gtk_widget_set_visible (GTK_WIDGET (self->sign), state >= POSTSEAL_TEST_PASSED);
  if (state < POSTSEAL_TEST_PASSED)
    return;
  gtk_image_set_from_icon_name (self->sign, postseal_test_step_row_get_icon (state));
  gtk_widget_add_css_class (GTK_WIDGET (self->sign), styles[state]);
}

void
postseal_steps_row_follow (PostsealStepsRow *self, GListModel *steps, gboolean sending)
{
  g_return_if_fail (POSTSEAL_IS_STEPS_ROW (self));
  g_return_if_fail (G_IS_LIST_MODEL (steps));

  forget_rows (self);
  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (PostsealTestStep) step = g_list_model_get_item (steps, i);
      GtkWidget *row;

      if (postseal_test_step_is_sending (step) != sending)
        continue;
      row = postseal_test_step_row_new (step);
      adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
      g_ptr_array_add (self->rows, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (self), self->rows->len > 0);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), "");
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self), TRUE);
  set_sign (self, POSTSEAL_TEST_WAITING);
}

void
postseal_steps_row_end (PostsealStepsRow *self, gboolean is_open)
{
  PostsealTestStep *step = NULL;

  g_return_if_fail (POSTSEAL_IS_STEPS_ROW (self));

  /* Where it failed, or what came of the last. */
  for (guint i = 0; i < self->rows->len; i++)
    {
      step = postseal_test_step_row_get_step (g_ptr_array_index (self->rows, i));
      if (postseal_test_step_get_state (step) == POSTSEAL_TEST_FAILED)
        break;
    }
  if (step == NULL)
    return;
  set_sign (self, postseal_test_step_get_state (step));
  if (!is_open)
    {
      g_autofree char *words = postseal_test_step_row_describe (step);

      adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), words);
    }
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self), is_open);
}

static void
postseal_steps_row_finalize (GObject *object)
{
  g_ptr_array_unref (POSTSEAL_STEPS_ROW (object)->rows);
  G_OBJECT_CLASS (postseal_steps_row_parent_class)->finalize (object);
}

static void
postseal_steps_row_class_init (PostsealStepsRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = postseal_steps_row_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/postseal/Settings/steps-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealStepsRow, sign);
}

static void
postseal_steps_row_init (PostsealStepsRow *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
