/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/server-group.h"

#include <glib/gi18n.h>

#include "settings/choice-field.h"
#include "settings/entry-field.h"
#include "settings/kept-values.h"
#include "settings/server-input.h"
#include "settings/switch-field.h"

struct _PostsealServerGroup
{
  AdwPreferencesGroup parent;

  PostsealSwitchField *used_field; /* template children */
  PostsealChoiceField *kind_field;
  PostsealEntryField *host_field;
  PostsealEntryField *port_field;
  PostsealChoiceField *start_field;
  GtkWidget *level_row;
  PostsealEntryField *user_field;
  PostsealFieldLink link;
  gboolean is_sending;
  char *original; /* owned, nullable: what the form had when it was shown */
};

static void postseal_server_group_field_init (PostsealFieldInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealServerGroup,
                               postseal_server_group,
                               ADW_TYPE_PREFERENCES_GROUP,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_FIELD,
                                                      postseal_server_group_field_init))

enum
{
  PROP_SENDING = 1,
};

static gboolean
is_used (PostsealServerGroup *self)
{
  gboolean active = FALSE;

  g_object_get (self->used_field, "active", &active, NULL);
  return active;
}

/* --- what is typed --- */

static PostsealServerInput
get_input (PostsealServerGroup *self)
{
  gboolean is_pop3 = g_strcmp0 (postseal_choice_field_get_value (self->kind_field), "pop3") == 0;
  gboolean is_upgrade
      = g_strcmp0 (postseal_choice_field_get_value (self->start_field), "upgrade") == 0;
  PostsealServerInput input = {
    .protocol = self->is_sending ? POSTSEAL_PROTOCOL_SMTP
                : is_pop3        ? POSTSEAL_PROTOCOL_POP3
                                 : POSTSEAL_PROTOCOL_IMAP,
    .start = is_upgrade ? POSTSEAL_TLS_START_UPGRADE : POSTSEAL_TLS_START_IMPLICIT,
    .host = postseal_entry_field_get_text (self->host_field),
    .port = postseal_entry_field_get_text (self->port_field),
    .user = postseal_entry_field_get_text (self->user_field),
  };

  return input;
}

static void
show_input (PostsealServerGroup *self, const PostsealServerInput *input)
{
  gboolean was_busy = self->link.is_busy;

  self->link.is_busy = TRUE;
  postseal_choice_field_set_value (self->kind_field,
                                   input->protocol == POSTSEAL_PROTOCOL_POP3 ? "pop3" : "imap");
  postseal_choice_field_set_value (
      self->start_field, input->start == POSTSEAL_TLS_START_UPGRADE ? "upgrade" : "implicit");
  postseal_entry_field_set_text (self->host_field, input->host);
  postseal_entry_field_set_text (self->port_field, input->port);
  postseal_entry_field_set_text (self->user_field, input->user);
  self->link.is_busy = was_busy;
}

/* --- what is shown --- */

static void
update (PostsealServerGroup *self)
{
  g_auto (PostsealServerInput) input = get_input (self);
  g_autofree char *level = postseal_account_form_get_effective (
      self->link.form, self->is_sending ? "send-tls" : "receive-tls");
  g_autofree char *port = g_strdup_printf (_ ("Port (usual: %u)"),
                                           (guint)postseal_server_input_get_usual_port (&input));
  gboolean is_shown = is_used (self);
  gboolean is_clear = g_strcmp0 (level, "loopback") == 0;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->port_field), port);
  gtk_widget_set_visible (GTK_WIDGET (self->kind_field), is_shown && !self->is_sending);
  gtk_widget_set_visible (GTK_WIDGET (self->host_field), is_shown);
  gtk_widget_set_visible (GTK_WIDGET (self->port_field), is_shown);
  gtk_widget_set_visible (GTK_WIDGET (self->start_field), is_shown && !is_clear);
  gtk_widget_set_visible (self->level_row, is_shown && is_clear);
  gtk_widget_set_visible (GTK_WIDGET (self->user_field), is_shown);
}

