/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/host-polling.h"

#include <account.h>
#include <inc.h>

#define REMEMBERED "polling"

/* The host's three ways. Returns: FALSE when none is in use */
static gboolean
is_polled (const PrefsAccount *account)
{
  return account->recv_at_getall || account->autochk_use_default || account->autochk_use_custom;
}

void
postseal_claws_host_polling_stop (PostsealClawsBindings *bindings, int id)
{
  PrefsAccount *account = account_find_from_id (id);
  g_autofree char *words = NULL;

  if (account == NULL || !is_polled (account))
    return;
  words = g_strdup_printf ("%d;%d;%d", account->recv_at_getall, account->autochk_use_default,
                           account->autochk_use_custom);
  postseal_claws_bindings_remember (bindings, id, REMEMBERED, words);
  account->recv_at_getall = FALSE;
  account->autochk_use_default = FALSE;
  account->autochk_use_custom = FALSE;
  inc_account_autocheck_timer_remove (account);
  account_write_config_all ();
}

void
postseal_claws_host_polling_restore (PostsealClawsBindings *bindings, int id)
{
  PrefsAccount *account = account_find_from_id (id);
  g_autofree char *words = postseal_claws_bindings_recall (bindings, id, REMEMBERED);
  g_auto (GStrv) values = words != NULL ? g_strsplit (words, ";", -1) : NULL;

  postseal_claws_bindings_remember (bindings, id, REMEMBERED, NULL);
  if (account == NULL || values == NULL || g_strv_length (values) != 3)
    return;
  account->recv_at_getall = *values[0] == '1';
  account->autochk_use_default = *values[1] == '1';
  account->autochk_use_custom = *values[2] == '1';
  inc_account_autocheck_timer_set_interval (account);
  account_write_config_all ();
}
