/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/kept-values.h"

#include "engine/account-keys.h"

static GQuark
get_quark (void)
{
  return g_quark_from_static_string ("postseal-kept-values");
}

/* Returns: (transfer none): key -> value */
static GHashTable *
get_table (PostsealAccountForm *form)
{
  GHashTable *table = g_object_get_qdata (G_OBJECT (form), get_quark ());

  if (table != NULL)
    return table;
  table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_object_set_qdata_full (G_OBJECT (form), get_quark (), table,
                           (GDestroyNotify)g_hash_table_unref);
  return table;
}

void
postseal_kept_values_take (PostsealAccountForm *form)
{
  const char *const *keys = postseal_account_store_get_keys ();

  g_return_if_fail (POSTSEAL_IS_ACCOUNT_FORM (form));

  for (int i = 0; i < POSTSEAL_N_ACCOUNT_KEYS; i++)
    {
      const char *value = postseal_account_form_get (form, keys[i]);

      if (value != NULL && postseal_account_keys_get_flags (i) & ~POSTSEAL_ACCOUNT_KEY_IS_LIST)
        g_hash_table_insert (get_table (form), g_strdup (keys[i]), g_strdup (value));
    }
}

static gboolean
is_of_use (PostsealAccountForm *form, int key)
{
  PostsealAccountKeyFlags flags = postseal_account_keys_get_flags (key);
  gboolean receives = postseal_account_form_get (form, "receive") != NULL;
  gboolean sends = postseal_account_form_get (form, "send") != NULL;

  if (flags & POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE)
    return receives;
  if (flags & POSTSEAL_ACCOUNT_KEY_NEEDS_SEND)
    return sends;
  return receives || sends;
}

void
postseal_kept_values_restore (PostsealAccountForm *form)
{
  const char *const *keys = postseal_account_store_get_keys ();
  GHashTable *table;

  g_return_if_fail (POSTSEAL_IS_ACCOUNT_FORM (form));

  table = get_table (form);
  for (int i = 0; i < POSTSEAL_N_ACCOUNT_KEYS; i++)
    {
      const char *value = g_hash_table_lookup (table, keys[i]);

      if (value == NULL || !is_of_use (form, i))
        continue;
      if (postseal_account_form_get (form, keys[i]) == NULL)
        postseal_account_form_set (form, keys[i], value);
      g_hash_table_remove (table, keys[i]);
    }
}
