/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "engine/account-status.h"
#include "setup/account-form.h"

G_BEGIN_DECLS

/* Whether an account is to be removed, with what that means. Responses: "cancel", "remove". */
#define POSTSEAL_TYPE_REMOVE_DIALOG (postseal_remove_dialog_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealRemoveDialog, postseal_remove_dialog, POSTSEAL, REMOVE_DIALOG, AdwMessageDialog)

/**
 * postseal_remove_dialog_new:
 * @parent: (nullable)
 * @name: of the account
 * @form: (nullable): of it, as far as it could be read
 * @status: (nullable): of it
 *
 * Returns: (transfer none): it destroys itself
 */
GtkWindow *postseal_remove_dialog_new (GtkWindow *parent,
                                       const char *name,
                                       PostsealAccountForm *form,
                                       PostsealAccountStatus *status);
/* The person wants the password to go, too. */
gboolean postseal_remove_dialog_takes_password (PostsealRemoveDialog *self);

G_END_DECLS
