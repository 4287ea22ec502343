/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define POSTSEAL_APPLICATION_ID "org.postseal.Settings"

/* The program as the desktop sees it: one process, one window for each file of accounts; "--account
   NAME" opens that account, "--add" begins a new one, "--config FILE" works on another file. */
#define POSTSEAL_TYPE_APPLICATION (postseal_application_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealApplication, postseal_application, POSTSEAL, APPLICATION, AdwApplication)

PostsealApplication *postseal_application_new (void);

G_END_DECLS
