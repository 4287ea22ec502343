/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "engine/account-status.h"

G_BEGIN_DECLS

/* One account in the list: its name, its state in one sentence, the seal's colour and sign. */
#define POSTSEAL_TYPE_ACCOUNT_ROW (postseal_account_row_get_type ())
G_DECLARE_FINAL_TYPE (PostsealAccountRow, postseal_account_row, POSTSEAL, ACCOUNT_ROW, AdwActionRow)

GtkWidget *postseal_account_row_new (PostsealAccountStatus *status);

G_END_DECLS
