/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An Authentication-Results field (RFC 8601 section 2.2): what a server says to have checked. By
   itself it proves nothing: anybody can write one (section 1.6). Strings are as in the field,
   unfolded and without quotes, and not checked. */

/* One check. */
typedef struct
{
  char *method; /* "dkim" */
  char *result; /* "pass" */
  char *reason; /* or NULL */
  char **names; /* (array zero-terminated=1): of properties: "header.d" */
  char **values; /* as many */
} PostsealAuthenticationResult;

typedef struct
{
  char *authserv_id; /* who says so; NULL: it does not say, as some do */
  guint version; /* of the grammar, 1 where it does not say; 0: no number */
  GPtrArray *results; /* (element-type PostsealAuthenticationResult): empty for "none" */
  gboolean is_whole; /* all of it has been understood */
} PostsealAuthenticationResults;

/* @value: (array length=length): the field's value, folded or not. Whatever it is: what can be
   understood of it, up to the limits. Returns: (transfer full) */
PostsealAuthenticationResults *
postseal_authentication_results_parse (const char *value, gsize length);
void postseal_authentication_results_free (PostsealAuthenticationResults *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealAuthenticationResults, postseal_authentication_results_free)

/* The value of property @name, such as "header.d", or NULL. Returns: (transfer none) */
const char *
postseal_authentication_result_get (const PostsealAuthenticationResult *self, const char *name);

G_END_DECLS
