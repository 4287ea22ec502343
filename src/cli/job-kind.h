/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account.h"

G_BEGIN_DECLS

/* What the commands that run jobs need to know of a job, whatever it does. Jobs are GObjects with
   the signal "progress". */
typedef struct
{
  void (*run_async) (gpointer job,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data);
  gboolean (*run_finish) (gpointer job, GAsyncResult *result, GError **error);
  const char *(*get_name) (gpointer job); /* of its account */
  const GPtrArray *(*get_notes) (gpointer job); /* (element-type utf8) */
  guint64 (*get_bytes) (gpointer job); /* done; falls when it begins with something else */

  /* One line about how far it is, without the account's name. @elapsed_us: since its first byte, 0:
     not yet. Returns: (transfer full) (nullable): NULL when there is nothing to draw any more */
  char *(*describe) (gpointer job, gint64 elapsed_us);
} PostsealJobKind;

extern const PostsealJobKind postseal_fetch_job_kind;
extern const PostsealJobKind postseal_send_job_kind;

G_END_DECLS
