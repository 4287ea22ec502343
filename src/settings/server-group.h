/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "settings/field.h"

G_BEGIN_DECLS

/* The server of one direction, which is the key "receive" or "send": whether it is used, what kind
   it is, host, port, how TLS starts, who signs in. */
#define POSTSEAL_TYPE_SERVER_GROUP (postseal_server_group_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealServerGroup, postseal_server_group, POSTSEAL, SERVER_GROUP, AdwPreferencesGroup)

/* Property "sending" b, from the template. */

/* Tells in place what cannot be meant. Returns: FALSE then */
gboolean postseal_server_group_check (PostsealServerGroup *self);

G_END_DECLS
