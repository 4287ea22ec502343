/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "v=DMARC1; p=none": how records of DMARC, DKIM, MTA-STS and TLS-RPT are written (RFC 6376 section
   3.2, RFC 7489 section 6.3, RFC 8460 section 3, RFC 8461 section 3.1). */
typedef struct _PostsealTagList PostsealTagList;

/* @ret_flaw: (out) (transfer full): a sentence fragment. Returns: (transfer full) (nullable): NULL:
   it is no such list */
PostsealTagList *postseal_tag_list_parse (const char *text, char **ret_flaw);
void postseal_tag_list_free (PostsealTagList *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTagList, postseal_tag_list_free)

/* How many tags there are, the same name counted again. */
guint postseal_tag_list_get_length (const PostsealTagList *self);
/* Names as they are written. */
const char *postseal_tag_list_get_name (const PostsealTagList *self, guint position);
/* The value of the first tag @name, without blanks around it. Returns: (transfer none) (nullable)
 */
const char *postseal_tag_list_get (const PostsealTagList *self, const char *name);

/* TRUE when @text begins with "v=VERSION" as a whole, blanks or not: a record that means to be of
   this kind, however wrong the rest. */
gboolean postseal_tag_list_is_of (const char *text, const char *version);

G_END_DECLS
