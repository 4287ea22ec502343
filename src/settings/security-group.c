/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/security-group.h"

#include <glib/gi18n.h>

#include "settings/secret-words.h"

struct _PostsealSecurityGroup
{
  AdwPreferencesGroup parent;

  AdwActionRow *secret_row; /* template children */
  GtkWidget *change_button;
  GtkWidget *sign_in_button;
};

G_DEFINE_FINAL_TYPE (PostsealSecurityGroup, postseal_security_group, ADW_TYPE_PREFERENCES_GROUP)

void
postseal_security_group_update (PostsealSecurityGroup *self, PostsealAccountForm *form)
{
  g_autofree char *spec = NULL;
  g_autofree char *auth = NULL;
  g_autofree char *words = NULL;
  PostsealSecretCare care;
  gboolean is_needed;

  g_return_if_fail (POSTSEAL_IS_SECURITY_GROUP (self));

  spec = postseal_account_form_get_effective (form, "password");
  auth = postseal_account_form_get_effective (form, "auth");
  is_needed = g_strcmp0 (auth, "none") != 0;
  words = is_needed ? postseal_secret_words_describe (spec)
                    : g_strdup (_ ("None: this account does not sign in"));
  care = is_needed ? postseal_secret_words_judge (spec) : POSTSEAL_SECRET_ELSEWHERE;
  adw_action_row_set_subtitle (self->secret_row, words);
  gtk_widget_set_visible (self->change_button, care == POSTSEAL_SECRET_STORED);
  gtk_widget_set_visible (self->sign_in_button, care == POSTSEAL_SECRET_CONSENT);
}

static void
postseal_security_group_class_init (PostsealSecurityGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/security-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealSecurityGroup, secret_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealSecurityGroup, change_button);
  gtk_widget_class_bind_template_child (widget_class, PostsealSecurityGroup, sign_in_button);
}

static void
postseal_security_group_init (PostsealSecurityGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
