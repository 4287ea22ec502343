/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/foreign-group.h"

#include <glib/gi18n.h>

struct _PostsealForeignGroup
{
  AdwPreferencesGroup parent;

  GtkLabel *question_label; /* template children */
  GtkLabel *reason_label;
};

G_DEFINE_FINAL_TYPE (PostsealForeignGroup, postseal_foreign_group, ADW_TYPE_PREFERENCES_GROUP)

static guint answered_signal;

static void
on_yes (PostsealForeignGroup *self)
{
  g_signal_emit (self, answered_signal, 0, TRUE);
}

static void
on_no (PostsealForeignGroup *self)
{
  g_signal_emit (self, answered_signal, 0, FALSE);
}

void
postseal_foreign_group_ask (PostsealForeignGroup *self,
                            const char *host,
                            const char *other,
                            const char *domain)
{
  g_autofree char *question = NULL;
  g_autofree char *reason = NULL;

  g_return_if_fail (POSTSEAL_IS_FOREIGN_GROUP (self));

  gtk_widget_set_visible (GTK_WIDGET (self), host != NULL);
  if (host == NULL)
    return;
  question = other != NULL
                 ? g_strdup_printf (_ ("Are %s and %s the servers of your provider?"), host, other)
                 : g_strdup_printf (_ ("Is %s the server of your provider?"), host);
  reason = g_strdup_printf (
      _ ("That is not a part of %s, and nothing that is signed says that your mail is there. "
         "Whoever runs it will get your password. Nothing has been sent there yet."),
      domain);
  gtk_label_set_label (self->question_label, question);
  gtk_label_set_label (self->reason_label, reason);
}

static void
postseal_foreign_group_class_init (PostsealForeignGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  answered_signal = g_signal_new ("answered", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/foreign-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealForeignGroup, question_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealForeignGroup, reason_label);
  gtk_widget_class_bind_template_callback (widget_class, on_yes);
  gtk_widget_class_bind_template_callback (widget_class, on_no);
}

static void
postseal_foreign_group_init (PostsealForeignGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
