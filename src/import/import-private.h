/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "import/import-draft.h"

G_BEGIN_DECLS

/* Immutable once it was read, and so shared by threads; but for a secret that is given. */
struct _PostsealImport
{
  gatomicrefcount references;
  PostsealImportProgram program;
  char *path; /* owned */
  char *config; /* owned */
  GPtrArray *drafts; /* owned (element-type PostsealImportDraft) */
};

/* Names that are free, and which accounts are there already, as accounts.conf at @config has it.
   Blocks. */
void _postseal_import_compare (GPtrArray *drafts, const char *config, const char *program);

G_END_DECLS
