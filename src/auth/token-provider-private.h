/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What is publicly known of a provider's OAuth 2 service, and what the user has added: a section of
   oauth-providers.conf, of the installation and of the user, whose keys win. Never a secret. */
typedef struct
{
  char *name; /* the section */
  char *title; /* how people call it */
  char *token_endpoint; /* https only */
  char *authorization_endpoint; /* https only, or NULL */
  char *authorization_extra; /* more of its query, or NULL */
  char *device_endpoint; /* https only, or NULL (RFC 8628 section 3.1) */
  char *redirect_host; /* "localhost" where the provider wants that word; or NULL */
  char *scope; /* or NULL */
  char *client_id; /* or NULL */
  char *refresh_token; /* where it is kept: a value of the account key "password"; or NULL */
  char *client_secret; /* the same; or NULL */
  char *ca_file; /* or NULL: who else may vouch for the endpoint, e.g. an organisation's own CA */
} PostsealTokenProvider;

/**
 * _postseal_token_provider_load:
 * @name: the section
 * @account: put in the place of "%a" in "refresh-token" and "client-secret"
 *
 * Blocks.
 *
 * Errors: %POSTSEAL_AUTH_ERROR_SETTINGS.
 */
PostsealTokenProvider *
_postseal_token_provider_load (const char *name, const char *account, GError **error);
/**
 * _postseal_token_provider_load_for:
 * @spec: value of the account key "password": "oauth:PROVIDER[:CLIENT-ID]", whose client ID wins
 *
 * As above, with a client ID, and checked to begin a consent. Blocks.
 *
 * Errors: %POSTSEAL_AUTH_ERROR_SETTINGS, also when there is no client ID.
 */
PostsealTokenProvider *
_postseal_token_provider_load_for (const char *spec, const char *account, GError **error);
void _postseal_token_provider_free (PostsealTokenProvider *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTokenProvider, _postseal_token_provider_free)

G_END_DECLS
