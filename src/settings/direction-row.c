/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/direction-row.h"

#include <glib/gi18n.h>

#include "settings/mood-sign.h"

struct _PostsealDirectionRow
{
  AdwPreferencesRow parent;

  GtkImage *sign; /* template children */
  GtkSpinner *spinner;
  GtkLabel *title_label;
  GtkLabel *sentence_label;
  GtkLabel *advice_label;
  GtkLabel *next_label;
};

G_DEFINE_FINAL_TYPE (PostsealDirectionRow, postseal_direction_row, ADW_TYPE_PREFERENCES_ROW)

/* A label that says the same keeps its selection. */
static void
set_text (GtkLabel *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_label (label), text) != 0)
    gtk_label_set_label (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
}

static void
set_sign (PostsealDirectionRow *self, PostsealMood mood, gboolean is_working)
{
  postseal_mood_sign_show (self->sign, mood);
  gtk_spinner_set_spinning (self->spinner, is_working);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), is_working);
}

static void
set_words (PostsealDirectionRow *self,
           PostsealAccountStatus *status,
           PostsealMood mood,
           gboolean sending)
{
  const char *direction = sending ? _ ("Sending") : _ ("Receiving");
  g_autofree char *title
      = g_strdup_printf (_ ("%s: %s"), direction, postseal_state_words_name_mood (mood));
  g_autofree char *sentence = postseal_state_words_describe (status, sending);

  gtk_label_set_label (self->title_label, title);
  set_text (self->sentence_label, sentence);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), direction);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, sentence, -1);
}

void
postseal_direction_row_show (PostsealDirectionRow *self,
                             PostsealAccountStatus *status,
                             gboolean sending)
{
  g_autofree char *state = NULL;
  g_autofree char *advice = NULL;
  g_autofree char *next = NULL;
  gboolean is_used = FALSE;

  g_return_if_fail (POSTSEAL_IS_DIRECTION_ROW (self));

  if (status != NULL && sending)
    g_object_get (status, "sends", &is_used, "send-state", &state, NULL);
  else if (status != NULL)
    g_object_get (status, "receives", &is_used, "receive-state", &state, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), is_used);
  if (!is_used)
    return;
  set_sign (self, postseal_state_words_judge (status, sending),
            postseal_account_state_parse (state) == POSTSEAL_ACCOUNT_WORKING);
  set_words (self, status, postseal_state_words_judge (status, sending), sending);
  advice = postseal_state_words_advise (status, sending);
  set_text (self->advice_label, advice);
  next = postseal_state_words_tell_next (status, sending);
  set_text (self->next_label, next);
}

static void
postseal_direction_row_class_init (PostsealDirectionRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/direction-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealDirectionRow, sign);
  gtk_widget_class_bind_template_child (widget_class, PostsealDirectionRow, spinner);
  gtk_widget_class_bind_template_child (widget_class, PostsealDirectionRow, title_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealDirectionRow, sentence_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealDirectionRow, advice_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealDirectionRow, next_label);
}

static void
postseal_direction_row_init (PostsealDirectionRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
