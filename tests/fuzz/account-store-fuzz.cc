/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/account-store-private.h"
#include "fuzz/fuzz.h"

/* Whatever is in accounts.conf: good accounts can be looked up, bad ones have a problem with a
 * line. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup (reinterpret_cast<const char *> (data), size);
  g_autoptr (PostsealAccountStore) store
      = _postseal_account_store_parse ("accounts.conf", text, size);
  const GPtrArray *accounts = postseal_account_store_get_accounts (store);
  const GPtrArray *problems = postseal_account_store_get_problems (store);

  for (guint i = 0; i < accounts->len; i++)
    {
      auto *account = static_cast<PostsealAccount *> (g_ptr_array_index (accounts, i));
      g_autoptr (GError) error = nullptr;

      fuzz::demand (postseal_account_store_lookup (store, account->name, &error) == account,
                    "a good account is found", account->name);
    }
  for (guint i = 0; i < problems->len; i++)
    {
      auto *problem = static_cast<const char *> (g_ptr_array_index (problems, i));

      fuzz::demand (g_str_has_prefix (problem, "accounts.conf:")
                        && g_utf8_validate (problem, -1, nullptr),
                    "a problem that can be shown", problem);
    }

  g_autoptr (GError) error = nullptr;
  fuzz::demand ((postseal_account_store_lookup (store, "work", &error) == nullptr)
                    == (error != nullptr),
                "an account or an error");
  return 0;
}
