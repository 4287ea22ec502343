/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "engine/account.h"

G_BEGIN_DECLS

/* A new password for an account: typed, tried, stored. */
#define POSTSEAL_TYPE_PASSWORD_PAGE (postseal_password_page_get_type ())
G_DECLARE_FINAL_TYPE (PostsealPasswordPage, postseal_password_page, POSTSEAL, PASSWORD_PAGE, GtkBox)

/* Signal "stored" (). */

GtkWidget *postseal_password_page_new (PostsealAccount *account);

G_END_DECLS
