/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "setup/trouble.h"

G_BEGIN_DECLS

/* The way out where nobody vouches for a server that the person knows: its fingerprint to be
   compared, a deliberate "yes, it is the same", and then a file with the authority's certificate.
   It holds for this one account. A pin alone lets nobody pass, since it only adds to the chain
   (net/tls-policy.h). */
#define POSTSEAL_TYPE_TRUST_GROUP (postseal_trust_group_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealTrustGroup, postseal_trust_group, POSTSEAL, TRUST_GROUP, AdwPreferencesGroup)

/* Signal "trusted" (path s): a file was chosen. */

/* Shown only for a trouble that a file can mend. @trouble: (nullable) */
void postseal_trust_group_show (PostsealTrustGroup *self, const PostsealTrouble *trouble);

G_END_DECLS
