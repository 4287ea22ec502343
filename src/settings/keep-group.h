/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "settings/field.h"

G_BEGIN_DECLS

/* How long mail stays on the server, which is the key "keep". */
#define POSTSEAL_TYPE_KEEP_GROUP (postseal_keep_group_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealKeepGroup, postseal_keep_group, POSTSEAL, KEEP_GROUP, AdwPreferencesGroup)

G_END_DECLS
