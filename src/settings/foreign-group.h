/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The question whether a host outside of the address's domain is the provider's, which nobody
   authentic has said (RFC 6186 section 6). Nothing is sent there before the answer. */
#define POSTSEAL_TYPE_FOREIGN_GROUP (postseal_foreign_group_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealForeignGroup, postseal_foreign_group, POSTSEAL, FOREIGN_GROUP, AdwPreferencesGroup)

/* Signal "answered" (yes b). */

/* @host: (nullable): NULL hides it. @other: (nullable): a second one outside of @domain */
void postseal_foreign_group_ask (PostsealForeignGroup *self,
                                 const char *host,
                                 const char *other,
                                 const char *domain);

G_END_DECLS
