/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "setup/folder.h"

G_BEGIN_DECLS

/* For the choice that it belongs to. */
struct _PostsealFolder
{
  GObject parent_instance;

  PostsealFolderKind kind;
  char *name; /* owned */
  char *entry; /* owned, nullable: as the settings have it, where that is not the name */
  PostsealImapUse use;
  gboolean is_nameable;
  gboolean is_picked;
  gboolean was_picked; /* in the beginning */
  guint position; /* in the settings; G_MAXUINT: not there */
  GSList *covers; /* owned (element-type PostsealFolder): borrowed: patterns that match it */
  GPtrArray *matches; /* owned (element-type PostsealFolder): borrowed: what a pattern matches */
};

/* Returns: (transfer full) */
PostsealFolder *_postseal_folder_new (PostsealFolderKind kind, const char *name);
/* @pattern matches @folder, which it outlives. */
void _postseal_folder_add_match (PostsealFolder *pattern, PostsealFolder *folder);

G_END_DECLS
