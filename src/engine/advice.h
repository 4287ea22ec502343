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

/* What the user can do about an error. */
typedef struct
{
  /* What has to be seen to, untranslated, for front ends that have words of their own for it:
       password        store the right one
       consent         give it again
       online-account  sign in to it again
       place           where the secret comes from
       keyring, unlock
       mechanisms      how to sign in
       forget          what the server is held to, if it has really changed
       pin, clock, connections, room, storage
       settings        user, server, or the file itself
       provider        only they can help
       "" when nothing has to be done */
  const char *remedy;
  char *sentence; /* owned: for the command line: "Run “postseal password set work”"; or "" */
} PostsealAdvice;

/* Frees what it holds. */
void postseal_advice_clear (PostsealAdvice *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealAdvice, postseal_advice_clear)

/* @error: (nullable). Returns: (transfer full) */
PostsealAdvice postseal_advice_for (const GError *error, PostsealAccount *account);

/* What weakened or changed from seal @before (nullable) to @now, one sentence each: TLS version or
   mechanism weaker, another name, another issuer with another key, about to expire. Last comes what
   is only news. Returns: (transfer full) (array zero-terminated=1) */
char **
postseal_advice_compare_seals (const PostsealSeal *before, const PostsealSeal *now, gint64 time);
/* How many of the last of these sentences are nothing to worry about: a certificate that was
   renewed, keys that the owner has taken out of the DNS. @seal: (nullable) */
guint postseal_advice_count_news (const PostsealSeal *seal);

G_END_DECLS
