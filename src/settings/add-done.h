/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "settings/session.h"
#include "setup/account-form.h"

G_BEGIN_DECLS

/* The last word about a new account: what happens next, and its own row, which tells how the first
   mail comes in. */
#define POSTSEAL_TYPE_ADD_DONE (postseal_add_done_get_type ())
G_DECLARE_FINAL_TYPE (PostsealAddDone, postseal_add_done, POSTSEAL, ADD_DONE, GtkBox)

/* Makes the service read the account, and fetch its mail. @is_tested: what was written has worked
 */
void postseal_add_done_begin (PostsealAddDone *self,
                              PostsealSession *session,
                              PostsealAccountForm *form,
                              gboolean is_tested);

G_END_DECLS