static void
notice (PostsealField *field)
{
  update (POSTSEAL_SERVER_GROUP (field));
}

static void
read_form (PostsealField *field)
{
  PostsealServerGroup *self = POSTSEAL_SERVER_GROUP (field);
  const char *url = postseal_account_form_get (self->link.form, self->link.key);
  g_auto (PostsealServerInput) input = { .host = NULL };

  g_free (self->original);
  self->original = g_strdup (url);
  g_object_set (self->used_field, "active", url != NULL, NULL);
  if (url == NULL && *gtk_editable_get_text (GTK_EDITABLE (self->host_field)) != '\0')
    {
      update (self);
      return; /* what was typed stays */
    }
  postseal_server_input_read (&input, self->link.form, self->is_sending);
  show_input (self, &input);
  update (self);
}

/* --- into the form --- */

/* Whether @endpoint and @user say what the form had: it is left in the words of the file then. */
static gboolean
is_original (PostsealServerGroup *self, PostsealEndpoint *endpoint, const char *user)
{
  g_autoptr (PostsealAccountForm) before = NULL;
  g_autofree char *old_user = NULL;
  g_autoptr (PostsealEndpoint) old = NULL;
  const char *address = postseal_account_form_get (self->link.form, "address");

  if (self->original == NULL)
    return FALSE;
  before = postseal_account_form_new ();
  postseal_account_form_set (before, "address", address);
  postseal_account_form_set (before, self->link.key, self->original);
  old = postseal_account_form_get_endpoint (before, self->is_sending, &old_user);
  return old != NULL && g_str_equal (old->host, endpoint->host) && old->port == endpoint->port
         && old->protocol == endpoint->protocol && old->start == endpoint->start
         && g_strcmp0 (old_user, *user != '\0' ? user : address) == 0;
}

/* What cannot be meant is in the form as it is typed: it is never written, for no account comes of
   it. */
static void
put_server (PostsealServerGroup *self)
{
  g_auto (PostsealServerInput) input = get_input (self);
  g_autoptr (PostsealEndpoint) endpoint = NULL;
  g_autofree char *mistake = NULL;
  PostsealServerPart part;

  postseal_server_input_take_apart (&input);
  endpoint = postseal_server_input_check (&input, &part, &mistake);
  if (endpoint == NULL)
    {
      g_autofree char *raw = g_strdup_printf ("%s: %s", input.host, input.port);

      postseal_account_form_set (self->link.form, self->link.key, raw);
    }
  else if (is_original (self, endpoint, input.user))
    postseal_account_form_set (self->link.form, self->link.key, self->original);
  else
    postseal_account_form_set_endpoint (self->link.form, self->is_sending, endpoint, input.user);
}

static void
on_edited (PostsealServerGroup *self)
{
  if (self->link.is_busy || self->link.form == NULL)
    return;
  self->link.is_busy = TRUE;
  if (is_used (self))
    {
      put_server (self);
      postseal_kept_values_restore (self->link.form);
    }
  else
    {
      postseal_kept_values_take (self->link.form);
      postseal_account_form_set_endpoint (self->link.form, self->is_sending, NULL, NULL);
    }
  self->link.is_busy = FALSE;
  update (self);
}

gboolean
postseal_server_group_check (PostsealServerGroup *self)
{
  g_auto (PostsealServerInput) input = { .host = NULL };
  g_autoptr (PostsealEndpoint) endpoint = NULL;
  g_autofree char *mistake = NULL;
  PostsealServerPart part = POSTSEAL_SERVER_PART_HOST;

  g_return_val_if_fail (POSTSEAL_IS_SERVER_GROUP (self), FALSE);

  if (!is_used (self))
    return TRUE;
  input = get_input (self);
  if (postseal_server_input_take_apart (&input))
    show_input (self, &input);
  update (self);
  endpoint = postseal_server_input_check (&input, &part, &mistake);
  postseal_field_tell (POSTSEAL_FIELD (self->host_field),
                       part == POSTSEAL_SERVER_PART_HOST ? mistake : NULL);
  postseal_field_tell (POSTSEAL_FIELD (self->port_field),
                       part == POSTSEAL_SERVER_PART_PORT ? mistake : NULL);
  return endpoint != NULL;
}

