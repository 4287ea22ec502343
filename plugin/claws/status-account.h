/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/account-status.h"

G_BEGIN_DECLS

/* One account as it is now, and buttons for what can be done. Follows its status.

   Signals, each with the name of the account:
     "fetch" (s)    get its mail
     "flush" (s)    send what waits
     "set-up" (s)   open the dialog */
#define POSTSEAL_TYPE_CLAWS_STATUS_ACCOUNT (postseal_claws_status_account_get_type ())
G_DECLARE_FINAL_TYPE (PostsealClawsStatusAccount,
                      postseal_claws_status_account,
                      POSTSEAL,
                      CLAWS_STATUS_ACCOUNT,
                      GtkFrame)

/* Returns: (transfer floating) */
GtkWidget *postseal_claws_status_account_new (PostsealAccountStatus *status);

G_END_DECLS
