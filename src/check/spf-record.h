/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An SPF record, term by term (RFC 7208 section 4.6.1). */

typedef enum
{
  POSTSEAL_SPF_ALL,
  POSTSEAL_SPF_INCLUDE,
  POSTSEAL_SPF_A,
  POSTSEAL_SPF_MX,
  POSTSEAL_SPF_PTR,
  POSTSEAL_SPF_IP4,
  POSTSEAL_SPF_IP6,
  POSTSEAL_SPF_EXISTS,
  POSTSEAL_SPF_REDIRECT,
  POSTSEAL_SPF_EXP,
  POSTSEAL_SPF_OTHER, /* a modifier that nobody knows yet: without meaning (section 6) */
} PostsealSpfKind;

typedef struct
{
  PostsealSpfKind kind;
  char qualifier; /* '+', '-', '~', '?'; '\0' for a modifier */
  char *value; /* owned: after ":" or "=", without a prefix length; "" */
  char *text; /* owned: as it is written */
} PostsealSpfTerm;

/* TRUE when a record at the domain is one of SPF: "v=spf1", then a blank or nothing (section 4.5)
 */
gboolean postseal_spf_record_is (const char *text);

/* @text: one for which that is so. @ret_flaw: (out) (transfer full): a sentence fragment. Returns:
   (transfer full) (nullable) (element-type PostsealSpfTerm): NULL when a term is wrong */
GPtrArray *postseal_spf_record_parse (const char *text, char **ret_flaw);

/* TRUE when whoever looks at the term has to ask the DNS: at most ten may (section 4.6.4). */
gboolean postseal_spf_term_asks (const PostsealSpfTerm *self);

G_END_DECLS
