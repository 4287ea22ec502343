/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>

#include "engine/account-store.h"
#include "import/import-private.h"

#define NAME_KEPT 48 /* of at most 64 letters, so that there is room for more */

static gboolean
is_same_server (PostsealAccount *account, PostsealAccountForm *form, gboolean sending)
{
  PostsealEndpoint *known = sending ? account->send : account->receive;
  const char *known_user = sending ? account->send_user : account->receive_user;
  g_autofree char *user = NULL;
  g_autoptr (PostsealEndpoint) endpoint = postseal_account_form_get_endpoint (form, sending, &user);

  if (known == NULL || endpoint == NULL)
    return FALSE;
  return known->protocol == endpoint->protocol
         && g_ascii_strcasecmp (known->host, endpoint->host) == 0
         && g_strcmp0 (known_user, user) == 0;
}

/* By its servers, whatever it is called. */
static gboolean
is_there (PostsealAccountStore *store, PostsealAccountForm *form)
{
  const GPtrArray *accounts = postseal_account_store_get_accounts (store);

  for (guint i = 0; i < accounts->len; i++)
    {
      PostsealAccount *account = g_ptr_array_index (accounts, i);

      if (is_same_server (account, form, FALSE) || is_same_server (account, form, TRUE))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_taken (const GPtrArray *drafts, guint n_drafts, PostsealAccountStore *store, const char *name)
{
  if (store != NULL && postseal_account_store_has (store, name))
    return TRUE;
  for (guint i = 0; i < n_drafts; i++)
    {
      const PostsealImportDraft *draft = g_ptr_array_index (drafts, i);

      if (g_str_equal (postseal_account_form_get_name (draft->account.form), name))
        return TRUE;
    }
  return FALSE;
}

/* "work", "work-msmtp", "work-msmtp-2" */
static void
find_name (GPtrArray *drafts, guint index, PostsealAccountStore *store, const char *program)
{
  PostsealAccountForm *form
      = ((PostsealImportDraft *)g_ptr_array_index (drafts, index))->account.form;
  g_autofree char *name = g_strdup (postseal_account_form_get_name (form));
  g_autofree char *first = g_utf8_substring (name, 0, MIN (g_utf8_strlen (name, -1), NAME_KEPT));

  for (guint n = 1; is_taken (drafts, index, store, name); n++)
    {
      g_free (name);
      name = n == 1 ? g_strdup_printf ("%s-%s", first, program)
                    : g_strdup_printf ("%s-%s-%u", first, program, n);
    }
  postseal_account_form_set_name (form, name);
}

void
_postseal_import_compare (GPtrArray *drafts, const char *config, const char *program)
{
  g_autoptr (PostsealAccountStore) store = postseal_account_store_load (config, NULL);

  for (guint i = 0; i < drafts->len; i++)
    {
      PostsealImportDraft *draft = g_ptr_array_index (drafts, i);
      PostsealAccountForm *form = draft->account.form;

      draft->account.exists = store != NULL && is_there (store, form);
      if (!draft->account.exists)
        find_name (drafts, i, store, program);
    }
}
