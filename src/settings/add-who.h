/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "discover/discovery.h"

G_BEGIN_DECLS

/* The first state of a new account: who it is for. The search for the servers begins by itself when
   the address is complete, and shows each source it asks. */
#define POSTSEAL_TYPE_ADD_WHO (postseal_add_who_get_type ())
G_DECLARE_FINAL_TYPE (PostsealAddWho, postseal_add_who, POSTSEAL, ADD_WHO, GtkBox)

/* Signal "activated" (): Enter was pressed.
   Signal "found" (): the search that postseal_add_who_go_on() has asked for is over.
   Signal "by-hand" (): the person wants to name the servers; the address is complete. */

/* The cursor where the next word is missing. */
void postseal_add_who_begin (PostsealAddWho *self);
/* "Next": tells what is wrong with the address, or searches, or has found at once. */
void postseal_add_who_go_on (PostsealAddWho *self);
/* This address cannot be taken: tells why, in place. */
void postseal_add_who_refuse (PostsealAddWho *self, const char *reason);
/* What is under way ends; half a search counts for nothing. */
void postseal_add_who_cancel (PostsealAddWho *self);

/* Returns: (transfer none) (nullable): NULL while it is not complete */
const char *postseal_add_who_get_address (PostsealAddWho *self);
/* Returns: (transfer full) (nullable) */
char *postseal_add_who_dup_full_name (PostsealAddWho *self);
/* The search for this address. Returns: (transfer none) (nullable) */
PostsealDiscovery *postseal_add_who_get_discovery (PostsealAddWho *self);
/* Why nothing that can be used was found, as a source has told it: servers without encryption, or
   with a certificate that proves nothing. @ret_in_clear: (out): it is the former. Returns:
   (transfer none) (nullable) */
const char *postseal_add_who_get_reason (PostsealAddWho *self, gboolean *ret_in_clear);

G_END_DECLS
