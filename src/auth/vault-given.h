/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/vault.h"

G_BEGIN_DECLS

/* A vault that holds one secret in memory, whatever account is asked for: what a person has just
   typed, before it is stored anywhere. Reads only. Returns: (transfer full) */
PostsealVault *postseal_vault_given_new (PostsealCredential *secret);

G_END_DECLS
