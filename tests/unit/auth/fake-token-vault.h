/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string>
#include <vector>

#include "auth/vault.h"

/* A vault of access tokens "token-1", "token-2" ...: the next one when the last was invalidated. */
PostsealVault *fake_token_vault_new ();

/* Who was said to sign in. */
std::string fake_token_vault_get_user (PostsealVault *vault);
