/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "engine/account-status.h"

G_BEGIN_DECLS

/* The seal of one direction: in one sentence, and unfolded fact by fact; what has changed in it. */
#define POSTSEAL_TYPE_SEAL_ROW (postseal_seal_row_get_type ())
G_DECLARE_FINAL_TYPE (PostsealSealRow, postseal_seal_row, POSTSEAL, SEAL_ROW, AdwExpanderRow)

/* @status: (nullable). Hidden where there is no seal. */
void
postseal_seal_row_show (PostsealSealRow *self, PostsealAccountStatus *status, gboolean sending);

G_END_DECLS
