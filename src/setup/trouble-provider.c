/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is publicly known of large providers. */
#include "setup/trouble-private.h"

#include "auth/vault.h"

static gboolean
has_token (const PostsealTroubleCase *self)
{
  return self->account != NULL && self->account->password != NULL
         && postseal_vault_get_spec_kind (self->account->password) == POSTSEAL_VAULT_TOKEN;
}

PostsealTroubleKind
_postseal_trouble_refine (const PostsealTroubleCase *self, PostsealTroubleKind kind)
{
  if (has_token (self) && kind == POSTSEAL_TROUBLE_PASSWORD)
    return POSTSEAL_TROUBLE_OAUTH;
  return kind;
}

char *
_postseal_trouble_find_page (const PostsealTroubleCase *self, PostsealTroubleKind kind)
{
  return NULL;
}
