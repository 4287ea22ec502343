/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "imap/imap-command.h"
#include "imap/imap-session.h"

G_BEGIN_DECLS

/* What a caller asked a session for: one GTask and the commands that it takes. It ends once, when
   its last command has ended, with the first error that any of them met. Cancelled before that, it
   takes the whole session with it: a half-heard answer cannot be told from the next one. Reference
   counted. */
typedef struct _PostsealImapOperation PostsealImapOperation;

/* Called once, when all commands have ended without error. @data: as given. It returns the task. */
typedef void (*PostsealImapOperationFunc) (GTask *task, gpointer data);

/**
 * postseal_imap_operation_new:
 * @data: (nullable): what its commands fill, freed by @destroy with the operation
 *
 * Returns: (transfer full) (nullable): NULL when the session is no longer, or not yet, of use; then
 * the error is on its way to @callback, and @data has been freed
 */
PostsealImapOperation *postseal_imap_operation_new (PostsealImapSession *session,
                                                    GCancellable *cancellable,
                                                    GAsyncReadyCallback callback,
                                                    gpointer user_data,
                                                    gpointer source_tag,
                                                    PostsealImapOperationFunc complete,
                                                    gpointer data,
                                                    GDestroyNotify destroy);
PostsealImapOperation *postseal_imap_operation_ref (PostsealImapOperation *self);
void postseal_imap_operation_unref (PostsealImapOperation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealImapOperation, postseal_imap_operation_unref)

/* As given. Returns: (transfer none) */
gpointer postseal_imap_operation_get_data (PostsealImapOperation *self);
/* Returns: (transfer none): valid until the operation has ended */
PostsealImapSession *postseal_imap_operation_get_session (PostsealImapOperation *self);
/* Returns: (transfer none) (nullable): until the operation has ended */
GCancellable *postseal_imap_operation_get_cancellable (PostsealImapOperation *self);

/* The operation does not end while it is held. Each command holds it once from making to end. */
void postseal_imap_operation_hold (PostsealImapOperation *self);
/* Lets go; the last one ends the operation. @error: (nullable): the first one counts */
void postseal_imap_operation_release (PostsealImapOperation *self, const GError *error);

/* A command of this operation: as postseal_imap_command_new(), with the operation held and as user
   data of @handler, whose on_done calls postseal_imap_operation_command_done() sooner or later. */
PostsealImapCommand *
postseal_imap_operation_make_command (PostsealImapOperation *self,
                                      PostsealImapCommandKind kind,
                                      const char *verb,
                                      const PostsealImapCommandHandler *handler);

/* The plain on_done: NO and BAD are errors. @user_data: the operation */
void postseal_imap_operation_command_done (const char *verb,
                                           const PostsealImapResponse *tagged,
                                           const GError *error,
                                           gpointer user_data);

/**
 * postseal_imap_operation_send_sets:
 * @uids: (element-type guint32): ascending
 * @words: (nullable): what follows the set
 *
 * Sends "VERB set WORDS" for all of @uids in one flight of lines that any server takes (RFC 7162
 * section 4). The caller holds the operation.
 *
 * Returns: how many commands
 */
guint postseal_imap_operation_send_sets (PostsealImapOperation *self,
                                         const GArray *uids,
                                         const char *verb,
                                         const char *words,
                                         const PostsealImapCommandHandler *handler);

G_END_DECLS
