/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/hand-group.h"

#include <glib/gi18n.h>

#include "settings/accessible-entry.h"
#include "settings/server-input.h"

struct _PostsealHandGroup
{
  AdwPreferencesGroup parent;

  AdwComboRow *kind_row; /* template children */
  AdwEntryRow *host_row;
  AdwComboRow *start_row;
  AdwExpanderRow *more_row;
  AdwEntryRow *port_row;
  AdwEntryRow *user_row;
  GtkLabel *mistake_label;
  gboolean is_sending;
};

G_DEFINE_FINAL_TYPE (PostsealHandGroup, postseal_hand_group, ADW_TYPE_PREFERENCES_GROUP)

enum
{
  PROP_SENDING = 1,
};
static guint activated_signal;

/* What there is to choose of receiving; the last one is that it is not wanted. There is one kind of
   sending, which is not wanted where no server is named. */
static const char *const kinds[]
    = { N_ ("IMAP: all folders, on all your devices"), N_ ("POP3: the inbox alone"),
        N_ ("None: this account only sends"), NULL };

static gboolean
is_wanted (PostsealHandGroup *self)
{
  if (self->is_sending)
    return *gtk_editable_get_text (GTK_EDITABLE (self->host_row)) != '\0';
  return adw_combo_row_get_selected (self->kind_row) < 2;
}

static PostsealProtocol
get_protocol (PostsealHandGroup *self)
{
  if (self->is_sending)
    return POSTSEAL_PROTOCOL_SMTP;
  return adw_combo_row_get_selected (self->kind_row) == 1 ? POSTSEAL_PROTOCOL_POP3
                                                          : POSTSEAL_PROTOCOL_IMAP;
}

/* --- mistakes --- */

static void
forget_mistake (PostsealHandGroup *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->mistake_label), FALSE);
  gtk_widget_remove_css_class (GTK_WIDGET (self->host_row), "error");
  gtk_widget_remove_css_class (GTK_WIDGET (self->port_row), "error");
}

static void
tell_mistake (PostsealHandGroup *self, AdwEntryRow *row, const char *text)
{
  if (row == self->port_row)
    adw_expander_row_set_expanded (self->more_row, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (row), "error");
  gtk_label_set_label (self->mistake_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->mistake_label), TRUE);
  postseal_accessible_entry_select (row);
}

static void
on_edited (PostsealHandGroup *self)
{
  const char *port = gtk_editable_get_text (GTK_EDITABLE (self->port_row));
  const char *user = gtk_editable_get_text (GTK_EDITABLE (self->user_row));
  g_autofree char *subtitle = NULL;

  if (*port != '\0' && *user != '\0')
    subtitle = g_strdup_printf (_ ("Port %s, user %s"), port, user);
  else if (*port != '\0')
    subtitle = g_strdup_printf (_ ("Port %s"), port);
  else if (*user != '\0')
    subtitle = g_strdup_printf (_ ("User %s"), user);
  adw_expander_row_set_subtitle (self->more_row, subtitle != NULL ? subtitle : _ ("As usual"));
  forget_mistake (self);
}

static void
on_kind (PostsealHandGroup *self)
{
  gboolean is_shown = self->is_sending || is_wanted (self);

  gtk_widget_set_visible (GTK_WIDGET (self->host_row), is_shown);
  gtk_widget_set_visible (GTK_WIDGET (self->start_row), is_shown);
  gtk_widget_set_visible (GTK_WIDGET (self->more_row), is_shown);
  forget_mistake (self);
}

static void
on_activated (PostsealHandGroup *self)
{
  g_signal_emit (self, activated_signal, 0);
}

/* --- reading and writing --- */

static char *
dup_typed (AdwEntryRow *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
}

static PostsealServerInput
get_input (PostsealHandGroup *self)
{
  PostsealServerInput input = {
    .protocol = get_protocol (self),
    .start = adw_combo_row_get_selected (self->start_row) == 0 ? POSTSEAL_TLS_START_IMPLICIT
                                                               : POSTSEAL_TLS_START_UPGRADE,
    .host = dup_typed (self->host_row),
    .port = dup_typed (self->port_row),
    .user = dup_typed (self->user_row),
  };

  return input;
}

