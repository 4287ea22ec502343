/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "imap/imap-session.h"

G_BEGIN_DECLS

/* What can be fetched from an IMAP server, or not: one entry of a choice (setup/folder-choice.h).
 */

typedef enum
{
  POSTSEAL_FOLDER_MAILBOX, /* one of the server's */
  POSTSEAL_FOLDER_MISSING, /* a name of the settings that the server has not */
  POSTSEAL_FOLDER_PATTERN, /* a name with wildcards: fetches all that it matches, now and later */
} PostsealFolderKind;

#define POSTSEAL_TYPE_FOLDER (postseal_folder_get_type ())
G_DECLARE_FINAL_TYPE (PostsealFolder, postseal_folder, POSTSEAL, FOLDER, GObject)

/* Properties:
     name s     as below
     chosen b   it is fetched, because it was picked or because a pattern was; notifies also when
                only the reason changes */

/* UTF-8, with all that it is in: "Lists/gtk". Returns: (transfer none) */
const char *postseal_folder_get_name (PostsealFolder *self);
PostsealFolderKind postseal_folder_get_kind (PostsealFolder *self);
PostsealImapUse postseal_folder_get_use (PostsealFolder *self);
/* For people: "Junk"; "" where it has none. Returns: (transfer none) */
const char *postseal_folder_describe_use (PostsealFolder *self);
/* FALSE: the settings cannot hold its name, so that only a pattern can fetch it. */
gboolean postseal_folder_is_nameable (PostsealFolder *self);
gboolean postseal_folder_is_chosen (PostsealFolder *self); /* as the property */
/* A pattern that fetches it, picked itself or not. Returns: (transfer none) (nullable) */
PostsealFolder *postseal_folder_get_cover (PostsealFolder *self);
/* Nothing where it cannot be named. */
void postseal_folder_set_picked (PostsealFolder *self, gboolean is_picked);

G_END_DECLS
