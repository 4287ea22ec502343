/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/advanced-group.h"

#include <glib/gi18n.h>

#include "settings/choice-field.h"
#include "settings/entry-field.h"
#include "settings/switch-field.h"

struct _PostsealAdvancedGroup
{
  AdwPreferencesGroup parent;

  PostsealChoiceField *receive_tls_field; /* template children */
  PostsealChoiceField *send_tls_field;
  GtkWidget *compress_field;
  GtkWidget *trace_header_field;
  GtkWidget *connections_field;
  GtkWidget *retry_for_field;
};

G_DEFINE_FINAL_TYPE (PostsealAdvancedGroup, postseal_advanced_group, ADW_TYPE_PREFERENCES_GROUP)

#define ENFORCED N_ ("Encrypted, with a server that proves who it is, or not at all")
#define OPPORTUNISTIC                                                                              \
  N_ ("Encrypted if the server offers it: whoever sits on the wire can read and change the mail")
#define LOOPBACK N_ ("Not encrypted: only with this very computer, checked at each connection")

/* "localhost" and the addresses of this machine; the peer's address is checked anyway. */
static gboolean
is_local (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address != NULL)
    return g_inet_address_get_is_loopback (address);
  return g_ascii_strcasecmp (host, "localhost") == 0 || g_str_has_suffix (host, ".localhost");
}

static gboolean
may_be_clear (PostsealAccountForm *form, gboolean sending, const char *level)
{
  g_autoptr (PostsealEndpoint) endpoint = postseal_account_form_get_endpoint (form, sending, NULL);

  return g_strcmp0 (level, "loopback") == 0 || (endpoint != NULL && is_local (endpoint->host));
}

static gboolean
may_be_opportunistic (PostsealAccountForm *form, gboolean sending, const char *level)
{
  g_autofree char *auth = postseal_account_form_get_effective (form, "auth");

  return sending && (g_strcmp0 (level, "opportunistic") == 0 || g_strcmp0 (auth, "none") == 0);
}

/* Shown is the choice only where there is one. A mistake in the key shows it, too. */
static void
update_level (PostsealChoiceField *field, PostsealAccountForm *form, gboolean sending)
{
  const char *level = postseal_account_form_get (form, sending ? "send-tls" : "receive-tls");
  gboolean is_used = postseal_account_form_get (form, sending ? "send" : "receive") != NULL;
  const char *values[4] = { "enforced" };
  const char *words[4] = { _ (ENFORCED) };
  guint n = 1;

  if (may_be_opportunistic (form, sending, level))
    {
      values[n] = "opportunistic";
      words[n++] = _ (OPPORTUNISTIC);
    }
  if (may_be_clear (form, sending, level))
    {
      values[n] = "loopback";
      words[n++] = _ (LOOPBACK);
    }
  postseal_choice_field_set_choices (field, values, words);
  gtk_widget_set_visible (GTK_WIDGET (field), is_used && (n > 1 || level != NULL));
}

void
postseal_advanced_group_update (PostsealAdvancedGroup *self, PostsealAccountForm *form)
{
  gboolean receives;
  gboolean sends;

  g_return_if_fail (POSTSEAL_IS_ADVANCED_GROUP (self));

  receives = postseal_account_form_get (form, "receive") != NULL;
  sends = postseal_account_form_get (form, "send") != NULL;
  update_level (self->receive_tls_field, form, FALSE);
  update_level (self->send_tls_field, form, TRUE);
  gtk_widget_set_visible (self->compress_field, receives);
  gtk_widget_set_visible (self->trace_header_field, receives);
  gtk_widget_set_visible (self->connections_field, receives);
  gtk_widget_set_visible (self->retry_for_field, sends);
}

static void
postseal_advanced_group_class_init (PostsealAdvancedGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (POSTSEAL_TYPE_CHOICE_FIELD);
  g_type_ensure (POSTSEAL_TYPE_ENTRY_FIELD);
  g_type_ensure (POSTSEAL_TYPE_SWITCH_FIELD);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/advanced-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealAdvancedGroup, receive_tls_field);
  gtk_widget_class_bind_template_child (widget_class, PostsealAdvancedGroup, send_tls_field);
  gtk_widget_class_bind_template_child (widget_class, PostsealAdvancedGroup, compress_field);
  gtk_widget_class_bind_template_child (widget_class, PostsealAdvancedGroup, trace_header_field);
  gtk_widget_class_bind_template_child (widget_class, PostsealAdvancedGroup, connections_field);
  gtk_widget_class_bind_template_child (widget_class, PostsealAdvancedGroup, retry_for_field);
}

static void
postseal_advanced_group_init (PostsealAdvancedGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
