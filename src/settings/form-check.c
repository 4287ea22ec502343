/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/form-check.h"

#include "settings/server-group.h"

/* Returns: (transfer none) (nullable): the server that cannot be meant */
static PostsealField *
check_server (GtkWidget *root, const char *key)
{
  PostsealField *field = postseal_field_find (root, key);

  if (!POSTSEAL_IS_SERVER_GROUP (field)
      || postseal_server_group_check (POSTSEAL_SERVER_GROUP (field)))
    return NULL;
  return field;
}

static PostsealField *
tell (GtkWidget *root, const char *key, const char *mistake)
{
  PostsealField *field = key != NULL ? postseal_field_find (root, key) : NULL;

  if (field != NULL)
    postseal_field_tell (field, mistake);
  return field;
}

PostsealAccount *
postseal_form_check_run (GtkWidget *root,
                         PostsealAccountForm *form,
                         PostsealField **ret_wrong,
                         GError **error)
{
  g_autoptr (GError) local = NULL;
  PostsealAccount *account;
  PostsealField *receiving;
  PostsealField *sending;

  g_return_val_if_fail (GTK_IS_WIDGET (root), NULL);
  g_return_val_if_fail (POSTSEAL_IS_ACCOUNT_FORM (form), NULL);

  postseal_field_forget_below (root);
  receiving = check_server (root, "receive");
  sending = check_server (root, "send");
  account = postseal_account_form_make_account (form, &local);
  *ret_wrong = receiving != NULL ? receiving : sending;
  if (account != NULL)
    return account;
  if (*ret_wrong == NULL)
    *ret_wrong = tell (root, postseal_account_form_get_wrong_key (form), local->message);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}
