/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/bindings.h"
#include "claws/front.h"
#include "claws/passwords.h"

G_BEGIN_DECLS

/* The page "Postseal" in the host's dialog of each account, also of one that is new. OK and Apply
   write into the bindings what it shows, once the dialog is closed; Cancel nothing. What is bound
   to an account that the host does not have any more is forgotten. */
typedef struct _PostsealClawsAccountTab PostsealClawsAccountTab;

/* Keeps a reference on the first two; @passwords lives longer. One at a time. Returns: (transfer
   full) */
PostsealClawsAccountTab *postseal_claws_account_tab_new (PostsealClawsFront *front,
                                                         PostsealClawsBindings *bindings,
                                                         PostsealClawsPasswords *passwords);
/* NULL-safe; also while the dialog is open, where the page is empty then. */
void postseal_claws_account_tab_free (PostsealClawsAccountTab *self);

G_END_DECLS
