/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string>

#include "auth/vault.h"

/* A vault that holds one secret, or is locked when that is NULL. */
PostsealVault *fake_vault_new (const char *secret);

/* The account that was looked up last; "" when none was. */
std::string fake_vault_get_last_account (PostsealVault *vault);
