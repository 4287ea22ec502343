/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "claws/bindings.h"
#include "claws/passwords.h"

G_BEGIN_DECLS

/* Where the passwords of one account of the host are, to be looked at and changed. What is chosen
   here counts once it is applied and saved; what is stored is moved at once, if the user says
   so. */
#define POSTSEAL_TYPE_CLAWS_PASSWORD_VIEW (postseal_claws_password_view_get_type ())
G_DECLARE_FINAL_TYPE (PostsealClawsPasswordView,
                      postseal_claws_password_view,
                      POSTSEAL,
                      CLAWS_PASSWORD_VIEW,
                      GtkFrame)

/* @passwords: borrowed, lives longer. @id: of the host's account. Returns: (transfer floating) */
GtkWidget *postseal_claws_password_view_new (PostsealClawsPasswords *passwords,
                                             PostsealClawsBindings *bindings,
                                             int id);

/* Keeps in mind what is chosen now. */
void postseal_claws_password_view_apply (PostsealClawsPasswordView *self);
/* Writes into the bindings what was chosen when it was applied last, if it was; also when it is
   destroyed by now. Then the passwords follow: what the host's dialog has just stored of those that
   were moved, or all of them back into the host's store. Errors are logged. */
void postseal_claws_password_view_save (PostsealClawsPasswordView *self);

G_END_DECLS