static void
show_input (PostsealHandGroup *self, const PostsealServerInput *input)
{
  adw_combo_row_set_selected (self->kind_row, input->protocol == POSTSEAL_PROTOCOL_POP3 ? 1 : 0);
  adw_combo_row_set_selected (self->start_row, input->start == POSTSEAL_TLS_START_UPGRADE ? 1 : 0);
  gtk_editable_set_text (GTK_EDITABLE (self->host_row), input->host);
  gtk_editable_set_text (GTK_EDITABLE (self->port_row), input->port);
  gtk_editable_set_text (GTK_EDITABLE (self->user_row), input->user);
}

void
postseal_hand_group_read (PostsealHandGroup *self, PostsealAccountForm *form)
{
  g_auto (PostsealServerInput) input = { .host = NULL };

  g_return_if_fail (POSTSEAL_IS_HAND_GROUP (self));

  postseal_server_input_read (&input, form, self->is_sending);
  show_input (self, &input);
}

gboolean
postseal_hand_group_write (PostsealHandGroup *self, PostsealAccountForm *form)
{
  g_auto (PostsealServerInput) input = { .host = NULL };
  g_autoptr (PostsealEndpoint) endpoint = NULL;
  g_autofree char *mistake = NULL;
  PostsealServerPart part = POSTSEAL_SERVER_PART_HOST;

  g_return_val_if_fail (POSTSEAL_IS_HAND_GROUP (self), FALSE);

  if (!is_wanted (self))
    {
      postseal_account_form_set_endpoint (form, self->is_sending, NULL, NULL);
      return TRUE;
    }
  input = get_input (self);
  if (postseal_server_input_take_apart (&input))
    show_input (self, &input);
  endpoint = postseal_server_input_check (&input, &part, &mistake);
  if (endpoint == NULL)
    {
      tell_mistake (self, part == POSTSEAL_SERVER_PART_PORT ? self->port_row : self->host_row,
                    mistake);
      return FALSE;
    }
  postseal_account_form_set_endpoint (form, self->is_sending, endpoint,
                                      *input.user != '\0' ? input.user : NULL);
  return TRUE;
}

void
postseal_hand_group_complain (PostsealHandGroup *self, const char *mistake)
{
  g_return_if_fail (POSTSEAL_IS_HAND_GROUP (self));

  tell_mistake (self, self->host_row, mistake);
}

void
postseal_hand_group_focus (PostsealHandGroup *self)
{
  g_return_if_fail (POSTSEAL_IS_HAND_GROUP (self));

  postseal_accessible_entry_select (self->host_row);
}

/* --- GObject --- */

static void
set_sending (PostsealHandGroup *self, gboolean is_sending)
{
  g_autoptr (GtkStringList) model = gtk_string_list_new (NULL);

  self->is_sending = is_sending;
  for (const char *const *kind = kinds; *kind != NULL; kind++)
    gtk_string_list_append (model, _ (*kind));
  adw_combo_row_set_model (self->kind_row, G_LIST_MODEL (model));
  gtk_widget_set_visible (GTK_WIDGET (self->kind_row), !is_sending);
  if (is_sending)
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->host_row),
                                   _ ("Server (empty: this account only receives)"));
}

static void
postseal_hand_group_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  if (id == PROP_SENDING)
    set_sending (POSTSEAL_HAND_GROUP (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
postseal_hand_group_class_init (PostsealHandGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->set_property = postseal_hand_group_set_property;
  g_object_class_install_property (
      G_OBJECT_CLASS (class), PROP_SENDING,
      g_param_spec_boolean ("sending", NULL, NULL, FALSE,
                            G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));
  activated_signal = g_signal_new ("activated", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/hand-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealHandGroup, kind_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealHandGroup, host_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealHandGroup, start_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealHandGroup, more_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealHandGroup, port_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealHandGroup, user_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealHandGroup, mistake_label);
  gtk_widget_class_bind_template_callback (widget_class, on_kind);
  gtk_widget_class_bind_template_callback (widget_class, on_edited);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
}

static void
postseal_hand_group_init (PostsealHandGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  postseal_accessible_entry_name (self->host_row);
  postseal_accessible_entry_name (self->port_row);
  postseal_accessible_entry_name (self->user_row);
}
