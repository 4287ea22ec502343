/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "settings/session.h"

G_BEGIN_DECLS

/* A new account in three states: who, what was found, secret with the test of both sides; the last
   word is that mail is coming. It closes itself through "win.back". */
#define POSTSEAL_TYPE_ADD_PAGE (postseal_add_page_get_type ())
G_DECLARE_FINAL_TYPE (PostsealAddPage, postseal_add_page, POSTSEAL, ADD_PAGE, GtkBox)

GtkWidget *postseal_add_page_new (PostsealSession *session);

G_END_DECLS
