/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "claws/bindings.h"
#include "claws/front.h"

G_BEGIN_DECLS

/* What Postseal does for one account of the host, to be looked at and changed. What is chosen here
   counts once it is applied and saved.

   Signal "import": the user wants this account to be taken over from the host. */
#define POSTSEAL_TYPE_CLAWS_ACCOUNT_VIEW (postseal_claws_account_view_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealClawsAccountView, postseal_claws_account_view, POSTSEAL, CLAWS_ACCOUNT_VIEW, GtkBox)

/* @id: of the host's account. @address: (nullable): of its owner: the account of Postseal with the
   same one is suggested. Returns: (transfer floating) */
GtkWidget *postseal_claws_account_view_new (PostsealClawsFront *front,
                                            PostsealClawsBindings *bindings,
                                            int id,
                                            const char *address);

/* Keeps in mind what is chosen now. */
void postseal_claws_account_view_apply (PostsealClawsAccountView *self);
/* Writes into the bindings what was chosen when it was applied last, if it was; also when it is
   destroyed by now. */
void postseal_claws_account_view_save (PostsealClawsAccountView *self);

/* Chooses the account @name of Postseal, which may be there only later. */
void postseal_claws_account_view_choose (PostsealClawsAccountView *self, const char *name);

/* @why_not: (nullable): a sentence; NULL: the host's account can be taken over */
void postseal_claws_account_view_set_import (PostsealClawsAccountView *self, const char *why_not);

G_END_DECLS
