/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/status-direction.h"

#include <glib/gi18n-lib.h>

#include "words/seal-words.h"
#include "words/state-words.h"

struct _PostsealClawsStatusDirection
{
  GtkBox parent;

  GtkImage *sign; /* template children */
  GtkSpinner *spinner;
  GtkLabel *title_label;
  GtkLabel *sentence_label;
  GtkLabel *advice_label;
  GtkLabel *next_label;
  GtkLabel *seal_label;
};

G_DEFINE_FINAL_TYPE (PostsealClawsStatusDirection, postseal_claws_status_direction, GTK_TYPE_BOX)

/* What says the same is not laid out again, nor read aloud. */
static void
set_text (GtkLabel *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_text (label), text) != 0)
    gtk_label_set_text (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL && *text != '\0');
}

/* Returns: (transfer full) (nullable) */
static char *
describe_seal (PostsealAccountStatus *status, gboolean sending)
{
  g_autoptr (GVariant) facts = NULL;
  g_autoptr (PostsealSeal) seal = NULL;
  g_autofree char *words = NULL;
  gint64 last = 0;

  if (sending)
    g_object_get (status, "send-seal", &facts, "send-last", &last, NULL);
  else
    g_object_get (status, "receive-seal", &facts, "receive-last", &last, NULL);
  seal = facts != NULL ? postseal_seal_from_variant (facts) : NULL;
  if (seal == NULL)
    return NULL;
  words = postseal_seal_words_tell (seal, last);
  if (seal->mechanism == NULL)
    return g_steal_pointer (&words);
  return g_strdup_printf ("%s\n%s: %s", words, _ ("You sign in by"), seal->mechanism);
}

static void
set_words (PostsealClawsStatusDirection *self, PostsealAccountStatus *status, gboolean sending)
{
  AtkObject *accessible = gtk_widget_get_accessible (GTK_WIDGET (self));
  PostsealMood mood = postseal_state_words_judge (status, sending);
  g_autofree char *title = g_strdup_printf (_ ("%s: %s"), sending ? _ ("Sending") : _ ("Receiving"),
                                            postseal_state_words_name_mood (mood));
  g_autofree char *sentence = postseal_state_words_describe (status, sending);
  g_autofree char *advice = postseal_state_words_advise (status, sending);
  g_autofree char *next = postseal_state_words_tell_next (status, sending);
  g_autofree char *seal = describe_seal (status, sending);

  gtk_image_set_from_icon_name (self->sign, postseal_state_words_get_icon (mood),
                                GTK_ICON_SIZE_MENU);
  set_text (self->title_label, title);
  set_text (self->sentence_label, sentence);
  set_text (self->advice_label, advice);
  set_text (self->next_label, next);
  set_text (self->seal_label, seal);
  if (g_strcmp0 (atk_object_get_name (accessible), title) != 0)
    atk_object_set_name (accessible, title);
  if (g_strcmp0 (atk_object_get_description (accessible), sentence) != 0)
    atk_object_set_description (accessible, sentence);
}

void
postseal_claws_status_direction_show (PostsealClawsStatusDirection *self,
                                      PostsealAccountStatus *status,
                                      gboolean sending)
{
  g_autofree char *name = NULL;
  gboolean is_used = FALSE;
  PostsealAccountState state;

  g_return_if_fail (POSTSEAL_IS_CLAWS_STATUS_DIRECTION (self));

  g_object_get (status, sending ? "sends" : "receives", &is_used,
                sending ? "send-state" : "receive-state", &name, NULL);
  state = postseal_account_state_parse (name);
  /* Nobody knows what the account is for; the mistake is told once. */
  if (state == POSTSEAL_ACCOUNT_BROKEN)
    is_used = !sending;
  gtk_widget_set_visible (GTK_WIDGET (self), is_used);
  if (!is_used)
    return;
  g_object_set (self->spinner, "active", state == POSTSEAL_ACCOUNT_WORKING, "visible",
                state == POSTSEAL_ACCOUNT_WORKING, NULL);
  set_words (self, status, sending);
}

static void
postseal_claws_status_direction_class_init (PostsealClawsStatusDirectionClass *klass)
{
  GtkWidgetClass *class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (class, "/org/postseal/Claws/status-direction.ui");
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusDirection, sign);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusDirection, spinner);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusDirection, title_label);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusDirection, sentence_label);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusDirection, advice_label);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusDirection, next_label);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusDirection, seal_label);
  gtk_widget_class_set_accessible_role (class, ATK_ROLE_PANEL);
}

static void
postseal_claws_status_direction_init (PostsealClawsStatusDirection *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
