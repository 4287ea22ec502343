/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/password-question.h"

gboolean
postseal_claws_password_question_understand (PostsealClawsBindings *bindings,
                                             const PasswordRequest *request,
                                             PostsealClawsPasswordQuestion *ret_question)
{
  PostsealClawsPasswordUse use = POSTSEAL_CLAWS_FOR_RECEIVING;
  const PrefsAccount *account = postseal_claws_find_asking (bindings, request, &use);

  if (account == NULL)
    return FALSE;
  ret_question->id = account->account_id;
  ret_question->use = use;
  ret_question->protocol = g_strdup (request->protocol);
  ret_question->sign_in = postseal_claws_account_sign_in (account, use);
  ret_question->name = g_strdup_printf ("%d %s", account->account_id, request->protocol);
  return TRUE;
}

void
postseal_claws_password_question_clear (PostsealClawsPasswordQuestion *self)
{
  g_clear_pointer (&self->protocol, g_free);
  g_clear_pointer (&self->sign_in, postseal_claws_sign_in_free);
  g_clear_pointer (&self->name, g_free);
}

gboolean
postseal_claws_password_question_is_current (const PostsealClawsPasswordQuestion *self,
                                             PostsealClawsBindings *bindings)
{
  return account_find_from_id (self->id) != NULL
         && postseal_claws_bindings_does (bindings, self->id, POSTSEAL_CLAWS_PASSWORDS);
}

char **
postseal_claws_password_question_get_slot (const PostsealClawsPasswordQuestion *self)
{
  return postseal_claws_session_password (account_find_from_id (self->id), self->protocol);
}
