/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the last retrieval of an account left for "postseal status": a small key file "last-run" in
   the account's state directory, group "run". Only for people.
   Blocking. */
typedef struct
{
  gint64 time; /* Unix seconds when it ended */
  int status; /* exit status */
  char *error; /* sentence, or NULL */
  guint64 delivered;
  guint64 deleted;
  guint64 failed;
  guint64 bytes;
  char *seal; /* postseal_seal_serialize(), or NULL when no link was sealed */
} PostsealLastRun;

/* Errors: %G_FILE_ERROR */
gboolean postseal_last_run_save (const PostsealLastRun *run, const char *state_dir, GError **error);

/* FALSE when there is none, or it cannot be read. */
gboolean postseal_last_run_load (const char *state_dir, PostsealLastRun *ret_run);
void postseal_last_run_clear (PostsealLastRun *run);

G_END_DECLS
