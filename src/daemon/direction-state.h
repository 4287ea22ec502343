/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account-status.h"

G_BEGIN_DECLS

/* One direction of an account as its status says at this moment: a snapshot. */
typedef enum
{
  POSTSEAL_DIRECTION_RECEIVE,
  POSTSEAL_DIRECTION_SEND,
} PostsealDirection;

typedef struct
{
  PostsealAccountState state;
  char *error; /* owned: "" after a success */
  char *advice; /* owned: "" */
  char **changes; /* owned: of the seal */
} PostsealDirectionState;

/* Fill in with this, clear with that. */
void postseal_direction_state_get (PostsealAccountStatus *status,
                                   PostsealDirection direction,
                                   PostsealDirectionState *ret_state);
void postseal_direction_state_clear (PostsealDirectionState *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealDirectionState, postseal_direction_state_clear)

/* At rest without trouble: it works, or has nothing to do. */
gboolean postseal_direction_state_is_good (const PostsealDirectionState *self);
/* Only the user can mend it: refused, consent needed. */
gboolean postseal_direction_state_needs_user (const PostsealDirectionState *self);
/* The error, or words for a state that came without. Returns: (transfer none) */
const char *postseal_direction_state_describe (const PostsealDirectionState *self);

G_END_DECLS
