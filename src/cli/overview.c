/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/overview.h"

static void
free_account (gpointer data)
{
  PostsealOverviewAccount *self = data;

  g_object_unref (self->status);
  postseal_account_facts_free (self->facts);
  g_free (self);
}

void
postseal_overview_free (PostsealOverview *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->service);
  g_clear_pointer (&self->accounts, g_ptr_array_unref);
  g_clear_pointer (&self->store, postseal_account_store_free);
  g_free (self->trouble);
  g_free (self);
}

/* @account or @status, not both NULL. */
static void
add_account (PostsealOverview *self,
             PostsealAccount *account,
             PostsealAccountStatus *status,
             PostsealOutbox *outbox)
{
  PostsealOverviewAccount *added = g_new0 (PostsealOverviewAccount, 1);
  const char *name = account != NULL ? account->name : postseal_account_status_get_name (status);

  added->account = account;
  added->facts = postseal_account_facts_read (name, outbox);
  added->is_live = status != NULL;
  added->status = status != NULL ? g_object_ref (status)
                                 : postseal_account_facts_make_status (added->facts, account);
  g_ptr_array_add (self->accounts, added);
}

static PostsealAccountStatus *
find_status (PostsealOverview *self, const char *name)
{
  return self->service != NULL ? postseal_service_find_account (self->service, name) : NULL;
}

static gboolean
is_among (const GPtrArray *accounts, const char *name)
{
  for (guint i = 0; i < accounts->len; i++)
    if (g_str_equal (((PostsealAccount *)g_ptr_array_index (accounts, i))->name, name))
      return TRUE;
  return FALSE;
}

static void
add_all (PostsealOverview *self, PostsealOutbox *outbox)
{
  const GPtrArray *all = postseal_account_store_get_accounts (self->store);
  GListModel *live = self->service != NULL ? postseal_service_get_accounts (self->service) : NULL;

  for (guint i = 0; i < all->len; i++)
    {
      PostsealAccount *account = g_ptr_array_index (all, i);

      add_account (self, account, find_status (self, account->name), outbox);
    }
  /* Those with a mistake, of which the reader makes no account. */
  for (guint i = 0; live != NULL && i < g_list_model_get_n_items (live); i++)
    {
      g_autoptr (PostsealAccountStatus) status = g_list_model_get_item (live, i);

      if (!is_among (all, postseal_account_status_get_name (status)))
        add_account (self, NULL, status, outbox);
    }
}

static gboolean
add_named (PostsealOverview *self, PostsealOutbox *outbox, char **names, GError **error)
{
  for (gsize i = 0; names[i] != NULL; i++)
    {
      PostsealAccountStatus *status = find_status (self, names[i]);
      g_autoptr (GError) missing = NULL;
      PostsealAccount *account = postseal_account_store_lookup (self->store, names[i], &missing);

      if (account == NULL && status == NULL)
        {
          g_propagate_error (error, g_steal_pointer (&missing));
          return FALSE;
        }
      add_account (self, account, status, outbox);
    }
  return TRUE;
}

PostsealOverview *
postseal_overview_take (const PostsealOptions *options,
                        PostsealService *service,
                        char **names,
                        GError **error)
{
  g_autoptr (PostsealOverview) self = g_new0 (PostsealOverview, 1);
  g_autoptr (PostsealOutbox) outbox = NULL;
  g_autoptr (GError) trouble = NULL;

  self->accounts = g_ptr_array_new_with_free_func (free_account);
  self->store = postseal_account_store_load (options->config, error);
  if (self->store == NULL)
    return NULL;
  g_set_object (&self->service, service);
  outbox = postseal_outbox_digest_open (&trouble);
  if (trouble != NULL)
    self->trouble = g_strdup (trouble->message);
  if (names[0] == NULL)
    add_all (self, outbox);
  else if (!add_named (self, outbox, names, error))
    return NULL;
  return g_steal_pointer (&self);
}
