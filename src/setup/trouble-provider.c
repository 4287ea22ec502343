/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is publicly known of large providers. */
#include "setup/trouble-private.h"

#include "auth/vault.h"
#include "discover/provider.h"
#include "setup/consent.h"

/* Returns: (transfer full) (nullable) */
static PostsealProvider *
find_provider (const PostsealTroubleCase *self)
{
  return postseal_provider_find_by_host (self->endpoint->host);
}

static gboolean
has_token (const PostsealTroubleCase *self)
{
  return self->account != NULL && self->account->password != NULL
         && postseal_vault_get_spec_kind (self->account->password) == POSTSEAL_VAULT_TOKEN;
}

PostsealTroubleKind
_postseal_trouble_refine (const PostsealTroubleCase *self, PostsealTroubleKind kind)
{
  PostsealProvider *provider;

  if (has_token (self))
    return kind == POSTSEAL_TROUBLE_PASSWORD ? POSTSEAL_TROUBLE_OAUTH : kind;
  if (kind != POSTSEAL_TROUBLE_PASSWORD && kind != POSTSEAL_TROUBLE_NO_MECHANISM)
    return kind;
  provider = find_provider (self);
  if (provider == NULL)
    return kind;
  if (provider->wants_oauth)
    kind = POSTSEAL_TROUBLE_OAUTH;
  else if (kind == POSTSEAL_TROUBLE_PASSWORD && provider->app_password_uri != NULL)
    kind = POSTSEAL_TROUBLE_APP_PASSWORD;
  postseal_provider_free (provider);
  return kind;
}

char *
_postseal_trouble_find_page (const PostsealTroubleCase *self, PostsealTroubleKind kind)
{
  PostsealProvider *provider;
  char *page = NULL;

  if (kind != POSTSEAL_TROUBLE_APP_PASSWORD && kind != POSTSEAL_TROUBLE_SWITCHED_OFF)
    return NULL;
  provider = find_provider (self);
  if (provider == NULL)
    return NULL;
  page = g_strdup (kind == POSTSEAL_TROUBLE_APP_PASSWORD ? provider->app_password_uri
                                                         : provider->switch_uri);
  postseal_provider_free (provider);
  return page;
}

gboolean
_postseal_trouble_can_consent (const PostsealTroubleCase *self)
{
  g_autoptr (PostsealProvider) provider = NULL;
  g_autofree char *spec = NULL;

  if (has_token (self))
    return postseal_consent_is_possible (self->account->password, POSTSEAL_CONSENT_BROWSER);
  provider = find_provider (self);
  if (provider == NULL || provider->oauth == NULL)
    return FALSE;
  spec = g_strconcat ("oauth:", provider->oauth, NULL);
  return postseal_consent_is_possible (spec, POSTSEAL_CONSENT_BROWSER);
}
