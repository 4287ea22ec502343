/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "settings/server-row.h"
#include "setup/account-form.h"

G_BEGIN_DECLS

/* What was found: where from, how far it can be trusted, and both servers just as accounts.conf
   will have them. */
#define POSTSEAL_TYPE_FOUND_CARD (postseal_found_card_get_type ())
G_DECLARE_FINAL_TYPE (PostsealFoundCard, postseal_found_card, POSTSEAL, FOUND_CARD, GtkBox)

/* The mark, weakest first. Green is for the last one alone. */
typedef enum
{
  POSTSEAL_TRUST_NOT_CONFIRMED,
  POSTSEAL_TRUST_SIGNED, /* the source is authentic; the servers have not proved themselves */
  POSTSEAL_TRUST_PROVEN, /* every server was sealed just now */
} PostsealTrust;

/* @proposal: (nullable): NULL: entered by hand */
void postseal_found_card_show (PostsealFoundCard *self,
                               PostsealAccountForm *form,
                               const PostsealProposal *proposal);
void postseal_found_card_set_trust (PostsealFoundCard *self, PostsealTrust trust);
void postseal_found_card_set_state (PostsealFoundCard *self,
                                    gboolean sending,
                                    PostsealServerState state);

G_END_DECLS
