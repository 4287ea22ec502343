/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "settings/field.h"

G_BEGIN_DECLS

/* Where mail goes, which is the key "deliver", from which folders, and how they are laid out. */
#define POSTSEAL_TYPE_DELIVERY_GROUP (postseal_delivery_group_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealDeliveryGroup, postseal_delivery_group, POSTSEAL, DELIVERY_GROUP, AdwPreferencesGroup)

G_END_DECLS
