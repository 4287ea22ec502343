/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/hand-group.h"

#include <string.h>

#include <glib/gi18n.h>

#include "settings/accessible-entry.h"

#define LONGEST_HOST 253 /* RFC 1035 section 2.3.4, without the last dot */

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

static gboolean
tell_mistake (PostsealHandGroup *self, AdwEntryRow *row, const char *text)
{
  if (row == self->port_row)
    adw_expander_row_set_expanded (self->more_row, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (row), "error");
  gtk_label_set_label (self->mistake_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->mistake_label), TRUE);
  postseal_accessible_entry_select (row);
  return FALSE;
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

void
postseal_hand_group_read (PostsealHandGroup *self, PostsealAccountForm *form)
{
  g_autofree char *user = NULL;
  g_autoptr (PostsealEndpoint) endpoint = NULL;
  g_autoptr (PostsealEndpoint) usual = NULL;
  g_autofree char *port = NULL;
  const char *address;

  g_return_if_fail (POSTSEAL_IS_HAND_GROUP (self));

  endpoint = postseal_account_form_get_endpoint (form, self->is_sending, &user);
  address = postseal_account_form_get (form, "address");
  adw_combo_row_set_selected (
      self->kind_row, endpoint != NULL && endpoint->protocol == POSTSEAL_PROTOCOL_POP3 ? 1 : 0);
  if (endpoint == NULL)
    {
      gtk_editable_set_text (GTK_EDITABLE (self->host_row), "");
      return;
    }
  usual = postseal_endpoint_new (endpoint->protocol, endpoint->start, endpoint->host, 0);
  port = usual->port != endpoint->port ? g_strdup_printf ("%u", (guint)endpoint->port)
                                       : g_strdup ("");
  gtk_editable_set_text (GTK_EDITABLE (self->host_row), endpoint->host);
  adw_combo_row_set_selected (self->start_row,
                              endpoint->start == POSTSEAL_TLS_START_IMPLICIT ? 0 : 1);
  gtk_editable_set_text (GTK_EDITABLE (self->port_row), port);
  gtk_editable_set_text (GTK_EDITABLE (self->user_row),
                         user != NULL && g_strcmp0 (user, address) != 0 ? user : "");
}

/* "mail.example.org:993" is understood, and so is "[2001:db8::1]:993". Returns: (transfer full):
   the host; what stood after it is in @ret_port, or "" */
static char *
split_host (const char *text, char **ret_port)
{
  const char *colon = strrchr (text, ':');
  const char *bracket = strrchr (text, ']');
  gboolean has_port
      = colon != NULL && (bracket != NULL ? colon > bracket : strchr (text, ':') == colon);
  g_autofree char *host = has_port ? g_strndup (text, (gsize)(colon - text)) : g_strdup (text);

  *ret_port = g_strdup (has_port ? colon + 1 : "");
  if (*host == '[' && g_str_has_suffix (host, "]"))
    return g_strndup (host + 1, strlen (host) - 2);
  return g_steal_pointer (&host);
}

static const char *
find_mistake (const char *host)
{
  if (*host == '\0')
    return _ ("Enter the name of the server, e.g. mail.example.org");
  if (strchr (host, '@') != NULL)
    return _ ("That looks like a mail address; the name of the server is wanted, e.g. "
              "mail.example.org");
  if (strpbrk (host, " \t\r\n/\\\"'<>,;?#%()") != NULL)
    return _ ("A server name has only letters, digits, hyphens and dots, e.g. mail.example.org");
  if (strlen (host) > LONGEST_HOST)
    return _ ("No server has a name of this length");
  if (*host == '.' || strstr (host, "..") != NULL)
    return _ ("There is a dot too many in the name of the server");
  return NULL;
}

static gboolean
parse_port (const char *text, guint16 *ret_port)
{
  guint64 number = 0;

  if (*text == '\0')
    *ret_port = 0;
  else if (g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, &number, NULL))
    *ret_port = (guint16)number;
  else
    return FALSE;
  return TRUE;
}

static gboolean
write_server (PostsealHandGroup *self,
              PostsealAccountForm *form,
              const char *host,
              guint16 port,
              const char *user)
{
  PostsealTlsStart start = adw_combo_row_get_selected (self->start_row) == 0
                               ? POSTSEAL_TLS_START_IMPLICIT
                               : POSTSEAL_TLS_START_UPGRADE;
  g_autoptr (PostsealEndpoint) endpoint
      = postseal_endpoint_new (get_protocol (self), start, host, port);

  postseal_account_form_set_endpoint (form, self->is_sending, endpoint,
                                      *user != '\0' ? user : NULL);
  return TRUE;
}

gboolean
postseal_hand_group_write (PostsealHandGroup *self, PostsealAccountForm *form)
{
  g_autofree char *typed = NULL;
  g_autofree char *port_text = NULL;
  g_autofree char *user = NULL;
  g_autofree char *host_port = NULL;
  g_autofree char *host = NULL;
  guint16 port = 0;

  g_return_val_if_fail (POSTSEAL_IS_HAND_GROUP (self), FALSE);

  if (!is_wanted (self))
    {
      postseal_account_form_set_endpoint (form, self->is_sending, NULL, NULL);
      return TRUE;
    }
  typed = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->host_row))));
  port_text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->port_row))));
  user = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->user_row))));
  host = split_host (typed, &host_port);
  if (find_mistake (host) != NULL)
    return tell_mistake (self, self->host_row, find_mistake (host));
  if (!parse_port (*port_text != '\0' ? port_text : host_port, &port))
    return tell_mistake (self, *port_text != '\0' ? self->port_row : self->host_row,
                         _ ("A port is a number from 1 to 65535"));
  return write_server (self, form, host, port, user);
}

void
postseal_hand_group_complain (PostsealHandGroup *self, const char *mistake)
{
  g_return_if_fail (POSTSEAL_IS_HAND_GROUP (self));

  (void)tell_mistake (self, self->host_row, mistake);
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
