/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/remove-dialog.h"

#include <glib/gi18n.h>

#include "settings/accessible-button.h"
#include "settings/secret-words.h"

struct _PostsealRemoveDialog
{
  AdwMessageDialog parent;

  GtkLabel *mail_label; /* template children */
  GtkLabel *outbox_label;
  GtkCheckButton *password_check;
};

G_DEFINE_FINAL_TYPE (PostsealRemoveDialog, postseal_remove_dialog, ADW_TYPE_MESSAGE_DIALOG)

static void
show_mail (PostsealRemoveDialog *self, PostsealAccountForm *form)
{
  const char *place = form != NULL ? postseal_account_form_get (form, "deliver") : NULL;
  g_autofree char *text = NULL;

  if (place != NULL)
    /* TRANSLATORS: the place as in accounts.conf: "maildir:~/Mail/work". */
    text = g_strdup_printf (_ ("Mail that has been fetched stays where it is: %s"), place);
  gtk_label_set_label (self->mail_label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->mail_label), text != NULL);
}

static void
show_outbox (PostsealRemoveDialog *self, PostsealAccountStatus *status)
{
  guint waiting = 0;
  guint failed = 0;
  g_autofree char *text = NULL;

  if (status != NULL)
    g_object_get (status, "waiting", &waiting, "failed", &failed, NULL);
  if (waiting + failed > 0)
    text = g_strdup_printf (
        ngettext ("%u message of this account is in the outbox. It stays there and is not sent.",
                  "%u messages of this account are in the outbox. They stay there and are not "
                  "sent.",
                  waiting + failed),
        waiting + failed);
  gtk_label_set_label (self->outbox_label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->outbox_label), text != NULL);
}

static void
show_password (PostsealRemoveDialog *self, PostsealAccountForm *form)
{
  g_autofree char *spec
      = form != NULL ? postseal_account_form_get_effective (form, "password") : NULL;
  g_autofree char *auth = form != NULL ? postseal_account_form_get_effective (form, "auth") : NULL;
  PostsealSecretCare care
      = spec != NULL ? postseal_secret_words_judge (spec) : POSTSEAL_SECRET_ELSEWHERE;
  gboolean is_ours = care != POSTSEAL_SECRET_ELSEWHERE && g_strcmp0 (auth, "none") != 0;

  gtk_widget_set_visible (GTK_WIDGET (self->password_check), is_ours);
  gtk_check_button_set_active (self->password_check, is_ours);
}

GtkWindow *
postseal_remove_dialog_new (GtkWindow *parent,
                            const char *name,
                            PostsealAccountForm *form,
                            PostsealAccountStatus *status)
{
  PostsealRemoveDialog *self
      = g_object_new (POSTSEAL_TYPE_REMOVE_DIALOG, "transient-for", parent, NULL);
  g_autofree char *heading = g_strdup_printf (_ ("Remove the account “%s”?"), name);

  adw_message_dialog_set_heading (ADW_MESSAGE_DIALOG (self), heading);
  show_mail (self, form);
  show_outbox (self, status);
  show_password (self, form);
  return GTK_WINDOW (self);
}

gboolean
postseal_remove_dialog_takes_password (PostsealRemoveDialog *self)
{
  g_return_val_if_fail (POSTSEAL_IS_REMOVE_DIALOG (self), FALSE);

  return gtk_check_button_get_active (self->password_check);
}

static void
postseal_remove_dialog_class_init (PostsealRemoveDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/remove-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealRemoveDialog, mail_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealRemoveDialog, outbox_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealRemoveDialog, password_check);
}

static void
postseal_remove_dialog_init (PostsealRemoveDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  postseal_accessible_button_name (GTK_WIDGET (self));
}
