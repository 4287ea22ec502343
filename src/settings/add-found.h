/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "setup/account-form.h"
#include "setup/trouble.h"

G_BEGIN_DECLS

/* The second state of a new account: which servers, where that is known from, and whether they have
   proved who they are. Nobody gets to the password before that is settled. */
#define POSTSEAL_TYPE_ADD_FOUND (postseal_add_found_get_type ())
G_DECLARE_FINAL_TYPE (PostsealAddFound, postseal_add_found, POSTSEAL, ADD_FOUND, GtkBox)

typedef enum
{
  POSTSEAL_FOUND_CHECKING, /* the servers are being connected to */
  POSTSEAL_FOUND_ASKING, /* whether a foreign host is the provider's */
  POSTSEAL_FOUND_TROUBLED, /* a server cannot be used as it is: the panel says why */
  POSTSEAL_FOUND_OFFLINE, /* nothing can be proven now */
  POSTSEAL_FOUND_SETTLED,
  POSTSEAL_FOUND_BY_HAND, /* the person names the servers */
} PostsealFoundState;

/* Signal "changed" (): the state is another.
   Signal "activated" (): Enter was pressed in a field. */

/* Begins anew with what @discovery has found. @full_name: (nullable). @reason: (nullable): why
   nothing was found, for a person */
void postseal_add_found_show (PostsealAddFound *self,
                              const char *address,
                              const char *full_name,
                              PostsealDiscovery *discovery,
                              const char *reason,
                              gboolean is_in_clear);
/* Begins anew with nothing but the address. */
void postseal_add_found_enter (PostsealAddFound *self, const char *address, const char *full_name);
/* The main act: checks what was entered by hand, or once more what was in trouble. */
void postseal_add_found_go_on (PostsealAddFound *self);
/* A test has found something about the servers: it is here that it is to be settled. */
void postseal_add_found_blame (PostsealAddFound *self, const PostsealTrouble *trouble);
/* TRUE when there was something to go back to on this page. */
gboolean postseal_add_found_go_back (PostsealAddFound *self);
/* What is under way ends. */
void postseal_add_found_cancel (PostsealAddFound *self);

/* Where it stands. */
PostsealFoundState postseal_add_found_get_state (PostsealAddFound *self);
/* Returns: (transfer none) (nullable) */
PostsealAccountForm *postseal_add_found_get_form (PostsealAddFound *self);
/* What it came from, and is still. Returns: (transfer none) (nullable): NULL: by hand */
PostsealProposal *postseal_add_found_get_proposal (PostsealAddFound *self);

G_END_DECLS
