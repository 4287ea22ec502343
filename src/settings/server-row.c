/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/server-row.h"

#include <glib/gi18n.h>

#include "setup/trouble.h"

struct _PostsealServerRow
{
  AdwActionRow parent;

  GtkImage *way_image; /* template children */
  GtkLabel *state_label;
  GtkStack *sign_stack;
  GtkImage *sign;
  GtkSpinner *spinner;
};

G_DEFINE_FINAL_TYPE (PostsealServerRow, postseal_server_row, ADW_TYPE_ACTION_ROW)

static const struct
{
  const char *icon;
  const char *word;
  const char *style;
} looks[] = {
  [POSTSEAL_SERVER_UNCHECKED] = { "dialog-question-symbolic", N_ ("not checked"), "dim-label" },
  [POSTSEAL_SERVER_CHECKING] = { "content-loading-symbolic", N_ ("connecting…"), "dim-label" },
  [POSTSEAL_SERVER_PROVEN] = { "channel-secure-symbolic", N_ ("proven"), "success" },
  [POSTSEAL_SERVER_FAILED] = { "dialog-error-symbolic", N_ ("not usable"), "error" },
};

static const char *
describe_way (gboolean sending, const PostsealEndpoint *endpoint)
{
  if (sending)
    return _ ("Sending");
  if (endpoint != NULL && endpoint->protocol == POSTSEAL_PROTOCOL_POP3)
    return _ ("Receiving (POP3)");
  return _ ("Receiving (IMAP)");
}

static char *
describe_server (const PostsealEndpoint *endpoint, const char *user)
{
  g_autofree char *start = postseal_describe_tls_start (endpoint);
  g_autofree char *signs_in = user != NULL ? g_strdup_printf (_ ("Signs in as %s"), user) : NULL;

  return g_strdup_printf ("%s\n%s%s%s", endpoint->host, start, user != NULL ? "\n" : "",
                          user != NULL ? signs_in : "");
}

void
postseal_server_row_show (PostsealServerRow *self,
                          gboolean sending,
                          const PostsealEndpoint *endpoint,
                          const char *user)
{
  g_autofree char *text = NULL;

  g_return_if_fail (POSTSEAL_IS_SERVER_ROW (self));

  gtk_image_set_from_icon_name (self->way_image,
                                sending ? "mail-send-symbolic" : "mail-unread-symbolic");
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), describe_way (sending, endpoint));
  if (endpoint != NULL)
    text = describe_server (endpoint, user);
  else
    text = g_strdup (sending ? _ ("No server: this account only receives")
                             : _ ("No server: this account only sends"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
  gtk_widget_set_visible (GTK_WIDGET (self->sign_stack), endpoint != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->state_label), endpoint != NULL);
}

void
postseal_server_row_set_state (PostsealServerRow *self, PostsealServerState state)
{
  gboolean is_checking = state == POSTSEAL_SERVER_CHECKING;

  g_return_if_fail (POSTSEAL_IS_SERVER_ROW (self));
  g_return_if_fail (state < G_N_ELEMENTS (looks));

  gtk_label_set_label (self->state_label, _ (looks[state].word));
  gtk_image_set_from_icon_name (self->sign, looks[state].icon);
  gtk_widget_set_css_classes (GTK_WIDGET (self->sign),
                              (const char *[]){ looks[state].style, NULL });
  gtk_spinner_set_spinning (self->spinner, is_checking);
  gtk_stack_set_visible_child (self->sign_stack,
                               is_checking ? GTK_WIDGET (self->spinner) : GTK_WIDGET (self->sign));
}

static void
postseal_server_row_class_init (PostsealServerRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/server-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealServerRow, way_image);
  gtk_widget_class_bind_template_child (widget_class, PostsealServerRow, state_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealServerRow, sign_stack);
  gtk_widget_class_bind_template_child (widget_class, PostsealServerRow, sign);
  gtk_widget_class_bind_template_child (widget_class, PostsealServerRow, spinner);
}

static void
postseal_server_row_init (PostsealServerRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
