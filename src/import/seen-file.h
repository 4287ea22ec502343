/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What other programs remember of messages they have retrieved. Lines that make no sense are passed
   over: such a message is retrieved once more, and nothing is lost. */

/* fetchmail's .fetchids: "USER@HOST UIDL" a line. Returns: (transfer full) (element-type utf8):
   those of @user at @host */
GPtrArray *postseal_seen_file_read_fetchids (const char *text,
                                             gsize length,
                                             const char *user,
                                             const char *host);
/* mpop's lists: " COUNT HOST USER", then a UIDL a line. Returns: likewise */
GPtrArray *
postseal_seen_file_read_mpop (const char *text, gsize length, const char *user, const char *host);
/* Claws Mail's uidl/: "UIDL", tab, time, tab, "0" where all of it was retrieved. Returns: (transfer
   full) (element-type utf8) */
GPtrArray *postseal_seen_file_read_claws (const char *text, gsize length);
/* getmail's oldmail-*: "ID", NUL, time a line. Returns: (transfer full) (element-type utf8): of
   IMAP "UIDVALIDITY/UID" */
GPtrArray *postseal_seen_file_read_getmail (const char *text, gsize length);
/* Of those ids the UIDs under the UIDVALIDITY that most of them have. Returns: (transfer full)
   (element-type guint32): ascending */
GArray *postseal_seen_file_split_getmail (const GPtrArray *ids, guint32 *ret_uid_validity);

typedef struct
{
  guint32 uid_validity;
  guint32 highest; /* every UID up to this one was looked at; 0: not said */
  GArray *uids; /* owned (element-type guint32): ascending, on both sides */
  GArray *waiting; /* owned (element-type guint32): ascending, looked at and left for later */
} PostsealMbsyncState;

/* mbsync's state of a mailbox. Returns: (transfer full) (nullable): NULL when it is none */
PostsealMbsyncState *postseal_seen_file_read_mbsync (const char *text, gsize length);
void postseal_mbsync_state_free (PostsealMbsyncState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealMbsyncState, postseal_mbsync_state_free)

G_END_DECLS
