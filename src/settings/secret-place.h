/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Where a password is kept, in one sentence: the keyring, as it is just now; and the other places,
   which the person looks after. */
#define POSTSEAL_TYPE_SECRET_PLACE (postseal_secret_place_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealSecretPlace, postseal_secret_place, POSTSEAL, SECRET_PLACE, AdwPreferencesGroup)

/* Signal "changed" (): another place, or the keyring is in another state.
   Signal "activated" (): Enter was pressed in a field. */

/* Looks how the keyring is. Never a prompt. */
void postseal_secret_place_look (PostsealSecretPlace *self);
/* Value of the account key "password" for a place that the person looks after. Returns: (transfer
   full) (nullable): NULL: the keyring */
char *postseal_secret_place_dup_spec (PostsealSecretPlace *self);
/* Tells in place what is wrong with dup_spec(). Returns: TRUE when nothing is */
gboolean postseal_secret_place_demand (PostsealSecretPlace *self);

G_END_DECLS
