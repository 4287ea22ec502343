/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/host-polling.h"

#include <account.h>
#include <mainwindow.h>

/* The host locks its main window before it gets mail, and for nothing else, and looks at the
   accounts behind that. The button of the current account shows that it is locked. */

struct _PostsealClawsHostPolling
{
  PostsealClawsBindings *bindings; /* owned */
  PostsealClawsHostPollingFunc func;
  gpointer user_data;
  GtkWidget *button; /* owned */
  gulong handler;
  GArray *hidden; /* owned (element-type Hidden): while the window is locked */
  guint turn; /* source */
};

/* An account that the host has nothing to receive for. */
typedef struct
{
  int id;
  RecvProtocol protocol; /* its own */
  gboolean is_marked; /* as being received, by us */
} Hidden;

/* One that is marked is passed by, too, but not where it is the current one. */
static void
hide (PostsealClawsHostPolling *self, PrefsAccount *account)
{
  Hidden hidden = { account->account_id, account->protocol,
                    account->protocol == A_POP3 && !account->receive_in_progress };

  account->protocol = A_NONE;
  if (hidden.is_marked)
    account->receive_in_progress = TRUE;
  g_array_append_val (self->hidden, hidden);
}

/* @is_marked_kept: those for which the mark is enough stay marked */
static void
show (PostsealClawsHostPolling *self, gboolean is_marked_kept)
{
  for (guint i = self->hidden->len; i > 0; i--)
    {
      const Hidden *hidden = &g_array_index (self->hidden, Hidden, i - 1);
      PrefsAccount *account = account_find_from_id (hidden->id);

      if (account != NULL && (hidden->is_marked || !is_marked_kept))
        account->protocol = hidden->protocol;
      if (is_marked_kept)
        continue;
      if (account != NULL && hidden->is_marked)
        account->receive_in_progress = FALSE;
      g_array_remove_index (self->hidden, i - 1);
    }
}

/* The host has got as far as to wait for a server: whatever else runs now is to see POP3 accounts
   as they are. */
static gboolean
on_turn (gpointer user_data)
{
  PostsealClawsHostPolling *self = user_data;

  self->turn = 0;
  show (self, TRUE);
  return G_SOURCE_REMOVE;
}

static void
on_locked (GtkWidget *button, GParamSpec *spec, PostsealClawsHostPolling *self)
{
  g_autoptr (GArray) ids = NULL;

  g_clear_handle_id (&self->turn, g_source_remove);
  show (self, FALSE);
  if (gtk_widget_get_sensitive (button))
    return;
  ids = postseal_claws_bindings_list (self->bindings, POSTSEAL_CLAWS_RECEIVE);
  for (guint i = 0; i < ids->len; i++)
    {
      PrefsAccount *account = account_find_from_id (g_array_index (ids, int, i));

      if (account != NULL)
        hide (self, account);
    }
  self->turn = g_idle_add_full (G_PRIORITY_HIGH, on_turn, self, NULL);
  self->func (self->user_data);
}

PostsealClawsHostPolling *
postseal_claws_host_polling_new (PostsealClawsBindings *bindings,
                                 PostsealClawsHostPollingFunc func,
                                 gpointer user_data)
{
  PostsealClawsHostPolling *self = g_new0 (PostsealClawsHostPolling, 1);

  self->bindings = g_object_ref (bindings);
  self->func = func;
  self->user_data = user_data;
  self->hidden = g_array_new (FALSE, FALSE, sizeof (Hidden));
  self->button = g_object_ref (mainwindow_get_mainwindow ()->ac_button);
  self->handler
      = g_signal_connect (self->button, "notify::sensitive", G_CALLBACK (on_locked), self);
  return self;
}

void
postseal_claws_host_polling_free (PostsealClawsHostPolling *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->turn, g_source_remove);
  g_signal_handler_disconnect (self->button, self->handler);
  show (self, FALSE);
  g_array_unref (self->hidden);
  g_object_unref (self->button);
  g_object_unref (self->bindings);
  g_free (self);
}
