/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What stands in https://mta-sts.DOMAIN/.well-known/mta-sts.txt (RFC 8461 section 3.2). */

typedef enum
{
  POSTSEAL_STS_ENFORCE,
  POSTSEAL_STS_TESTING,
  POSTSEAL_STS_NONE,
} PostsealStsMode;

typedef struct
{
  PostsealStsMode mode;
  guint64 max_age_s;
  GPtrArray *hosts; /* owned (element-type utf8): names and "*.NAME", lower case */
} PostsealStsPolicy;

/* @ret_flaw: (out) (transfer full): a sentence fragment. Returns: (transfer full) (nullable) */
PostsealStsPolicy *postseal_sts_policy_parse (const char *text, char **ret_flaw);
void postseal_sts_policy_free (PostsealStsPolicy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealStsPolicy, postseal_sts_policy_free)

/* Whether mail may go to @host; "*" stands for exactly one label (section 4.1). */
gboolean postseal_sts_policy_allows (const PostsealStsPolicy *self, const char *host);

G_END_DECLS
