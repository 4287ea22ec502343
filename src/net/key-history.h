/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The keys that a server has shown, and who vouched for them: a certificate that was renewed is
   told from a stranger's. Certificates that nobody vouches for never get so far. */

/* What a key was when it came. */
typedef enum
{
  POSTSEAL_KEY_FIRST, /* of this server */
  POSTSEAL_KEY_RENEWED, /* another key, by an issuer that is known */
  POSTSEAL_KEY_REISSUED, /* a known key, by another issuer */
  POSTSEAL_KEY_SPARE, /* another of the keys that the user has pinned */
  POSTSEAL_KEY_STRANGER, /* neither key nor issuer had been seen before */
} PostsealKeyNews;

typedef struct
{
  gint64 since; /* Unix time */
  PostsealKeyNews news;
  char *spki; /* owned: "sha256:BASE64" */
  char *issuer; /* owned: distinguished name */
} PostsealKeyEntry;

/* Oldest first. What is no entry is passed over. @text: (nullable). Returns: (transfer full)
   (element-type PostsealKeyEntry) */
GPtrArray *postseal_key_history_parse (const char *text);
/* The inverse. Returns: (transfer full) */
char *postseal_key_history_format (const GPtrArray *self);

/* Returns: (transfer none) (nullable): the entry of this key by this issuer */
const PostsealKeyEntry *
postseal_key_history_find (const GPtrArray *self, const char *spki, const char *issuer);
/* What it is that comes now. @pinned: @spki is one of several keys that are pinned */
PostsealKeyNews postseal_key_history_judge (const GPtrArray *self,
                                            const char *spki,
                                            const char *issuer,
                                            gboolean is_pinned);
/* The oldest entries make room. */
void postseal_key_history_add (
    GPtrArray *self, gint64 since, PostsealKeyNews news, const char *spki, const char *issuer);
/* Adds the entries of @other that are missing, in the order of time. */
void postseal_key_history_merge (GPtrArray *self, const GPtrArray *other);

/* "renewed" and the like, for files and machines. */
const char *postseal_key_news_name (PostsealKeyNews news);

G_END_DECLS
