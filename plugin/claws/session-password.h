/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "auth/credential.h"

G_BEGIN_DECLS

/* What the host remembers of a password until it ends: what a person has typed, which it forgets
   when a server refuses it. For want of another way to hear of that, a password that was given to
   the host leaves a mark there, which is no password, and which the host never uses as long as it
   asks for one first. */
typedef enum
{
  POSTSEAL_CLAWS_SESSION_NOTHING,
  POSTSEAL_CLAWS_SESSION_MARKED,
  POSTSEAL_CLAWS_SESSION_TYPED,
} PostsealClawsSessionState;

/* @slot: of postseal_claws_session_password() in all of these */
PostsealClawsSessionState postseal_claws_session_look (char *const *slot);

/* What was typed. Returns: (transfer full): of %POSTSEAL_CLAWS_SESSION_TYPED */
PostsealCredential *postseal_claws_session_read (char *const *slot);

/* In the place of what is there, which is wiped. */
void postseal_claws_session_mark (char **slot);

/* Takes the mark away, and leaves what was typed. */
void postseal_claws_session_unmark (char **slot);

G_END_DECLS
