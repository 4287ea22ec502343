/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "wire/imap-parser.h"

G_BEGIN_DECLS

/* What a server said it can do, once. A new list replaces the old one as a whole, never adds to it
   (RFC 9051 sections 6.1.1, 6.2.2). */
typedef struct _PostsealImapCaps PostsealImapCaps;

/* @values: the words of a CAPABILITY response or response code; others than atoms are passed over.
 */
PostsealImapCaps *postseal_imap_caps_new (const PostsealImapValue *values);
void postseal_imap_caps_free (PostsealImapCaps *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealImapCaps, postseal_imap_caps_free)

/* @self: (nullable): nothing is known. @name: any case. Extensions that are a part of IMAP4rev2
   (RFC 9051 appendix E) count when that is there, UTF8=ACCEPT when UTF8=ONLY is. */
gboolean postseal_imap_caps_has (PostsealImapCaps *self, const char *name);

/* Upper-case SASL mechanisms, and "IMAP-LOGIN" unless LOGINDISABLED. Returns: (transfer full) */
char **postseal_imap_caps_get_mechanisms (PostsealImapCaps *self);

/* The longest literal that may be sent unasked (RFC 7888 sections 4, 5). */
gsize postseal_imap_caps_get_prompt_limit (PostsealImapCaps *self);

/* TRUE when mailbox names are UTF-8 without any ENABLE: IMAP4rev2 and nothing older. */
gboolean postseal_imap_caps_is_rev2_only (PostsealImapCaps *self);

G_END_DECLS
