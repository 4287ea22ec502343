/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/sign-in-group.h"

#include <glib/gi18n.h>

#include "settings/accessible-entry.h"
#include "settings/consent-ways.h"
#include "settings/online-account.h"
#include "settings/password-entry.h"

struct _PostsealSignInGroup
{
  AdwPreferencesGroup parent;

  AdwEntryRow *password_row; /* template children */
  AdwActionRow *online_row;
  AdwActionRow *browser_row;
  AdwActionRow *device_row;
  GtkLabel *note_label;
  char *online_id; /* owned, nullable */
  gboolean wants_oauth; /* a password is of no use */
  gboolean is_wanted;
  GCancellable *cancellable; /* owned, nullable: of the questions */
};

G_DEFINE_FINAL_TYPE (PostsealSignInGroup, postseal_sign_in_group, ADW_TYPE_PREFERENCES_GROUP)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_ACTIVATED,
  SIGNAL_CONSENT,
  SIGNAL_ONLINE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- what the person does --- */

static void
on_changed (PostsealSignInGroup *self)
{
  gtk_widget_remove_css_class (GTK_WIDGET (self->password_row), "error");
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_activated (PostsealSignInGroup *self)
{
  g_signal_emit (self, signals[SIGNAL_ACTIVATED], 0);
}

static void
on_online (PostsealSignInGroup *self)
{
  g_signal_emit (self, signals[SIGNAL_ONLINE], 0, self->online_id);
}

static void
on_browser (PostsealSignInGroup *self)
{
  g_signal_emit (self, signals[SIGNAL_CONSENT], 0, (int)POSTSEAL_CONSENT_BROWSER);
}

static void
on_device (PostsealSignInGroup *self)
{
  g_signal_emit (self, signals[SIGNAL_CONSENT], 0, (int)POSTSEAL_CONSENT_DEVICE);
}

/* --- what can be done --- */

static void
update (PostsealSignInGroup *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->password_row), !self->wants_oauth);
  gtk_widget_set_sensitive (GTK_WIDGET (self->password_row), self->is_wanted);
}

static void
tell (PostsealSignInGroup *self, const char *note)
{
  gtk_label_set_label (self->note_label, note);
  gtk_widget_set_visible (GTK_WIDGET (self->note_label), *note != '\0');
}

static void
on_ways (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSignInGroup) self = user_data;
  gboolean has_browser = FALSE;
  gboolean has_device = FALSE;

  if (!postseal_consent_ways_find_finish (result, &has_browser, &has_device, NULL))
    return;
  gtk_widget_set_visible (GTK_WIDGET (self->browser_row), has_browser);
  gtk_widget_set_visible (GTK_WIDGET (self->device_row), has_device);
  if (!has_browser && !has_device && self->wants_oauth && self->online_id == NULL)
    tell (self, _ ("This provider takes no passwords from mail programs, and Postseal is not "
                   "registered with it. Add the account in Settings, Online Accounts, and come "
                   "back here; or enter a client ID of your own in oauth-providers.conf."));
}

static void
on_online_account (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSignInGroup) self = user_data;
  g_autoptr (PostsealOnlineAccount) found = postseal_online_account_find_finish (result);

  if (found == NULL || g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;
  g_free (self->online_id);
  self->online_id = g_strdup (found->id);
  adw_action_row_set_subtitle (self->online_row, found->title);
  gtk_widget_set_visible (GTK_WIDGET (self->online_row), TRUE);
  tell (self, "");
}

static void
stop_asking (PostsealSignInGroup *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
ask (PostsealSignInGroup *self, PostsealAccountForm *form, const char *oauth)
{
  g_autoptr (PostsealEndpoint) receive = postseal_account_form_get_endpoint (form, FALSE, NULL);
  g_autoptr (PostsealEndpoint) send = postseal_account_form_get_endpoint (form, TRUE, NULL);

  stop_asking (self);
  self->cancellable = g_cancellable_new ();
  postseal_online_account_find_async (
      postseal_account_form_get (form, "address"), receive != NULL ? receive->host : NULL,
      send != NULL ? send->host : NULL, self->cancellable, on_online_account, g_object_ref (self));
  if (oauth != NULL)
    {
      g_autofree char *spec = g_strconcat ("oauth:", oauth, NULL);

      postseal_consent_ways_find_async (spec, self->cancellable, on_ways, g_object_ref (self));
    }
}

/* As whom, and where. */
static void
describe (PostsealSignInGroup *self, PostsealAccountForm *form)
{
  g_autofree char *user = NULL;
  g_autoptr (PostsealEndpoint) endpoint = postseal_account_form_get_login (form, &user);
  g_autofree char *text = NULL;
  g_autofree char *escaped = NULL;

  if (endpoint == NULL)
    return;
  text = g_strdup_printf (_ ("At %s as %s"), endpoint->host, user);
  escaped = g_markup_escape_text (text, -1);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self), escaped);
}

