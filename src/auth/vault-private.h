/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/vault.h"

G_BEGIN_DECLS

/* What an item in the keyring is for. Each has a schema of its own, so that none is found in place
   of another. */
typedef enum
{
  POSTSEAL_SECRET_PASSWORD,
  POSTSEAL_SECRET_REFRESH_TOKEN,
  POSTSEAL_SECRET_CLIENT_SECRET,
} PostsealSecretRole;

/* The backends, each in its file. They may ignore the cancellable and the time limit: vault.c holds
   both, and drops an answer that comes too late. A backend that has started something should end it
   when cancelled, which vault.c does also at the limit. Their results are GTasks, of a
   PostsealCredential or a boolean: for those the finish functions of the interface are there
   already. */
PostsealVault *_postseal_vault_command_new (const char *command_line);
PostsealVault *_postseal_vault_credential_new (const char *name);
PostsealVault *_postseal_vault_file_new (const char *path);
PostsealVault *_postseal_vault_goa_new (const char *id); /* "" for any */
PostsealVault *_postseal_vault_oauth_new (const char *argument);
/* Only with HAVE_LIBSECRET. */
PostsealVault *_postseal_vault_secret_service_new (PostsealSecretRole role);

/* A vault for the secrets behind the access tokens themselves. */
PostsealVault *_postseal_vault_oauth_new_role (const char *argument, PostsealSecretRole role);

/* What is wrong with the part of the spec after the colon. Returns: (transfer full) (nullable) */
char *_postseal_vault_command_check (const char *command_line);
char *_postseal_vault_credential_check (const char *name);
char *_postseal_vault_file_check (const char *path);
char *_postseal_vault_goa_check (const char *argument);
char *_postseal_vault_oauth_check (const char *argument);

/**
 * _postseal_vault_read_private_file:
 *
 * The first line of a regular file that nobody but its owner can read. Blocks.
 *
 * Symbolic links are followed, since people keep such files in managed trees: the rules are held on
 * the opened file, not on the name.
 *
 * @allow_root: root may own it, too (systemd writes credentials)
 *
 * Errors: %POSTSEAL_VAULT_ERROR
 */
PostsealCredential *
_postseal_vault_read_private_file (const char *path, gboolean allow_root, GError **error);

/* For tests: instead of POSTSEAL_LIMIT_SECRET_MS; 0 for that again. */
void _postseal_vault_set_limit_ms (guint limit_ms);

G_END_DECLS
