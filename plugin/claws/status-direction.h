/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "engine/account-status.h"

G_BEGIN_DECLS

/* How receiving or sending of one account fares: a sign, words, what to do, and the seal of the
   last connection. */
#define POSTSEAL_TYPE_CLAWS_STATUS_DIRECTION (postseal_claws_status_direction_get_type ())
G_DECLARE_FINAL_TYPE (PostsealClawsStatusDirection,
                      postseal_claws_status_direction,
                      POSTSEAL,
                      CLAWS_STATUS_DIRECTION,
                      GtkBox)

/* Shows nothing where the account does not receive, or send. */
void postseal_claws_status_direction_show (PostsealClawsStatusDirection *self,
                                           PostsealAccountStatus *status,
                                           gboolean sending);

G_END_DECLS
