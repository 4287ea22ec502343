/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/status-group.h"

#include <glib/gi18n.h>

#include "settings/direction-row.h"
#include "settings/seal-row.h"

struct _PostsealStatusGroup
{
  AdwPreferencesGroup parent;

  PostsealDirectionRow *receive_row; /* template children */
  PostsealSealRow *receive_seal_row;
  PostsealDirectionRow *send_row;
  PostsealSealRow *send_seal_row;
  GtkButton *fetch_button;
  PostsealSession *session; /* owned, nullable */
  char *name; /* owned, nullable */
  PostsealAccountStatus *status; /* owned, nullable */
};

G_DEFINE_FINAL_TYPE (PostsealStatusGroup, postseal_status_group, ADW_TYPE_PREFERENCES_GROUP)

static void
update (PostsealStatusGroup *self)
{
  g_autofree char *state = NULL;
  gboolean receives = FALSE;
  gboolean sends = FALSE;

  postseal_direction_row_show (self->receive_row, self->status, FALSE);
  postseal_seal_row_show (self->receive_seal_row, self->status, FALSE);
  postseal_direction_row_show (self->send_row, self->status, TRUE);
  postseal_seal_row_show (self->send_seal_row, self->status, TRUE);
  if (self->status != NULL)
    g_object_get (self->status, "receives", &receives, "sends", &sends, "receive-state", &state,
                  NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->fetch_button), receives);
  gtk_widget_set_sensitive (
      GTK_WIDGET (self->fetch_button),
      state != NULL && postseal_account_state_parse (state) != POSTSEAL_ACCOUNT_WORKING);
  gtk_widget_set_visible (GTK_WIDGET (self), receives || sends);
}

/* The object of this account may be another one after the file was read anew. */
static void
find_status (PostsealStatusGroup *self)
{
  PostsealAccountStatus *found = postseal_session_find_account (self->session, self->name);

  if (found != self->status)
    {
      if (self->status != NULL)
        g_signal_handlers_disconnect_by_data (self->status, self);
      g_set_object (&self->status, found);
      if (found != NULL)
        g_signal_connect_object (found, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    }
  update (self);
}

static void
on_fetch (PostsealStatusGroup *self)
{
  postseal_session_fetch (self->session, self->name);
}

void
postseal_status_group_follow (PostsealStatusGroup *self, PostsealSession *session, const char *name)
{
  g_return_if_fail (POSTSEAL_IS_STATUS_GROUP (self));
  g_return_if_fail (self->session == NULL);

  self->session = g_object_ref (session);
  self->name = g_strdup (name);
  g_signal_connect_object (postseal_session_get_accounts (session), "items-changed",
                           G_CALLBACK (find_status), self, G_CONNECT_SWAPPED);
  find_status (self);
}

PostsealAccountStatus *
postseal_status_group_get_status (PostsealStatusGroup *self)
{
  g_return_val_if_fail (POSTSEAL_IS_STATUS_GROUP (self), NULL);

  return self->status;
}

static void
postseal_status_group_dispose (GObject *object)
{
  PostsealStatusGroup *self = POSTSEAL_STATUS_GROUP (object);

  if (self->status != NULL)
    g_signal_handlers_disconnect_by_data (self->status, self);
  g_clear_object (&self->status);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (postseal_status_group_parent_class)->dispose (object);
}

static void
postseal_status_group_finalize (GObject *object)
{
  g_free (POSTSEAL_STATUS_GROUP (object)->name);
  G_OBJECT_CLASS (postseal_status_group_parent_class)->finalize (object);
}

static void
postseal_status_group_class_init (PostsealStatusGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = postseal_status_group_dispose;
  G_OBJECT_CLASS (class)->finalize = postseal_status_group_finalize;
  g_type_ensure (POSTSEAL_TYPE_DIRECTION_ROW);
  g_type_ensure (POSTSEAL_TYPE_SEAL_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/status-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealStatusGroup, receive_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealStatusGroup, receive_seal_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealStatusGroup, send_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealStatusGroup, send_seal_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealStatusGroup, fetch_button);
  gtk_widget_class_bind_template_callback (widget_class, on_fetch);
}

static void
postseal_status_group_init (PostsealStatusGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
