/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-session.h"

#include <glib/gi18n-lib.h>

#include "imap/imap-fetch-private.h"
#include "imap/imap-operation.h"
#include "imap/imap-session-private.h"

/* Why nothing may be deleted here. Returns: (nullable) */
static GError *
find_obstacle (PostsealImapSession *self)
{
  if (self->selected == NULL || self->n_selecting > 0)
    return g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED,
                        _ ("No mailbox of server “%s” is open to delete from"), self->server);
  if (self->selected->is_read_only)
    return g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED,
                        _ ("Server “%s” lets this mailbox be read only; nothing is deleted"),
                        self->server);
  if (!postseal_imap_caps_has (self->caps, "UIDPLUS"))
    return g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED,
                        _ ("Server “%s” cannot delete single messages (no UIDPLUS), and a plain "
                           "EXPUNGE might remove others; set “keep=yes”"),
                        self->server);
  return NULL;
}

static void
on_store_done (const char *verb,
               const PostsealImapResponse *tagged,
               const GError *error,
               gpointer user_data)
{
  PostsealImapSession *session = postseal_imap_operation_get_session (user_data);
  g_autoptr (GError) modified = NULL;

  if (tagged == NULL || tagged->kind != POSTSEAL_IMAP_RESPONSE_OK
      || g_strcmp0 (tagged->code, "MODIFIED") != 0)
    {
      postseal_imap_operation_command_done (verb, tagged, error, user_data);
      return;
    }
  /* Some were not marked (RFC 7162 section 3.1.3). */
  modified = g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED,
                          _ ("Server “%s” did not mark all messages as deleted"), session->server);
  postseal_imap_operation_release (user_data, modified);
}

static const PostsealImapCommandHandler store_handler = { .on_done = on_store_done };
static const PostsealImapCommandHandler expunge_handler
    = { .on_done = postseal_imap_operation_command_done };

static void
complete_delete (GTask *task, gpointer data)
{
  g_task_return_boolean (task, TRUE);
}

void
postseal_imap_session_delete_async (PostsealImapSession *self,
                                    const guint32 *uids,
                                    gsize n_uids,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr (PostsealImapOperation) operation = NULL;
  g_autoptr (GError) obstacle = NULL;
  g_autoptr (GArray) sorted = NULL;

  g_return_if_fail (POSTSEAL_IS_IMAP_SESSION (self));
  g_return_if_fail (uids != NULL || n_uids == 0);

  operation = postseal_imap_operation_new (self, cancellable, callback, user_data,
                                           postseal_imap_session_delete_async, complete_delete,
                                           NULL, NULL);
  if (operation == NULL)
    return;
  postseal_imap_operation_hold (operation);
  obstacle = find_obstacle (self);
  if (obstacle == NULL)
    {
      /* An expunge that overtook its STORE, or whose STORE was refused, removes nothing but what is
         marked among exactly these. */
      sorted = _postseal_imap_uids_new (uids, n_uids);
      postseal_imap_operation_send_sets (operation, sorted, "UID STORE",
                                         "+FLAGS.SILENT (\\Deleted)", &store_handler);
      postseal_imap_operation_send_sets (operation, sorted, "UID EXPUNGE", NULL, &expunge_handler);
    }
  postseal_imap_operation_release (operation, obstacle);
}

gboolean
postseal_imap_session_delete_finish (PostsealImapSession *self,
                                     GAsyncResult *result,
                                     GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
