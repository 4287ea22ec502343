/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "settings/session.h"

G_BEGIN_DECLS

/* The first page: all accounts, each with how it fares, or how to begin when there is none; what is
   wrong with the file. */
#define POSTSEAL_TYPE_ACCOUNTS_PAGE (postseal_accounts_page_get_type ())
G_DECLARE_FINAL_TYPE (PostsealAccountsPage, postseal_accounts_page, POSTSEAL, ACCOUNTS_PAGE, GtkBox)

GtkWidget *postseal_accounts_page_new (PostsealSession *session);

G_END_DECLS
