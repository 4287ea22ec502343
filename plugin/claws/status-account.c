/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/status-account.h"

#include <glib/gi18n-lib.h>

#include "claws/status-direction.h"
#include "words/state-words.h"

#define SETTLE_MS 100 /* a status changes with each message that is fetched */

struct _PostsealClawsStatusAccount
{
  GtkFrame parent;

  GtkLabel *name_label; /* template children */
  PostsealClawsStatusDirection *receive_view;
  PostsealClawsStatusDirection *send_view;
  GtkLabel *outbox_label;
  GtkButton *fetch_button;
  GtkButton *flush_button;
  GtkButton *set_up_button;
  PostsealAccountStatus *status; /* owned, nullable once disposed of */
  guint source; /* while there are changes to be shown */
};

G_DEFINE_FINAL_TYPE (PostsealClawsStatusAccount, postseal_claws_status_account, GTK_TYPE_FRAME)

enum
{
  SIGNAL_FETCH,
  SIGNAL_FLUSH,
  SIGNAL_SET_UP,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- what is shown --- */

static gboolean
is_working (const char *state)
{
  return state != NULL && postseal_account_state_parse (state) == POSTSEAL_ACCOUNT_WORKING;
}

static void
set_buttons (PostsealClawsStatusAccount *self)
{
  g_autofree char *receive_state = NULL;
  g_autofree char *send_state = NULL;
  gboolean receives = FALSE;
  guint waiting = 0;

  g_object_get (self->status, "receives", &receives, "waiting", &waiting, "receive-state",
                &receive_state, "send-state", &send_state, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->fetch_button), receives);
  gtk_widget_set_sensitive (GTK_WIDGET (self->fetch_button), !is_working (receive_state));
  gtk_widget_set_visible (GTK_WIDGET (self->flush_button), waiting > 0);
  gtk_widget_set_sensitive (GTK_WIDGET (self->flush_button), !is_working (send_state));
}

static void
update (PostsealClawsStatusAccount *self)
{
  g_autofree char *outbox = postseal_state_words_tell_outbox (self->status);

  postseal_claws_status_direction_show (self->receive_view, self->status, FALSE);
  postseal_claws_status_direction_show (self->send_view, self->status, TRUE);
  gtk_label_set_text (self->outbox_label, outbox);
  gtk_widget_set_visible (GTK_WIDGET (self->outbox_label), *outbox != '\0');
  set_buttons (self);
}

static gboolean
on_settled (gpointer user_data)
{
  PostsealClawsStatusAccount *self = user_data;

  self->source = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
on_notify (PostsealClawsStatusAccount *self)
{
  if (self->source == 0)
    self->source = g_timeout_add (SETTLE_MS, on_settled, self);
}

/* There is a button of this label in every account: whoever cannot see where it stands hears whose
   it is. */
static void
name_button (GtkButton *button, const char *account)
{
  GtkWidget *label = gtk_bin_get_child (GTK_BIN (button));
  g_autofree char *name
      = g_strdup_printf (_ ("%s: %s"), gtk_label_get_text (GTK_LABEL (label)), account);

  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (button)), name);
}

static void
set_name (PostsealClawsStatusAccount *self)
{
  const char *name = postseal_account_status_get_name (self->status);
  g_autofree char *address = NULL;
  g_autofree char *title = NULL;

  g_object_get (self->status, "address", &address, NULL);
  if (address != NULL && *address != '\0' && g_strcmp0 (address, name) != 0)
    title = g_strdup_printf ("%s (%s)", name, address);
  gtk_label_set_text (self->name_label, title != NULL ? title : name);
  name_button (self->fetch_button, name);
  name_button (self->flush_button, name);
  name_button (self->set_up_button, name);
}

/* --- what is pressed --- */

static void
tell (PostsealClawsStatusAccount *self, int signal)
{
  g_signal_emit (self, signals[signal], 0, postseal_account_status_get_name (self->status));
}

static void
on_fetch (PostsealClawsStatusAccount *self)
{
  tell (self, SIGNAL_FETCH);
}

static void
on_flush (PostsealClawsStatusAccount *self)
{
  tell (self, SIGNAL_FLUSH);
}

static void
on_set_up (PostsealClawsStatusAccount *self)
{
  tell (self, SIGNAL_SET_UP);
}

/* --- public --- */

GtkWidget *
postseal_claws_status_account_new (PostsealAccountStatus *status)
{
  PostsealClawsStatusAccount *self = g_object_new (POSTSEAL_TYPE_CLAWS_STATUS_ACCOUNT, NULL);

  g_return_val_if_fail (POSTSEAL_IS_ACCOUNT_STATUS (status), NULL);

  self->status = g_object_ref (status);
  g_signal_connect_object (status, "notify::address", G_CALLBACK (set_name), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (status, "notify", G_CALLBACK (on_notify), self, G_CONNECT_SWAPPED);
  set_name (self);
  update (self);
  return GTK_WIDGET (self);
}

static void
postseal_claws_status_account_dispose (GObject *object)
{
  PostsealClawsStatusAccount *self = POSTSEAL_CLAWS_STATUS_ACCOUNT (object);

  if (self->status != NULL)
    g_signal_handlers_disconnect_by_data (self->status, self);
  g_clear_object (&self->status);
  g_clear_handle_id (&self->source, g_source_remove);
  G_OBJECT_CLASS (postseal_claws_status_account_parent_class)->dispose (object);
}

static void
postseal_claws_status_account_class_init (PostsealClawsStatusAccountClass *klass)
{
  static const char *const names[] = {
    [SIGNAL_FETCH] = "fetch",
    [SIGNAL_FLUSH] = "flush",
    [SIGNAL_SET_UP] = "set-up",
  };
  GtkWidgetClass *class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = postseal_claws_status_account_dispose;
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  g_type_ensure (POSTSEAL_TYPE_CLAWS_STATUS_DIRECTION);
  gtk_widget_class_set_template_from_resource (class, "/org/postseal/Claws/status-account.ui");
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusAccount, name_label);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusAccount, receive_view);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusAccount, send_view);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusAccount, outbox_label);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusAccount, fetch_button);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusAccount, flush_button);
  gtk_widget_class_bind_template_child (class, PostsealClawsStatusAccount, set_up_button);
  gtk_widget_class_bind_template_callback (class, on_fetch);
  gtk_widget_class_bind_template_callback (class, on_flush);
  gtk_widget_class_bind_template_callback (class, on_set_up);
}

static void
postseal_claws_status_account_init (PostsealClawsStatusAccount *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
