/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "imap/imap-session.h"
#include "wire/imap-parser.h"

G_BEGIN_DECLS

/* The message that is streaming in: from its literal's announcement to the end of its FETCH
 * response. */
typedef struct
{
  gpointer operation; /* owned, nullable: the fetch that it belongs to; begin has been told, end has
                         not */
  gboolean is_streaming; /* chunks belong to the message, not to some other item of the response */
} PostsealImapBody;

/* A literal is announced. Returns: TRUE when it is to be streamed: it is a message, or something
   large that nobody asked for */
gboolean _postseal_imap_body_literal (PostsealImapSession *session,
                                      const PostsealImapResponse *response,
                                      guint64 length);
void _postseal_imap_body_chunk (PostsealImapSession *session, const char *data, gsize length);
/* A whole FETCH response. */
void
_postseal_imap_body_response (PostsealImapSession *session, const PostsealImapResponse *response);
/* The link is gone: what is open ends without being whole. */
void _postseal_imap_body_abort (PostsealImapSession *session);

/* The items of a FETCH response come as pairs. */

/* Returns: (nullable): the value of the item named @key, or NULL; @ret_count: (out) (nullable): how
 * many */
const PostsealImapValue *_postseal_imap_fetch_get_item (const PostsealImapResponse *response,
                                                        const char *key,
                                                        guint *ret_count);
/* Returns: 0 when there is none, or two that differ */
guint32 _postseal_imap_fetch_get_uid (const PostsealImapResponse *response);

/* Index of the first of the ascending @uids that is not below @uid. */
gsize _postseal_imap_uids_find (const GArray *uids, guint32 uid);
/* @uids: (array length=n_uids): in any order. Returns: (transfer full): ascending, each once, no
 * zero */
GArray *_postseal_imap_uids_new (const guint32 *uids, gsize n_uids);

G_END_DECLS
