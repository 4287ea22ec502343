/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "setup/account-form.h"

G_BEGIN_DECLS

/* Which folders of the server are fetched, chosen from those that it has. */
#define POSTSEAL_TYPE_FOLDERS_PAGE (postseal_folders_page_get_type ())
G_DECLARE_FINAL_TYPE (PostsealFoldersPage, postseal_folders_page, POSTSEAL, FOLDERS_PAGE, GtkBox)

/* Signal "remedy" (remedy i, sending b): the person has chosen one that this page cannot do by
   itself: all but to try again, to take another server and to unlock the keyring. */

/* Asks the server at once. @account: what @form is now, and receives by IMAP. @form: gets the key
   "folders" once the person has chosen */
GtkWidget *postseal_folders_page_new (PostsealAccount *account, PostsealAccountForm *form);

G_END_DECLS
