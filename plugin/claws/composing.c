/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/composing.h"

#include <glib/gi18n-lib.h>

#include <compose.h>
#include <inc.h>
#include <mainwindow.h>
#include <procmsg.h>
#include <statusbar.h>

#include <common/hooks.h>
#include <common/log.h>

/* Until the host is asked again whether it is busy with the window. */
#define PAUSE_MS 20

struct _PostsealClawsComposing
{
  PostsealClawsSending *sending; /* borrowed */
  PostsealClawsBindings *bindings; /* owned */
  gulong hook;
  GPtrArray *leaving; /* owned (element-type Compose, borrowed: looked up before use) */
  guint source; /* while there are any */
};

/* Returns: (nullable): the account of Postseal that is to send it */
static const char *
find_account (PostsealClawsComposing *self, const Compose *compose)
{
  int id = compose->account != NULL ? compose->account->account_id : 0;

  if (id == 0 || !postseal_claws_bindings_does (self->bindings, id, POSTSEAL_CLAWS_SEND))
    return NULL;
  return postseal_claws_bindings_get_account (self->bindings, id);
}

/* What is known of a message after a crash is its Message-ID. */
static gboolean
is_for_host (const Compose *compose)
{
  return compose->batch || compose->use_encryption || !compose->account->gen_msgid
         || compose->account->protocol == A_NNTP;
}

static void
leave (PostsealClawsComposing *self, Compose *compose, const char *account)
{
  g_autofree char *owned_account = g_strdup (account);
  FolderItem *folder = NULL;
  char *path = NULL;
  int number = 0;
  ComposeQueueResult result;

  inc_lock_real ();
  result = compose_queue (compose, &number, &folder, &path, TRUE);
  inc_unlock_real ();
  g_free (path);
  if (result == COMPOSE_QUEUE_SUCCESS && folder != NULL)
    {
      g_autofree char *identifier = folder_item_get_identifier (folder);

      compose_close (compose);
      postseal_claws_sending_send (self->sending, owned_account, identifier, number);
      return;
    }
  /* The window stays, with everything in it. */
  log_error (LOG_PROTOCOL, "%s\n", _ ("Postseal: The message cannot be put into the Queue"));
  statusbar_print_all ("%s", _ ("Postseal: The message cannot be put into the Queue"));
  mainwindow_show_error ();
}

/* TRUE while the message that the window changes is under way, so that it is not known yet whether
   this one goes instead of it. */
static gboolean
must_wait (PostsealClawsComposing *self, const Compose *compose)
{
  const MsgInfo *target = compose->mode == COMPOSE_REEDIT ? compose->targetinfo : NULL;
  g_autofree char *folder = NULL;

  if (target == NULL || target->folder == NULL || !MSG_IS_LOCKED (target->flags))
    return FALSE;
  folder = folder_item_get_identifier (target->folder);
  return postseal_claws_sending_has (self->sending, folder, (int)target->msgnum);
}

/* TRUE once, when that message was sent meanwhile: the user is to see so first. */
static gboolean
is_too_late (Compose *compose)
{
  MsgInfo *target = compose->mode == COMPOSE_REEDIT ? compose->targetinfo : NULL;

  if (target == NULL || !MSG_IS_LOCKED (target->flags) || procmsg_msg_exist (target))
    return FALSE;
  MSG_UNSET_PERM_FLAGS (target->flags, MSG_LOCKED);
  return TRUE;
}

/* The host runs its main loop inside of functions that work on windows. */
static gboolean
on_time (gpointer user_data)
{
  PostsealClawsComposing *self = user_data;
  g_autoptr (GPtrArray) leaving = NULL;

  if (g_main_depth () > 1)
    return G_SOURCE_CONTINUE;
  self->source = 0;
  leaving = self->leaving;
  self->leaving = g_ptr_array_new ();
  for (guint i = 0; i < leaving->len; i++)
    {
      Compose *compose = g_ptr_array_index (leaving, i);
      const char *account;

      if (g_list_find ((GList *)compose_get_compose_list (), compose) == NULL)
        continue;
      if (must_wait (self, compose))
        {
          g_ptr_array_add (self->leaving, compose);
          continue;
        }
      compose->sending = FALSE; /* also where it may be sent by somebody else now */
      account = find_account (self, compose);
      if (account != NULL && !is_too_late (compose))
        leave (self, compose, account);
    }
  if (self->leaving->len > 0 && self->source == 0)
    self->source = g_timeout_add (PAUSE_MS, on_time, self);
  return G_SOURCE_REMOVE;
}

/* Returns: TRUE when the host is not to send it */
static gboolean
on_check (gpointer source, gpointer user_data)
{
  PostsealClawsComposing *self = user_data;
  Compose *compose = source;

  if (!compose->sending || find_account (self, compose) == NULL || is_for_host (compose))
    return FALSE;
  if (!g_ptr_array_find (self->leaving, compose, NULL))
    g_ptr_array_add (self->leaving, compose);
  if (self->source == 0)
    self->source = g_timeout_add (PAUSE_MS, on_time, self);
  return TRUE;
}

PostsealClawsComposing *
postseal_claws_composing_new (PostsealClawsSending *sending, PostsealClawsBindings *bindings)
{
  PostsealClawsComposing *self = g_new0 (PostsealClawsComposing, 1);

  self->sending = sending;
  self->bindings = g_object_ref (bindings);
  self->leaving = g_ptr_array_new ();
  self->hook = hooks_register_hook (COMPOSE_CHECK_BEFORE_SEND_HOOKLIST, on_check, self);
  return self;
}

void
postseal_claws_composing_free (PostsealClawsComposing *self)
{
  if (self == NULL)
    return;
  hooks_unregister_hook (COMPOSE_CHECK_BEFORE_SEND_HOOKLIST, self->hook);
  g_clear_handle_id (&self->source, g_source_remove);
  for (guint i = 0; i < self->leaving->len; i++)
    {
      Compose *compose = g_ptr_array_index (self->leaving, i);

      if (g_list_find ((GList *)compose_get_compose_list (), compose) != NULL)
        compose->sending = FALSE;
    }
  g_ptr_array_unref (self->leaving);
  g_object_unref (self->bindings);
  g_free (self);
}