void
postseal_sign_in_group_begin (PostsealSignInGroup *self,
                              PostsealAccountForm *form,
                              const PostsealProposal *proposal)
{
  g_return_if_fail (POSTSEAL_IS_SIGN_IN_GROUP (self));

  postseal_sign_in_group_forget (self);
  self->wants_oauth = proposal != NULL && proposal->wants_oauth;
  g_clear_pointer (&self->online_id, g_free);
  gtk_widget_set_visible (GTK_WIDGET (self->online_row), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->browser_row), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->device_row), FALSE);
  tell (self, "");
  describe (self, form);
  update (self);
  ask (self, form, proposal != NULL ? proposal->oauth : NULL);
}

void
postseal_sign_in_group_set_wanted (PostsealSignInGroup *self, gboolean is_wanted)
{
  g_return_if_fail (POSTSEAL_IS_SIGN_IN_GROUP (self));

  self->is_wanted = is_wanted;
  update (self);
}

gboolean
postseal_sign_in_group_has_password (PostsealSignInGroup *self)
{
  g_return_val_if_fail (POSTSEAL_IS_SIGN_IN_GROUP (self), FALSE);

  return self->is_wanted && gtk_widget_get_visible (GTK_WIDGET (self->password_row))
         && *gtk_editable_get_text (GTK_EDITABLE (self->password_row)) != '\0';
}

PostsealCredential *
postseal_sign_in_group_dup_secret (PostsealSignInGroup *self)
{
  g_return_val_if_fail (POSTSEAL_IS_SIGN_IN_GROUP (self), NULL);

  if (!postseal_sign_in_group_has_password (self))
    return NULL;
  return postseal_credential_new (gtk_editable_get_text (GTK_EDITABLE (self->password_row)), -1);
}

void
postseal_sign_in_group_focus (PostsealSignInGroup *self)
{
  g_return_if_fail (POSTSEAL_IS_SIGN_IN_GROUP (self));

  if (gtk_widget_get_visible (GTK_WIDGET (self->password_row)))
    postseal_accessible_entry_select (self->password_row);
  else
    gtk_widget_child_focus (GTK_WIDGET (self), GTK_DIR_TAB_FORWARD);
}

void
postseal_sign_in_group_forget (PostsealSignInGroup *self)
{
  g_return_if_fail (POSTSEAL_IS_SIGN_IN_GROUP (self));

  /* GtkPasswordEntryBuffer wipes what it loses. */
  gtk_editable_set_text (GTK_EDITABLE (self->password_row), "");
}

/* --- GObject --- */

static void
postseal_sign_in_group_finalize (GObject *object)
{
  g_free (POSTSEAL_SIGN_IN_GROUP (object)->online_id);
  G_OBJECT_CLASS (postseal_sign_in_group_parent_class)->finalize (object);
}

static void
make_signals (GType type)
{
  signals[SIGNAL_CHANGED]
      = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ACTIVATED]
      = g_signal_new ("activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_CONSENT] = g_signal_new ("consent", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_INT);
  signals[SIGNAL_ONLINE] = g_signal_new ("online", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_STRING);
}

/* The page is left. What is under way holds a reference, so that dispose() would come too late. */
static void
postseal_sign_in_group_unroot (GtkWidget *widget)
{
  PostsealSignInGroup *self = POSTSEAL_SIGN_IN_GROUP (widget);

  stop_asking (self);
  postseal_sign_in_group_forget (self);
  GTK_WIDGET_CLASS (postseal_sign_in_group_parent_class)->unroot (widget);
}

static void
postseal_sign_in_group_class_init (PostsealSignInGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = postseal_sign_in_group_finalize;
  widget_class->unroot = postseal_sign_in_group_unroot;
  make_signals (G_TYPE_FROM_CLASS (class));
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/sign-in-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealSignInGroup, password_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealSignInGroup, online_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealSignInGroup, browser_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealSignInGroup, device_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealSignInGroup, note_label);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_online);
  gtk_widget_class_bind_template_callback (widget_class, on_browser);
  gtk_widget_class_bind_template_callback (widget_class, on_device);
}

static void
postseal_sign_in_group_init (PostsealSignInGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->is_wanted = TRUE;
  postseal_accessible_entry_name (self->password_row);
  postseal_password_entry_keep_no_history (self->password_row);
}
