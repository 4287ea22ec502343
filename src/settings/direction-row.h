/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "engine/account-status.h"

G_BEGIN_DECLS

/* How one direction fares: its sign, a sentence, what to do. All of it can be read in full and
   copied. */
#define POSTSEAL_TYPE_DIRECTION_ROW (postseal_direction_row_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealDirectionRow, postseal_direction_row, POSTSEAL, DIRECTION_ROW, AdwPreferencesRow)

/* @status: (nullable). Hidden where this direction is not used. */
void postseal_direction_row_show (PostsealDirectionRow *self,
                                  PostsealAccountStatus *status,
                                  gboolean sending);

G_END_DECLS
