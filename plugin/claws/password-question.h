/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/account-sign-ins.h"

G_BEGIN_DECLS

/* One question of the host's for a password. Its account may go away while somebody waits. */
typedef struct
{
  int id; /* of the account */
  PostsealClawsPasswordUse use; /* which of its passwords it takes */
  char *protocol; /* owned: of the one who asks */
  PostsealClawsSignIn *sign_in; /* owned: whose password it takes */
  char *name; /* owned: of this question, whenever it is asked */
} PostsealClawsPasswordQuestion;

/* Returns: FALSE when it is not asked for an account that keeps its passwords in the keyring */
gboolean postseal_claws_password_question_understand (PostsealClawsBindings *bindings,
                                                      const PasswordRequest *request,
                                                      PostsealClawsPasswordQuestion *ret_question);
void postseal_claws_password_question_clear (PostsealClawsPasswordQuestion *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealClawsPasswordQuestion,
                                  postseal_claws_password_question_clear)

/* Whether there still is such an account. */
gboolean postseal_claws_password_question_is_current (const PostsealClawsPasswordQuestion *self,
                                                      PostsealClawsBindings *bindings);
/* Where the host remembers what was typed, of a current one: postseal_claws_session_password().
   Returns: (nullable) */
char **postseal_claws_password_question_get_slot (const PostsealClawsPasswordQuestion *self);

G_END_DECLS
