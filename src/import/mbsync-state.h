/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "import/import-map.h"

G_BEGIN_DECLS

/* Where mbsync keeps what it knows of the mailboxes of one channel (mbsync(1), "SyncState"). */
typedef struct
{
  const char *sync_state; /* borrowed: "*", or what is put in front; NULL: ~/.mbsync/ */
  gboolean is_global; /* it is not the channel's own: the names of both sides follow */
  char delimiter; /* FieldDelimiter */
  const char *far_store; /* borrowed */
  const char *far_box; /* borrowed: "" for all below the store */
  const char *near_store; /* borrowed */
  const char *near_path; /* borrowed: the Maildir store's Path, or NULL */
  const char *near_inbox; /* borrowed: its Inbox, or NULL */
} PostsealMbsyncPlace;

/* Adds to @draft what was pulled from each mailbox. Blocks. Returns: how many mailboxes it found */
guint postseal_mbsync_state_collect (const PostsealMbsyncPlace *place, PostsealImportDraft *draft);

G_END_DECLS
