/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>

#include "cli/options.h"
#include "cli/pending.h"
#include "cli/report.h"
#include "engine/advice.h"
#include "setup/folder-search.h"

#define PROGRAM "postseal account folders"
#define N_COLUMNS 3

static void
add_cells (GPtrArray *cells, PostsealFolder *folder)
{
  gboolean is_missing = postseal_folder_get_kind (folder) == POSTSEAL_FOLDER_MISSING;
  const char *note
      = is_missing ? _ ("Not on the server now") : postseal_folder_describe_use (folder);

  g_ptr_array_add (cells, postseal_report_make_printable (postseal_folder_get_name (folder)));
  g_ptr_array_add (cells, g_strdup (postseal_folder_is_chosen (folder) ? _ ("yes") : _ ("no")));
  g_ptr_array_add (cells, g_strdup (*note != '\0' ? note : "-"));
}

static void
print_table (GListModel *folders)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (cells, g_strdup (_ ("FOLDER")));
  g_ptr_array_add (cells, g_strdup (_ ("FETCHED")));
  g_ptr_array_add (cells, g_strdup (_ ("NOTE")));
  for (guint i = 0; i < g_list_model_get_n_items (folders); i++)
    {
      g_autoptr (PostsealFolder) folder = g_list_model_get_item (folders, i);

      if (postseal_folder_get_kind (folder) != POSTSEAL_FOLDER_PATTERN)
        add_cells (cells, folder);
    }
  g_ptr_array_add (cells, NULL);
  postseal_report_table ((const char *const *)cells->pdata, N_COLUMNS);
}

static const char *
name_use (PostsealFolder *folder)
{
  static const char *const names[] = {
    [POSTSEAL_IMAP_USE_NONE] = NULL,         [POSTSEAL_IMAP_USE_ALL] = "all",
    [POSTSEAL_IMAP_USE_ARCHIVE] = "archive", [POSTSEAL_IMAP_USE_DRAFTS] = "drafts",
    [POSTSEAL_IMAP_USE_FLAGGED] = "flagged", [POSTSEAL_IMAP_USE_JUNK] = "junk",
    [POSTSEAL_IMAP_USE_SENT] = "sent",       [POSTSEAL_IMAP_USE_TRASH] = "trash",
  };

  return names[postseal_folder_get_use (folder)];
}

static void
print_json (GListModel *folders)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (folders); i++)
    {
      g_autoptr (PostsealFolder) folder = g_list_model_get_item (folders, i);
      PostsealFolderKind kind = postseal_folder_get_kind (folder);

      if (kind == POSTSEAL_FOLDER_PATTERN)
        continue;
      json_builder_begin_object (builder);
      postseal_report_add_string (builder, "folder", postseal_folder_get_name (folder));
      postseal_report_add_string (builder, "use", name_use (folder));
      postseal_report_add_boolean (builder, "exists", kind == POSTSEAL_FOLDER_MAILBOX);
      postseal_report_add_boolean (builder, "fetched", postseal_folder_is_chosen (folder));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  postseal_report_json (builder);
}

static int
show_folders (PostsealAccount *account, gboolean is_json)
{
  g_auto (PostsealPending) pending = postseal_pending_new ();
  g_autoptr (PostsealFolderChoice) choice = NULL;
  g_autoptr (GError) error = NULL;

  postseal_folder_search_async (account, NULL, NULL, postseal_pending_on_ready, &pending);
  choice = postseal_folder_search_finish (postseal_pending_wait (&pending), NULL, &error);
  if (choice == NULL)
    {
      g_auto (PostsealAdvice) advice = postseal_advice_for (error, account);
      int status = postseal_report_error (error);

      if (*advice.sentence != '\0')
        g_printerr ("%s\n", advice.sentence);
      return status;
    }
  if (is_json)
    print_json (postseal_folder_choice_get_folders (choice));
  else
    print_table (postseal_folder_choice_get_folders (choice));
  return 0;
}

int
postseal_cmd_account_folders (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_autoptr (PostsealAccountStore) store = NULL;
  g_autoptr (GError) error = NULL;
  PostsealAccount *account;
  int status = 0;

  if (!postseal_options_parse (&options, PROGRAM, _ ("ACCOUNT"),
                               _ ("Ask the server for its folders, and show which of them are "
                                  "fetched."),
                               NULL, &argc, &argv, &status))
    return status;
  if (argc != 2)
    return postseal_report_usage (PROGRAM, _ ("name one account"));
  store = postseal_options_load_accounts (&options, &status);
  if (store == NULL)
    return status;
  account = postseal_account_store_lookup (store, argv[1], &error);
  if (account == NULL)
    return postseal_report_error (error);
  if (account->receive == NULL || account->receive->protocol != POSTSEAL_PROTOCOL_IMAP)
    return postseal_report_usage (PROGRAM, _ ("only accounts that receive by IMAP have folders"));
  return show_folders (account, options.json);
}
