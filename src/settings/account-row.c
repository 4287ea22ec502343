/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/account-row.h"

#include "settings/mood-sign.h"

struct _PostsealAccountRow
{
  AdwActionRow parent;

  GtkImage *sign; /* template children */
  GtkSpinner *spinner;
  PostsealAccountStatus *status; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealAccountRow, postseal_account_row, ADW_TYPE_ACTION_ROW)

static void
update (PostsealAccountRow *self)
{
  g_autofree char *sentence = NULL;
  gboolean is_working = FALSE;
  PostsealMood mood = postseal_state_words_sum_up (self->status, &sentence, &is_working);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self),
                                 postseal_account_status_get_name (self->status));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), sentence);
  postseal_mood_sign_show (self->sign, mood);
  gtk_spinner_set_spinning (self->spinner, is_working);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), is_working);
}

GtkWidget *
postseal_account_row_new (PostsealAccountStatus *status)
{
  PostsealAccountRow *self = g_object_new (POSTSEAL_TYPE_ACCOUNT_ROW, NULL);

  self->status = g_object_ref (status);
  g_signal_connect_object (status, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

static void
postseal_account_row_finalize (GObject *object)
{
  g_clear_object (&POSTSEAL_ACCOUNT_ROW (object)->status);
  G_OBJECT_CLASS (postseal_account_row_parent_class)->finalize (object);
}

static void
postseal_account_row_class_init (PostsealAccountRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = postseal_account_row_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/account-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountRow, sign);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountRow, spinner);
}

static void
postseal_account_row_init (PostsealAccountRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
