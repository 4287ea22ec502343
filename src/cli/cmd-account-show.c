/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>

#include "cli/options.h"
#include "cli/report.h"

static void
print_json (PostsealAccount *account)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "account", account->name);
  for (const char *const *key = postseal_account_store_get_keys (); *key != NULL; key++)
    {
      g_autofree char *value = postseal_account_get_setting (account, *key);

      if (value != NULL)
        postseal_report_add_string (builder, *key, value);
    }
  json_builder_end_object (builder);
  postseal_report_json (builder);
}

static void
print_table (PostsealAccount *account)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (cells, g_strdup ("account"));
  g_ptr_array_add (cells, g_strdup (account->name));
  for (const char *const *key = postseal_account_store_get_keys (); *key != NULL; key++)
    {
      char *value = postseal_account_get_setting (account, *key);

      if (value == NULL)
        continue;
      g_ptr_array_add (cells, g_strdup (*key));
      g_ptr_array_add (cells, value);
    }
  g_ptr_array_add (cells, NULL);
  postseal_report_table ((const char *const *)cells->pdata, 2);
}

int
postseal_cmd_account_show (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_autoptr (PostsealAccountStore) store = NULL;
  g_autoptr (GError) error = NULL;
  PostsealAccount *account;
  int status = 0;

  if (!postseal_options_parse (
          &options, "postseal account show", _ ("ACCOUNT"),
          _ ("Show the settings in effect, defaults included. There is no secret among them."),
          NULL, &argc, &argv, &status))
    return status;
  if (argc != 2)
    return postseal_report_usage ("postseal account show", _ ("name one account"));
  store = postseal_options_load_accounts (&options, &status);
  if (store == NULL)
    return status;
  account = postseal_account_store_lookup (store, argv[1], &error);
  if (account == NULL)
    return postseal_report_error (error);
  if (options.json)
    print_json (account);
  else
    print_table (account);
  return 0;
}
