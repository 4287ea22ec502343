/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "setup/account-form.h"

G_BEGIN_DECLS

/* What a form had about a direction when it was switched off, so that switching it on again brings
   everything back. Lives as long as the form. No GTK. */

/* Before postseal_account_form_set_endpoint() takes a direction out. */
void postseal_kept_values_take (PostsealAccountForm *form);
/* After one came back: what is of use now and was not set meanwhile. */
void postseal_kept_values_restore (PostsealAccountForm *form);

G_END_DECLS
