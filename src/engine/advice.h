/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account-status.h"
#include "engine/account.h"

G_BEGIN_DECLS

/* What an error of a direction means for whoever works unattended. */
typedef struct
{
  PostsealAccountState state; /* WAITING, LOCKED, BUSY, FULL, REFUSED, REAUTHORIZE, OFFLINE */
  gboolean is_servers; /* the server as such is in trouble: all of its accounts wait */
  gboolean is_limit; /* it is one connection too many */
} PostsealVerdict;

/* @error: (nullable): WAITING, as whatever passes by itself. */
PostsealVerdict postseal_advice_judge (const GError *error);

/* What the user can do about @error, in one sentence: "Run “postseal password set work”". Returns:
   (transfer full): "" when nothing has to be done */
char *postseal_advice_for (const GError *error, PostsealAccount *account);

/* What weakened or changed from seal @before (nullable) to @now, one sentence each: TLS version or
   mechanism weaker, another issuer, another key, about to expire. Returns: (transfer full) (array
   zero-terminated=1) */
char **
postseal_advice_compare_seals (const PostsealSeal *before, const PostsealSeal *now, gint64 time);

G_END_DECLS
