/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "setup/account-form.h"

G_BEGIN_DECLS

/* One side of an account, entered by hand: what kind of server, host, port, how TLS starts, and
   the user name where it is another than the address. */
#define POSTSEAL_TYPE_HAND_GROUP (postseal_hand_group_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealHandGroup, postseal_hand_group, POSTSEAL, HAND_GROUP, AdwPreferencesGroup)

/* Property "sending" b, from the template. */

/* Signal "activated" (): Enter was pressed in a field. */

/* Shows what the form has. */
void postseal_hand_group_read (PostsealHandGroup *self, PostsealAccountForm *form);
/* Puts what was entered into the form. A mistake is told in place and has the cursor. Returns:
   FALSE then, and the form has not changed */
gboolean postseal_hand_group_write (PostsealHandGroup *self, PostsealAccountForm *form);
/* Tells a mistake about the server that only others can know of. */
void postseal_hand_group_complain (PostsealHandGroup *self, const char *mistake);
/* The cursor into the host. */
void postseal_hand_group_focus (PostsealHandGroup *self);

G_END_DECLS
