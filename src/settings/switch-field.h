/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "settings/field.h"

G_BEGIN_DECLS

/* A key that is "yes" or "no". */
#define POSTSEAL_TYPE_SWITCH_FIELD (postseal_switch_field_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealSwitchField, postseal_switch_field, POSTSEAL, SWITCH_FIELD, AdwActionRow)

/* Properties:
     "key"     s   of accounts.conf, from the template
     "active"  b   with notification */

G_END_DECLS
