/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "settings/session.h"

G_BEGIN_DECLS

/* One account: how it fares, its seals, and everything that can be changed about it. */
#define POSTSEAL_TYPE_ACCOUNT_PAGE (postseal_account_page_get_type ())
G_DECLARE_FINAL_TYPE (PostsealAccountPage, postseal_account_page, POSTSEAL, ACCOUNT_PAGE, GtkBox)

GtkWidget *postseal_account_page_new (PostsealSession *session, const char *name);
/* Of the account. */
const char *postseal_account_page_get_name (PostsealAccountPage *self);

G_END_DECLS