static GtkWidget *
find_mistaken (PostsealField *field)
{
  PostsealServerGroup *self = POSTSEAL_SERVER_GROUP (field);

  if (!is_used (self))
    return GTK_WIDGET (self->used_field);
  if (postseal_field_has_mistake (POSTSEAL_FIELD (self->port_field)))
    return GTK_WIDGET (self->port_field);
  return GTK_WIDGET (self->host_field);
}

static void
on_left (PostsealServerGroup *self)
{
  postseal_server_group_check (self);
}

/* --- the field --- */

static PostsealFieldLink *
get_link (PostsealField *field)
{
  return &POSTSEAL_SERVER_GROUP (field)->link;
}

static void
tell (PostsealField *field, const char *mistake)
{
  PostsealServerGroup *self = POSTSEAL_SERVER_GROUP (field);

  postseal_field_tell (is_used (self) ? POSTSEAL_FIELD (self->host_field)
                                      : POSTSEAL_FIELD (self->used_field),
                       mistake);
}

static void
postseal_server_group_field_init (PostsealFieldInterface *iface)
{
  iface->get_link = get_link;
  iface->read = read_form;
  iface->notice = notice;
  iface->tell = tell;
  iface->find_mistaken = find_mistaken;
}

/* --- GObject --- */

static void
set_sending (PostsealServerGroup *self, gboolean is_sending)
{
  self->is_sending = is_sending;
  self->link.key = g_strdup (is_sending ? "send" : "receive");
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->used_field),
                                 is_sending ? _ ("Send mail") : _ ("Receive mail"));
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self),
                                   is_sending ? _ ("Sending") : _ ("Receiving"));
}

static void
postseal_server_group_set_property (GObject *object,
                                    guint id,
                                    const GValue *value,
                                    GParamSpec *spec)
{
  if (id == PROP_SENDING)
    set_sending (POSTSEAL_SERVER_GROUP (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
postseal_server_group_finalize (GObject *object)
{
  PostsealServerGroup *self = POSTSEAL_SERVER_GROUP (object);

  postseal_field_link_clear (&self->link);
  g_free (self->original);
  G_OBJECT_CLASS (postseal_server_group_parent_class)->finalize (object);
}

static void
postseal_server_group_class_init (PostsealServerGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->set_property = postseal_server_group_set_property;
  G_OBJECT_CLASS (class)->finalize = postseal_server_group_finalize;
  g_object_class_install_property (
      G_OBJECT_CLASS (class), PROP_SENDING,
      g_param_spec_boolean ("sending", NULL, NULL, FALSE,
                            G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));
  g_type_ensure (POSTSEAL_TYPE_CHOICE_FIELD);
  g_type_ensure (POSTSEAL_TYPE_ENTRY_FIELD);
  g_type_ensure (POSTSEAL_TYPE_SWITCH_FIELD);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/server-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealServerGroup, used_field);
  gtk_widget_class_bind_template_child (widget_class, PostsealServerGroup, kind_field);
  gtk_widget_class_bind_template_child (widget_class, PostsealServerGroup, host_field);
  gtk_widget_class_bind_template_child (widget_class, PostsealServerGroup, port_field);
  gtk_widget_class_bind_template_child (widget_class, PostsealServerGroup, start_field);
  gtk_widget_class_bind_template_child (widget_class, PostsealServerGroup, level_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealServerGroup, user_field);
  gtk_widget_class_bind_template_callback (widget_class, on_edited);
  gtk_widget_class_bind_template_callback (widget_class, on_left);
}

static void
postseal_server_group_init (PostsealServerGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
