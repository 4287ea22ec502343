/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>

#include "cli/options.h"
#include "cli/report.h"

#define N_COLUMNS 4

static void
print_names (const GPtrArray *accounts)
{
  for (guint i = 0; i < accounts->len; i++)
    {
      const PostsealAccount *account = g_ptr_array_index (accounts, i);

      g_print ("%s\n", account->name);
    }
}

static void
print_json (const GPtrArray *accounts)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < accounts->len; i++)
    {
      PostsealAccount *account = g_ptr_array_index (accounts, i);
      g_autofree char *receive = postseal_account_get_setting (account, "receive");
      g_autofree char *send = postseal_account_get_setting (account, "send");

      json_builder_begin_object (builder);
      postseal_report_add_string (builder, "account", account->name);
      postseal_report_add_string (builder, "address", account->address);
      postseal_report_add_string (builder, "receive", receive);
      postseal_report_add_string (builder, "deliver", account->deliver);
      postseal_report_add_string (builder, "send", send);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  postseal_report_json (builder);
}

static char *
describe_server (const PostsealEndpoint *endpoint)
{
  g_autofree char *place = NULL;

  if (endpoint == NULL)
    return g_strdup ("-");
  place = postseal_endpoint_to_string (endpoint);
  return g_strdup_printf ("%s %s", postseal_protocol_name (endpoint->protocol), place);
}

static void
print_table (const GPtrArray *accounts)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);

  if (accounts->len == 0)
    return;
  g_ptr_array_add (cells, g_strdup (_ ("ACCOUNT")));
  g_ptr_array_add (cells, g_strdup (_ ("ADDRESS")));
  g_ptr_array_add (cells, g_strdup (_ ("RECEIVES FROM")));
  g_ptr_array_add (cells, g_strdup (_ ("DELIVERS TO")));
  for (guint i = 0; i < accounts->len; i++)
    {
      const PostsealAccount *account = g_ptr_array_index (accounts, i);

      g_ptr_array_add (cells, g_strdup (account->name));
      g_ptr_array_add (cells, g_strdup (account->address));
      g_ptr_array_add (cells, describe_server (account->receive));
      g_ptr_array_add (cells, g_strdup (account->deliver != NULL ? account->deliver : "-"));
    }
  g_ptr_array_add (cells, NULL);
  postseal_report_table ((const char *const *)cells->pdata, N_COLUMNS);
}

int
postseal_cmd_account_list (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_autoptr (PostsealAccountStore) store = NULL;
  gboolean names_only = FALSE;
  const GOptionEntry entries[] = {
    { "names", 0, 0, G_OPTION_ARG_NONE, &names_only, N_ ("Only the names, one on a line"), NULL },
    { NULL },
  };
  const GPtrArray *accounts;
  int status = 0;

  if (!postseal_options_parse (&options, "postseal account list", NULL, _ ("List the accounts."),
                               entries, &argc, &argv, &status))
    return status;
  store = postseal_options_load_accounts (&options, &status);
  if (store == NULL)
    return status;

  accounts = postseal_account_store_get_accounts (store);
  if (names_only)
    print_names (accounts);
  else if (options.json)
    print_json (accounts);
  else
    print_table (accounts);
  return postseal_report_problems (store);
}
