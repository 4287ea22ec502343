/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "setup/folder.h"

G_BEGIN_DECLS

/* Which folders of an IMAP server are fetched: the key "folders" of an account as a person sees it,
   with the server's mailboxes before the eyes. */
#define POSTSEAL_TYPE_FOLDER_CHOICE (postseal_folder_choice_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealFolderChoice, postseal_folder_choice, POSTSEAL, FOLDER_CHOICE, GObject)

/**
 * postseal_folder_choice_new:
 * @entries: (array zero-terminated=1): of the key "folders"
 * @mailboxes: (element-type PostsealImapMailbox): what the server finds by "*"
 * @matches: (element-type GPtrArray): the same for each of @entries
 *
 * For any thread, as long as it is not shared. Where a pattern is given up, what it has fetched is
 * still picked, but for junk, the trash and copies of other folders. Returns: (transfer full)
 */
PostsealFolderChoice *postseal_folder_choice_new (const char *const *entries,
                                                  const GPtrArray *mailboxes,
                                                  const GPtrArray *matches);

/* (element-type PostsealFolder): "*", in the settings or not, and the other patterns of the
   settings, names that are not on the server, INBOX, and all others as they would be in a tree.
   Returns: (transfer none) */
GListModel *postseal_folder_choice_get_folders (PostsealFolderChoice *self);

/* The shortest value of the key "folders" for what is chosen; the very entries where nothing has
   changed. Returns: (transfer full) (nullable): NULL when nothing is chosen */
char *postseal_folder_choice_get_value (PostsealFolderChoice *self);

G_END_DECLS
