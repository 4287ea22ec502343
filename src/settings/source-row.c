/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/source-row.h"

#include <glib/gi18n.h>

struct _PostsealSourceRow
{
  GtkListBoxRow parent;

  GtkStack *sign_stack; /* template children */
  GtkImage *sign;
  GtkSpinner *spinner;
  GtkLabel *title_label;
  GtkLabel *state_label;
};

G_DEFINE_FINAL_TYPE (PostsealSourceRow, postseal_source_row, GTK_TYPE_LIST_BOX_ROW)

static const char *const titles[POSTSEAL_N_SOURCES] = {
  [POSTSEAL_SOURCE_PROVIDER] = N_ ("Your provider"),
  [POSTSEAL_SOURCE_KNOWN] = N_ ("Known providers"),
  [POSTSEAL_SOURCE_DNS] = N_ ("Names in the DNS"),
  [POSTSEAL_SOURCE_LIST] = N_ ("Mozilla’s list"),
  [POSTSEAL_SOURCE_MX] = N_ ("Who takes its mail"),
  [POSTSEAL_SOURCE_GUESS] = N_ ("Usual server names"),
};

static const struct
{
  const char *icon;
  const char *word;
  const char *style;
} looks[] = {
  [POSTSEAL_SOURCE_ASKED] = { "content-loading-symbolic", N_ ("asking…"), "dim-label" },
  [POSTSEAL_SOURCE_FOUND] = { "object-select-symbolic", N_ ("found"), "success" },
  [POSTSEAL_SOURCE_NOTHING] = { "list-remove-symbolic", N_ ("nothing"), "dim-label" },
  [POSTSEAL_SOURCE_IN_CLEAR]
  = { "channel-insecure-symbolic", N_ ("only without encryption"), "error" },
  [POSTSEAL_SOURCE_FAILED] = { "dialog-warning-symbolic", N_ ("no answer"), "warning" },
  [POSTSEAL_SOURCE_SKIPPED] = { "action-unavailable-symbolic", N_ ("not asked"), "dim-label" },
};

GtkWidget *
postseal_source_row_new (PostsealSource source)
{
  PostsealSourceRow *self = g_object_new (POSTSEAL_TYPE_SOURCE_ROW, NULL);

  g_return_val_if_fail (source < POSTSEAL_N_SOURCES, NULL);

  gtk_label_set_label (self->title_label, _ (titles[source]));
  postseal_source_row_show (self, POSTSEAL_SOURCE_SKIPPED, NULL);
  return GTK_WIDGET (self);
}

void
postseal_source_row_show (PostsealSourceRow *self, PostsealSourceState state, const char *text)
{
  gboolean is_asked = state == POSTSEAL_SOURCE_ASKED;
  gboolean says_more = text != NULL && *text != '\0'
                       && (state == POSTSEAL_SOURCE_FOUND || state == POSTSEAL_SOURCE_FAILED
                           || state == POSTSEAL_SOURCE_IN_CLEAR);
  g_autofree char *spoken = NULL;

  g_return_if_fail (POSTSEAL_IS_SOURCE_ROW (self));
  g_return_if_fail (state < G_N_ELEMENTS (looks));

  gtk_label_set_label (self->state_label, says_more ? text : _ (looks[state].word));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), says_more ? NULL : text);
  gtk_image_set_from_icon_name (self->sign, looks[state].icon);
  gtk_widget_set_css_classes (GTK_WIDGET (self->sign),
                              (const char *[]){ looks[state].style, NULL });
  gtk_spinner_set_spinning (self->spinner, is_asked);
  gtk_stack_set_visible_child (self->sign_stack,
                               is_asked ? GTK_WIDGET (self->spinner) : GTK_WIDGET (self->sign));
  /* TRANSLATORS: a source of settings and what came of it: "Your provider: found". */
  spoken = g_strdup_printf (_ ("%s: %s"), gtk_label_get_label (self->title_label),
                            _ (looks[state].word));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

static void
postseal_source_row_class_init (PostsealSourceRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/source-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealSourceRow, sign_stack);
  gtk_widget_class_bind_template_child (widget_class, PostsealSourceRow, sign);
  gtk_widget_class_bind_template_child (widget_class, PostsealSourceRow, spinner);
  gtk_widget_class_bind_template_child (widget_class, PostsealSourceRow, title_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealSourceRow, state_label);
}

static void
postseal_source_row_init (PostsealSourceRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
